"""A change made by hand to an assignment: what it breaks, and what it costs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from lineshaft.engines.optimise.assignment.check import Found, faults
from lineshaft.engines.optimise.assignment.problem import Pairs, Problem
from lineshaft.engines.optimise.assignment.solution import (
    Assignment,
    Infeasible,
    least_sum,
)
from lineshaft.engines.optimise.assignment.solve import TIME_LIMIT_S, assign

type Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A changed assignment: its pairs, what is wrong with it, and what it lost.

    `total_cost` and `worst_cost` are what total and worst application lost; below zero they
    gained. A pair added that may not be has no score, counts nothing, and is among `faults`.
    """

    pairs: Pairs
    total: float
    worst: float
    total_cost: float
    worst_cost: float
    faults: tuple[Found, ...]


def changed(
    problem: Problem,
    assignment: Assignment,
    *,
    added: Iterable[Pair] = (),
    removed: Iterable[Pair] = (),
) -> Changed:
    """The assignment with these pairs added and those removed, checked anew without the solver.

    Raises ValueError for a pair to add that is assigned, or to remove that is not.
    """
    old = assignment.pairs
    out, into = _array(removed), _array(added)
    places = old.places(out[:, 0], out[:, 1])
    if (places < 0).any():
        raise ValueError("a pair that is removed is one that is assigned")
    if (old.places(into[:, 0], into[:, 1]) >= 0).any():
        raise ValueError("a pair that is added is one that is not assigned")
    kept = np.ones(old.count, dtype=np.bool_)
    kept[places] = False
    score = problem.scores.of_pairs(into[:, 0], into[:, 1])
    counted = np.where(np.isfinite(score), score, 0.0)
    shape = (old.applications, old.reviewers)
    pairs = old.where(kept).joined(Pairs.of(shape, into[:, 0], into[:, 1], counted))
    total, worst = float(pairs.score.sum()), least_sum(problem, pairs)
    return Changed(
        pairs=pairs,
        total=total,
        worst=worst,
        total_cost=assignment.total - total,
        worst_cost=assignment.worst - worst,
        faults=faults(problem, pairs),
    )


def settled(
    problem: Problem,
    assignment: Assignment,
    *,
    added: Iterable[Pair] = (),
    removed: Iterable[Pair] = (),
    time_limit_s: float = TIME_LIMIT_S,
) -> Assignment | Infeasible:
    """The best assignment that has these pairs and has not those, the rest arranged anew."""
    out = _array(removed)
    scores = problem.scores.every()
    gone = scores.places(out[:, 0], out[:, 1])
    kept = np.ones(scores.count, dtype=np.bool_)
    kept[gone[gone >= 0]] = False
    forced = (*problem.forced, *added)
    asked = replace(problem, scores=scores.where(kept), forced=forced)
    return assign(asked, objective=assignment.objective, time_limit_s=time_limit_s)


def _array(pairs: Iterable[Pair]) -> np.ndarray:
    return np.array(sorted(set(pairs)), dtype=np.int64).reshape(-1, 2)
