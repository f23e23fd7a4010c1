"""The largest total where nothing but coverage and load binds: min-cost flow, and its prices.

Scores become whole numbers of forty bits or so; the flow is exact on these. A pair that is lacking
is let in by an outsider at a penalty, so that a flow always exists and says by its outsiders what
cannot be. From the flow follow prices of reviewers and worths of applications: no pair that is not
assigned is worth more than both, each assigned one at least as much. By them a flow over some of
the pairs is proven, or mended, over all of them (`priced`).

*Source:* R. K. Ahuja, T. L. Magnanti and J. B. Orlin, "Network Flows" (1993), chapters 9 and 10;
L. R. Ford and D. R. Fulkerson, "A suggested computation for maximal multi-commodity network
flows", Management Science 5 (1958), 97-101 (pricing what is left out).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from lineshaft.engines.optimise.assignment.problem import (
    Bools,
    Floats,
    Ints,
    Pairs,
    Problem,
    Scores,
)

SCORE_BITS: Final = 40
COST_BITS: Final = 60
"""A cost times the number of nodes stays below so many bits, or the flow would overflow."""

PENALTY_BITS: Final = (3, 10, 20)
"""An outsider costs more than any pair, by the range of scores times such powers of two, tried one
after the other.
"""

NEVER: Final = 1 << 62
"""More than any worth."""

CANDIDATES: Final = 30
SPREAD: Final = 10
CANDIDATES_OF_REVIEWER: Final = 10
ADDED: Final = 20
ALL_PAIRS: Final = 400_000
"""Up to so many pairs all are taken at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What is to be covered: how many each application gets, and each reviewer takes."""

    demand: Ints
    least: Ints
    most: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """An assignment of `pairs`, where `taken`, and the prices that prove it over these pairs.

    `lacking` counts the reviewers that applications lack, `idle` what reviewers lack of their
    least load. `upper` bounds the total of any assignment of these pairs.
    """

    pairs: Pairs
    taken: Bools
    worth: Floats
    prices: Floats
    lacking: Ints
    idle: Ints

    @property
    def is_whole(self) -> bool:
        """Whether every demand and every least load is met."""
        return not (self.lacking.any() or self.idle.any())

    @property
    def chosen(self) -> Pairs:
        """The pairs that are assigned."""
        return self.pairs.where(self.taken)


def need_of(problem: Problem) -> Need:
    """The problem's need once its forced pairs are assigned; a negative number cannot be met."""
    rows, columns = problem.forced_arrays()
    by_row = np.bincount(rows, minlength=len(problem.demand))
    by_column = np.bincount(columns, minlength=len(problem.most))
    return Need(
        problem.demand - by_row,
        np.maximum(problem.least - by_column, 0),
        problem.most - by_column,
    )


def priced(
    scores: Scores,
    need: Need,
    weights: Floats,
    *,
    excluded: Pairs | None = None,
    report: Callable[[str], None] = lambda _note: None,
) -> Flow:
    """The largest weighted total over all pairs but those `excluded` (the forced ones).

    Solved on the best candidates of each application; pairs left out that the prices say would
    pay are added, until none does. What it lacks in the end, no assignment has.
    """
    pairs = _candidates(scores, need)
    most = ADDED + int(need.demand.max(initial=0))  # those taken pay too
    if excluded is not None and excluded.count:
        pairs = _without(pairs, excluded)
    for bits in PENALTY_BITS:
        while True:
            report(f"flow over {pairs.count:,} pairs")
            found = flow(pairs, need, weights, penalty_bits=bits)
            if pairs.count == scores.count:
                break
            report("pricing the pairs left out")
            paying = scores.beyond(weights, found.worth, found.prices, most)
            if excluded is not None and excluded.count:
                paying = _without(paying, excluded)
            paying = _without(paying, pairs)
            if not paying.count:
                break
            pairs = pairs.joined(paying)
        if found.is_whole:
            break
    return found


def bound(
    scores: Scores,
    need: Need,
    weights: Floats,
    worth: Floats,
    prices: Floats,
    *,
    excluded: Pairs | None = None,
) -> float:
    """What no weighted total exceeds, by these worths and prices whatever they are.

    The dual of the assignment's linear program; pairs `excluded` (the forced ones) are not in it.
    """
    held = np.maximum(need.most * prices, need.least * prices).sum()
    covered = (need.demand * worth).sum()
    beside = excluded.surplus(weights, worth, prices) if excluded is not None else 0.0
    return float(held + covered) + scores.surplus(weights, worth, prices) - beside


def flow(pairs: Pairs, need: Need, weights: Floats, *, penalty_bits: int = 3) -> Flow:
    """The largest weighted total over these pairs, with as few outsiders as its penalty buys."""
    values = pairs.score * weights[pairs.application]
    number = len(need.demand) + len(need.most) + 2
    scale, whole = _whole(values, COST_BITS - penalty_bits - number.bit_length())
    span = int(np.ptp(whole)) if len(whole) else 0
    penalty = int(np.abs(whole).max(initial=0)) + ((span + 1) << penalty_bits)
    taken, lacking, idle = _solved(pairs, need, whole, penalty)
    worth, prices = _potentials(pairs, need, whole, taken, (lacking, idle, penalty))
    return Flow(pairs, taken, worth / scale, prices / scale, lacking, idle)


def _candidates(scores: Scores, need: Need) -> Pairs:
    if scores.count <= ALL_PAIRS:
        return scores.every()
    pairs = scores.best(CANDIDATES + int(need.demand.max(initial=0)))
    pairs = pairs.joined(_spread(scores))
    bound_to_some = np.flatnonzero(need.least > 0)
    if len(bound_to_some):
        count = CANDIDATES_OF_REVIEWER + int(need.least.max())
        pairs = pairs.joined(scores.best_of_reviewers(bound_to_some, count))
    return pairs


def _spread(scores: Scores) -> Pairs:
    """A few pairs of each application, all over the reviewers, so that everyone has some: where
    all applications like the same reviewers, prices begin nearer to what they will be.
    """
    rows = np.repeat(np.arange(scores.applications), SPREAD)
    step = max(1, scores.reviewers // SPREAD)
    columns = (rows + step * np.tile(np.arange(SPREAD), scores.applications)) % scores.reviewers
    score = scores.of_pairs(rows, columns)
    may_be = np.isfinite(score)
    shape = (scores.applications, scores.reviewers)
    return Pairs.of(shape, rows[may_be], columns[may_be], score[may_be])


def _without(pairs: Pairs, others: Pairs) -> Pairs:
    return pairs.where(others.places(pairs.application, pairs.reviewer) < 0)


def _whole(values: Floats, bits: int) -> tuple[float, Ints]:
    """The values as whole numbers, and the power of two by which they were multiplied."""
    largest = float(np.abs(values).max(initial=0))
    if not largest:
        return 1.0, np.zeros(len(values), dtype=np.int64)
    _fraction, exponent = np.frexp(largest)
    scale = float(2.0 ** (min(bits, SCORE_BITS) - int(exponent)))
    return scale, np.rint(values * scale).astype(np.int64)


def _solved(pairs: Pairs, need: Need, whole: Ints, penalty: int) -> tuple[Bools, Ints, Ints]:
    """Which pairs are taken, what applications lack, what reviewers lack of their least."""
    rows, columns = len(need.demand), len(need.most)
    reviewers = rows + np.arange(columns)
    applications = np.arange(rows)
    outside, sink = rows + columns, rows + columns + 1
    lends = np.flatnonzero(need.least > 0)
    parts = [
        (pairs.application, rows + pairs.reviewer, np.ones(pairs.count), -whole),
        (reviewers, np.full(columns, sink), need.most - need.least, np.zeros(columns)),
        (applications, np.full(rows, outside), need.demand, np.full(rows, penalty)),
        (
            np.full(len(lends), outside),
            rows + lends,
            need.least[lends],
            np.full(len(lends), penalty),
        ),
        (np.array([outside]), np.array([sink]), need.demand.sum(keepdims=True), np.zeros(1)),
        (np.array([sink]), np.array([outside]), need.least.sum(keepdims=True), np.zeros(1)),
    ]
    tails, heads, capacities, costs = (np.concatenate(part) for part in zip(*parts, strict=True))
    solver = SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32),
        heads.astype(np.int32),
        capacities.astype(np.int64),
        costs.astype(np.int64),
    )
    left = need.demand.sum() - need.least.sum()
    supplies = np.concatenate([need.demand, -need.least, [0, -left]])
    solver.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies.astype(np.int64))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise AssertionError(f"a flow with outsiders always exists, but: {status}")
    flows = np.asarray(solver.flows(arcs))
    first = pairs.count + columns
    lacking = flows[first : first + rows]
    idle = np.zeros(columns, dtype=np.int64)
    idle[lends] = flows[first + rows : first + rows + len(lends)]
    return flows[: pairs.count] > 0, lacking, idle


def _potentials(
    pairs: Pairs, need: Need, whole: Ints, taken: Bools, outside: tuple[Ints, Ints, int]
) -> tuple[Floats, Floats]:
    """Worths and prices by which the flow is optimal: the least that satisfy every pair.

    Prices rise from their floor until no pair that is not taken is worth more than it costs; that
    ends, since an optimal flow has no cycle that gains.
    """
    lacking, idle, penalty = outside
    load = np.bincount(pairs.reviewer[taken], minlength=len(need.most)) + idle
    prices = np.where((load > need.least) | (need.least == 0), 0, -penalty).astype(np.int64)
    floor = np.where(lacking > 0, -penalty, NEVER)
    held, open_ = pairs.where(taken), pairs.where(~taken)
    held_value, open_value = whole[taken], whole[~taken]
    by_reviewer = np.argsort(open_.reviewer, kind="stable")
    reviewers, starts = np.unique(open_.reviewer[by_reviewer], return_index=True)
    application = open_.application[by_reviewer]
    value = open_value[by_reviewer]
    while True:
        worth = floor.copy()
        np.minimum.at(worth, held.application, held_value - prices[held.reviewer])
        if not len(starts):
            break
        # An application without any demand has no worth that binds: nothing is offered to it.
        offers = np.where(need.demand[application] > 0, value - worth[application], -penalty)
        asked = prices.copy()
        asked[reviewers] = np.maximum(prices[reviewers], np.maximum.reduceat(offers, starts))
        if (asked == prices).all():
            break
        prices = asked
    free = need.demand == 0
    if free.any():
        best = np.full(len(worth), -penalty)
        np.maximum.at(best, pairs.application, whole - prices[pairs.reviewer])
        worth = np.where(free, best, worth)
    return worth.astype(np.float64), prices.astype(np.float64)
