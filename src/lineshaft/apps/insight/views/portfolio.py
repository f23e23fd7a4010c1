"""Pages of the portfolio across agencies: its figures and flows, their records, exports."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.funding.queries import MoneyScope
from lineshaft.apps.insight import queries
from lineshaft.apps.insight.forms import PortfolioForm
from lineshaft.apps.insight.queries import (
    OBLIGATED_CELLS,
    Basis,
    BasisKind,
    Dimension,
    Selection,
)
from lineshaft.apps.insight.services import wording
from lineshaft.apps.insight.views import portfolio_drawing as drawing
from lineshaft.apps.insight.views import portfolio_records as records
from lineshaft.apps.insight.views import portfolio_words as words
from lineshaft.apps.insight.views.portfolio_compared import compared
from lineshaft.apps.insight.views.portfolio_drawing import Links
from lineshaft.apps.insight.views.portfolio_words import Names
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn, Provenance
from lineshaft.web import formats
from lineshaft.web.downloads import EXPORT_FORMS, table_download
from lineshaft.web.forms import status_of
from lineshaft.web.pages import Crumb, actor_of, render_page


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for: whose figures, which part, by what to divide it."""

    basis: Basis
    form: PortfolioForm
    selection: Selection
    figure: str
    rows: Dimension
    columns: Dimension
    names: Names

    @property
    def links(self) -> Links:
        return Links(self.basis, self.selection)


@require_GET
def show_portfolio(request: HttpRequest) -> HttpResponse:
    """Money across agencies: by any two dimensions, planned and actual, as a flow, by state."""
    asked = _asked(request)
    basis, links = asked.basis, asked.links
    cells = queries.cells_of(basis, asked.selection)
    found = queries.totals(basis, cells)
    figure = basis.figure(asked.figure)
    period = drawing.period_text(basis, asked.selection)
    until = max(asked.selection.years(basis), default=0)
    held = queries.denominators(until)
    by_state = queries.totals_by(basis, cells, (Dimension.STATE.value,))
    context: dict[str, Any] = {
        "title": _title(basis, period),
        "basis": basis,
        "snapshot": basis.newest_snapshot,
        "filter_form": asked.form,
        "may_choose": len(_kinds(actor_of(request))) > 1,
        "tiles": drawing.tiles(links, found, period),
        "cross": drawing.cross_drawn(
            links,
            queries.cross_table(figure, cells, asked.rows, asked.columns),
            asked.rows,
            asked.columns,
            asked.names,
        ),
        "definition": wording.definition_text(figure),
        "flow": drawing.flow_drawn(links, queries.flows_of(basis, cells), asked.names),
        "by_state": drawing.by_state_drawn(links, by_state, asked.names, held),
        "missing": drawing.missing_texts(held, until),
        "sources": drawing.source_texts(held),
        "unread": [formats.fiscal_year(year) for year in basis.unread_years],
        "downloads": [
            (form.upper(), f"{reverse('insight:export_portfolio', args=[form])}?{links.query()}")
            for form in EXPORT_FORMS
        ],
    }
    if basis.is_newest:
        years = queries.totals_by(basis, cells, (Dimension.YEAR.value,))
        context["planned"] = drawing.planned_by_year(links, years)
        context["categories"] = drawing.planned_by_category(
            links, queries.totals_by(basis, cells, ("part",))
        )
    return render_page(
        request, "insight/show_portfolio.html", context, status=status_of(asked.form)
    )


@require_GET
def list_portfolio_records(request: HttpRequest) -> HttpResponse:
    """The records that a figure of the portfolio counts in a selection, as they stand now."""
    actor = actor_of(request)
    asked = _asked(request)
    if not asked.form.is_valid():
        raise Http404
    definition = asked.basis.figure(asked.figure)
    part = _part(request, asked.basis)
    number = compared(request, asked.basis, asked.selection, definition, part)
    kind = request.GET.get("of", "") or number.kinds[0]
    if kind not in number.kinds:
        raise Http404
    scope = _scope(asked.basis, asked.selection, part)
    shown = records.records_of(request, actor, kind, scope)
    here = {"figure": definition.id, "part": part} | number.asked
    return render_page(
        request,
        "insight/list_records.html",
        {
            "title": ngettext(
                "%(number)s record behind “%(figure)s”, %(period)s",
                "%(number)s records behind “%(figure)s”, %(period)s",
                shown.total,
            )
            % {
                "number": formats.number(shown.total),
                "figure": number.title,
                "period": drawing.period_text(asked.basis, asked.selection),
            },
            "definition": definition,
            "lede": wording.definition_text(definition),
            "reckoned": number.reckoned,
            "crumbs": (
                Crumb(_("Portfolio"), f"{reverse('insight:show_portfolio')}?{asked.links.query()}"),
            ),
            "chosen": words.selection_texts(asked.selection, asked.names),
            "records": shown,
            "kinds": [
                (records.label(one), f"?{asked.links.query(of=one, **here)}", one == kind)
                for one in number.kinds
            ],
            "is_signed_in": False,
        },
    )


@require_GET
def export_portfolio(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every cell of the selection as a file: csv, xlsx or json."""
    asked = _asked(request)
    if not asked.form.is_valid():
        raise Http404
    snapshot = asked.basis.newest_snapshot
    return table_download(
        actor_of(request),
        form,
        name="portfolio",
        columns=[
            ExportColumn("figure", _("Figure")),
            ExportColumn("fiscal_year", _("Fiscal year")),
            ExportColumn("agency", _("Agency")),
            ExportColumn("institute", _("Institute")),
            ExportColumn("technology_areas", _("Technology area")),
            ExportColumn("state", str(words.DIMENSION_LABELS[Dimension.STATE])),
            ExportColumn("part", _("Kind or category")),
            ExportColumn("numerator_minor", _("Numerator, in minor units")),
            ExportColumn("denominator_minor", _("Denominator, in minor units")),
            ExportColumn("snapshot", _("Snapshot")),
        ],
        rows=_exported(asked),
        provenance=Provenance(
            title=_("Portfolio across agencies"),
            generated_at=clock.now(),
            is_demonstration=snapshot.is_demonstration if snapshot else settings.IS_DEMONSTRATION,
            filters=words.selection_texts(asked.selection, asked.names),
            source=str(words.BASIS_LABELS[asked.basis.kind]),
        ),
    )


def _exported(asked: _Asked) -> Iterator[tuple[ExportCell, ...]]:
    """The cells; kinds of cost share are told on the newest basis alone, as on the page."""
    for row in queries.exported_cells(asked.basis, asked.selection):
        yield (
            row.figure,
            row.fiscal_year,
            row.agency,
            row.institute,
            row.technology_areas,
            row.state,
            row.part,
            row.numerator,
            row.denominator,
            asked.basis.snapshots[row.fiscal_year].hash,
        )


def _asked(request: HttpRequest) -> _Asked:
    actor = actor_of(request)
    given = request.GET.get("basis", "")
    wanted = BasisKind(given) if given in {one.value for one in BasisKind} else None
    basis = queries.basis_to_read(actor, wanted)
    known = words.names()
    form = _form(request, actor, basis, known)
    entered = form.cleaned_data if form.is_valid() else {}
    rows = Dimension(entered.get("rows") or Dimension.AGENCY)
    columns = Dimension(entered.get("columns") or Dimension.YEAR)
    return _Asked(
        basis,
        form,
        Selection(
            agency=entered.get("agency", ""),
            institute=entered.get("institute", ""),
            area=entered.get("area", ""),
            areas=request.GET.get("areas", ""),
            state=entered.get("state", ""),
            first_year=entered.get("first_year"),
            last_year=entered.get("last_year"),
        ),
        entered.get("figure") or OBLIGATED_CELLS,
        rows,
        columns,
        known,
    )


def _form(request: HttpRequest, actor: Actor, basis: Basis, known: Names) -> PortfolioForm:
    """The filters with the keys that the reader's cells have; bound as soon as one is asked."""
    keys = queries.keys_in(queries.cells_of(basis, Selection()))
    years = [(str(year), formats.fiscal_year(year)) for year in basis.years]
    choices = {
        "basis": [(kind.value, str(words.BASIS_LABELS[kind])) for kind in _kinds(actor)],
        "agency": [(key, known.of(Dimension.AGENCY, key)) for key in keys[Dimension.AGENCY]],
        "institute": sorted(
            ((key, known.of(Dimension.INSTITUTE, key)) for key in keys[Dimension.INSTITUTE]),
            key=lambda pair: pair[1].casefold(),
        ),
        "area": list(known.areas.items()),
        "state": [
            (key or queries.NOT_STATED, known.of(Dimension.STATE, key))
            for key in keys[Dimension.STATE]
        ],
        "first_year": years,
        "last_year": years,
        "figure": [(one.id, wording.title_text(one)) for one in basis.figures],
        "rows": [(one.value, str(words.DIMENSION_LABELS[one])) for one in Dimension],
        "columns": [(one.value, str(words.DIMENSION_LABELS[one])) for one in Dimension],
    }
    asked = request.GET.copy()
    is_by_year = asked.get("rows") == Dimension.YEAR.value
    for name, value in (
        ("basis", basis.kind.value),
        ("figure", OBLIGATED_CELLS),
        ("rows", Dimension.AGENCY.value),
        ("columns", Dimension.AGENCY.value if is_by_year else Dimension.YEAR.value),
    ):
        asked.setdefault(name, value)
    return PortfolioForm(asked, choices=choices)


def _kinds(actor: Actor) -> list[BasisKind]:
    """Whose figures the reader may choose between."""
    return [
        kind
        for kind in BasisKind
        if kind is BasisKind.PUBLISHED or queries.may_read_outlooks(actor)
    ]


def _scope(basis: Basis, selection: Selection, part: str) -> MoneyScope:
    profile = queries.profile_in_use()
    periods = [profile.fiscal_year(year) for year in selection.years(basis)]
    return MoneyScope(
        spans=tuple((period.starts_on, period.ends_on) for period in periods),
        institutes=queries.institutes_in(basis, selection),
        agency=selection.agency,
        part=part,
    )


def _part(request: HttpRequest, basis: Basis) -> str:
    """The kind or category asked for; on the published basis there are none to ask for."""
    return request.GET.get("part", "")[:64] if basis.is_newest else ""


def _title(basis: Basis, period: str) -> str:
    if not basis.years:
        return _("No figures of the portfolio can be read yet")
    return _("Portfolio across agencies, %(period)s") % {"period": period or formats.MISSING}
