"""Whether an institute can stand alone: its books, what one may change, and where the money goes.

Base money is the award's own: it pays what the institute's own income leaves uncovered, up to what
is left of the award, and stops with it, as the cost of an award is repaid and not given ahead. Own
income is forecast stream by stream (see `trend`); cost goes on as its own trend says, whether or
not somebody pays for it, since the question is whether the same work can go on. What is given in
kind counts in the mix of income and never pays a bill.

An award ended for convenience stops on its day, whatever is left of it and however well the
institute did, as the Department of Commerce ended SMART USA's five-year award of 285 M$ in December
2025, after about a year, with its targets met.

Time is counted in months and years from the end of the last recorded year. Money is whole minor
units; what a year leaves over is carried exactly, in twelfths of a minor unit. Invariants: the
parts of a year sum to its income; no income is below zero; each lever moves the money in hand one
way only; nothing depends on the clock.

*Source* of the index of diversity: the reciprocal of Herfindahl's and Hirschman's sum of squared
shares, "effective number" of sources; as in M. Laakso and R. Taagepera, Comparative Political
Studies 12 (1979), 3-27, and, as a measure of income, D. A. Carroll and K. J. Stater, Journal of
Public Administration Research and Theory 19 (2009), 947-966.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from lineshaft.engines.economics.trend import (
    WHOLE_BP,
    BackTest,
    back_test,
    damped_trend,
    half_width,
    widened,
)

MONTHS: Final = 12
YEARS_BEYOND: Final = 10
"""A forecast reaches so many years beyond the award's term."""

MOST_YEARS: Final = 30
"""No forecast is longer, however late an award is said to end."""

DUES: Final = "dues"
SERVICES: Final = "services"
PARTNERS: Final = "partners"
SOON_MONTHS: Final = 24
"""Money that runs out within so many months is called urgent: the program's own measure."""

FEW_SOURCES: Final = 150
"""Below one and a half effective sources (in hundredths), income hangs on one: likewise."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Own income in cash from one source, one amount for each recorded year."""

    key: str
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """What is recorded of an institute, year by year without a gap, in minor units.

    `costs` are the parts of what was spent, forecast one by one like the streams, so that what is
    spent of a stream and what comes in by it go on alike.
    `base_left` is what may still be drawn of its awards, `award_months` how long the last of them
    runs on; both from the end of the last recorded year, as `elapsed_months`, which have gone by
    since. `members` is how many there are now.
    """

    first_year: int
    base: tuple[int, ...]
    in_kind: tuple[int, ...]
    costs: tuple[tuple[int, ...], ...]
    streams: tuple[Stream, ...]
    members: int = 0
    base_left: int = 0
    award_months: int = 0
    elapsed_months: int = 0

    def __post_init__(self) -> None:
        series = (self.in_kind, *self.costs, *(one.amounts for one in self.streams))
        if any(len(one) != len(self.base) for one in series):
            raise ValueError("every series of the books has one amount a year")
        if len({one.key for one in self.streams}) < len(self.streams):
            raise ValueError("a stream stands in the books once")
        if self.base_left < 0 or self.members < 0 or self.elapsed_months < 0:
            raise ValueError("what is left and who is there are never below zero")

    @property
    def years(self) -> tuple[int, ...]:
        """The recorded years."""
        return tuple(range(self.first_year, self.first_year + len(self.base)))

    def own(self, place: int) -> int:
        """Own income in cash in the year at that place."""
        return sum(one.amounts[place] for one in self.streams)

    def cost(self, place: int) -> int:
        """What was spent in the year at that place."""
        return sum(one[place] for one in self.costs)

    def sources(self, place: int) -> tuple[int, ...]:
        """Every source of the year: base money, own income by stream, what was given in kind."""
        return (
            self.base[place],
            *(one.amounts[place] for one in self.streams),
            self.in_kind[place],
        )


@dataclass(frozen=True, slots=True)
class Levers:
    """What one may change in a forecast; as they stand, nothing is changed.

    Shares are in basis points, money in minor units: `services_more` a year, `reserve` in hand at
    the end of the last recorded year, `base_more` on top of what is left of the award.
    `members` takes the place of today's. Months count from the end of the last recorded year.
    """

    fee_change_bp: int = 0
    members: int | None = None
    services_more: int = 0
    partners_stay_bp: int = WHOLE_BP
    cost_change_bp: int = 0
    reserve: int = 0
    base_more: int = 0
    award_months: int | None = None
    terminated_months: int | None = None

    def __post_init__(self) -> None:
        if min(self.fee_change_bp, self.cost_change_bp) < -WHOLE_BP:
            raise ValueError("nothing can fall by more than the whole")
        if not 0 <= self.partners_stay_bp <= WHOLE_BP:
            raise ValueError("a part that stays lies between none and all")
        if min(self.members or 0, self.services_more, self.reserve, self.base_more) < 0:
            raise ValueError("members and added money are never below zero")


@dataclass(frozen=True, slots=True)
class Expected:
    """A forecast amount with its interval; both ends None where the past is too short for one."""

    amount: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class ExpectedYear:
    """One year to come. `own` is the sum of `streams`; `balance` is what is in hand, or owed, at
    the year's end, `balance_low` the same with own income at the low end of its interval.
    """

    year: int
    base: int
    streams: tuple[tuple[str, Expected], ...]
    in_kind: int
    own: Expected
    cost: Expected
    balance: int
    balance_low: int | None

    @property
    def income(self) -> int:
        """Everything that comes in, in kind too."""
        return self.base + self.own.amount + self.in_kind

    @property
    def coverage_bp(self) -> int | None:
        """How much of the cost own income pays; None where nothing is spent."""
        return coverage_bp(self.own.amount, self.cost.amount)


class Verdict(StrEnum):
    """How an institute stands, worst first."""

    OUT = "out"  # the money in hand is spent now
    RUNS_OUT = "runs_out"  # it will be within the forecast
    MAY_RUN_OUT = "may_run_out"  # it will be if income stays at the low end of its interval
    STANDS = "stands"


class Reason(StrEnum):
    """Why an institute is at risk."""

    AWARD_OVER = "award_over"
    AWARD_ENDS = "award_ends"
    AWARD_SPENT = "award_spent"
    LOW_END = "low_end"
    OWN_FALLS = "own_falls"
    ONE_SOURCE = "one_source"
    SHORT_PAST = "short_past"


@dataclass(frozen=True, slots=True)
class Projection:
    """The years to come, and what they say.

    `runway_months` counts from today to the month in which the money in hand is spent, None where
    it never is within the forecast; `runway_low_months` likewise with income at its low end, None
    also where there is no interval. `award_months` is when base money stops, from today, None
    where it has. Coverage and diversity are of the last recorded year.
    """

    years: tuple[ExpectedYear, ...]
    award_months: int | None
    runway_months: int | None
    runway_low_months: int | None
    coverage_bp: int | None
    diversity: int | None
    own_test: BackTest
    cost_test: BackTest
    verdict: Verdict
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def is_urgent(self) -> bool:
        """Whether the money in hand is spent soon."""
        return self.runway_months is not None and self.runway_months < SOON_MONTHS


def diversity(amounts: Iterable[int]) -> int | None:
    """The effective number of sources in hundredths: 100 is one source, 300 three of equal size.

    Rounded half up; None where nothing came in.
    """
    shares = tuple(amounts)
    squares = sum(one * one for one in shares)
    return (200 * sum(shares) ** 2 + squares) // (2 * squares) if squares else None


def coverage_bp(own: int, cost: int) -> int | None:
    """Own income over cost in basis points, rounded down; None where nothing is spent."""
    return own * WHOLE_BP // cost if cost else None


def project(books: Books, levers: Levers | None = None) -> Projection:
    """Where the books lead under these levers, to ten years beyond the award's term."""
    moved = Levers() if levers is None else levers
    ends = _award_end(books, moved)
    recorded = books.award_months if moved.award_months is None else moved.award_months
    horizon = _horizon(max(recorded, books.elapsed_months))
    streams = _streams(books, moved, ends, horizon)
    own = _with_interval(_summed(streams.values(), horizon), [one.amounts for one in books.streams])
    spent = _summed((damped_trend(one, horizon) for one in books.costs), horizon)
    cost = _with_interval([_changed(one, moved.cost_change_bp) for one in spent], books.costs)
    costs = [one.amount for one in cost]
    purse = _Purse(12 * (books.base_left + moved.base_more), 12 * moved.reserve)
    central = _walk(purse, [one.amount for one in own], costs, ends)
    lows = [one.low for one in own if one.low is not None]
    low = _walk(purse, lows, costs, ends) if lows else None
    parts = {one.key: _with_interval(streams[one.key], [one.amounts]) for one in books.streams}
    in_kind = [
        _until(amount, ends - MONTHS * place, moved.partners_stay_bp)
        for place, amount in enumerate(damped_trend(books.in_kind, horizon))
    ]
    years = tuple(
        ExpectedYear(
            year=books.first_year + len(books.base) + place,
            base=central.base[place],
            streams=tuple((key, each[place]) for key, each in parts.items()),
            in_kind=in_kind[place],
            own=own[place],
            cost=cost[place],
            balance=central.balances[place],
            balance_low=low.balances[place] if low else None,
        )
        for place in range(horizon)
    )
    return _judged(books, years, ends=ends, central=central, low=low)


@dataclass(frozen=True, slots=True)
class _Purse:
    """What is left of the award, and in reserve, in twelfths of a minor unit."""

    award: int
    reserve: int


@dataclass(frozen=True, slots=True)
class _Walk:
    """Year by year the base money used and what is in hand; the month in which it is spent."""

    base: tuple[int, ...]
    balances: tuple[int, ...]
    spent_month: int | None


def _walk(purse: _Purse, own: Sequence[int], costs: Sequence[int], ends: int) -> _Walk:
    """Pay each year's cost from own income, then from the award while it runs, then from reserve.

    A surplus goes into reserve. The month in which nothing is left is found as if a year's gap
    came evenly over its months.
    """
    left, balance, used, spent_month = purse.award, purse.reserve, 0, None
    base, balances = [], []
    for place, (income, cost) in enumerate(zip(own, costs, strict=True)):
        months = min(max(ends - MONTHS * place, 0), MONTHS)
        gap = max(cost - income, 0)
        drawn = min(gap * months, left)
        funds = drawn + balance
        if spent_month is None and funds < MONTHS * gap:
            spent_month = MONTHS * place + funds // gap
        base.append((used + drawn) // MONTHS - used // MONTHS)
        left, used = left - drawn, used + drawn
        balance += drawn + MONTHS * (income - cost)
        balances.append(balance // MONTHS)
    return _Walk(tuple(base), tuple(balances), spent_month)


def _award_end(books: Books, levers: Levers) -> int:
    """The month in which base money stops; zero or less where it has."""
    ends = books.award_months if levers.award_months is None else levers.award_months
    return ends if levers.terminated_months is None else min(ends, levers.terminated_months)


def _horizon(last_month: int) -> int:
    """How many years to forecast: those up to that month, and ten beyond."""
    return min(-(-last_month // MONTHS) + YEARS_BEYOND, MOST_YEARS)


def _streams(books: Books, levers: Levers, ends: int, years: int) -> dict[str, list[int]]:
    """Own income by stream, year by year, under the levers."""
    return {
        one.key: [
            _levered(one.key, amount, books, levers, ends - MONTHS * place)
            for place, amount in enumerate(damped_trend(one.amounts, years))
        ]
        for one in books.streams
    }


def _summed(series: Iterable[Sequence[int]], years: int) -> list[int]:
    """Yearly sums of series; zero for every year where there are none."""
    return [sum(amounts) for amounts in zip(*series, strict=True)] or [0] * years


def _levered(key: str, amount: int, books: Books, levers: Levers, ends: int) -> int:
    """One year's amount of a stream; `ends` counts the months of award left from its start."""
    if key == DUES:
        by_fee = _changed(amount, levers.fee_change_bp)
        if levers.members is None or not books.members:
            return by_fee
        return by_fee * levers.members // books.members
    if key == SERVICES:
        return amount + levers.services_more
    if key == PARTNERS:
        return _until(amount, ends, levers.partners_stay_bp)
    return amount


def _changed(amount: int, change_bp: int) -> int:
    return amount * (WHOLE_BP + change_bp) // WHOLE_BP


def _until(amount: int, ends: int, stay_bp: int) -> int:
    """A year's amount of which, once the award is over, only a part goes on."""
    months = min(max(ends, 0), MONTHS)
    return amount * (months * WHOLE_BP + (MONTHS - months) * stay_bp) // (MONTHS * WHOLE_BP)


def _with_interval(amounts: Sequence[int], past: Sequence[Sequence[int]]) -> list[Expected]:
    """Forecast amounts with the interval that the past of these series gives."""
    half = half_width(past)
    if half is None:
        return [Expected(amount, None, None) for amount in amounts]
    wide = [widened(half, ahead) for ahead in range(1, len(amounts) + 1)]
    return [
        Expected(amount, max(0, amount - by), amount + by)
        for amount, by in zip(amounts, wide, strict=True)
    ]


def _judged(
    books: Books, years: tuple[ExpectedYear, ...], *, ends: int, central: _Walk, low: _Walk | None
) -> Projection:
    last = len(books.base) - 1
    runway = _from_now(central.spent_month, books)
    runway_low = _from_now(low.spent_month, books) if low else None
    effective = diversity(books.sources(last)) if books.base else None
    if runway is not None:
        verdict = Verdict.RUNS_OUT if runway else Verdict.OUT
    else:
        verdict = Verdict.STANDS if runway_low is None else Verdict.MAY_RUN_OUT
    reasons = []
    if central.spent_month is not None:
        reasons.append(_why_spent(central.spent_month, ends, books.elapsed_months))
    elif runway_low is not None:
        reasons.append(Reason.LOW_END)
    if books.base and years[-1].own.amount < books.own(last):
        reasons.append(Reason.OWN_FALLS)
    if effective is not None and effective < FEW_SOURCES:
        reasons.append(Reason.ONE_SOURCE)
    if low is None:
        reasons.append(Reason.SHORT_PAST)
    return Projection(
        years=years,
        award_months=ends - books.elapsed_months if ends > books.elapsed_months else None,
        runway_months=runway,
        runway_low_months=runway_low,
        coverage_bp=coverage_bp(books.own(last), books.cost(last)) if books.base else None,
        diversity=effective,
        own_test=back_test([one.amounts for one in books.streams]),
        cost_test=back_test(books.costs),
        verdict=verdict,
        reasons=tuple(reasons),
    )


def _why_spent(spent_month: int, ends: int, elapsed: int) -> Reason:
    if ends <= elapsed:
        return Reason.AWARD_OVER
    return Reason.AWARD_SPENT if spent_month < ends else Reason.AWARD_ENDS


def _from_now(month: int | None, books: Books) -> int | None:
    return None if month is None else max(month - books.elapsed_months, 0)
