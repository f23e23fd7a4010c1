"""Pages of one figure, the records behind it, and an institute's figures."""

import csv
import io
import json
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.queries import Measured, Report, ReportFigure
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.views import drawing, records
from lineshaft.apps.network import queries as network
from lineshaft.engines.analytics.figures import FigureDefinition, FigureKind
from lineshaft.kernel.refusals import Citation
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.gates import pass_gate
from lineshaft.plumbing.limits import Gate
from lineshaft.web import charts, formats
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def show_figure(request: HttpRequest, year: int, figure: str) -> HttpResponse:
    """One figure: its value, by institute and by year, its definition, query, and records."""
    report = queries.report_to_read(actor_of(request), year, number=_edition_number(request))
    shown = report.figure(figure)
    definition = shown.definition
    trend = queries.values_by_year(report.snapshot, figures=[figure], until=year)[figure]
    return render_page(
        request,
        "insight/show_figure.html",
        {
            **drawing.report_context(report),
            "figure": shown,
            "definition": definition,
            "title": wording.figure_finding(report, shown),
            "lede": wording.definition_text(definition),
            "crumbs": _crumbs(report),
            "tag": drawing.edition_tag(report.edition) if report.edition else None,
            "chart": _chart_by_year(report, definition, trend),
            "institutes": _institutes_table(report, shown),
            "dimensions": _dimension_table(report, shown) if shown.by_dimension else None,
            "published": drawing.published_table(shown.published, with_period=False),
            "published_all": drawing.published_table(
                queries.published_of(definition), with_period=True
            ),
            "notes": sorted({_(one.figure_note) for one in shown.published if one.figure_note}),
            "citation": Citation(text=definition.authority, url=definition.authority_url or None),
            "facts": _facts(report, definition),
            "records": [
                Action(records.label(kind), _records_url(report, figure, kind))
                for kind in definition.records
            ],
            "downloads": [
                (form.upper(), reverse("insight:export_figure", args=[year, figure, form]))
                for form in ("csv", "json")
            ],
        },
    )


@require_GET
def export_figure(request: HttpRequest, year: int, figure: str, form: str) -> HttpResponse:
    """A figure's values of a year as CSV or JSON."""
    if form not in {"csv", "json"}:
        raise Http404
    actor = actor_of(request)
    report = queries.report_to_read(actor, year, number=_edition_number(request))
    shown = report.figure(figure)
    pass_gate(actor, Gate.EXPORT, now=clock.now(), name=f"{figure}.{form}")
    content = _as_csv(report, shown) if form == "csv" else _as_json(report, shown)
    response = HttpResponse(
        content, content_type="text/csv; charset=utf-8" if form == "csv" else "application/json"
    )
    mark = "-demonstration" if report.snapshot.is_demonstration else ""
    name = f"{shown.definition.id}-{report.period.year}{mark}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def list_records(request: HttpRequest, year: int, figure: str) -> HttpResponse:
    """The records that a figure counts, those that the reader may see, as they stand now."""
    actor = actor_of(request)
    definition = queries.figure_by_id(figure)
    institute = request.GET.get("institute", "")
    queries.check_records_readable(actor, year, institute)
    names = {one.key: one for one in queries.institute_names()}
    if institute and institute not in names:
        raise Http404
    kind = request.GET.get("of", "") or definition.records[0]
    if kind not in definition.records:
        raise Http404
    period = queries.profile_in_use().fiscal_year(year)
    shown = records.records_of(request, actor, kind, period, institute)
    name = names[institute].name_in(get_language() or "en") if institute else ""
    return render_page(
        request,
        "insight/list_records.html",
        {
            "title": records.title(kind, shown, period, name),
            "definition": definition,
            "lede": wording.definition_text(definition),
            "crumbs": (
                Crumb(_("Annual report"), reverse("insight:list_reports")),
                Crumb(formats.fiscal_year(year), reverse("insight:show_report", args=[year])),
                Crumb(
                    wording.title_text(definition),
                    reverse("insight:show_figure", args=[year, figure]),
                ),
            ),
            "records": shown,
            "kinds": [
                (records.label(one), _query(of=one, institute=institute), one == kind)
                for one in definition.records
            ],
            "is_signed_in": not actor.is_anonymous,
            "audit_url": _audit_url(kind, institute),
        },
    )


@require_GET
def show_institute_figures(request: HttpRequest, key: str) -> HttpResponse:
    """An institute's figures, year by year: as published, or the newest for its own staff."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    snapshot, until = queries.snapshot_to_read(actor, key)
    trends = (
        queries.values_by_year(
            snapshot,
            figures=[one.id for one in queries.figure_library().reported],
            institute=key,
            until=until,
        )
        if snapshot
        else {}
    )
    years = sorted({one.fiscal_year for values in trends.values() for one in values})[-6:]
    return render_page(
        request,
        "insight/show_institute_figures.html",
        {
            "institute": institute,
            "tabs": institute_tabs(key, "insight:show_institute_figures", actor),
            "crumbs": (
                Crumb(_("Institutes"), reverse("network:list_institutes")),
                Crumb(formats.local_name(institute), reverse("network:show_institute", args=[key])),
            ),
            "snapshot": snapshot,
            "until": until,
            "is_newest": queries.may_read_part(actor, key),
            "table": _years_table(trends, years),
            "chart": _match_chart(trends),
            "actions": _institute_actions(actor),
        },
    )


def _chart_by_year(
    report: Report, definition: FigureDefinition, trend: tuple[Measured, ...]
) -> drawing.Drawing | None:
    is_money = definition.kind is FigureKind.SUM
    points = [
        charts.LinePoint(
            formats.fiscal_year(one.fiscal_year),
            number / formats.MILLION if is_money else number,
            wording.value_text(definition, one.value),
        )
        for one in trend
        if (number := one.number) is not None
    ]
    rows = tuple(
        Row(
            (
                Cell(
                    formats.fiscal_year(one.fiscal_year),
                ),
                Cell(wording.exact_text(definition, one.value)),
            )
        )
        for one in trend
    )
    if len(points) < 2:  # noqa: PLR2004 -- a line has two ends
        return None
    caption = _("%(figure)s by fiscal year") % {"figure": wording.title_text(definition)}
    return drawing.Drawing(
        charts.line_chart(
            [charts.Line(wording.title_text(definition), tuple(points))],
            title_alt=_("%(figure)s went from %(first)s in %(from)s to %(last)s in %(to)s.")
            % {
                "figure": wording.title_text(definition),
                "first": points[0].text,
                "from": points[0].x,
                "last": points[-1].text,
                "to": points[-1].x,
            },
            x_label=_("Fiscal year"),
            unit=formats.millions_unit() if is_money else "",
        ),
        caption,
        drawing.source_text(report, definition),
        Table(
            caption=caption,
            columns=(
                Column("year", _("Fiscal year")),
                Column("value", _("Value"), is_number=True),
            ),
            rows=rows,
        ),
    )


def _institutes_table(report: Report, figure: ReportFigure) -> Table:
    definition = figure.definition
    is_quotient = definition.kind.is_quotient
    language = get_language() or "en"
    in_order = {one.key: place for place, one in enumerate(report.institutes)}
    rows = tuple(
        Row(
            (
                Cell(report.institute(one.institute).name_in(language)),
                *((Cell(_count(definition, one.numerator)),) if is_quotient else ()),
                *((Cell(_count(definition, one.denominator)),) if is_quotient else ()),
                Cell(
                    wording.exact_text(definition, one.value),
                    drawing.records_url(report, definition.id, one.institute),
                ),
            )
        )
        for one in sorted(
            figure.by_institute, key=lambda one: in_order.get(one.institute, len(in_order))
        )
    )
    total = figure.total
    return Table(
        caption=drawing.caption_text(report, definition),
        columns=(
            Column("institute", _("Institute")),
            *((Column("numerator", _("Counted"), is_number=True),) if is_quotient else ()),
            *((Column("denominator", _("Out of"), is_number=True),) if is_quotient else ()),
            Column("value", _("Value"), is_number=True),
        ),
        rows=rows,
        foot=(
            Cell(_("Network")),
            *((Cell(_count(definition, total.numerator)),) if is_quotient else ()),
            *((Cell(_count(definition, total.denominator)),) if is_quotient else ()),
            Cell(wording.exact_text(definition, total.value)),
        ),
        empty=_("No institute has a value in this fiscal year."),
    )


def _dimension_table(report: Report, figure: ReportFigure) -> Table:
    rows = tuple(
        Row(
            (
                Cell(wording.dimension_text(figure.definition, one.dimension)),
                Cell(wording.measured_text(one)),
            )
        )
        for one in figure.by_dimension
    )
    return Table(
        caption=drawing.caption_text(report, figure.definition),
        columns=(
            Column("dimension", _("Kind")),
            Column("value", _("Value"), is_number=True),
        ),
        rows=rows,
        foot=(Cell(_("Together")), Cell(wording.measured_text(figure.total))),
    )


def _count(definition: FigureDefinition, value: int | None) -> str:
    """A numerator or denominator: money where the figure is one of funding, else a number."""
    if value is None:
        return formats.MISSING
    is_money = definition.id.startswith("funding.")
    return formats.money(value) if is_money else formats.number(value)


def _facts(report: Report, definition: FigureDefinition) -> tuple[Item, ...]:
    return (
        Item(_("Figure"), definition.id),
        Item(_("Version of the definition"), str(definition.version)),
        Item(_("Grain"), wording.grain_text(definition)),
        Item(_("As of"), formats.date_local(report.snapshot.taken_at)),
        Item(_("Snapshot"), report.snapshot.hash),
    )


def _crumbs(report: Report) -> tuple[Crumb, ...]:
    return (
        Crumb(_("Annual report"), reverse("insight:list_reports")),
        Crumb(
            formats.fiscal_year(report.period.year),
            reverse("insight:show_report", args=[report.period.year]),
        ),
    )


def _records_url(report: Report, figure: str, kind: str) -> str:
    url = reverse("insight:list_records", args=[report.period.year, figure])
    return f"{url}?{urlencode({'of': kind})}"


def _query(**parts: str) -> str:
    return "?" + urlencode({name: value for name, value in parts.items() if value})


def _audit_url(kind: str, institute: str) -> str:
    """Where the reader sees who entered such records, on what evidence."""
    chosen = {"verb": records.VERBS[kind], "institute": institute}
    return reverse("desk:list_audit_events") + _query(**chosen)


def _years_table(trends: dict[str, tuple[Measured, ...]], years: list[int]) -> Table:
    rows = []
    for values in trends.values():
        if not values:
            continue
        definition = values[0].definition
        by_year = {one.fiscal_year: one for one in values}
        cells = [Cell(wording.title_text(definition))]
        for year in years:
            found = by_year.get(year)
            text = wording.exact_text(definition, found.value) if found else formats.MISSING
            cells.append(Cell(text))
        rows.append(Row(tuple(cells)))
    return Table(
        caption=_("Figures by fiscal year"),
        columns=(
            Column("figure", _("Figure")),
            *(Column(str(year), formats.fiscal_year(year), is_number=True) for year in years),
        ),
        rows=tuple(rows),
        empty=_("There are no published figures of this institute yet."),
    )


def _match_chart(trends: dict[str, tuple[Measured, ...]]) -> drawing.Drawing | None:
    values = trends.get("funding.match_ratio", ())
    known = [(one, one.value) for one in values]
    bars = [
        charts.Bar(
            formats.fiscal_year(one.fiscal_year),
            value,
            formats.number(value, one.definition.decimals),
            is_marked=value < 1,
        )
        for one, value in known
        if value is not None
    ]
    if not bars:
        return None
    caption = _("Match ratio by fiscal year")
    return drawing.Drawing(
        charts.bar_chart(bars, title_alt=caption, reference=charts.Reference(1, "1 : 1")),
        caption,
        wording.title_text(values[0].definition),
        Table(
            caption=caption,
            columns=(
                Column("year", _("Fiscal year")),
                Column("ratio", _("Match ratio"), is_number=True),
            ),
            rows=tuple(Row((Cell(bar.label), Cell(bar.text))) for bar in bars),
        ),
    )


def _institute_actions(actor: Actor) -> tuple[Action, ...]:
    if not services.may_take_snapshot(actor):
        return ()
    return (
        Action(
            _("Bring the figures up to date"), reverse("insight:request_snapshot"), is_post=True
        ),
    )


def _edition_number(request: HttpRequest) -> int | None:
    text = request.GET.get("edition", "")
    return int(text) if text.isdecimal() and len(text) < 6 else None  # noqa: PLR2004 -- five digits


def _as_csv(report: Report, figure: ReportFigure) -> str:
    """One line for each value. No cell begins as a formula: keys and numbers alone."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(
        [
            "figure", "version", "fiscal_year", "institute", "dimension", "value", "numerator",
            "denominator", "unit", "snapshot", "is_demonstration",
        ]
    )  # fmt: skip
    for one in _values(figure):
        writer.writerow(
            [
                figure.definition.id,
                figure.definition.version,
                one.fiscal_year,
                one.institute,
                one.dimension,
                one.number,
                one.numerator,
                one.denominator,
                _unit(report, figure.definition),
                report.snapshot.hash,
                int(report.snapshot.is_demonstration),
            ]
        )
    return buffer.getvalue()


def _as_json(report: Report, figure: ReportFigure) -> str:
    return json.dumps(
        {
            "figure": figure.definition.id,
            "version": figure.definition.version,
            "period": report.period.label,
            "as_of": report.snapshot.taken_at.isoformat(),
            "snapshot": report.snapshot.hash,
            "is_demonstration": report.snapshot.is_demonstration,
            "unit": _unit(report, figure.definition),
            "values": [
                {
                    "institute": one.institute,
                    "dimension": one.dimension,
                    "value": services.json_number(one.number),
                    "numerator": one.numerator,
                    "denominator": one.denominator,
                }
                for one in _values(figure)
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def _values(figure: ReportFigure) -> tuple[Measured, ...]:
    return (
        figure.total,
        *figure.by_dimension,
        *figure.by_institute,
        *figure.of_institute_by_dimension,
    )


def _unit(report: Report, definition: FigureDefinition) -> str:
    return report.currency if definition.unit == "money" else definition.unit_in("en")
