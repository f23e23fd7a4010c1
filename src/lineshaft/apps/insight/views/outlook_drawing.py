"""From an outlook to what its pages draw: tiles, mix, forecast, what levers change, method."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.queries import Outlook
from lineshaft.apps.insight.views import outlook_wording as words
from lineshaft.apps.insight.views.drawing import Drawing
from lineshaft.engines.economics import (
    DUES,
    INTERVAL_BP,
    PARTNERS,
    YEARS_BEYOND,
    BackTest,
    Books,
    Expected,
    Levers,
    Projection,
    Stream,
    Verdict,
    coverage_bp,
    diversity,
)
from lineshaft.kernel.money import Money
from lineshaft.web import charts, formats
from lineshaft.web.pages import Tile
from lineshaft.web.tables import Cell, Column, Row, Table

_BASE_LABEL: Final = gettext_lazy("Base money")
_IN_KIND_LABEL: Final = gettext_lazy("In kind")
_MILLION: Final = 1_000_000


def outlook_context(outlook: Outlook, levers: Levers, opened: Collection[int]) -> dict[str, Any]:
    """Everything that an institute's page shows; `opened` are the years that open to records."""
    is_moved = levers != Levers()
    shown = outlook.under(levers) if is_moved else outlook.projection
    return {
        "title": words.title_text(outlook, shown),
        "tag": words.verdict_tag(shown),
        "is_moved": is_moved,
        "tiles": _tiles(outlook, shown),
        "reasons": words.reason_texts(outlook, shown),
        "mix": _mix(outlook, opened),
        "forecast": _forecast(outlook, shown),
        "compared": _compared(outlook, shown) if is_moved else None,
        "method": _method(),
        "tests": _tests_table(outlook.projection),
        "missing": _missing(outlook),
        "lag": words.lag_text(outlook),
    }


def outlooks_table(outlooks: Sequence[Outlook]) -> Table:
    """One row for each institute: how it stands, until when, why."""
    rows = tuple(_outlook_row(one) for one in outlooks)
    return Table(
        caption=_("How long each institute’s money lasts, most urgent first"),
        columns=(
            Column("institute", _("Institute")),
            Column("verdict", _("Standing")),
            Column("until", _("Money lasts until"), is_short=True),
            Column("low", _("At the low end"), is_short=True),
            Column("coverage", _("Cost paid by own income"), is_number=True),
            Column("sources", _("Effective sources"), is_number=True),
            Column("award", _("Award ends"), is_short=True),
            Column("why", _("Why")),
        ),
        rows=rows,
        empty=_("No institute that you may read has recorded money in a year that has ended."),
        is_stacked=True,
    )


def _outlook_row(one: Outlook) -> Row:
    found = one.projection
    tag = words.verdict_tag(found)
    return Row(
        (
            Cell(words.name_text(one), reverse("insight:show_outlook", args=[one.institute.key])),
            Cell(tag.text, tag=tag.tone),
            Cell(words.until_text(one, found)),
            Cell(words.until_low_text(one, found)),
            Cell(formats.percent_bp(found.coverage_bp, 0)),
            Cell(words.sources_text(found.diversity)),
            Cell(words.award_end_text(one)),
            Cell(words.reasons_text(one, found)),
        )
    )


def network_tiles(outlooks: Sequence[Outlook]) -> tuple[Tile, ...]:
    """The institutes together, in the last recorded year."""
    if not outlooks:
        return ()
    books = [one.books for one in outlooks]
    own = sum(one.own(len(one.base) - 1) for one in books)
    cost = sum(one.cost(len(one.base) - 1) for one in books)
    sources = _sources_together(books)
    period = formats.fiscal_year(books[0].years[-1])
    soon = sum(1 for one in outlooks if one.projection.is_urgent)
    return (
        Tile(_("Money spent within two years"), formats.number(soon), unit=_("institutes")),
        Tile(
            _("Cost paid by own income"),
            formats.percent_bp(coverage_bp(own, cost), 0),
            source=_("all of them together"),
            period=period,
        ),
        Tile(
            _("Cost paid by base money"),
            formats.millions(cost - own),
            unit=formats.millions_unit(),
            period=period,
        ),
        Tile(
            _("Effective sources"),
            words.sources_text(diversity(sources)),
            source=_("1 is a single source"),
            period=period,
        ),
    )


def _sources_together(books: Iterable[Books]) -> tuple[int, ...]:
    """What each source brought in the last year; not every institute has every stream."""
    found = Counter[str]()
    for one in books:
        found["base money"] += one.base[-1]
        found["in kind"] += one.in_kind[-1]
        for stream in one.streams:
            found[f"stream {stream.key}"] += stream.amounts[-1]
    return tuple(found.values())


def _in_millions(amount: int) -> Decimal:
    return Money(amount, formats.profile().currency).amount / _MILLION


# ----------------------------------------------------------------------------------------- drawings


def _tiles(outlook: Outlook, shown: Projection) -> tuple[Tile, ...]:
    last = formats.fiscal_year(outlook.books.years[-1])
    runway = shown.runway_months
    return (
        Tile(
            _("Runway"),
            formats.number(runway) if runway is not None else words.until_text(outlook, shown),
            unit=_("months") if runway is not None else "",
            source=_("until the money in hand is spent"),
            period=_("from %(month)s") % {"month": words.month_text(outlook, 0)},
        ),
        Tile(
            _("Cost paid by own income"),
            formats.percent_bp(shown.coverage_bp, 0),
            source=_("without base money, in cash"),
            period=last,
        ),
        Tile(
            _("Effective sources"),
            words.sources_text(shown.diversity),
            source=_("1 is a single source"),
            period=last,
        ),
        Tile(
            _("Left of the award"),
            formats.millions(outlook.books.base_left),
            unit=formats.millions_unit(),
            source=_("award ends: %(month)s") % {"month": words.award_end_text(outlook)},
            period=_("from %(month)s") % {"month": formats.month_local(outlook.records_end)},
        ),
    )


def _mix(outlook: Outlook, opened: Collection[int]) -> Drawing:
    """Where the income came from, year by year."""
    books = outlook.books
    sums = [
        (str(_BASE_LABEL), books.base),
        *(
            (words.stream_label(outlook, one.key), one.amounts)
            for one in books.streams
            if one.key in {DUES, PARTNERS}
        ),
        (
            _("Other own income"),
            tuple(
                sum(one.amounts[place] for one in books.streams if one.key not in {DUES, PARTNERS})
                for place in range(len(books.base))
            ),
        ),
        (str(_IN_KIND_LABEL), books.in_kind),
    ]
    parts = [(label, amounts) for label, amounts in sums if any(amounts)]
    bars = [
        charts.StackedBar(
            formats.fiscal_year(year),
            tuple(_in_millions(amounts[place]) for _label, amounts in parts),
            formats.millions(sum(books.sources(place))),
        )
        for place, year in enumerate(books.years)
    ]
    last = len(books.base) - 1
    finding = _(
        "In %(year)s base money was %(base)s of %(all)s; the income came as if from %(sources)s "
        "sources of equal size."
    ) % {
        "year": formats.fiscal_year(books.years[-1]),
        "base": formats.millions(books.base[last]),
        "all": formats.money_in_millions(sum(books.sources(last))),
        "sources": words.sources_text(diversity(books.sources(last))),
    }
    return Drawing(
        charts.stacked_bar_chart(
            bars,
            parts=[label for label, _amounts in parts],
            title_alt=finding,
            y_label=_("Fiscal year"),
            unit=formats.millions_unit(),
        ),
        finding,
        _("snapshot %(hash)s") % {"hash": outlook.snapshot.short_hash},
        _mix_table(outlook, opened),
    )


def _mix_table(outlook: Outlook, opened: Collection[int]) -> Table:
    """Income by source and year, with what each year's mix says."""
    books = outlook.books
    rows = tuple(
        Row(
            (
                Cell(formats.fiscal_year(year)),
                _amount(books.base[place], outlook, year, queries.BASE_FIGURE, opened),
                *(_stream_cell(one, place, outlook, opened) for one in books.streams),
                _amount(books.in_kind[place], outlook, year, queries.IN_KIND_FIGURE, opened),
                Cell(formats.millions(sum(books.sources(place)))),
                Cell(formats.percent_bp(coverage_bp(books.own(place), books.cost(place)), 0)),
                Cell(words.sources_text(diversity(books.sources(place)))),
            )
        )
        for place, year in enumerate(books.years)
    )
    return Table(
        caption=_("Income by source and fiscal year, %(unit)s") % {"unit": formats.millions_unit()},
        columns=(
            Column("year", _("Fiscal year")),
            Column("base", str(_BASE_LABEL), is_number=True),
            *(
                Column(one.key, words.stream_label(outlook, one.key), is_number=True)
                for one in books.streams
            ),
            Column("in_kind", str(_IN_KIND_LABEL), is_number=True),
            Column("total", _("Together"), is_number=True),
            Column("coverage", _("Cost paid by own income"), is_number=True),
            Column("sources", _("Effective sources"), is_number=True),
        ),
        rows=rows,
    )


def _stream_cell(stream: Stream, place: int, outlook: Outlook, opened: Collection[int]) -> Cell:
    """A stream's amount of a year, open to its entries, or to the records it is estimated from."""
    minor, year = stream.amounts[place], outlook.books.years[place]
    if stream.key == PARTNERS:
        return _amount(minor, outlook, year, queries.CASH_FIGURE, opened)
    if stream.key not in outlook.recorded_streams:
        return _amount(minor, outlook, year, "memberships.memberships", opened)
    period = queries.profile_in_use().fiscal_year(year)
    url = reverse("funding:list_own_income", args=[outlook.institute.key])
    asked = {
        "stream": stream.key,
        "since": period.starts_on.isoformat(),
        "before": period.ends_on.isoformat(),
    }
    return Cell(formats.millions(minor), f"{url}?{urlencode(asked)}" if minor else None)


def _amount(minor: int, outlook: Outlook, year: int, figure: str, opened: Collection[int]) -> Cell:
    """An amount that opens to its records, where the reader has a report of the year to open."""
    text = formats.millions(minor)
    if year not in opened or not minor:
        return Cell(text)
    url = reverse("insight:list_records", args=[year, figure])
    return Cell(text, f"{url}?{urlencode({'institute': outlook.institute.key})}")


def _forecast(outlook: Outlook, shown: Projection) -> Drawing:
    """Own income and cost as recorded and as forecast, with their intervals, and base money."""
    books = outlook.books
    past = range(len(books.base))
    cost = [books.cost(place) for place in past]
    own = [books.own(place) for place in past]
    lines = [
        charts.Line(words.cost_label(), _points(outlook, cost, [one.cost for one in shown.years])),
        charts.Line(
            _("Own income"),
            _points(outlook, own, [one.own for one in shown.years]),
            is_marked=shown.verdict is not Verdict.STANDS,
        ),
        charts.Line(
            str(_BASE_LABEL),
            _points(outlook, books.base, [Expected(one.base, None, None) for one in shown.years]),
        ),
    ]
    last = shown.years[-1]
    finding = _(
        "From %(first)s on forecast: in %(year)s own income is %(own)s against a cost of %(cost)s."
    ) % {
        "first": formats.fiscal_year(shown.years[0].year),
        "year": formats.fiscal_year(last.year),
        "own": formats.money_in_millions(last.own.amount),
        "cost": formats.money_in_millions(last.cost.amount),
    }
    return Drawing(
        charts.line_chart(
            lines, title_alt=finding, x_label=_("Fiscal year"), unit=formats.millions_unit()
        ),
        finding,
        _("snapshot %(hash)s; bands hold %(share)s of outcomes")
        % {
            "hash": outlook.snapshot.short_hash,
            "share": formats.percent_bp(INTERVAL_BP),
        },
        _forecast_table(outlook, shown),
    )


def _points(
    outlook: Outlook, past: Sequence[int], to_come: Sequence[Expected]
) -> tuple[charts.LinePoint, ...]:
    books = outlook.books
    recorded = [
        charts.LinePoint(str(year), _in_millions(amount))
        for year, amount in zip(books.years, past, strict=True)
    ]
    first = books.years[-1] + 1
    expected = [
        charts.LinePoint(
            str(first + place),
            _in_millions(one.amount),
            formats.millions(one.amount),
            low=None if one.low is None else _in_millions(one.low),
            high=None if one.high is None else _in_millions(one.high),
        )
        for place, one in enumerate(to_come)
    ]
    return (*recorded, *expected)


def _forecast_table(outlook: Outlook, shown: Projection) -> Table:
    """Every year of the forecast with its parts, intervals, and what is in hand at its end."""
    keys = [key for key, _each in shown.years[0].streams]
    rows = tuple(
        Row(
            (
                Cell(formats.fiscal_year(year.year)),
                Cell(formats.millions(year.base)),
                *(Cell(formats.millions(each.amount)) for _key, each in year.streams),
                Cell(_with_range(year.own)),
                Cell(_with_range(year.cost)),
                Cell(formats.percent_bp(year.coverage_bp, 0)),
                Cell(formats.millions(year.balance)),
                Cell(formats.millions(year.in_kind)),
            )
        )
        for year in shown.years
    )
    return Table(
        caption=_("Forecast by fiscal year, %(unit)s; in brackets the interval of %(share)s")
        % {"unit": formats.millions_unit(), "share": formats.percent_bp(INTERVAL_BP)},
        columns=(
            Column("year", _("Fiscal year")),
            Column("base", str(_BASE_LABEL), is_number=True),
            *(Column(key, words.stream_label(outlook, key), is_number=True) for key in keys),
            Column("own", _("Own income"), is_number=True),
            Column("cost", words.cost_label(), is_number=True),
            Column("coverage", _("Cost paid by own income"), is_number=True),
            Column("balance", _("In hand at the end"), is_number=True),
            Column("in_kind", str(_IN_KIND_LABEL), is_number=True),
        ),
        rows=rows,
    )


def _with_range(expected: Expected) -> str:
    text = formats.millions(expected.amount)
    if expected.low is None or expected.high is None:
        return text
    return f"{text} ({formats.millions(expected.low)}–{formats.millions(expected.high)})"


def _compared(outlook: Outlook, shown: Projection) -> Table:
    """What the levers change."""
    before = outlook.projection
    last = min(len(before.years), len(shown.years)) - 1
    ends = [one.years[last] for one in (before, shown)]
    year = formats.fiscal_year(ends[0].year)
    rows = (
        (
            _("Base money stops"),
            *(words.month_text(outlook, one.award_months) for one in (before, shown)),
        ),
        (_("Money lasts until"), *(words.until_text(outlook, one) for one in (before, shown))),
        (_("At the low end"), *(words.until_low_text(outlook, one) for one in (before, shown))),
        (
            _("Own income in %(year)s") % {"year": year},
            *(formats.money_in_millions(one.own.amount) for one in ends),
        ),
        (
            _("Cost in %(year)s") % {"year": year},
            *(formats.money_in_millions(one.cost.amount) for one in ends),
        ),
        (
            _("In hand at the end of %(year)s") % {"year": year},
            *(formats.money_in_millions(one.balance) for one in ends),
        ),
    )
    return Table(
        caption=_("What your changes do"),
        columns=(
            Column("measure", _("Measure")),
            Column("recorded", _("As recorded"), is_number=True),
            Column("changed", _("Under your changes"), is_number=True),
        ),
        rows=tuple(Row(tuple(Cell(text) for text in row)) for row in rows),
    )


def _method() -> tuple[str, ...]:
    """How the forecast is made, in sentences."""
    return (
        _(
            "Each source of own income, and each part of the cost, goes on by its damped trend "
            "(Gardner and McKenzie 1985): level and trend are smoothed over the recorded years, "
            "and the trend fades from year to year."
        ),
        _(
            "The intervals come from the errors that the method makes on the recorded years: made "
            "to hold %(share)s of outcomes, and wider with the root of the years ahead."
        )
        % {"share": formats.percent_bp(INTERVAL_BP)},
        _(
            "Base money pays what own income leaves uncovered, up to what is left of the award, "
            "and stops with it; the forecast reaches %(years)s years beyond. What comes in kind "
            "pays no bill."
        )
        % {"years": formats.number(YEARS_BEYOND)},
        _(
            "Effective sources is the reciprocal of the sum of squared shares (Herfindahl and "
            "Hirschman; Laakso and Taagepera 1979): three equal sources give 3, a single one 1."
        ),
        _(
            "An award terminated for convenience stops on its day, whatever is left of it, as "
            "SMART USA met it in December 2025, about a year into a five-year award of 285 M$ and "
            "with its targets met."
        ),
    )


def _tests_table(shown: Projection) -> Table:
    """How the method did on the recorded years."""
    rows = tuple(
        Row(
            (
                Cell(label),
                Cell(formats.number(test.forecasts)),
                Cell(formats.money_in_millions(test.mean_error) if test.forecasts else "–"),
                Cell(formats.percent_bp(test.error_bp, 0)),
                Cell(formats.number(test.intervals)),
                Cell(_held(test)),
            )
        )
        for label, test in (
            (_("Own income"), shown.own_test),
            (words.cost_label(), shown.cost_test),
        )
    )
    return Table(
        caption=_("Back-test: each recorded year forecast from the years before it"),
        columns=(
            Column("what", _("Forecast of")),
            Column("forecasts", _("Forecasts"), is_number=True),
            Column("error", _("Mean error"), is_number=True),
            Column("relative", _("Errors over outcomes"), is_number=True),
            Column("intervals", _("With an interval"), is_number=True),
            Column(
                "held",
                _("Outcomes in it (wanted: %(share)s)")
                % {"share": formats.percent_bp(INTERVAL_BP)},
                is_number=True,
            ),
        ),
        rows=rows,
    )


def _held(test: BackTest) -> str:
    return formats.percent_bp(test.coverage_bp, 0)


def _missing(outlook: Outlook) -> tuple[str, ...]:
    """What is not recorded, so that nobody takes an estimate for a record."""
    dues = _(
        "Dues are estimated from memberships at the list price of their tier, until somebody "
        "records what was paid."
    )
    streams = _(
        "Own income by stream: fees for services and other income count only as far as they were "
        "accepted as cash contributions."
    )
    return (
        *(() if words.has_recorded_dues(outlook) else (dues,)),
        *(() if outlook.recorded_streams else (streams,)),
        _(
            "Where partners’ cash comes from: it is what was accepted as cash contributions beyond "
            "the institute’s own income of the year, so that no money counts twice."
        ),
        _(
            "Cost beyond the award: all cash that came in is taken as spent in its year, so cost "
            "is base money drawn and own income."
        ),
        _("Reserves: none is counted unless you enter one."),
    )
