"""What to fund: the most valuable set of applications under a budget and the policy factors chosen.

A factor is one policy (geography, duplication, balance) written as bounds: of a group of
applications so many are funded at least or at most, or so much money goes to it. What a factor
costs is the optimum without it less the optimum with it; so a selecting official sees what each
policy gives up before choosing it. Where bounds cannot all hold, an irreducible set of them is
named: without any one of these the rest can.

Money is whole minor units; values are what the judging gives, none below zero. The optimum is
exact: what the solver lets through by its tolerance is counted again in whole numbers and cut off.
Among portfolios of one value the solver's is taken, the same on every run.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import numpy as np

from lineshaft.engines.optimise.linear import Ended, Found, Ints, Model

TIME_LIMIT_S: Final = 60.0

STEPS: Final = 10_000_000
"""Costs are given to the solver in steps, so many at most to the largest: half a step is then well
beyond its tolerance.
"""

BUDGET: Final = "budget"
CHOSEN: Final = "chosen"
"""Names under which the budget and the applications chosen by hand stand among bounds at fault."""


@dataclass(frozen=True, slots=True)
class Application:
    """What could be funded: what it asks for, and what it is worth."""

    key: str
    cost: int
    value: float

    def __post_init__(self) -> None:
        if self.cost < 0 or not 0 <= self.value < math.inf:
            raise ValueError("cost and value are not below zero")


@dataclass(frozen=True, slots=True)
class Bound:
    """Of these applications so many, or so much money, at least and at most."""

    name: str
    applications: frozenset[str]
    least: int = 0
    most: int | None = None
    least_cost: int = 0
    most_cost: int | None = None

    def __post_init__(self) -> None:
        for low, high in ((self.least, self.most), (self.least_cost, self.most_cost)):
            if low < 0 or (high is not None and high < low):
                raise ValueError("a bound asks for at least none, and for no more than it allows")


@dataclass(frozen=True, slots=True)
class Factor:
    """One policy: its bounds hold together, or are given up together."""

    key: str
    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be funded. `chosen` and `refused` are decided by hand beforehand."""

    applications: tuple[Application, ...]
    budget: int
    factors: tuple[Factor, ...] = ()
    chosen: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        keys = {one.key for one in self.applications}
        if len(keys) < len(self.applications):
            raise ValueError("an application stands once")
        named = [self.chosen, self.refused]
        named += [bound.applications for factor in self.factors for bound in factor.bounds]
        if not frozenset().union(*named) <= keys:
            raise ValueError("a bound, or a decision, names an application that is not there")
        if self.budget < 0:
            raise ValueError("a budget is not below zero")


@dataclass(frozen=True, slots=True)
class Price:
    """What a factor costs: value given up, and what would be funded without it and is not.

    `gained` and `lost` are what would come in and go out without the factor. Where time ran out
    (`is_exact` is False) the value is that between the best portfolios found.
    """

    factor: str
    value: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is funded, in the order of the applications; no portfolio is worth more than `bound`.

    `prices` are of the factors one by one; what all of them cost together is `price_of_all`, which
    is not their sum.
    """

    funded: tuple[str, ...]
    value: float
    cost: int
    bound: float
    prices: tuple[Price, ...] = ()
    price_of_all: float = 0.0

    @property
    def is_optimal(self) -> bool:
        """Whether nothing worth more exists."""
        return self.bound <= self.value


@dataclass(frozen=True, slots=True)
class Impossible:
    """Bounds that cannot all hold, and nothing less; budget and decisions by hand among them."""

    names: tuple[str, ...]


def best_portfolio(choice: Choice, *, time_limit_s: float = TIME_LIMIT_S) -> Portfolio | Impossible:
    """The most valuable portfolio with the price of each factor, or what cannot all hold.

    Each optimum has the time limit for itself; out of time, the best found is taken. Raises
    TimeoutError where there was none yet.
    """
    try:
        found = _optimum(choice, time_limit_s)
    except LookupError:
        return Impossible(_irreducible(choice, time_limit_s))
    free = _optimum(replace(choice, factors=()), time_limit_s)
    return replace(
        found,
        prices=tuple(_price(choice, factor, found, time_limit_s) for factor in choice.factors),
        price_of_all=max(0.0, free.value - found.value),
    )


def by_rank(choice: Choice) -> tuple[str, ...]:
    """What going down the list funds, as long as the money lasts: no factor, no looking ahead.

    The list is by value, then by the order of the applications; the first that the money does not
    suffice for ends it.
    """
    left, funded = choice.budget, []
    ranked = sorted(choice.applications, key=lambda one: -one.value)
    for one in ranked:
        if one.cost > left:
            break
        left -= one.cost
        funded.append(one.key)
    return tuple(funded)


def _price(choice: Choice, factor: Factor, found: Portfolio, time_limit_s: float) -> Price:
    others = tuple(one for one in choice.factors if one is not factor)
    without = _optimum(replace(choice, factors=others), time_limit_s)
    return Price(
        factor.key,
        max(0.0, without.value - found.value),
        tuple(key for key in without.funded if key not in found.funded),
        tuple(key for key in found.funded if key not in without.funded),
        found.is_optimal and without.is_optimal,
    )


def _optimum(choice: Choice, time_limit_s: float) -> Portfolio:
    """The best portfolio under all bounds. Raises LookupError where there is none, TimeoutError
    where none was found in time.
    """
    bounds = [bound for factor in choice.factors for bound in factor.bounds]
    found = _solved(choice, [*bounds, _budget(choice), _by_hand(choice)], time_limit_s)
    if found.values is None:
        if found.ended is Ended.OUT_OF_TIME:
            raise TimeoutError("no portfolio was found in the time given")
        raise LookupError
    funded = [
        one
        for one, value in zip(choice.applications, found.values, strict=True)
        if value > 0.5  # noqa: PLR2004 -- zero or one
    ]
    value = math.fsum(one.value for one in funded)
    return Portfolio(
        tuple(one.key for one in funded),
        value,
        sum(one.cost for one in funded),
        value if found.ended is Ended.OPTIMAL else max(value, -found.bound),
    )


def _irreducible(choice: Choice, time_limit_s: float) -> tuple[str, ...]:
    """Names of bounds that cannot all hold, each of them needed for that."""
    kept = [bound for factor in choice.factors for bound in factor.bounds]
    if choice.chosen:  # out of time, it would stay among those at fault
        kept.append(_by_hand(choice))
    kept.append(_budget(choice))
    for bound in list(kept):
        without = [one for one in kept if one is not bound]
        if _solved(choice, without, time_limit_s).ended is Ended.INFEASIBLE:
            kept = without
    return tuple(one.name for one in kept)


def _budget(choice: Choice) -> Bound:
    keys = frozenset(one.key for one in choice.applications)
    return Bound(BUDGET, keys, most_cost=choice.budget)


def _by_hand(choice: Choice) -> Bound:
    return Bound(CHOSEN, choice.chosen, least=len(choice.chosen))


def _solved(choice: Choice, bounds: Sequence[Bound], time_limit_s: float) -> Found:
    """The best portfolio under these bounds, to the last unit of money."""
    model, x = _model(choice, bounds)
    ends = monotonic() + time_limit_s
    found = model.minimum(time_limit_s=time_limit_s)
    while found.values is not None:
        funded = {
            one.key
            for one, value in zip(choice.applications, found.values, strict=True)
            if value > 0.5  # noqa: PLR2004 -- zero or one
        }
        broken = [_cut(model, x, choice, bound, funded) for bound in bounds]
        if not any(broken):
            break
        left = ends - monotonic()
        if found.ended is Ended.OUT_OF_TIME or left <= 0:
            return Found(Ended.OUT_OF_TIME, None, found.bound, None)
        found = model.minimum(time_limit_s=left)
    return found


def _model(choice: Choice, bounds: Sequence[Bound]) -> tuple[Model, Ints]:
    """The choice as a model, and the column of each application."""
    model = Model()
    upper = [float(one.key not in choice.refused) for one in choice.applications]
    x = model.columns(
        len(choice.applications),
        cost=[-one.value for one in choice.applications],
        upper=upper,
        is_whole=True,
    )
    # Costs in steps, as shares of the largest: a solver's tolerance is for numbers near one. Where
    # a step is more than the money all costs are multiples of, sides let through too much alone.
    largest = max([1, *(one.cost for one in choice.applications)])
    step = math.gcd(*(one.cost for one in choice.applications)) or 1
    step *= -(-largest // (step * STEPS))
    size = max(1, largest // step)
    for bound in bounds:
        mine = [at for at, one in enumerate(choice.applications) if one.key in bound.applications]
        costs = [choice.applications[at].cost for at in mine]
        nobody = np.zeros(len(mine))
        most = math.inf if bound.most is None else bound.most
        model.rows(1, (nobody, x[mine], 1.0), lower=bound.least, upper=most)
        if bound.most_cost is not None:
            shares = np.array([cost // step for cost in costs]) / size
            high = (bound.most_cost // step + 0.5) / size
            model.rows(1, (nobody, x[mine], shares), upper=high)
        if bound.least_cost:
            shares = np.array([-(-cost // step) for cost in costs]) / size
            low = (-(-bound.least_cost // step) - 0.5) / size
            model.rows(1, (nobody, x[mine], shares), lower=low)
    return model, x


def _cut(model: Model, x: Ints, choice: Choice, bound: Bound, funded: set[str]) -> bool:
    """Whether what is funded breaks the bound's money; a row that forbids it is then added."""
    mine = [at for at, one in enumerate(choice.applications) if one.key in bound.applications]
    costs = [one.cost for one in choice.applications]
    inside = [at for at in mine if choice.applications[at].key in funded]
    money = sum(costs[at] for at in inside)
    if bound.most_cost is not None and money > bound.most_cost:
        cover, wide = _cover(mine, inside, costs, bound.most_cost)
        model.rows(1, (np.zeros(len(wide)), x[wide], 1.0), upper=cover - 1)
        return True
    if money < bound.least_cost:
        # The same of those left out: they may not be worth more than what the bound spares.
        inside_too = set(inside)
        outside = [at for at in mine if at not in inside_too]
        spared = sum(costs[at] for at in mine) - bound.least_cost
        cover, wide = _cover(mine, outside, costs, spared)
        model.rows(1, (np.zeros(len(wide)), x[wide], 1.0), lower=len(wide) - cover + 1)
        return True
    return False


def _cover(
    all_of_them: Sequence[int], together: Sequence[int], costs: Sequence[int], most: int
) -> tuple[int, list[int]]:
    """How many of the dearest of those `together` already cost more than `most`; and these with
    all others that cost no less than the dearest: as many of those are always too many.
    """
    cover: list[int] = []
    money = 0
    for at in sorted(together, key=lambda one: -costs[one]):
        if money > most:
            break
        cover.append(at)
        money += costs[at]
    dearest = max((costs[at] for at in cover), default=0)
    taken = set(cover)
    return len(cover), [at for at in all_of_them if at in taken or costs[at] >= dearest]
