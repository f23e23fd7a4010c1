"""The largest floor: the best that the worst application can get, then the largest total at it.

Most applications never come near the floor. A *core* of those that do is solved by itself, the
others only having to fit; what it reaches bounds the whole, and where the others, placed around
it, stay above, it is the optimum. Where some fall below they join the core. At the floor, the
linear program over the best candidates, priced over all pairs, bounds the total; only pairs that
its prices leave within the gap to the best assignment known can be in a better one, and over those
the whole-number program decides.

*Source* of the objective: A. Kobren, B. Saha and A. McCallum, "Paper matching with local fairness
constraints", KDD 2019, who reach a given floor nearly; N. Garg and others, "Assigning papers to
referees", Algorithmica 58 (2010), 119-136. The method is this program's own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.flow import Flow, Need, bound, priced
from lineshaft.engines.optimise.assignment.problem import Floats, Ints, Pairs, Problem
from lineshaft.engines.optimise.assignment.program import (
    Answer,
    Ask,
    best_sums,
    reachable,
    solve,
)
from lineshaft.engines.optimise.assignment.solution import is_reached, own_sums
from lineshaft.engines.optimise.linear import Ended

CORE_PAIRS: Final = 400_000
"""A core is solved over all its pairs up to so many, beyond that over the best of each."""

LEVELS: Final = (1.0, 0.999, 0.997, 0.995, 0.992, 0.99, 0.98, 0.95, 0.9)
"""Shares of the bound that are tried as a floor where the bound itself takes too long."""

SLICE: Final = 0.25
"""The share of the time left that one program may take."""

WINDOWS: Final = (0.01, 0.1)
"""How far from the bound pairs are tried first, as shares of the range of scores."""

LEAST_S: Final = 1.0

UNITS: Final = (1.0, 0.5, 0.25, 0.1, 0.05, 0.01)
"""Steps in which bids are often given: no sum lies between two multiples."""

STEP_OFF: Final = 1e-9
"""How far from a multiple a score may be and still count as one."""

ADDED: Final = 20
COLUMNS_MAX: Final = 1_500_000


@dataclass(frozen=True, slots=True, eq=False)
class Floored:
    """The best assignment found (without forced pairs), and what bounds floor and total."""

    chosen: Pairs
    worst_bound: float
    total_bound: float


@dataclass(slots=True, eq=False)
class Search:
    """What a search for the floor knows, and the time it has."""

    problem: Problem
    need: Need
    base: Floats
    forced: Pairs
    first: Flow
    unit: float | None
    deadline_s: float
    report: Callable[[str], None]

    @property
    def left_s(self) -> float:
        return self.deadline_s - time.monotonic()

    @property
    def highest(self) -> float:
        """What no worst application exceeds, whatever the others get."""
        wanting = self.wanting
        if not len(wanting):
            return 0.0
        best = self.problem.scores.best(int(self.problem.demand.max()))
        sums = best_sums(_new(self, best, None), self.need.demand)
        return float((self.base + sums)[wanting].min())

    @property
    def added(self) -> int:
        """How many pairs of an application are let in at a time, beside those it has."""
        return ADDED + int(self.need.demand.max())

    @property
    def span(self) -> float:
        """The range of the scores that are in play."""
        return float(np.ptp(self.first.pairs.score)) if self.first.pairs.count else 0.0

    @property
    def wanting(self) -> Ints:
        """Applications that demand somebody: the others have no worst."""
        return np.flatnonzero(self.problem.demand > 0)

    def is_over_all(self, core: Ints) -> bool:
        """Whether the core is solved over all its pairs."""
        return len(core) * self.problem.scores.reviewers <= CORE_PAIRS

    def own(self, chosen: Pairs) -> Floats:
        """What each application gets, forced pairs too."""
        return self.base + own_sums(chosen, len(self.base))

    def floor_of(self, chosen: Pairs) -> float:
        own = self.own(chosen)[self.wanting]
        return float(own.min())

    def total_of(self, chosen: Pairs) -> float:
        return float(chosen.score.sum() + self.forced.score.sum())


def fairest(search: Search) -> Floored:
    """Search until proven or out of time; the least it returns is the largest total."""
    if not len(search.wanting):
        return Floored(search.first.chosen, 0.0, search.total_of(search.first.chosen))
    chosen, worst_bound = _largest_floor(search)
    return _largest_total(search, chosen, worst_bound)


# ------------------------------------------------------------------------------------- the floor


def _largest_floor(search: Search) -> tuple[Pairs, float]:
    """An assignment with the highest floor found, and what bounds every floor."""
    best = search.first.chosen
    upper = _rounded(search, search.highest)
    core = _below(search, best, upper)
    level = 0
    while level < len(LEVELS) and search.left_s > 0 and len(core):
        if is_reached(search.floor_of(best), upper):
            break
        search.report(f"floor of {len(core):,} applications")
        try:
            upper, pairs, priced_at = _bound_of_core(search, core, upper)
            floor = upper - (1.0 - LEVELS[level]) * abs(upper)
            whole, lower = _at_floor(search, core, pairs, floor)
        except TimeoutError:
            level += 1
            continue
        if whole is None and not len(lower):
            before = upper
            known = search.floor_of(best)
            upper, whole, lower = _lowered(search, core, priced_at, upper, known)
            level += upper >= before
        if whole is not None and search.floor_of(whole) > search.floor_of(best):
            best = whole
        if whole is not None and not len(lower) and search.floor_of(whole) >= floor:
            break
        core = np.union1d(core, lower)
    return best, max(upper, search.floor_of(best))


def _at_floor(search: Search, core: Ints, pairs: Pairs, floor: float) -> tuple[Pairs | None, Ints]:
    """An assignment whose core reaches the floor, and who else does not; None, and nobody, where
    there is none. Raises TimeoutError where that is not known.
    """
    if 2 * len(core) > len(search.wanting):
        whole = _whole_from(search, pairs, floor)
        others = np.setdiff1d(search.wanting, core)
        return whole, others if whole is None else core[:0]
    kept = pairs.where(reachable(pairs, search.need, search.base, floor))
    gain = kept.score - search.first.prices[kept.reviewer]
    ask = Ask(kept, search.need, core, gain, search.base, core, floor)
    answer = solve(ask, time_limit_s=SLICE * search.left_s)
    if answer.taken is not None:
        return _completed(search, core, kept.where(answer.taken))
    if answer.ended is Ended.OUT_OF_TIME:
        raise TimeoutError
    return None, core[:0]


def _lowered(
    search: Search, core: Ints, priced_at: "_Priced", upper: float, known: float
) -> tuple[float, Pairs | None, Ints]:
    """The bound, lowered to what the core's whole-number program reaches at most, and what that
    found.

    Pairs that cost more than the bound is above the known floor are in nothing better than that.
    """
    search.report(f"the largest floor of {len(core):,} applications")
    pairs = priced_at.near(search, priced_at.upper - known)
    if pairs.count > COLUMNS_MAX:
        return upper, None, core[:0]
    ask = Ask(pairs, search.need, core, np.zeros(pairs.count), search.base, core, None)
    answer = solve(ask, time_limit_s=SLICE * search.left_s)
    upper = min(upper, max(known, _rounded(search, answer.bound)))
    if answer.taken is None:
        return upper, None, core[:0]
    return upper, *_completed(search, core, pairs.where(answer.taken))


def _bound_of_core(search: Search, core: Ints, upper: float) -> tuple[float, Pairs, "_Priced"]:
    """What bounds every floor, by the core's linear program over all pairs; the pairs it used, and
    the prices that prove it. Raises TimeoutError where time ran out.
    """
    scores = search.problem.scores
    pairs = _core_pairs(search, core)
    while True:
        ask = Ask(pairs, search.need, core, np.zeros(pairs.count), search.base, core, None)
        answer = solve(replace(ask, is_whole=False), time_limit_s=2 * SLICE * search.left_s)
        if answer.weights is None or answer.worth is None or answer.prices is None:
            raise TimeoutError
        weights, worth, prices = answer.weights, answer.worth, answer.prices
        total = bound(scores, search.need, weights, worth, prices, excluded=search.forced)
        found = (total + float(weights @ search.base)) / float(weights.sum())
        fresh = _new(search, scores.beyond(weights, worth, prices, search.added), pairs)
        if not fresh.count or is_reached(answer.bound, found):
            outside = np.setdiff1d(np.arange(len(worth)), core)
            worth[outside] = np.inf  # their pairs are in no program of the core
            priced_at = _Priced(found, weights, worth, prices)
            return min(upper, _rounded(search, found)), pairs, priced_at
        pairs = pairs.joined(fresh)


def _completed(search: Search, core: Ints, found: Pairs) -> tuple[Pairs | None, Ints]:
    """The core's pairs and the best for the others around them; who of these falls below it.

    None where something is lacking then; the applications named can mend that in the core.
    """
    load = np.bincount(found.reviewer, minlength=len(search.need.most))
    demand = search.need.demand.copy()
    demand[core] = 0
    rest = Need(demand, np.maximum(search.need.least - load, 0), search.need.most - load)
    weights = np.ones(len(demand))
    around = priced(search.problem.scores, rest, weights, excluded=search.forced)
    whole = found.joined(around.chosen)
    floor = float(search.own(found)[core].min())
    lower = np.setdiff1d(_below(search, whole, floor), core)
    lacking = np.flatnonzero(around.lacking)
    if around.is_whole:
        return whole, lower
    outside = np.setdiff1d(search.wanting, core)
    return None, np.union1d(lower, lacking) if len(lacking) else outside


def _whole_from(search: Search, pairs: Pairs, floor: float) -> Pairs | None:
    """An assignment of everyone at this floor, looked for where its linear program leads.

    Raises TimeoutError where time ran out.
    """
    try:
        priced_at = _priced_at(search, pairs, floor)
    except LookupError:
        return None
    is_over = False
    for share in WINDOWS:
        pairs = priced_at.near(search, share * search.span)
        search.report(f"a floor of {floor:.6g} over {pairs.count:,} pairs")
        answer = _whole_at(search, pairs, None, floor, SLICE * search.left_s)
        if answer.taken is not None:
            return pairs.where(answer.taken)
        is_over |= answer.ended is Ended.OUT_OF_TIME
    if is_over:
        raise TimeoutError
    return None


# ------------------------------------------------------------------------------------- the total


def _largest_total(search: Search, best: Pairs, worst_bound: float) -> Floored:
    """The best assignment with the floor of this one, and what bounds every such total.

    A better one has only pairs whose price is within the gap; so those within a little are tried
    first, which narrows the gap.
    """
    floor = search.floor_of(best)
    upper = search.total_of(search.first.chosen)
    if is_reached(search.total_of(best), upper) or search.left_s <= 0:
        return Floored(best, worst_bound, upper)
    search.report("the largest total at the floor")
    try:
        priced_at = _priced_at(search, best, floor)
    except TimeoutError:
        return Floored(best, worst_bound, upper)
    upper = min(upper, _rounded(search, priced_at.upper))
    for share in (*WINDOWS, np.inf):
        gap = priced_at.upper - search.total_of(best)
        if is_reached(search.total_of(best), upper) or search.left_s <= 0:
            break
        width = min(gap, share * search.span)
        pairs = priced_at.near(search, width).joined(best)
        pairs = pairs.where(reachable(pairs, search.need, search.base, floor))
        if pairs.count > COLUMNS_MAX:
            break
        search.report(f"whole numbers over {pairs.count:,} pairs")
        limit_s = search.left_s if width == gap else SLICE * search.left_s
        answer = _whole_at(search, pairs, best, floor, limit_s)
        if answer.taken is not None:
            found = pairs.where(answer.taken)
            if search.total_of(found) > search.total_of(best):
                best = found
        bounded = _rounded(search, answer.bound + float(search.forced.score.sum()))
        # Whatever has a pair beyond the window is worth less than the bound by the window.
        upper = max(min(upper, max(bounded, priced_at.upper - width)), search.total_of(best))
    return Floored(best, worst_bound, upper)


@dataclass(frozen=True, slots=True, eq=False)
class _Priced:
    """What bounds a total at a floor, and the weights, worths and prices that prove it."""

    upper: float
    weights: Floats
    worth: Floats
    prices: Floats

    def near(self, search: Search, width: float) -> Pairs:
        """Pairs that cost an assignment no more than this beside the bound."""
        scores = search.problem.scores
        slack = 1e-9 + abs(width) * 1e-6
        found = scores.beyond(
            self.weights, self.worth - width - slack, self.prices, scores.reviewers
        )
        return _new(search, found, None)


def _priced_at(search: Search, beside: Pairs, floor: float) -> _Priced:
    """What bounds a total at the floor.

    Raises LookupError where the candidates and the pairs beside them do not reach it,
    TimeoutError where time ran out.
    """
    problem, need = search.problem, search.need
    everyone = np.arange(len(need.demand))
    pairs = search.first.pairs.joined(beside)
    floored = _below(search, search.first.chosen, floor)
    while True:
        ask = Ask(pairs, need, everyone, pairs.score, search.base, floored, floor, is_whole=False)
        answer = solve(ask, time_limit_s=2 * SLICE * search.left_s)
        if answer.ended is Ended.OUT_OF_TIME:
            raise TimeoutError
        if answer.weights is None or answer.worth is None or answer.prices is None:
            raise LookupError
        weights = 1.0 + answer.weights
        paying = problem.scores.beyond(weights, answer.worth, answer.prices, search.added)
        fresh = _new(search, paying, pairs)
        taken = answer.values if answer.values is not None else np.zeros(pairs.count)
        sums = np.bincount(pairs.application, pairs.score * taken, minlength=len(need.demand))
        under = search.wanting[(search.base + sums)[search.wanting] < floor - 1e-7]
        lower = np.setdiff1d(under, floored)
        if not fresh.count and not len(lower):
            break
        pairs = pairs.joined(fresh)
        floored = np.union1d(floored, lower)
    total = bound(
        problem.scores, need, weights, answer.worth, answer.prices, excluded=search.forced
    )
    lacks = floor - search.base
    upper = total - float(answer.weights @ lacks) + float(search.forced.score.sum())
    return _Priced(upper, weights, answer.worth, answer.prices)


def _whole_at(
    search: Search, pairs: Pairs, best: Pairs | None, floor: float, limit_s: float
) -> Answer:
    """The largest total of whole pairs at the floor, among these pairs."""
    lowest = -best_sums(replace(pairs, score=-pairs.score), search.need.demand)
    may_fall = search.wanting[(search.base + lowest)[search.wanting] < floor]
    everyone = np.arange(len(search.need.demand))
    ask = Ask(pairs, search.need, everyone, pairs.score, search.base, may_fall, floor)
    start = None
    if best is not None:
        start = best.places(pairs.application, pairs.reviewer) >= 0
    return solve(ask, time_limit_s=max(limit_s, LEAST_S), start=start)


# --------------------------------------------------------------------------------- what they share


def _core_pairs(search: Search, core: Ints) -> Pairs:
    """All pairs of the core, or where they are too many those that its prices leave best."""
    scores = search.problem.scores
    if search.is_over_all(core):
        return _new(search, scores.of_applications(core), None)
    mine = np.isin(search.first.pairs.application, core)
    return search.first.pairs.where(mine)


def _new(search: Search, pairs: Pairs, known: Pairs | None) -> Pairs:
    """Of these pairs those that are neither forced nor known."""
    kept = search.forced.places(pairs.application, pairs.reviewer) < 0
    if known is not None:
        kept &= known.places(pairs.application, pairs.reviewer) < 0
    return pairs.where(kept)


def _below(search: Search, chosen: Pairs, floor: float) -> Ints:
    """Applications that demand somebody and get less than the floor."""
    own = search.own(chosen)
    own_short = own[search.wanting] < floor - 1e-9 * max(1.0, abs(floor))
    return search.wanting[own_short]


def _rounded(search: Search, upper: float) -> float:
    """The bound, down to the next sum that these scores can give, where they come in steps."""
    return upper if search.unit is None else np.floor(upper / search.unit + 1e-6) * search.unit


def unit_of(pairs: Pairs) -> float | None:
    """The largest usual step of which every score is a multiple; None where there is none."""
    for unit in UNITS:
        steps = pairs.score / unit
        if (np.abs(steps - np.rint(steps)) < STEP_OFF).all():
            return unit
    return None
