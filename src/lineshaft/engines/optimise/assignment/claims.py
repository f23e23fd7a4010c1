"""Claims on an assignment, and whether some of them can all be met.

A claim is what an application demands, the least load of a reviewer, a forced pair, or a rule for
one panel. Demands and loads at their most, and the pairs that may be, are the ground on which
claims stand: without a claim an application has any number of reviewers up to its demand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow

from lineshaft.engines.optimise.assignment.problem import Bools, Floats, Ints, Pairs, Problem
from lineshaft.engines.optimise.linear import Ended, Model

PROGRAM_S: Final = 60.0
"""No program of claims takes so long; one that did counts as one that holds."""


class Kind(IntEnum):
    """Kinds of claims, in the order in which they are taken."""

    DEMAND = 0
    LEAST = 1
    FORCED = 2
    RULE = 3


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """One claim: of an application, of a reviewer, of an application and a reviewer, or of an
    application and a rule (its place among the rules).
    """

    kind: Kind
    first: int
    second: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The ground of a problem, over the pairs that may be."""

    problem: Problem
    pairs: Pairs

    def holds(self, claims: Sequence[Claim]) -> bool:
        """Whether these claims can all be met, as far as is known."""
        return self.ended(claims) is not Ended.INFEASIBLE

    def ended(self, claims: Sequence[Claim]) -> Ended:
        """Whether these claims can all be met, cannot, or time ran out before that was known."""
        if any(one.kind is Kind.RULE for one in claims):
            return self._ended_by_program(claims)
        return Ended.INFEASIBLE if self.missing(claims) else Ended.OPTIMAL

    def missing(self, claims: Sequence[Claim]) -> int:
        """How many reviews are lacking at the least, where no rule is among the claims."""
        lower = bounds_of(self.problem, claims)
        forced = self.forced_of(claims)
        if (forced.count < len([one for one in claims if one.kind is Kind.FORCED])) or (
            self._beyond(forced) > 0
        ):
            return max(1, self._beyond(forced))
        pairs = self.relevant(claims)
        return _shortfall(self.problem, pairs, lower, forced)

    def relevant(self, claims: Sequence[Claim]) -> Pairs:
        """The pairs that can meet one of these claims."""
        rows = [one.first for one in claims if one.kind is not Kind.LEAST]
        columns = [one.first for one in claims if one.kind is Kind.LEAST]
        mine = np.zeros(self.pairs.applications, dtype=np.bool_)
        mine[rows] = True
        theirs = np.zeros(self.pairs.reviewers, dtype=np.bool_)
        theirs[columns] = True
        return self.pairs.where(mine[self.pairs.application] | theirs[self.pairs.reviewer])

    def forced_of(self, claims: Sequence[Claim]) -> Pairs:
        """The forced pairs among the claims that may be."""
        wanted = [one for one in claims if one.kind is Kind.FORCED]
        rows = np.array([one.first for one in wanted], dtype=np.int64)
        columns = np.array([one.second for one in wanted], dtype=np.int64)
        places = self.pairs.places(rows, columns)
        return self.pairs.where(np.sort(places[places >= 0]))

    def _beyond(self, forced: Pairs) -> int:
        """By how much forced pairs exceed what applications demand and reviewers take."""
        rows = np.bincount(forced.application, minlength=self.pairs.applications)
        columns = np.bincount(forced.reviewer, minlength=self.pairs.reviewers)
        over_rows = np.maximum(rows - self.problem.demand, 0).sum()
        over_columns = np.maximum(columns - self.problem.most, 0).sum()
        return int(over_rows + over_columns)

    def _ended_by_program(self, claims: Sequence[Claim]) -> Ended:
        if self.forced_of(claims).count < sum(one.kind is Kind.FORCED for one in claims):
            return Ended.INFEASIBLE
        return program(self, claims).minimum(time_limit_s=PROGRAM_S).ended


def bounds_of(problem: Problem, claims: Sequence[Claim]) -> tuple[Ints, Ints]:
    """How many reviewers each application, and applications each reviewer, has at the least."""
    demand = np.zeros_like(problem.demand)
    least = np.zeros_like(problem.least)
    for one in claims:
        if one.kind is Kind.DEMAND:
            demand[one.first] = problem.demand[one.first]
        elif one.kind is Kind.LEAST:
            least[one.first] = problem.least[one.first]
    return demand, least


def program(ground: Ground, claims: Sequence[Claim], lifted: Pairs | None = None) -> Model:
    """The whole-number program of claims; its first columns are the relevant pairs, then those
    `lifted`, at a cost of one each.
    """
    problem, model = ground.problem, Model()
    pairs = ground.relevant(claims)
    forced = ground.forced_of(claims)
    fixed: Floats = (forced.places(pairs.application, pairs.reviewer) >= 0).astype(np.float64)
    x = model.columns(pairs.count, lower=fixed, upper=1.0, is_whole=True)
    rows, columns = pairs.application, pairs.reviewer
    if lifted is not None:
        more = model.columns(lifted.count, cost=1.0, upper=1.0, is_whole=True)
        x = np.concatenate([x, more])
        rows = np.concatenate([rows, lifted.application])
        columns = np.concatenate([columns, lifted.reviewer])
    demand, least = bounds_of(problem, claims)
    model.rows(len(demand), (rows, x, 1.0), lower=demand, upper=problem.demand)
    model.rows(len(least), (columns, x, 1.0), lower=least, upper=problem.most)
    for one in claims:
        if one.kind is Kind.RULE:
            rule = problem.rules[one.second]
            group = np.array(sorted(rule.group), dtype=np.int64)
            mine = (rows == one.first) & np.isin(columns, group)
            most = np.inf if rule.most is None else rule.most
            entries = (np.zeros(int(mine.sum())), x[mine], 1.0)
            model.rows(1, entries, lower=rule.least, upper=most)
    return model


def _shortfall(problem: Problem, pairs: Pairs, lower: tuple[Ints, Ints], forced: Pairs) -> int:
    """What is lacking of the lower bounds at the least, by a flow with lower bounds."""
    demand, least = lower
    is_forced: Bools = forced.places(pairs.application, pairs.reviewer) >= 0
    free = pairs.where(~is_forced)
    by_row = np.bincount(forced.application, minlength=pairs.applications)
    by_column = np.bincount(forced.reviewer, minlength=pairs.reviewers)
    demand, least = np.maximum(demand - by_row, 0), np.maximum(least - by_column, 0)
    upper = problem.demand - by_row
    most = np.minimum(problem.most, pairs.applications) - by_column
    rows, columns = pairs.applications, pairs.reviewers
    source, sink, begin, end = rows + columns + np.arange(4)
    applications, reviewers = np.arange(rows), rows + np.arange(columns)
    ends = np.array([sink, source, begin, end])
    arcs = [
        (free.application, rows + free.reviewer, np.ones(free.count)),
        (np.full(rows, source), applications, upper - demand),
        (np.full(rows, begin), applications, demand),
        (reviewers, np.full(columns, sink), most - least),
        (reviewers, np.full(columns, end), least),
        (ends[:1], ends[1:2], np.array([demand.sum() + least.sum() + most.sum()])),
        (ends[2:3], ends[:1], least.sum(keepdims=True)),
        (ends[1:2], ends[3:], demand.sum(keepdims=True)),
    ]
    tails, heads, capacities = (np.concatenate(part) for part in zip(*arcs, strict=True))
    solver = SimpleMaxFlow()
    solver.add_arcs_with_capacity(
        tails.astype(np.int32), heads.astype(np.int32), capacities.astype(np.int64)
    )
    solver.solve(int(begin), int(end))
    return int(demand.sum() + least.sum() - solver.optimal_flow())
