"""The business plan of an application: what its own numbers say, and how likely it stands alone.

`analyse` counts what the plan states, year by year: match, the federal glide path, the mix of
income, the year it breaks even, the lowest point of its cash. `simulate` asks how likely that
holds: each commitment is honoured in part, each stream of revenue misses its plan, and costs
overrun, by the distributions below; a draw stands alone if in its last year own income pays the
cost, and cash was never below zero before.

Distributions, this program's own choice, each stated so that an analyst may put another in:

- a commitment is honoured by a share from a beta distribution with the mean `honoured` and the
  weight of `FIRMNESS` observations;
- a stream reaches its plan by a factor with the median one, logarithm normal, its standard
  deviation `spread`; of its square `COMMON` is one shock to all streams of the plan, since one
  market moves them all;
- cost is the plan times a factor of the same form with the deviation `cost_spread`.

A draw is the same for the same seed, whatever the machine: uniform numbers of PCG64 through the
distributions' inverses. Money in and out is whole minor units; floating point stays within.

*Source* of the generator: M. E. O'Neill, "PCG: a family of simple fast space-efficient
statistically good algorithms for random number generation", HMC-CS-2014-0905.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

type Floats = NDArray[np.float64]

FIRMNESS: Final = 20.0
COMMON: Final = 0.5
HONOURED: Final = 0.9
SPREAD: Final = 0.35
COST_SPREAD: Final = 0.1
DRAWS: Final = 10_000
WHOLE_BP: Final = 10_000
QUANTILES: Final = (0.1, 0.5, 0.9)
"""What is told of a distribution: one in ten draws lies below the first, half below the second."""

GRID: Final = np.linspace(-6.0, 6.0, 601)
"""Deviates at which the share of a promise is worked out exactly; it is interpolated between them,
which is off by less than a hundred thousandth and a hundred times quicker.
"""

COST: Final = "cost"
MARKET: Final = "market"
"""Names of what a plan depends on beside its commitments and streams."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What somebody promised in cash, year by year, and the share that is expected to come."""

    key: str
    amounts: tuple[int, ...]
    honoured: float = HONOURED

    def __post_init__(self) -> None:
        if not 0 <= self.honoured <= 1:
            raise ValueError("the share of a promise that comes lies between none and all")


@dataclass(frozen=True, slots=True)
class Revenue:
    """Income of the institute's own by year as planned, and how far it may miss the plan."""

    key: str
    amounts: tuple[int, ...]
    spread: float = SPREAD

    def __post_init__(self) -> None:
        if self.spread < 0:
            raise ValueError("a spread is not below zero")


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan over its years, in minor units: cost, federal money, promises, revenue.

    In-kind contributions (`in_kind`) count as match and pay no bill.
    """

    first_year: int
    cost: tuple[int, ...]
    federal: tuple[int, ...]
    commitments: tuple[Commitment, ...] = ()
    revenue: tuple[Revenue, ...] = ()
    in_kind: tuple[int, ...] = ()
    reserve: int = 0
    cost_spread: float = COST_SPREAD

    def __post_init__(self) -> None:
        series = [self.cost, self.federal]
        series += [one.amounts for one in self.commitments]
        series += [one.amounts for one in self.revenue]
        if self.in_kind:
            series.append(self.in_kind)
        if not self.cost or any(len(one) != len(self.cost) for one in series):
            raise ValueError("every series of a plan has one amount a year, for a year at least")
        if min(min(one) for one in series) < 0 or self.reserve < 0 or self.cost_spread < 0:
            raise ValueError("no amount of a plan is below zero")
        keys = [one.key for one in self.commitments] + [one.key for one in self.revenue]
        if len({*keys, COST, MARKET}) < len(keys) + 2:
            raise ValueError("a promise and a stream each have a name of their own")

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the plan."""
        return tuple(range(self.first_year, self.first_year + len(self.cost)))


@dataclass(frozen=True, slots=True)
class PlanYear:
    """What a plan states of a year: own income is promises and revenue in cash.

    `match_bp` is all that is not federal, in kind too, over the same with federal money;
    `federal_bp` federal money over cost; both None over nothing. `cash` is what is in hand at the
    year's end.
    """

    year: int
    cost: int
    federal: int
    promised: int
    revenue: int
    in_kind: int
    cash: int
    match_bp: int | None
    federal_bp: int | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a plan states. `glides` says whether the federal share of cost never rises, from
    one year that has a cost to the next.

    `mix` is each stream's and promise's part of own income over all years, in basis points, the
    largest first; `break_even` the first year from which own income pays the cost to the end, None
    where none does; `lowest` the year with the least cash in hand.
    """

    years: tuple[PlanYear, ...]
    glides: bool
    mix: tuple[tuple[str, int], ...]
    break_even: int | None
    lowest: PlanYear


@dataclass(frozen=True, slots=True)
class Dependence:
    """How the chance hangs on one thing: among draws with its worst third, and its best."""

    key: str
    chance_at_worst: float
    chance_at_best: float

    @property
    def swing(self) -> float:
        """How far the chance moves."""
        return abs(self.chance_at_best - self.chance_at_worst)


@dataclass(frozen=True, slots=True)
class CashBand:
    """Cash in hand at a year's end, in minor units: the quantiles `QUANTILES` of its draws."""

    year: int
    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """How likely the plan stands alone, and on what that hangs most (the largest swing first).

    `chance_error` is the standard error of the chance by the number of draws. Cash at the end is
    in minor units: one in ten draws ends below `cash_low`, half below `cash_middle`, one in ten
    above `cash_high`; `fan` says the same of every year.
    """

    seed: int
    draws: int
    chance: float
    chance_error: float
    cash_low: int
    cash_middle: int
    cash_high: int
    fan: tuple[CashBand, ...]
    depends_on: tuple[Dependence, ...]


def analyse(plan: Plan) -> Analysis:
    """What the plan's own numbers say."""
    years, cash = [], plan.reserve
    for place, year in enumerate(plan.years):
        cost, federal = plan.cost[place], plan.federal[place]
        promised = sum(one.amounts[place] for one in plan.commitments)
        revenue = sum(one.amounts[place] for one in plan.revenue)
        in_kind = plan.in_kind[place] if plan.in_kind else 0
        cash += federal + promised + revenue - cost
        match = promised + revenue + in_kind
        years.append(
            PlanYear(
                year,
                cost,
                federal,
                promised,
                revenue,
                in_kind,
                cash,
                _bp(match, match + federal),
                _bp(federal, cost),
            )
        )
    costing = [one for one in years if one.cost]
    own = {one.key: sum(one.amounts) for one in plan.commitments}
    own |= {one.key: sum(one.amounts) for one in plan.revenue}
    return Analysis(
        years=tuple(years),
        glides=all(
            later.federal * earlier.cost <= earlier.federal * later.cost
            for earlier, later in pairwise(costing)
        ),
        mix=_mix(own),
        break_even=_break_even(years),
        lowest=min(years, key=lambda one: (one.cash, one.year)),
    )


def simulate(plan: Plan, *, seed: int, draws: int = DRAWS) -> Outlook:
    """How likely the plan stands alone at its end, over so many draws from the seed."""
    if draws < 1:
        raise ValueError("a simulation draws once at least")
    luck = _luck(plan, seed, draws)
    own = _own_income(plan, luck)
    cost = np.outer(np.exp(plan.cost_spread * luck[COST]), plan.cost)
    flow = own + np.array(plan.federal, dtype=np.float64) - cost
    cash = plan.reserve + np.cumsum(flow, axis=1)
    stands = (own[:, -1] >= cost[:, -1]) & (cash >= 0).all(axis=1)
    chance = float(stands.mean())
    fan = _fan(plan, cash)
    return Outlook(
        seed=seed,
        draws=draws,
        chance=chance,
        chance_error=float(np.sqrt(chance * (1 - chance) / draws)),
        cash_low=fan[-1].low,
        cash_middle=fan[-1].middle,
        cash_high=fan[-1].high,
        fan=fan,
        depends_on=_dependences(luck, stands),
    )


def _fan(plan: Plan, cash: Floats) -> tuple[CashBand, ...]:
    """What is told of the cash of each year, from draws x years."""
    ordered = np.sort(cash, axis=0)
    places = [int(share * (len(ordered) - 1)) for share in QUANTILES]
    return tuple(
        CashBand(year, *(int(ordered[place, column]) for place in places))
        for column, year in enumerate(plan.years)
    )


def _luck(plan: Plan, seed: int, draws: int) -> dict[str, Floats]:
    """How each thing turns out, draw by draw, as normal deviates; those of cost are good below."""
    drawing = np.random.Generator(np.random.PCG64(seed))
    keys = [MARKET, COST, *(one.key for one in plan.revenue)]
    keys += [one.key for one in plan.commitments]
    # Never zero: the inverse of zero is minus infinity.
    return {key: ndtri(1.0 - drawing.random(draws)) for key in keys}


def _own_income(plan: Plan, luck: dict[str, Floats]) -> Floats:
    """Promises and revenue that come, draws x years."""
    own = np.zeros((len(luck[COST]), len(plan.cost)))
    for stream in plan.revenue:
        shock = COMMON**0.5 * luck[MARKET] + (1 - COMMON) ** 0.5 * luck[stream.key]
        own += np.outer(np.exp(stream.spread * shock), stream.amounts)
    for promise in plan.commitments:
        own += np.outer(_honoured(promise.honoured, luck[promise.key]), promise.amounts)
    return own


def _honoured(mean: float, luck: Floats) -> Floats:
    """The share of a promise that comes."""
    if mean in {0.0, 1.0}:
        return np.full(len(luck), mean)
    found: Floats = np.interp(luck, GRID, _shares(mean))
    return found


@lru_cache(maxsize=64)
def _shares(mean: float) -> Floats:
    """The share of a promise that comes at each deviate of the grid."""
    found: Floats = betaincinv(FIRMNESS * mean, FIRMNESS * (1 - mean), ndtr(GRID))
    return found


def _dependences(luck: dict[str, Floats], stands: NDArray[np.bool_]) -> tuple[Dependence, ...]:
    """The chance at each thing's worst and best third, the largest swing first."""
    found = []
    for key, values in luck.items():
        order = np.argsort(values if key != COST else -values, kind="stable")
        third = max(1, len(order) // 3)
        worst, best = stands[order[:third]].mean(), stands[order[-third:]].mean()
        found.append(Dependence(key, float(worst), float(best)))
    return tuple(sorted(found, key=lambda one: (-one.swing, one.key)))


def _mix(own: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Parts of own income in basis points that sum to the whole, by largest remainder."""
    whole = sum(own.values())
    if not whole:
        return ()
    parts = {key: amount * WHOLE_BP // whole for key, amount in own.items()}
    by_remainder = sorted(own, key=lambda key: (-(own[key] * WHOLE_BP % whole), key))
    for key in by_remainder[: WHOLE_BP - sum(parts.values())]:
        parts[key] += 1
    return tuple(sorted(parts.items(), key=lambda one: (-one[1], one[0])))


def _break_even(years: Sequence[PlanYear]) -> int | None:
    """The first year from which own income pays the cost in every year."""
    found = None
    for one in reversed(years):
        if one.promised + one.revenue < one.cost:
            break
        found = one.year
    return found


def _bp(part: int, whole: int) -> int | None:
    return part * WHOLE_BP // whole if whole else None
