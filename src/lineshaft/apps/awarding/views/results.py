"""The published results of a competition, for whoever may see it."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from lineshaft.apps.awarding import queries, rules
from lineshaft.apps.awarding.queries import Result, Results
from lineshaft.apps.competitions.rules import OPENNESS
from lineshaft.apps.reviewing.models import SECTOR_LABELS
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.exchange.writing import ExportCell, ExportColumn, Provenance
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.pages import Crumb, Tile, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_safe
def show_results(request: HttpRequest, key: str) -> HttpResponse:
    """Who was selected, and in numbers who applied and who judged."""
    results = queries.results_of(actor_of(request), key)
    shown = results.competition
    listed = Crumb(_("Opportunities"), reverse("competitions:list_opportunities"))
    context = {
        "title": _title(results),
        "lede": formats.local_name(shown),
        "crumbs": (listed, Crumb(shown.code, shown.get_absolute_url())),
        "decision": formats.local_of(shown, "decision"),
        "table": _table(results),
        "tiles": _tiles(results),
        "merit": rules.MERIT,
        "openness": OPENNESS,
        "as_of": shown.published_at,
        "is_demonstration": shown.is_demonstration,
    }
    return render_page(request, "awarding/show_results.html", context)


@require_safe
def export_results(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The applications that were selected, as a file."""
    actor = actor_of(request)
    results = queries.results_of(actor, key)
    shown = results.competition
    return table_download(
        actor,
        form,
        name=f"results-{shown.key}",
        columns=(
            ExportColumn("lead", _("Lead organisation")),
            ExportColumn("state", _("State")),
            ExportColumn("title", _("Title")),
            ExportColumn("amount", _("Amount")),
        ),
        rows=_export_rows(results),
        provenance=Provenance(
            title=_title(results),
            generated_at=clock.now(),
            is_demonstration=shown.is_demonstration,
            source=shown.code,
        ),
    )


# ---------------------------------------------------------------------------------------- leaves


def _title(results: Results) -> str:
    count = len(results.selected)
    if not count:
        return _("Nothing was selected")
    return ngettext(
        "%(count)s of %(total)s applications was selected, for %(amount)s",
        "%(count)s of %(total)s applications were selected, for %(amount)s",
        count,
    ) % {
        "count": formats.number(count),
        "total": formats.number(results.applications),
        "amount": formats.money(results.amount_minor, results.competition.currency),
    }


def _table(results: Results) -> Table:
    shown = results.competition
    return Table(
        _("Selected applications, amounts in %(currency)s") % {"currency": shown.currency},
        (
            Column("lead", _("Lead organisation"), place="start"),
            Column("state", _("State"), place="end"),
            Column("title", _("Title"), place="line"),
            Column("amount", _("Amount"), is_number=True, place="foot"),
        ),
        tuple(_row(results, one) for one in results.selected),
        export_url=reverse("awarding:export_results", args=[shown.key, "csv"]),
        empty=_("No application was selected."),
        is_stacked=True,
    )


def _row(results: Results, one: Result) -> Row:
    return Row(
        (
            Cell(formats.local_name(one.lead)),
            Cell(formats.region(one.lead.region)),
            Cell(formats.local_name(one)),
            Cell(formats.money(one.record.amount_minor, results.competition.currency)),
        )
    )


def _export_rows(results: Results) -> Iterator[tuple[ExportCell, ...]]:
    currency = results.competition.currency
    for one in results.selected:
        amount = Money(one.record.amount_minor or 0, currency)
        yield (formats.local_name(one.lead), one.lead.region, formats.local_name(one), amount)


def _tiles(results: Results) -> tuple[Tile, ...]:
    """Who took part, in numbers: the law asks for judges of the private and the public sector."""
    sectors = [
        _("%(sector)s: %(count)s")
        % {"sector": SECTOR_LABELS[sector], "count": formats.number(count)}
        for sector, count in results.reviewers.items()
    ]
    return (
        Tile(pgettext("competition", "Applications"), formats.number(results.applications)),
        Tile(_("Selected"), formats.number(len(results.selected))),
        Tile(
            _("Reviewers"),
            formats.number(sum(results.reviewers.values())),
            source=formats.joined(sectors),
        ),
        Tile(
            _("Conflicts of interest"),
            formats.number(results.conflicts.found),
            source=_("%(recusals)s recusals, %(mitigations)s mitigations, %(waivers)s waivers")
            % {
                "recusals": formats.number(results.conflicts.recusals),
                "mitigations": formats.number(results.conflicts.mitigations),
                "waivers": formats.number(results.conflicts.waivers),
            },
        ),
    )
