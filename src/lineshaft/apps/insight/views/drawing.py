"""From a report's values to what its pages draw: tiles, charts, tables, tags."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lineshaft.apps.insight.models import (
    EDITION_STATE_LABELS,
    PART_STATE_LABELS,
    PublishedValue,
    ReportEdition,
)
from lineshaft.apps.insight.queries import Measured, PartStanding, Report, ReportFigure
from lineshaft.apps.insight.rules import EditionState, PartState
from lineshaft.apps.insight.services import wording
from lineshaft.engines.analytics.figures import FigureDefinition, FigureKind
from lineshaft.web import charts, formats
from lineshaft.web.pages import Step, Tag, Tile, Tone
from lineshaft.web.tables import Cell, Column, Row, Table

TILES: Final = (
    "memberships.members",
    "memberships.sme_share",
    "funding.federal_obligated",
    "funding.cost_share_total",
    "funding.match_ratio",
)
INSTITUTE_COLUMNS: Final = (
    "memberships.members",
    "memberships.sme_share",
    "funding.federal_obligated",
    "funding.federal_drawn",
    "funding.cost_share_cash",
    "funding.cost_share_in_kind",
    "funding.match_ratio",
)
MONEY_PARTS: Final = (
    "funding.federal_obligated",
    "funding.cost_share_cash",
    "funding.cost_share_in_kind",
)
_EVEN_MATCH: Final = Decimal(1)
_EDITION_TONES: Final[Mapping[str, Tone]] = {
    EditionState.DRAFT.value: "due",
    EditionState.PUBLISHED.value: "ok",
    EditionState.RESTATED.value: "quiet",
}
_CONFIDENCE_TONES: Final[Mapping[str, Tone]] = {"high": "ok", "medium": "quiet", "low": "due"}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its caption and the table of its numbers."""

    svg: SafeString | str
    caption: str
    source: str
    table: Table


def edition_tag(edition: ReportEdition) -> Tag:
    """The state of an edition as a word."""
    return Tag(
        str(EDITION_STATE_LABELS[EditionState(edition.state)]), _EDITION_TONES[edition.state]
    )


def part_tag(standing: PartStanding) -> Tag:
    """Whether a part is attested, as a word."""
    if standing.is_stale:
        return Tag(_("Changed since it was attested"), "bad")
    tone: Tone = "ok" if standing.is_attested else "due"
    return Tag(str(PART_STATE_LABELS[PartState(standing.part.state)]), tone)


def figure_url(report: Report, figure_id: str) -> str:
    """Where a figure of this report opens."""
    return _of_edition(report, reverse("insight:show_figure", args=[report.period.year, figure_id]))


def records_url(report: Report, figure_id: str, institute: str = "") -> str:
    """Where the records behind a value open."""
    url = reverse("insight:list_records", args=[report.period.year, figure_id])
    return f"{url}?institute={institute}" if institute else url


def tiles(report: Report, trends: Mapping[str, Sequence[Measured]]) -> tuple[Tile, ...]:
    """The report's first numbers, each opening to its figure, with the years before."""
    return tuple(_tile(report, report.figure(name), trends.get(name, ())) for name in TILES)


def members_by_kind(report: Report) -> Drawing | None:
    """Who the members are; None where there are none."""
    figure = report.figure("memberships.members_by_kind")
    if not figure.by_dimension:
        return None
    bars = [
        charts.Bar(
            wording.dimension_text(figure.definition, one.dimension),
            one.numerator or 0,
            wording.measured_text(one),
        )
        for one in figure.by_dimension
    ]
    first = bars[0]
    finding = _("%(kind)s is the largest kind: %(number)s of %(total)s members.") % {
        "kind": first.label,
        "number": first.text,
        "total": wording.measured_text(figure.total),
    }
    rows = tuple(
        Row((Cell(bar.label), Cell(bar.text, records_url(report, figure.definition.id))))
        for bar in bars
    )
    return Drawing(
        charts.bar_chart(bars, title_alt=finding, y_label=_("Kind of organisation")),
        finding,
        source_text(report, figure.definition),
        Table(
            caption=caption_text(report, figure.definition),
            columns=(
                Column("kind", _("Kind of organisation")),
                Column("members", _("Members"), is_number=True),
            ),
            rows=rows,
        ),
    )


def money_by_year(report: Report, trends: Mapping[str, Sequence[Measured]]) -> Drawing | None:
    """Where the money came from, year by year; None where there was none."""
    amounts: dict[int, dict[str, int]] = {}
    for name in MONEY_PARTS:
        for one in trends.get(name, ()):
            amounts.setdefault(one.fiscal_year, {})[name] = one.numerator or 0
    years = sorted(year for year, parts in amounts.items() if any(parts.values()))
    if not years:
        return None
    names = [wording.title_text(report.figure(name).definition) for name in MONEY_PARTS]
    bars = [
        charts.StackedBar(
            formats.fiscal_year(year),
            tuple(Decimal(amounts[year].get(name, 0)) for name in MONEY_PARTS),
            formats.millions(sum(amounts[year].values())),
        )
        for year in years
    ]
    finding = _("In %(period)s the institutes had %(money)s in all.") % {
        "period": formats.fiscal_year(years[-1]),
        "money": formats.money_in_millions(sum(amounts[years[-1]].values())),
    }
    rows = tuple(
        Row(
            (
                Cell(formats.fiscal_year(year)),
                *(Cell(formats.millions(amounts[year].get(name, 0))) for name in MONEY_PARTS),
                Cell(formats.millions(sum(amounts[year].values()))),
            )
        )
        for year in years
    )
    columns = (
        Column("year", _("Fiscal year")),
        *(Column(f"part{place}", name, is_number=True) for place, name in enumerate(names)),
        Column("total", _("Together"), is_number=True),
    )
    return Drawing(
        charts.stacked_bar_chart(
            bars,
            parts=names,
            title_alt=finding,
            y_label=_("Fiscal year"),
            unit=formats.millions_unit(),
        ),
        finding,
        _("snapshot %(hash)s") % {"hash": report.snapshot.short_hash},
        Table(
            caption=_("Money by fiscal year, %(unit)s") % {"unit": formats.millions_unit()},
            columns=columns,
            rows=rows,
        ),
    )


def match_by_institute(report: Report) -> Drawing | None:
    """How far each institute's own money goes; None where no ratio can be given."""
    figure = report.figure("funding.match_ratio")
    ratios = [(one, one.value) for one in figure.by_institute]
    known = sorted(
        ((one, value) for one, value in ratios if value is not None),
        key=lambda pair: (-pair[1], pair[0].institute),
    )
    if not known:
        return None
    language = _language()
    bars = [
        charts.Bar(
            report.institute(one.institute).name_in(language),
            value,
            formats.number(value, figure.definition.decimals),
            is_marked=value < _EVEN_MATCH,
        )
        for one, value in known
    ]
    even = sum(1 for _one, value in known if value >= _EVEN_MATCH)
    finding = _("%(even)s of %(all)s institutes brought at least as much as they were given.") % {
        "even": formats.number(even),
        "all": formats.number(len(known)),
    }
    rows = tuple(
        Row(
            (
                Cell(bar.label, _institute_url(one.institute)),
                Cell(bar.text, records_url(report, figure.definition.id, one.institute)),
            )
        )
        for bar, (one, _value) in zip(bars, known, strict=True)
    )
    return Drawing(
        charts.bar_chart(
            bars,
            title_alt=finding,
            y_label=_("Institute"),
            x_label=wording.title_text(figure.definition),
            reference=charts.Reference(_EVEN_MATCH, "1 : 1"),
        ),
        finding,
        source_text(report, figure.definition),
        Table(
            caption=caption_text(report, figure.definition),
            columns=(
                Column("institute", _("Institute")),
                Column("ratio", wording.title_text(figure.definition), is_number=True),
            ),
            rows=rows,
        ),
    )


def institutes_map(report: Report) -> Drawing | None:
    """Where the reporting institutes are; None where no map ships or none has a place."""
    reporting = {one.institute for one in report.figure("memberships.members").by_institute}
    language = _language()
    placed = [
        (one, one.latitude, one.longitude)
        for one in report.institutes
        if one.key in reporting and one.latitude is not None and one.longitude is not None
    ]
    points = [
        charts.MapPoint(one.name_in(language), latitude, longitude)
        for one, latitude, longitude in placed
    ]
    finding = _("%(number)s institutes with members in %(period)s.") % {
        "number": formats.number(len(reporting)),
        "period": formats.fiscal_year(report.period.year),
    }
    drawn = charts.point_map(points, title_alt=finding, base=formats.profile().map_key)
    if not points or not drawn:
        return None
    members = report.figure("memberships.members")
    rows = tuple(
        Row(
            (
                Cell(one.name_in(language), _institute_url(one.key)),
                Cell(wording.institute_text(members, one.key)),
            )
        )
        for one, _latitude, _longitude in placed
    )
    return Drawing(
        drawn,
        finding,
        source_text(report, members.definition),
        Table(
            caption=finding,
            columns=(
                Column("institute", _("Institute")),
                Column("members", _("Members"), is_number=True),
            ),
            rows=rows,
        ),
    )


def institutes_table(report: Report) -> Table:
    """One row for each reporting institute, each number opening to its records."""
    figures = [report.figure(name) for name in INSTITUTE_COLUMNS]
    reporting = {one.institute for figure in figures for one in figure.by_institute}
    language = _language()
    rows = tuple(
        Row(
            (
                Cell(one.name_in(language), _institute_url(one.key)),
                *(
                    Cell(
                        short_text(figure, one.key),
                        records_url(report, figure.definition.id, one.key),
                    )
                    for figure in figures
                ),
            )
        )
        for one in report.institutes
        if one.key in reporting
    )
    total = tuple(
        Cell(_short(figure.definition, figure.total), figure_url(report, figure.definition.id))
        for figure in figures
    )
    return Table(
        caption=_("Institutes in %(period)s; money in %(unit)s; as of %(as_of)s")
        % {
            "period": formats.fiscal_year(report.period.year),
            "unit": formats.millions_unit(),
            "as_of": formats.date_local(report.snapshot.taken_at),
        },
        columns=(
            Column("institute", _("Institute")),
            *(
                Column(figure.definition.id, wording.title_text(figure.definition), is_number=True)
                for figure in figures
            ),
        ),
        rows=rows,
        foot=(Cell(_("Network")), *total),
        empty=_("No institute has members or money in this fiscal year."),
    )


def figures_table(report: Report) -> Table:
    """Every figure of the report with its value, and what others published beside it."""
    rows = tuple(
        Row(
            (
                Cell(
                    wording.title_text(figure.definition), figure_url(report, figure.definition.id)
                ),
                Cell(wording.measured_text(figure.total), figure_url(report, figure.definition.id)),
                Cell(
                    wording.unit_text(figure.definition)
                    if figure.definition.kind is FigureKind.COUNT
                    else ""
                ),
                Cell("; ".join(wording.published_text(value) for value in figure.published)),
            )
        )
        for figure in report.figures
    )
    return Table(
        caption=_("Figures of %(period)s, and what others published for the same year")
        % {"period": formats.fiscal_year(report.period.year)},
        columns=(
            Column("figure", _("Figure")),
            Column("value", _("Value"), is_number=True),
            Column("unit", _("Unit")),
            Column("published", _("Published by others"), is_number=True),
        ),
        rows=rows,
    )


def published_table(values: Iterable[PublishedValue], *, with_period: bool) -> Table:
    """What others published, conflicting values one under the other."""
    columns = (
        Column("value", _("Published value"), is_number=True),
        Column("measure", _("Measure")),
        *((Column("period", _("Period")),) if with_period else ()),
        Column("qualifier", _("Qualifier")),
        Column("source", _("Source")),
        Column("confidence", _("Confidence")),
    )
    rows = tuple(
        Row(
            (
                Cell(wording.published_text(value)),
                Cell(formats.local_name(value)),
                *((Cell(value.period),) if with_period else ()),
                Cell(value.qualifier, lang="en")
                if value.qualifier
                else Cell(str(wording.PRECISION_LABELS[value.precision])),
                Cell(value.source, lang="en", note=value.note),
                Cell(
                    str(wording.CONFIDENCE_LABELS[value.confidence]),
                    tag=_CONFIDENCE_TONES.get(value.confidence, "quiet"),
                ),
            )
        )
        for value in values
    )
    return Table(
        caption=_("Published by others; never part of the computed value"),
        columns=columns,
        rows=rows,
        empty=_("Nobody has published a value to set beside this one."),
        is_stacked=True,
    )


def parts_table(report: Report, parts: Sequence[PartStanding], *, opens: bool) -> Table:
    """Each institute's part and whether it is attested."""
    language = _language()
    rows = tuple(
        Row(
            (
                Cell(
                    one.institute.name_in(language),
                    reverse("insight:attest_part", args=[report.period.year, one.institute.key])
                    if opens
                    else None,
                ),
                Cell(part_tag(one).text, tag=part_tag(one).tone),
                Cell(formats.date_local(one.part.attested_at) if one.part.attested_at else ""),
                Cell(wording.attested_by(one.part)),
                Cell(one.part.note),
            )
        )
        for one in parts
    )
    return Table(
        caption=_("Attestation of %(period)s")
        % {"period": formats.fiscal_year(report.period.year)},
        columns=(
            Column("institute", _("Institute")),
            Column("state", _("State")),
            Column("on", _("Attested on")),
            Column("by", _("Attested by")),
            Column("note", _("Note")),
        ),
        rows=rows,
        is_stacked=True,
    )


def steps(edition: ReportEdition, parts: Sequence[PartStanding]) -> tuple[Step, ...]:
    """The way of an edition from its opening to its publication."""
    attested = sum(1 for one in parts if one.is_attested)
    progress = _("%(attested)s of %(all)s institutes") % {
        "attested": formats.number(attested),
        "all": formats.number(len(parts)),
    }
    is_complete = attested == len(parts)
    if edition.is_draft:
        return (
            Step(_("Opened"), "done", formats.date_local(edition.opened_at.date())),
            Step(_("Attested"), "done" if is_complete else "now", progress),
            Step(_("Published"), "now" if is_complete else "next"),
        )
    published = formats.date_local(edition.published_at.date() if edition.published_at else None)
    closed = (
        Step(_("Opened"), "done", formats.date_local(edition.opened_at.date())),
        Step(_("Attested"), "done", progress),
        Step(_("Published"), "done", published),
    )
    return (*closed, Step(_("Restated"), "done")) if edition.is_restated else closed


def short_text(figure: ReportFigure, institute: str) -> str:
    """One institute's value for a table whose caption gives the unit of money."""
    if figure.definition.kind is FigureKind.SUM:
        found = figure.of_institute(institute)
        return formats.millions(int(found.value or 0) if found else 0)
    return wording.institute_text(figure, institute)


def source_text(report: Report, definition: FigureDefinition) -> str:
    """Where a drawing's numbers come from."""
    return _("%(figure)s, version %(version)s, snapshot %(hash)s") % {
        "figure": wording.title_text(definition),
        "version": definition.version,
        "hash": report.snapshot.short_hash,
    }


def caption_text(report: Report, definition: FigureDefinition) -> str:
    """The caption of a table of one figure: what, when, as of."""
    return _("%(figure)s, %(period)s, as of %(as_of)s") % {
        "figure": wording.title_text(definition),
        "period": formats.fiscal_year(report.period.year),
        "as_of": formats.date_local(report.snapshot.taken_at),
    }


def report_context(report: Report) -> dict[str, Any]:
    """What every page of a report prints at its foot."""
    return {
        "report": report,
        "edition": report.edition,
        "snapshot": report.snapshot,
        "is_draft": report.is_draft,
    }


def _tile(report: Report, figure: ReportFigure, trend: Sequence[Measured]) -> Tile:
    definition = figure.definition
    values = [one.value for one in trend]
    if definition.kind is FigureKind.SUM:
        value = formats.millions(int(figure.total.value or 0))
        unit = formats.millions_unit()
    else:
        value = wording.measured_text(figure.total)
        unit = wording.unit_text(definition) if definition.kind is FigureKind.COUNT else ""
    published = "; ".join(wording.published_text(one) for one in figure.published[:2])
    return Tile(
        label=wording.title_text(definition),
        value=value,
        url=figure_url(report, definition.id),
        unit=unit,
        source=_("published: %(value)s") % {"value": published} if published else "",
        period=formats.fiscal_year(report.period.year),
        spark=charts.spark([one for one in values if one is not None]),
    )


def _short(definition: FigureDefinition, measured: Measured) -> str:
    if definition.kind is FigureKind.SUM:
        return formats.millions(int(measured.value or 0))
    return wording.measured_text(measured)


def _institute_url(key: str) -> str:
    return reverse("network:show_institute", args=[key])


def _of_edition(report: Report, url: str) -> str:
    """The address within an edition that is not the one a reader gets by default."""
    edition = report.edition
    if edition is None or edition.state == EditionState.PUBLISHED:
        return url
    return f"{url}?edition={edition.number}"


def _language() -> str:
    return "zh-hans" if formats.is_chinese() else "en"
