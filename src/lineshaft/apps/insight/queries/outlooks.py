"""Reads of outlooks: what a snapshot holds of each institute's money, as books to project from.

An outlook is for those who plan with it: the network's staff reads all, an institute's staff and
its sponsor that institute's. It starts after the last fiscal year that has ended and in which
anybody in the network recorded money. Own income is what is recorded by stream; dues that nobody
recorded are estimated from memberships, and of the cash accepted as cost share only what goes
beyond own income counts as the partners' own, so that no money counts twice. All cash that came in
is taken as spent in its year: no cost beyond the award is recorded, and no reserve.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from lineshaft.apps.insight.models import FigureValue, Snapshot
from lineshaft.apps.insight.queries.reports import (
    STATUS_FIGURE,
    InstituteName,
    current_snapshot,
    editions_visible_to,
    institute_names,
    may_read_part,
    profile_in_use,
)
from lineshaft.engines.economics import (
    DUES,
    MONTHS,
    PARTNERS,
    SERVICES,
    Books,
    Levers,
    Projection,
    Stream,
    project,
)
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

BASE_FIGURE: Final = "funding.federal_drawn"
CASH_FIGURE: Final = "funding.cost_share_cash"
IN_KIND_FIGURE: Final = "funding.cost_share_in_kind"
DUES_FIGURE: Final = "memberships.dues_at_list"
MEMBERS_FIGURE: Final = "memberships.members"
INCOME_FIGURE: Final = "funding.own_income"
"""Own income as an institute records it, with the stream as its dimension."""

UNDRAWN_FIGURE: Final = "funding.federal_undrawn"
AWARD_FIGURE: Final = "funding.award_days_left"
TERMINATED: Final = "terminated"
NETWORK: Final = ""
NO_OUTLOOK: Final = gettext_noop("There is no outlook that you may read here.")
_RECORDED: Final = (BASE_FIGURE, CASH_FIGURE, IN_KIND_FIGURE, INCOME_FIGURE)
_READ: Final = (
    *_RECORDED,
    DUES_FIGURE,
    MEMBERS_FIGURE,
    UNDRAWN_FIGURE,
    AWARD_FIGURE,
    STATUS_FIGURE,
)

type Values = Mapping[tuple[str, int, str], int]
"""One institute's numbers by figure, fiscal year and dimension."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """An institute's books, and where they lead.

    Months of the books and of the projection count from `records_end`, the end of the last
    recorded year; today lies `books.elapsed_months` after it, or counts as that day where the
    records lag by more than the year that goes on (`is_lagging`). `recorded_streams` are those of
    own income that somebody recorded; the others are estimated, or not known.
    """

    institute: InstituteName
    snapshot: Snapshot
    books: Books
    projection: Projection
    records_end: date
    counted_from: date
    award_ends_on: date | None
    is_lagging: bool
    recorded_streams: frozenset[str]

    def month(self, months_from_now: int) -> date:
        """The first day of the month that lies so many months ahead."""
        return month_after(self.counted_from, months_from_now)

    def under(self, levers: Levers) -> Projection:
        """Where the same books lead under these levers."""
        return project(self.books, levers)


def outlook_of(snapshot: Snapshot, institute: InstituteName) -> Outlook | None:
    """The outlook of one institute, None where no money of it is recorded; one query.

    Visibility is the caller's to decide.
    """
    found = _values(snapshot, (NETWORK, institute.key))
    return _outlook(snapshot, institute, found.get(institute.key, {}), found.get(NETWORK, {}))


def outlook_to_read(actor: Actor, institute: str) -> Outlook:
    """The outlook of an institute on the newest figures; raises NotFound. Three queries."""
    snapshot = current_snapshot() if may_read_part(actor, institute) else None
    name = next((one for one in institute_names() if one.key == institute), None)
    outlook = outlook_of(snapshot, name) if snapshot and name else None
    if outlook is None:
        raise NotFound(NO_OUTLOOK, code="no_outlook")
    return outlook


def outlooks_visible_to(actor: Actor, snapshot: Snapshot) -> tuple[Outlook, ...]:
    """The outlooks of every institute that the actor may read and that goes on, most urgent first.

    Two queries, whatever the number of institutes.
    """
    names = [one for one in institute_names() if may_read_part(actor, one.key)]
    found = _values(snapshot, (NETWORK, *(one.key for one in names)))
    network = found.get(NETWORK, {})
    outlooks = (
        _outlook(snapshot, one, found[one.key], network)
        for one in names
        if one.key in found and not _is_terminated(found[one.key], snapshot)
    )
    return tuple(sorted((one for one in outlooks if one is not None), key=urgency))


def urgency(outlook: Outlook) -> tuple[int, int, int, str]:
    """What outlooks are sorted by: when the money is spent, then at the low end, then coverage."""
    found = outlook.projection
    never = MONTHS * 1000
    return (
        never if found.runway_months is None else found.runway_months,
        never if found.runway_low_months is None else found.runway_low_months,
        found.coverage_bp or 0,
        outlook.institute.key,
    )


def may_read_outlooks(actor: Actor) -> bool:
    """Whether there is any institute whose outlook the actor may read."""
    return actor.is_network_staff or bool(actor.staff_institute_keys)


def years_with_records(actor: Actor) -> frozenset[int]:
    """The fiscal years whose figures open to their records for the actor; one query."""
    return frozenset(editions_visible_to(actor).values_list("fiscal_year", flat=True))


def month_after(day: date, months: int) -> date:
    """The first of the month that lies so many months after that of `day`."""
    place = day.year * MONTHS + day.month - 1 + months
    return date(place // MONTHS, place % MONTHS + 1, 1)


def months_between(earlier: date, later: date) -> int:
    """Whole months from a first of a month to a day; below zero where it lies before."""
    return (later.year - earlier.year) * MONTHS + later.month - earlier.month


# --------------------------------------------------------------------------------------- within


def _values(
    snapshot: Snapshot, institutes: Iterable[str]
) -> dict[str, dict[tuple[str, int, str], int]]:
    rows = FigureValue.objects.filter(
        snapshot=snapshot, figure__in=_READ, institute__in=tuple(institutes)
    ).values_list("institute", "figure", "fiscal_year", "dimension", "numerator")
    found: dict[str, dict[tuple[str, int, str], int]] = {}
    for institute, figure, year, dimension, numerator in rows:
        if numerator is not None:
            found.setdefault(institute, {})[figure, year, dimension] = numerator
    return found


def _is_terminated(values: Values, snapshot: Snapshot) -> bool:
    return bool(values.get((STATUS_FIGURE, snapshot.last_year, TERMINATED)))


def _outlook(
    snapshot: Snapshot, institute: InstituteName, values: Values, network: Values
) -> Outlook | None:
    """None where no year that has ended holds money of the institute."""
    rule = profile_in_use().fiscal_year_rule
    ended = rule.period_of(snapshot.taken_at.date()).year - 1
    last = max(_years(network, ended), default=None)
    first = min(_years(values, ended), default=None)
    if first is None or last is None:
        return None
    records_end = rule.period(last).ends_on
    award_ends_on = _award_end(values, snapshot)
    is_lagging = last < ended
    elapsed = 0 if is_lagging else months_between(records_end, snapshot.taken_at.date())
    books = _books(values, range(first, last + 1), snapshot, elapsed=elapsed)
    if award_ends_on is not None:
        books = replace(books, award_months=months_between(records_end, award_ends_on))
    return Outlook(
        institute=institute,
        snapshot=snapshot,
        books=books,
        projection=project(books),
        records_end=records_end,
        counted_from=month_after(records_end, elapsed),
        award_ends_on=award_ends_on,
        is_lagging=is_lagging,
        recorded_streams=_recorded_streams(values),
    )


def _years(values: Values, until: int) -> set[int]:
    """The years, up to that one, in which any money is recorded; an estimate is no record."""
    return {
        year
        for (figure, year, dimension), number in values.items()
        if figure in _RECORDED and not dimension and number and year <= until
    }


def _award_end(values: Values, snapshot: Snapshot) -> date | None:
    days = values.get((AWARD_FIGURE, snapshot.last_year, ""))
    if days is None:
        return None
    return profile_in_use().fiscal_year(snapshot.last_year).ends_on + timedelta(days=days)


def _books(values: Values, years: range, snapshot: Snapshot, *, elapsed: int) -> Books:
    """The books of these years; what may be drawn counts from the end of the last of them."""
    base = _series(values, BASE_FIGURE, years)
    cash = _series(values, CASH_FIGURE, years)
    own = _own_streams(values, years)
    own_by_year = [sum(amounts) for amounts in zip(*(one.amounts for one in own), strict=True)]
    beyond = tuple(max(paid - held, 0) for paid, held in zip(cash, own_by_year, strict=True))
    streams = (*own, Stream(PARTNERS, beyond))
    since = range(years.stop, snapshot.last_year + 1)
    left = values.get((UNDRAWN_FIGURE, snapshot.last_year, ""), 0)
    return Books(
        first_year=years.start,
        base=base,
        in_kind=_series(values, IN_KIND_FIGURE, years),
        costs=(base, *(one.amounts for one in streams)),
        streams=streams,
        members=values.get((MEMBERS_FIGURE, snapshot.last_year, ""), 0),
        base_left=left + sum(_series(values, BASE_FIGURE, since)),
        elapsed_months=elapsed,
    )


def _own_streams(values: Values, years: range) -> tuple[Stream, ...]:
    """Own income by stream, as recorded; dues, where nobody recorded any, as estimated.

    Dues and services are there in any case, since levers move them.
    """
    recorded = _recorded_streams(values)
    keys = [one.key for one in profile_in_use().income_streams]
    wanted = recorded | {DUES, SERVICES}
    return tuple(
        Stream(
            key,
            _series(values, DUES_FIGURE, years)
            if key == DUES and key not in recorded
            else _series(values, INCOME_FIGURE, years, key),
        )
        for key in (*keys, *sorted(wanted - set(keys)))
        if key in wanted
    )


def _recorded_streams(values: Values) -> frozenset[str]:
    return frozenset(
        stream
        for (figure, _year, stream), number in values.items()
        if figure == INCOME_FIGURE and stream and number
    )


def _series(values: Values, figure: str, years: range, dimension: str = "") -> tuple[int, ...]:
    """One amount a year; what went back beyond what came in a year counts as nothing."""
    return tuple(max(values.get((figure, year, dimension), 0), 0) for year in years)
