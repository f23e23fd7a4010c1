"""Why there is no assignment: an irreducible set of claims that cannot all be met.

Without any one claim of the set the rest can hold, so it names no one who is not at fault. Claims
are taken in order until they cannot hold; the last of these belongs to the set, and the search
goes on among those before it.

*Source:* J. Marques-Silva, M. Janota and A. Belov, "Minimal sets over monotone predicates", CAV
2013.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.claims import Claim, Ground, Kind
from lineshaft.engines.optimise.assignment.freeing import freeing
from lineshaft.engines.optimise.assignment.problem import Ints, Problem
from lineshaft.engines.optimise.assignment.solution import Infeasible

PAIRS_MAX: Final = 4_000_000
"""Over more pairs than these the search keeps to the applications that a flow found short."""


def explained(problem: Problem, short: Ints | None = None) -> Infeasible:
    """An irreducible set of claims that cannot all be met.

    `short` are applications among whose demands a fault is known to lie; only they are searched
    where there are very many pairs. Raises ValueError where all claims can be met.
    """
    claims = _claims(problem)
    scores = problem.scores
    if short is not None and scores.count > PAIRS_MAX:
        ground = Ground(problem, scores.of_applications(short))
        among = set(short.tolist())
        claims = [one for one in claims if one.kind is Kind.DEMAND and one.first in among]
    else:
        ground = Ground(problem, scores.every())
    if ground.holds(claims):
        raise ValueError("every claim can be met")
    found = sorted(_irreducible(ground, claims))
    is_counted = all(one.kind is not Kind.RULE for one in found)
    return Infeasible(
        applications=tuple(one.first for one in found if one.kind is Kind.DEMAND),
        reviewers=tuple(one.first for one in found if one.kind is Kind.LEAST),
        rules=tuple(
            (problem.rules[one.second].key, one.first) for one in found if one.kind is Kind.RULE
        ),
        forced=tuple((one.first, one.second) for one in found if one.kind is Kind.FORCED),
        missing=ground.missing(found) if is_counted else 1,
        freeing=freeing(ground, found),
    )


def _irreducible(ground: Ground, claims: Sequence[Claim]) -> list[Claim]:
    """A least set of claims that cannot hold, of claims that cannot."""
    kept: list[Claim] = []
    left = list(claims)
    while ground.holds(kept):
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
