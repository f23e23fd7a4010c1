"""What money is foreseen under an agreement: from its budget, its promises and its pace so far.

Federal money: what each budget period plans and has not obligated yet comes evenly over the days
that are left of it; what the periods leave of the federal total comes evenly over the days of the
term ahead that no period covers. Money of others: on each day what is promised by then, or what the
pace of the last year brings by then, whichever is more, since what keeps a promise is part of the
pace. A promise that is overdue is not counted on. Amounts are integer minor units, rounded down.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from lineshaft.apps.funding.rules.standing import AgreementFacts
from lineshaft.kernel.spans import Span

PACE_DAYS: Final = 365
"""How far back the pace of contributions is taken, the term's first days apart."""

LEAST_PACE_DAYS: Final = 90
"""Over fewer days than these no pace is taken: one gift in the first week is none."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayMoney:
    """What one day brought an agreement, or a span of days that no test tells apart; minor units.

    `other_minor` is what came from the federal government beside the award, recorded and not
    accepted as cost share; `cash_minor` is the part of `nonfederal_minor` that is no kind.
    """

    day: date
    federal_minor: int = 0
    nonfederal_minor: int = 0
    other_minor: int = 0
    drawn_minor: int = 0
    cash_minor: int = 0

    @property
    def in_kind_minor(self) -> int:
        """The part of cost share that is no cash."""
        return self.nonfederal_minor - self.cash_minor


@dataclass(frozen=True, slots=True)
class Promise:
    """What is left of a commitment, and the last day on which it is due."""

    due_on: date
    left_minor: int


@dataclass(frozen=True, slots=True)
class PlannedMoney:
    """What a budget period plans."""

    span: Span
    federal_minor: int
    nonfederal_minor: int = 0


@dataclass(frozen=True, slots=True)
class MatchBooks:
    """What the tests of an agreement's match read; a closed one (`is_running` false) foresees
    nothing.
    """

    facts: AgreementFacts
    days: tuple[DayMoney, ...] = ()
    promises: tuple[Promise, ...] = ()
    plan: tuple[PlannedMoney, ...] = ()
    is_running: bool = True

    @property
    def last_day(self) -> date:
        """The last day of the term."""
        return last_day_of(self.facts.term)


@dataclass(frozen=True, slots=True)
class Portion:
    """An amount that comes evenly over the days of its spans."""

    spans: tuple[Span, ...]
    amount_minor: int

    def through(self, day: date) -> int:
        """What of it has come at the end of that day."""
        whole = sum(one.days or 0 for one in self.spans)
        passed = sum(
            max(0, min((day - one.starts_on).days + 1, one.days or 0)) for one in self.spans
        )
        return self.amount_minor * passed // whole


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is foreseen after `since`; `pace_minor` came in the `pace_days` up to it."""

    since: date
    federal: tuple[Portion, ...]
    promises: tuple[Promise, ...]
    pace_minor: int
    pace_days: int

    def federal_through(self, day: date) -> int:
        """The federal money foreseen up to the end of that day."""
        return sum(portion.through(day) for portion in self.federal)

    def matching_through(self, day: date) -> int:
        """The money of others foreseen up to the end of that day."""
        passed = max(0, (day - self.since).days)
        promised = sum(one.left_minor for one in self.promises if one.due_on <= day)
        return max(promised, self.pace_minor * passed // self.pace_days)


def foreseen(books: MatchBooks, today: date, *, with_other: bool) -> Foreseen:
    """What is foreseen from tomorrow on; `with_other` counts other federal money into the pace."""
    window = _pace_days(books.facts.term.starts_on, today)
    came = sum(
        one.nonfederal_minor + (one.other_minor if with_other else 0)
        for one in books.days
        if today - timedelta(days=window) < one.day <= today
    )
    return Foreseen(
        since=today,
        federal=federal_portions(books, today),
        promises=tuple(one for one in books.promises if one.due_on >= today),
        pace_minor=max(0, came),
        pace_days=window,
    )


def spells(
    starts_on: date, plan: Iterable[PlannedMoney], rule_ends: Iterable[date], today: date
) -> frozenset[date]:
    """The days with which the tests of an agreement begin to count anew, beside fiscal years.

    The money of the days between two of them may be taken together, under any one of the days.
    `starts_on` is of the agreement's term; `rule_ends` are the days on which rules stop to bind.
    """
    pace_from = today - timedelta(days=_pace_days(starts_on, today)) + _DAY
    periods = {day for one in plan for day in (one.span.starts_on, one.span.ends_on) if day}
    return frozenset({today + _DAY, pace_from, *periods, *rule_ends})


def _pace_days(starts_on: date, today: date) -> int:
    return min(PACE_DAYS, max(LEAST_PACE_DAYS, (today - starts_on).days))


def federal_portions(books: MatchBooks, today: date) -> tuple[Portion, ...]:
    """The federal money to come, in portions that each come evenly over days ahead."""
    ends_on = books.facts.term.ends_on
    if not books.is_running or ends_on is None or ends_on <= today + _DAY:
        return ()
    ahead = Span(today + _DAY, ends_on)
    left = books.facts.federal_total_minor - sum(one.federal_minor for one in books.days)
    portions = []
    for period in sorted(books.plan, key=lambda one: one.span.starts_on):
        days = period.span.intersection(ahead)
        obligated = sum(one.federal_minor for one in books.days if period.span.contains(one.day))
        amount = max(0, min(left, period.federal_minor - obligated))
        if days is not None and amount:
            portions.append(Portion((days,), amount))
            left -= amount
    gaps = days_outside(ahead, [one.span for one in books.plan])
    if gaps and left > 0:
        portions.append(Portion(gaps, left))
    return tuple(portions)


def days_outside(within: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The parts of a closed span that none of the others covers; these share no day."""
    found = []
    starts_on, ends_on = within.starts_on, last_day_of(within) + _DAY
    for one in sorted(spans, key=lambda span: span.starts_on):
        covered = one.intersection(within)
        if covered is None:
            continue
        if covered.starts_on > starts_on:
            found.append(Span(starts_on, covered.starts_on))
        starts_on = last_day_of(covered) + _DAY
    if starts_on < ends_on:
        found.append(Span(starts_on, ends_on))
    return tuple(found)


def last_day_of(span: Span) -> date:
    """The last day of a span; an open one ends on the last day that records can have."""
    return (span.ends_on or date.max) - _DAY


def month_ends(after: date, until: date) -> tuple[date, ...]:
    """The last days of months after a day, and at the end `until` itself; none where it is over."""
    found = []
    day = after
    while day < until:
        first = (day + _DAY).replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        day = min(following - _DAY, until)
        found.append(day)
    return tuple(found)
