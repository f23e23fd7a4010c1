"""What would free claims that cannot all be met: each way by itself, and the least of it.

Each way is a program in which one kind of thing gives way at a cost of one a piece; its least cost
is what is needed, and where it gives way is named.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.claims import Claim, Ground, Kind, program
from lineshaft.engines.optimise.assignment.problem import Pairs
from lineshaft.engines.optimise.assignment.solution import Freeing, Remedy
from lineshaft.engines.optimise.linear import Floats, Model

COLUMNS_MAX: Final = 300_000
"""Ways out are worked out for sets of up to so many pairs."""

TIME_LIMIT_S: Final = 20.0


def freeing(ground: Ground, claims: Sequence[Claim]) -> tuple[Freeing, ...]:
    """Ways out of an irreducible set of claims, in one order; each is enough by itself."""
    dropping = tuple(_dropped(ground, claims))
    rows = len({one.first for one in claims if one.kind is not Kind.LEAST})
    if any(one.kind is Kind.LEAST for one in claims):
        rows = ground.pairs.applications
    if rows * ground.pairs.reviewers > COLUMNS_MAX:
        return dropping
    ways = (_more_load, _less_demand, _less_least, _lifted)
    found = [way(ground, claims) for way in ways]
    return (*(one for one in found if one is not None), *dropping)


def _dropped(ground: Ground, claims: Sequence[Claim]) -> list[Freeing]:
    rules = [one for one in claims if one.kind is Kind.RULE]
    found = [
        Freeing(
            Remedy.DROP_RULE,
            1,
            tuple(one.first for one in rules if one.second == place),
            rule=ground.problem.rules[place].key,
        )
        for place in sorted({one.second for one in rules})
    ]
    forced = [one for one in claims if one.kind is Kind.FORCED]
    if forced:
        rows = tuple(one.first for one in forced)
        found.append(Freeing(Remedy.DROP_FORCED, 1, rows, tuple(one.second for one in forced)))
    return found


def _more_load(ground: Ground, claims: Sequence[Claim]) -> Freeing | None:
    """Reviewers who take more than their most."""
    model = program(ground, claims)
    theirs = np.unique(ground.relevant(claims).reviewer)
    # Rows of a program: applications, then reviewers, then rules.
    gave = _slackened(model, ground.pairs.applications + theirs, -1.0)
    return _told(Remedy.MORE_LOAD, gave, reviewers=theirs)


def _less_demand(ground: Ground, claims: Sequence[Claim]) -> Freeing | None:
    """Applications that have fewer reviewers than they demand."""
    mine = np.array([one.first for one in claims if one.kind is Kind.DEMAND], dtype=np.int64)
    limits = ground.problem.demand[mine].astype(np.float64)
    gave = _slackened(program(ground, claims), mine, 1.0, limits)
    return _told(Remedy.LESS_DEMAND, gave, applications=mine)


def _less_least(ground: Ground, claims: Sequence[Claim]) -> Freeing | None:
    """Reviewers who take less than their least."""
    theirs = np.array([one.first for one in claims if one.kind is Kind.LEAST], dtype=np.int64)
    limits = ground.problem.least[theirs].astype(np.float64)
    gave = _slackened(program(ground, claims), ground.pairs.applications + theirs, 1.0, limits)
    return _told(Remedy.LESS_LEAST, gave, reviewers=theirs)


def _lifted(ground: Ground, claims: Sequence[Claim]) -> Freeing | None:
    """Pairs that may not be and then might."""
    pairs = ground.pairs
    may_be = np.zeros((pairs.applications, pairs.reviewers), dtype=np.bool_)
    may_be[pairs.application, pairs.reviewer] = True
    mine = np.zeros(pairs.applications, dtype=np.bool_)
    mine[[one.first for one in claims if one.kind is not Kind.LEAST]] = True
    theirs = np.zeros(pairs.reviewers, dtype=np.bool_)
    theirs[[one.first for one in claims if one.kind is Kind.LEAST]] = True
    rows, columns = np.nonzero(~may_be & (mine[:, None] | theirs[None, :]))
    lifted = Pairs.of(may_be.shape, rows, columns, np.zeros(len(rows)))
    model = program(ground, claims, lifted)
    found = model.minimum(time_limit_s=TIME_LIMIT_S)
    if found.values is None:
        return None
    first = ground.relevant(claims).count
    taken = lifted.where(found.values[first : first + lifted.count] > 0.5)  # noqa: PLR2004
    if not taken.count:
        return None
    return Freeing(
        Remedy.LIFT_PAIRS,
        taken.count,
        tuple(taken.application.tolist()),
        tuple(taken.reviewer.tolist()),
    )


def _slackened(
    model: Model, rows: np.ndarray, sign: float, limits: Floats | None = None
) -> Floats | None:
    """How much each row gives way, at the least in sum; None where that does not help."""
    if not len(rows):
        return None
    upper = np.inf if limits is None else limits
    slack = model.columns(len(rows), cost=1.0, upper=upper, is_whole=True)
    model.extend(rows, slack, sign)
    found = model.minimum(time_limit_s=TIME_LIMIT_S)
    return None if found.values is None else np.rint(found.values[slack])


def _told(
    remedy: Remedy,
    gave: Floats | None,
    *,
    applications: np.ndarray | None = None,
    reviewers: np.ndarray | None = None,
) -> Freeing | None:
    if gave is None:
        return None
    named = gave > 0
    return Freeing(
        remedy,
        int(gave.sum()),
        () if applications is None else tuple(applications[named].tolist()),
        () if reviewers is None else tuple(reviewers[named].tolist()),
    )
