"""Why there is no assignment: an irreducible set of claims that cannot all be met.

Without any one claim of the set the rest can hold, so it names no one who is not at fault. Claims
are taken in order until they cannot hold; the last of these belongs to the set, and the search
goes on among those before it.

*Source:* J. Marques-Silva, M. Janota and A. Belov, "Minimal sets over monotone predicates", CAV
2013.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.claims import Claim, Ground, Kind
from lineshaft.engines.optimise.assignment.freeing import freeing
from lineshaft.engines.optimise.assignment.problem import NOBODY, Ints, Problem
from lineshaft.engines.optimise.assignment.solution import Infeasible
from lineshaft.engines.optimise.linear import Ended

PAIRS_MAX: Final = 4_000_000
"""Over more pairs than these, sums are compared first, and the search keeps to whom a flow found
short as long as a fault lies there.
"""


def explained(problem: Problem, short: Ints | None = None, idle: Ints | None = None) -> Infeasible:
    """An irreducible set of claims that cannot all be met.

    `short` are applications, and `idle` reviewers, among whose demands and least loads a fault is
    likely to lie; where there are very many pairs they are searched first. What sums alone say of
    so many pairs is irreducible by the sums. Where time runs out before a fault is proven, all
    that may have part in it are named. Raises ValueError where all claims can be met.
    """
    if problem.scores.count > PAIRS_MAX:
        by_sums = _by_sums(problem)
        if by_sums is not None:
            return by_sums
        ground, claims = _narrowed(problem, short, idle)
        if not ground.holds(claims):
            return _told(ground, _irreducible(ground, claims))
    claims = _claims(problem)
    ground = Ground(problem, problem.scores.every())
    ended = ground.ended(claims)
    if ended is Ended.OPTIMAL:
        raise ValueError("every claim can be met")
    if ended is Ended.OUT_OF_TIME:
        demanding = np.flatnonzero(problem.demand) if short is None else short
        return _named(problem, [Claim(Kind.DEMAND, one) for one in demanding.tolist()], 1)
    return _told(ground, _irreducible(ground, claims))


def _by_sums(problem: Problem) -> Infeasible | None:
    """Who cannot all be served because the sums differ, the fewest; None where sums say nothing."""
    room = int(np.minimum(problem.most, len(problem.demand)).sum())
    demanded = int(problem.demand.sum())
    for kind, asked, given in (
        (Kind.DEMAND, problem.demand, room),
        (Kind.LEAST, problem.least, demanded),
    ):
        order = np.argsort(-asked, kind="stable")
        sums = np.cumsum(asked[order])
        count = int(np.searchsorted(sums, given, side="right")) + 1
        if count <= len(order):
            missing = int(sums[count - 1]) - given
            return _named(problem, [Claim(kind, int(one)) for one in order[:count]], missing)
    return None


def _narrowed(
    problem: Problem, short: Ints | None, idle: Ints | None
) -> tuple[Ground, list[Claim]]:
    """The claims of those few, with all forced pairs, and the pairs that can meet them."""
    rows = NOBODY if short is None else short
    columns = NOBODY if idle is None else idle
    pairs = problem.scores.of_applications(np.union1d(rows, problem.forced_arrays()[0]))
    if len(columns):
        pairs = pairs.joined(problem.scores.best_of_reviewers(columns, len(problem.demand)))
    among = {Kind.DEMAND: set(rows.tolist()), Kind.LEAST: set(columns.tolist())}
    claims = [
        one
        for one in _claims(problem)
        if one.kind is Kind.FORCED or one.first in among.get(one.kind, ())
    ]
    return Ground(problem, pairs), claims


def _told(ground: Ground, claims: Sequence[Claim]) -> Infeasible:
    found = sorted(claims)
    is_counted = all(one.kind is not Kind.RULE for one in found)
    missing = ground.missing(found) if is_counted else 1
    return replace(_named(ground.problem, found, missing), freeing=freeing(ground, found))


def _named(problem: Problem, claims: Sequence[Claim], missing: int) -> Infeasible:
    found = sorted(claims)
    return Infeasible(
        applications=tuple(one.first for one in found if one.kind is Kind.DEMAND),
        reviewers=tuple(one.first for one in found if one.kind is Kind.LEAST),
        rules=tuple(
            (problem.rules[one.second].key, one.first) for one in found if one.kind is Kind.RULE
        ),
        forced=tuple((one.first, one.second) for one in found if one.kind is Kind.FORCED),
        missing=missing,
    )


def _irreducible(ground: Ground, claims: Sequence[Claim]) -> list[Claim]:
    """A least set of claims that cannot hold, of claims that cannot."""
    kept: list[Claim] = []
    left = list(claims)
    while left and ground.holds(kept):
        low, high = 0, len(left)
        while high - low > 1:
            middle = (low + high) // 2
            if ground.holds([*kept, *left[:middle]]):
                low = middle
            else:
                high = middle
        kept.append(left[high - 1])
        left = _touching(ground, kept, left[: high - 1])
    return kept


def _touching(ground: Ground, kept: Sequence[Claim], left: list[Claim]) -> list[Claim]:
    """Those of `left` that a chain of shared reviewers joins to what is kept; others have no part
    in the fault.
    """
    pairs = ground.pairs
    rows = np.zeros(pairs.applications, dtype=np.bool_)
    columns = np.zeros(pairs.reviewers, dtype=np.bool_)
    may_row = np.zeros(pairs.applications, dtype=np.bool_)
    for one in kept:
        if one.kind is Kind.LEAST:
            columns[one.first] = True
        else:
            rows[one.first] = True
    may_row[[one.first for one in left if one.kind is not Kind.LEAST]] = True
    if any(one.kind is Kind.LEAST for one in [*kept, *left]):
        may_row[:] = True  # a least load reaches for every application
    while True:
        columns[pairs.reviewer[rows[pairs.application]]] = True
        reached = rows.copy()
        reached[pairs.application[columns[pairs.reviewer]]] = True
        reached = rows | (reached & may_row)
        if (reached == rows).all():
            break
        rows = reached
    return [one for one in left if (columns if one.kind is Kind.LEAST else rows)[one.first]]


def _claims(problem: Problem) -> list[Claim]:
    """Every claim of the problem, demands first."""
    everyone = range(len(problem.demand))
    return [
        *(Claim(Kind.DEMAND, place) for place in np.flatnonzero(problem.demand).tolist()),
        *(Claim(Kind.LEAST, place) for place in np.flatnonzero(problem.least).tolist()),
        *(Claim(Kind.FORCED, *pair) for pair in sorted(set(problem.forced))),
        *(
            Claim(Kind.RULE, application, place)
            for place, rule in enumerate(problem.rules)
            for application in (
                everyone if rule.applications is None else sorted(rule.applications)
            )
        ),
    ]
