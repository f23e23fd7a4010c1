"""Assignments whose panels must follow rules: sectors that are mixed, employers that are not.

Rules make whole-number programs. The first looks for an assignment that breaks the rules least,
beginning from the flow that knows none, so that there is an answer however soon time runs out. The
second has the objective. Over many pairs it is solved on the best candidates, among them some of
every group; the prices of its linear program bound what all pairs could give, and let in those
that might be in something better.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.floor import Search
from lineshaft.engines.optimise.assignment.problem import Bools, Floats, Pairs
from lineshaft.engines.optimise.assignment.program import Answer, Ask, reachable, solve
from lineshaft.engines.optimise.assignment.solution import Objective
from lineshaft.engines.optimise.linear import Ended

WHOLE_PAIRS: Final = 60_000
"""Up to so many pairs all are taken."""

CANDIDATES: Final = 40
OF_GROUP: Final = 6
SLICE: Final = 0.4
LEAST_S: Final = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Ruled:
    """The best assignment found, without forced pairs, what bounds it, and whether it holds."""

    chosen: Pairs
    total_bound: float
    worst_bound: float | None
    is_complete: bool


def ruled(search: Search, objective: Objective) -> Ruled | None:
    """The best assignment under the rules; None where there is none.

    Out of time, the one that breaks them least.
    """
    every = search.problem.scores.every()
    every = every.where(search.forced.places(every.application, every.reviewer) < 0)
    pairs = _candidates(search, every)
    search.report(f"rules of panels over {pairs.count:,} pairs")
    least = _solved(
        search, _ask(search, pairs, is_elastic=True), _places(pairs, search.first.chosen)
    )
    start = _places(pairs, search.first.chosen) if least.taken is None else least.taken
    if least.taken is None or least.broken > 0.5:  # noqa: PLR2004 -- a whole number
        if least.ended is Ended.OUT_OF_TIME:
            return Ruled(pairs.where(start), np.inf, None, is_complete=False)
        if pairs.count == every.count:
            return None
        pairs, start = every, _places(every, pairs.where(start))
        least = _solved(search, _ask(search, pairs, is_elastic=True), start)
        if least.taken is None or least.broken > 0.5:  # noqa: PLR2004 -- as above
            is_over = least.ended is Ended.OUT_OF_TIME
            return Ruled(pairs.where(start), np.inf, None, is_complete=False) if is_over else None
        start = least.taken
    chosen, floor, worst_bound = pairs.where(start), None, None
    if objective is Objective.FAIR and len(search.wanting):
        sought = _Goal(search, every, floor=None)
        chosen, worst_bound = sought.reached(pairs, chosen)
        floor = search.floor_of(chosen)
    chosen, total_bound = _Goal(search, every, floor=floor, is_total=True).reached(pairs, chosen)
    return Ruled(chosen, total_bound, worst_bound, is_complete=True)


@dataclass(frozen=True, slots=True, eq=False)
class _Goal:
    """What is sought among all pairs: the largest total at a floor if there is one, or the floor
    itself.
    """

    search: Search
    every: Pairs
    floor: float | None
    is_total: bool = False

    def reached(self, pairs: Pairs, chosen: Pairs) -> tuple[Pairs, float]:
        """The best found from `chosen` on, and what bounds it."""
        pairs, upper, reduced = self._priced(pairs.joined(chosen))
        answer, chosen = self._improved(pairs, chosen)
        proven = answer.bound + self._forced_part
        if pairs.count == self.every.count:
            return chosen, max(min(upper, proven), self._value(chosen))
        gap = upper - self._value(chosen)
        near = self.every.where(reduced > -gap - 1e-6 * abs(gap)).joined(chosen)
        if not (pairs.places(near.application, near.reviewer) >= 0).all():
            answer, chosen = self._improved(near, chosen)
            proven = answer.bound + self._forced_part
        return chosen, max(min(upper, proven), self._value(chosen))

    def _priced(self, pairs: Pairs) -> tuple[Pairs, float, Floats]:
        """Candidates with all that pays, the linear program's bound, and what each pair of all
        would bring by its prices; no bound where time ran out.
        """
        while True:
            search = self.search
            answer = solve(
                replace(self._ask(pairs), is_whole=False), time_limit_s=SLICE * search.left_s
            )
            if answer.weights is None or answer.worth is None or answer.prices is None:
                return pairs, np.inf, np.full(self.every.count, np.inf)
            reduced = self._reduced(answer, answer.weights, answer.worth, answer.prices)
            known = pairs.places(self.every.application, self.every.reviewer) >= 0
            paying = (reduced > 1e-9) & ~known  # noqa: PLR2004 -- what rounding leaves
            if not paying.any():
                return pairs, answer.bound + self._forced_part, reduced
            pairs = pairs.joined(self.every.where(paying))

    def _reduced(self, answer: Answer, weights: Floats, worth: Floats, prices: Floats) -> Floats:
        every = self.every
        rows, columns = every.application, every.reviewer
        found: Floats = (
            (weights + self.is_total)[rows] * every.score - worth[rows] - prices[columns]
        )
        for rule, applications, duals in answer.rule_duals:
            of_application = np.zeros(every.applications)
            of_application[applications] = duals
            inside = np.isin(columns, np.array(sorted(rule.group), dtype=np.int64))
            found[inside] -= of_application[rows[inside]]
        return found

    def _improved(self, pairs: Pairs, chosen: Pairs) -> tuple[Answer, Pairs]:
        search = self.search
        kept = pairs
        if self.floor is not None:
            kept = pairs.where(reachable(pairs, search.need, search.base, self.floor))
        answer = solve(
            self._ask(kept),
            time_limit_s=max(SLICE * search.left_s, LEAST_S),
            start=_places(kept, chosen),
        )
        if answer.taken is not None:
            found = kept.where(answer.taken)
            if self._value(found) > self._value(chosen):
                chosen = found
        return answer, chosen

    def _ask(self, pairs: Pairs) -> Ask:
        search = self.search
        gain = pairs.score if self.is_total else np.zeros(pairs.count)
        floored = search.wanting
        if self.is_total and self.floor is None:
            floored = floored[:0]
        return replace(_ask(search, pairs), gain=gain, floored=floored, floor=self.floor)

    def _value(self, chosen: Pairs) -> float:
        return self.search.total_of(chosen) if self.is_total else self.search.floor_of(chosen)

    @property
    def _forced_part(self) -> float:
        return float(self.search.forced.score.sum()) if self.is_total else 0.0


def _solved(search: Search, ask: Ask, start: Bools) -> Answer:
    return solve(ask, time_limit_s=max(SLICE * search.left_s, LEAST_S), start=start)


def _ask(search: Search, pairs: Pairs, *, is_elastic: bool = False) -> Ask:
    count = len(search.need.demand)
    return Ask(
        pairs,
        search.need,
        np.arange(count),
        pairs.score,
        search.base,
        np.zeros(0, dtype=np.int64),
        None,
        rules=search.problem.rules,
        forced=search.forced,
        is_elastic=is_elastic,
    )


def _places(pairs: Pairs, chosen: Pairs) -> Bools:
    """Which of these pairs are chosen."""
    found: Bools = chosen.places(pairs.application, pairs.reviewer) >= 0
    return found


def _candidates(search: Search, every: Pairs) -> Pairs:
    """The best pairs of each application and of each group in it, and those of the flow."""
    if every.count <= WHOLE_PAIRS:
        return every
    parts = [every.best(CANDIDATES), search.first.chosen]
    for rule in search.problem.rules:
        if rule.least:
            group = np.array(sorted(rule.group), dtype=np.int64)
            parts.append(every.where(np.isin(every.reviewer, group)).best(OF_GROUP))
    return parts[0].joined(*parts[1:])
