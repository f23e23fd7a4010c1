"""Assign reviewers to applications: the best there is, or what cannot be and what would free it.

The solver follows from the structure. Coverage and load alone are a flow; a floor, or rules of
panels, need whole-number programs, which begin from a flow so that there is always an answer.
"""

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.explain import explained
from lineshaft.engines.optimise.assignment.floor import Search, fairest, unit_of
from lineshaft.engines.optimise.assignment.flow import ALL_PAIRS, Flow, bound, need_of, priced
from lineshaft.engines.optimise.assignment.problem import Pairs, Problem
from lineshaft.engines.optimise.assignment.ruled import Ruled, ruled
from lineshaft.engines.optimise.assignment.solution import (
    Assignment,
    Infeasible,
    Objective,
    Status,
    is_reached,
    least_sum,
)

TIME_LIMIT_S: Final = 240.0


def assign(
    problem: Problem,
    *,
    objective: Objective = Objective.SUM,
    time_limit_s: float = TIME_LIMIT_S,
    report: Callable[[str], None] = lambda _note: None,
) -> Assignment | Infeasible:
    """The best assignment, or an irreducible set of what cannot all hold.

    Out of time it is the best found, with its gap; the limit binds the whole-number programs, a
    flow is not broken off.
    """
    deadline_s = time.monotonic() + time_limit_s
    forced = _forced(problem)
    need = need_of(problem)
    is_overdrawn = (need.demand < 0).any() or (need.least > need.most).any()
    if is_overdrawn or forced.count < len(set(problem.forced)):
        return _explained(problem, None)
    weights = np.ones(len(need.demand))
    first = priced(problem.scores, need, weights, excluded=forced, report=report)
    if not first.is_whole:
        report("which demands cannot be met together")
        return _explained(problem, first)
    search = Search(
        problem=problem,
        need=need,
        base=np.bincount(
            forced.application, weights=forced.score, minlength=len(need.demand)
        ).astype(np.float64),
        forced=forced,
        first=first,
        unit=_unit(problem, first),
        deadline_s=deadline_s,
        report=report,
    )
    if problem.rules:
        return _ruled(search, objective)
    if objective is Objective.FAIR:
        found_fair = fairest(search)
        return _assignment(
            search, found_fair.chosen, objective, found_fair.total_bound, found_fair.worst_bound
        )
    return _assignment(search, first.chosen, objective, total_bound(search), None)


def total_bound(search: Search) -> float:
    """What no total exceeds, over all pairs, by the prices of the flow."""
    weights = np.ones(len(search.need.demand))
    scores, first = search.problem.scores, search.first
    proven = bound(scores, search.need, weights, first.worth, first.prices, excluded=search.forced)
    return proven + float(search.forced.score.sum())


def _ruled(search: Search, objective: Objective) -> Assignment | Infeasible:
    found: Ruled | None = ruled(search, objective)
    if found is None:
        search.report("which demands and rules cannot hold together")
        return _explained(search.problem, None)
    return _assignment(
        search,
        found.chosen,
        objective,
        min(found.total_bound, total_bound(search)),
        found.worst_bound,
        is_complete=found.is_complete,
    )


def _explained(problem: Problem, first: Flow | None) -> Infeasible:
    """The reason; of a flow that lacks something it is sought where prices are at their highest, of
    one that leaves reviewers idle where they are at their lowest.
    """
    short = idle = None
    if first is not None and first.lacking.any():
        lowest = first.worth[first.lacking > 0].max()
        short = np.flatnonzero(first.worth <= lowest / 2)
    elif first is not None and first.idle.any():
        highest = first.prices[first.idle > 0].max()
        idle = np.flatnonzero((first.prices <= highest / 2) & (problem.least > 0))
    return explained(problem, short, idle)


def _assignment(
    search: Search,
    chosen: Pairs,
    objective: Objective,
    total: float,
    worst: float | None,
    *,
    is_complete: bool = True,
) -> Assignment:
    """The chosen pairs and the forced ones as an assignment, its bounds no lower than it is."""
    pairs = search.forced.joined(chosen)
    sum_, least = float(pairs.score.sum()), least_sum(search.problem, pairs)
    highest = search.highest if worst is None else worst
    is_proven = is_reached(sum_, total) and (
        objective is Objective.SUM or is_reached(least, highest)
    )
    status = Status.OPTIMAL if is_proven else Status.FEASIBLE
    return Assignment(
        pairs=pairs,
        objective=objective,
        status=status if is_complete else Status.INCOMPLETE,
        total=sum_,
        worst=least,
        total_bound=sum_ if is_reached(sum_, total) else total,
        worst_bound=least if is_reached(least, highest) else highest,
    )


def _forced(problem: Problem) -> Pairs:
    """The forced pairs that may be."""
    rows, columns = problem.forced_arrays()
    score = problem.scores.of_pairs(rows, columns)
    may_be = np.isfinite(score)
    shape = (problem.scores.applications, problem.scores.reviewers)
    return Pairs.of(shape, rows[may_be], columns[may_be], score[may_be])


def _unit(problem: Problem, first: Flow) -> float | None:
    """The step of all scores, looked for where they are few enough to be read for it."""
    if unit_of(first.chosen) is None or problem.scores.count > ALL_PAIRS:
        return None
    return unit_of(problem.scores.every())
