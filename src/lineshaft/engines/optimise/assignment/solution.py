"""What comes out: who reviews what, how good that is, and how good it could be at most."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.problem import Floats, Pairs, Problem

PROVEN: Final = 1e-9
"""A value counts as the optimum within this share of it: what floating point may be off by."""


class Objective(StrEnum):
    """What is wanted."""

    SUM = "sum"  # the largest total
    FAIR = "fair"  # the largest possible worst application, then the largest total at that floor


class Status(StrEnum):
    """How much is known of an assignment."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"  # everything holds; time ran out before it was proven the best
    INCOMPLETE = "incomplete"  # time ran out before everything held; `check` names what does not


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Pairs ordered by application, then reviewer, with their scores.

    `total` is the sum over pairs, `worst` the least sum of an application that demands somebody
    (zero where none does). No assignment has a total above `total_bound`, for objective FAIR no
    assignment with its floor; and none a worst application above `worst_bound`.
    """

    pairs: Pairs
    objective: Objective
    status: Status
    total: float
    worst: float
    total_bound: float
    worst_bound: float

    @property
    def bound(self) -> float:
        """The bound on what is wanted first: the total, or the worst application."""
        return self.total_bound if self.objective is Objective.SUM else self.worst_bound

    @property
    def gap(self) -> float:
        """By how much what is wanted first might still be better."""
        reached = self.total if self.objective is Objective.SUM else self.worst
        return max(0.0, self.bound - reached)


class Remedy(StrEnum):
    """What would free a set of demands that cannot all be met."""

    MORE_LOAD = "more_load"  # let these reviewers, all together, take so many more
    LESS_DEMAND = "less_demand"  # let these applications, all together, have so many fewer
    LIFT_PAIRS = "lift_pairs"  # allow so many of these pairs that may not be
    LESS_LEAST = "less_least"  # ask so much less of these reviewers as their least
    DROP_RULE = "drop_rule"  # hold one of these applications free of the rule
    DROP_FORCED = "drop_forced"  # do not force one of these pairs


@dataclass(frozen=True, slots=True)
class Freeing:
    """One way out, by itself enough for the set it is told of: `by` how much, and where."""

    remedy: Remedy
    by: int
    applications: tuple[int, ...] = ()
    reviewers: tuple[int, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Infeasible:
    """What cannot all hold, and nothing less: without any one of these, the rest can (of very
    many pairs as far as sums tell; out of time, all that may have part in it are named).

    `applications` whose demand, `reviewers` whose least load, `rules` (key and application) and
    `forced` pairs that make up the set; `missing` reviews are lacking for them at the least, and
    `freeing` names what would free it. Other such sets may stand beside it.
    """

    applications: tuple[int, ...]
    reviewers: tuple[int, ...] = ()
    rules: tuple[tuple[str, int], ...] = ()
    forced: tuple[tuple[int, int], ...] = ()
    missing: int = 0
    freeing: tuple[Freeing, ...] = field(default=())


def own_sums(pairs: Pairs, count: int) -> Floats:
    """The sum of scores of each application, added in the order of the pairs."""
    return np.bincount(pairs.application, weights=pairs.score, minlength=count)


def least_sum(problem: Problem, pairs: Pairs) -> float:
    """The least sum of an application that demands somebody; zero where none does."""
    wanting = problem.demand > 0
    return float(own_sums(pairs, len(problem.demand))[wanting].min()) if wanting.any() else 0.0


def is_reached(value: float, bound: float, unit: float = 1.0) -> bool:
    """Whether a value is its bound, as far as floating point can tell."""
    return bound - value <= PROVEN * max(unit, abs(bound))
