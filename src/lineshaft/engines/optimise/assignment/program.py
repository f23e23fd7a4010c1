"""The assignment as a linear program: coverage, load, floors of applications, rules of panels.

Built over some pairs and some applications. Where applications are left out, what remains of their
demand still has to fit: reviewers' load beyond their least is no more in sum than demand beyond
all least loads, so a program over few applications bounds the whole.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lineshaft.engines.optimise.assignment.flow import Need
from lineshaft.engines.optimise.assignment.problem import (
    NOBODY,
    Bools,
    Floats,
    Ints,
    Pairs,
    PanelRule,
)
from lineshaft.engines.optimise.linear import Ended, Model

FLOOR_SLACK: Final = 1e-9
"""A floor that an assignment reaches exactly is asked for with so much less, for rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """What to solve: over `pairs`, for the `applications` named (rising), all that they demand.

    `gain` is what each pair adds to the objective. With `floor` every application named in
    `floored` reaches it, `base` being what it has already; without a floor, and with `floored`,
    the least of them is the objective.
    """

    pairs: Pairs
    need: Need
    applications: Ints
    gain: Floats
    base: Floats
    floored: Ints
    floor: float | None = None
    rules: tuple[PanelRule, ...] = ()
    forced: Pairs | None = None
    is_whole: bool = True
    is_elastic: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of it: how much of each pair is taken, and no objective above `bound`.

    Weights, worths and prices are the duals of floors, demands and loads; `broken` is how much
    rules are missed by in sum, where they may be.
    """

    ended: Ended
    values: Floats | None
    bound: float
    weights: Floats | None = None
    worth: Floats | None = None
    prices: Floats | None = None
    rule_duals: tuple[tuple[PanelRule, Ints, Floats], ...] = ()
    broken: float = 0.0

    @property
    def taken(self) -> Bools | None:
        """Which pairs are taken, where they are whole; None where nothing was found."""
        return None if self.values is None else self.values > 0.5  # noqa: PLR2004 -- zero or one


def reachable(pairs: Pairs, need: Need, base: Floats, floor: float) -> Bools:
    """Which pairs may be in an assignment that brings every application to the floor.

    A pair may where it, with the best others of its application, gets there.
    """
    lacks = floor - base - FLOOR_SLACK
    best = best_sums(pairs, need.demand)[pairs.application]
    others = best_sums(pairs, np.maximum(need.demand - 1, 0))[pairs.application]
    with_it = np.where(_is_among_best(pairs, need.demand), best, others + pairs.score)
    found: Bools = with_it >= lacks[pairs.application]
    return found


def best_sums(pairs: Pairs, counts: Ints) -> Floats:
    """For each application the sum of its so many best scores."""
    order = np.lexsort((-pairs.score, pairs.application))
    within = _within_groups(pairs.application[order])
    kept = order[within < counts[pairs.application[order]]]
    return np.bincount(
        pairs.application[kept], weights=pairs.score[kept], minlength=pairs.applications
    )


def solve(ask: Ask, *, time_limit_s: float, start: Bools | None = None) -> Answer:
    """Solve; `start` are pairs taken in a solution from which to go on."""
    return _Program(ask).solved(time_limit_s, start)


class _Program:
    """The model of an Ask, with the places of its rows."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.model = Model()
        pairs = ask.pairs
        self.is_floor_sought = ask.floor is None and len(ask.floored) > 0
        cost = 0.0 if self.is_floor_sought or ask.is_elastic else -ask.gain
        self.x = self.model.columns(pairs.count, cost=cost, upper=1.0, is_whole=ask.is_whole)
        self.place = np.full(pairs.applications, -1)
        self.place[ask.applications] = np.arange(len(ask.applications))
        demand = ask.need.demand[ask.applications].astype(np.float64)
        self.demand_rows = self.model.rows(
            len(ask.applications),
            (self.place[pairs.application], self.x, 1.0),
            lower=demand,
            upper=demand,
        )
        self.spare_row: Ints | None = None
        self.load_rows = self._loads()
        self.floor_rows = self._floors()
        self.slacks: list[Ints] = []
        self.rule_rows = [self._rule(rule) for rule in ask.rules]

    def solved(self, time_limit_s: float, start: Bools | None) -> Answer:
        found = self.model.minimum(
            time_limit_s=time_limit_s, start=None if start is None else self._start(start)
        )
        values = None if found.values is None else found.values[self.x]
        slack = 0.0
        if found.values is not None and self.slacks:
            slack = float(found.values[np.concatenate(self.slacks)].sum())
        answer = Answer(found.ended, values, -found.bound, broken=slack)
        return answer if found.duals is None else self._with_duals(found.duals, answer)

    def _with_duals(self, duals: Floats, answer: Answer) -> Answer:
        ask = self.ask
        spare = -float(duals[self.spare_row].sum()) if self.spare_row is not None else 0.0
        worth = np.full(ask.pairs.applications, spare)
        worth[ask.applications] += -duals[self.demand_rows]
        weights = np.zeros(ask.pairs.applications)
        weights[ask.floored] = np.maximum(duals[self.floor_rows], 0.0)
        return replace(
            answer,
            weights=weights,
            worth=worth,
            prices=-duals[self.load_rows] - spare,
            rule_duals=tuple(
                (rule, applications, -duals[rows])
                for rule, (applications, rows, _already) in zip(
                    ask.rules, self.rule_rows, strict=True
                )
            ),
        )

    def _loads(self) -> Ints:
        ask, pairs = self.ask, self.ask.pairs
        count = len(ask.need.most)
        entries = (pairs.reviewer, self.x, 1.0)
        if len(ask.applications) == pairs.applications or not ask.need.least.any():
            is_all = len(ask.applications) == pairs.applications
            least = ask.need.least if is_all else np.zeros(count)
            return self.model.rows(count, entries, lower=least, upper=ask.need.most)
        room = ask.need.most - ask.need.least
        beyond = self.model.columns(count, upper=room)
        rows = self.model.rows(
            count, entries, (np.arange(count), beyond, -1.0), upper=ask.need.least
        )
        spare = float(ask.need.demand.sum() - ask.need.least.sum())
        self.spare_row = self.model.rows(1, (np.zeros(count), beyond, 1.0), upper=spare)
        return rows

    def _floors(self) -> Ints:
        ask, pairs = self.ask, self.ask.pairs
        count = len(ask.floored)
        place = np.full(pairs.applications, -1)
        place[ask.floored] = np.arange(count)
        mine = place[pairs.application] >= 0
        entries = (place[pairs.application[mine]], self.x[mine], pairs.score[mine])
        base = ask.base[ask.floored]
        if self.is_floor_sought:
            self.floor = self.model.columns(1, cost=-1.0, lower=-math.inf)
            sought = (np.arange(count), np.repeat(self.floor, count), -1.0)
            return self.model.rows(count, entries, sought, lower=-base)
        wanted = (ask.floor if ask.floor is not None else -math.inf) - base - FLOOR_SLACK
        return self.model.rows(count, entries, lower=wanted)

    def _rule(self, rule: PanelRule) -> tuple[Ints, Ints, Floats]:
        """The applications a rule holds for, its rows, and how many forced pairs are of it."""
        ask, pairs = self.ask, self.ask.pairs
        held = ask.applications
        if rule.applications is not None:
            held = held[np.isin(held, np.array(sorted(rule.applications), dtype=np.int64))]
        place = np.full(pairs.applications, -1)
        place[held] = np.arange(len(held))
        group = np.array(sorted(rule.group), dtype=np.int64)
        mine = np.isin(pairs.reviewer, group) & (place[pairs.application] >= 0)
        parts = [(place[pairs.application[mine]], self.x[mine], np.ones(int(mine.sum())))]
        forced = pairs.where(NOBODY) if ask.forced is None else ask.forced
        inside = np.isin(forced.reviewer, group)
        inside_of = np.bincount(forced.application[inside], minlength=pairs.applications)
        already = inside_of.astype(np.float64)
        if ask.is_elastic:
            for sign in (1.0, -1.0):
                slack = self.model.columns(len(held), cost=1.0)
                self.slacks.append(slack)
                parts.append((np.arange(len(held)), slack, np.full(len(held), sign)))
        most = math.inf if rule.most is None else float(rule.most)
        rows = self.model.rows(
            len(held), *parts, lower=rule.least - already[held], upper=most - already[held]
        )
        return held, rows, already[held]

    def _start(self, taken: Bools) -> Floats:
        """A whole solution from the pairs taken: the rest of the columns follows from them."""
        ask, pairs = self.ask, self.ask.pairs
        values = np.zeros(self.model.width)
        values[self.x] = taken
        chosen = pairs.where(taken)
        if self.is_floor_sought:
            own = ask.base + np.bincount(
                chosen.application, weights=chosen.score, minlength=pairs.applications
            )
            values[self.floor] = own[ask.floored].min()
        for place, rule in enumerate(ask.rules if ask.is_elastic else ()):
            held, _rows, already = self.rule_rows[place]
            inside = np.isin(chosen.reviewer, np.array(sorted(rule.group), dtype=np.int64))
            taken_of = np.bincount(chosen.application[inside], minlength=pairs.applications)
            number = taken_of[held] + already
            values[self.slacks[2 * place]] = np.maximum(rule.least - number, 0)
            over = number - (np.inf if rule.most is None else rule.most)
            values[self.slacks[2 * place + 1]] = np.maximum(over, 0)
        return values


def _is_among_best(pairs: Pairs, counts: Ints) -> Bools:
    order = np.lexsort((-pairs.score, pairs.application))
    within = _within_groups(pairs.application[order])
    found = np.zeros(pairs.count, dtype=np.bool_)
    found[order] = within < counts[pairs.application[order]]
    return found


def _within_groups(groups: Ints) -> Ints:
    """The place of each within its group, of groups that stand together, rising."""
    sizes = np.bincount(groups, minlength=1)
    starts = np.cumsum(sizes) - sizes
    return np.arange(len(groups)) - starts[groups]
