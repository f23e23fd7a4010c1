"""Lists of reconciliation: lines, and the ledger's entries beside them, with their exports."""

from typing import Any, Final

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.funding import queries
from lineshaft.apps.funding.exchange.statements import line_columns, line_records
from lineshaft.apps.funding.forms import EntryFilterForm, LineFilterForm
from lineshaft.apps.funding.forms.fields import chosen
from lineshaft.apps.funding.models import (
    LINE_SOURCE_LABELS,
    LINE_STATE_LABELS,
    MATCH_RULE_LABELS,
    TRANSFER_CODE_LABELS,
    StatementLine,
)
from lineshaft.apps.funding.queries import (
    ReconciliationScope,
)
from lineshaft.apps.funding.rules import (
    LineSource,
    LineState,
    MatchRule,
    TransferCode,
)
from lineshaft.apps.funding.views.income import stream_name
from lineshaft.apps.funding.views.reconciliation import (
    period_name,
    period_of,
    reconciliation_crumbs,
    sources_of,
    years_offered,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import ExportColumn, Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.web.downloads import table_download
from lineshaft.web.formats import date_local, local_name, money, number
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

STATE_TONES: Final[dict[LineState, Tone]] = {
    LineState.MATCHED: "ok",
    LineState.EXPLAINED: "quiet",
    LineState.UNMATCHED: "due",
}


@require_GET
def list_lines(request: HttpRequest, key: str) -> HttpResponse:
    """The lines of one source, filtered."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    form = _filter_form(LineFilterForm, request, actor, institute)
    lines = _narrowed_lines(actor, institute, form)
    page = paginate(request, lines.order_by("-booked_on", "-pk"))
    export = reverse("funding:export_lines", args=[key, "csv"])
    context = {
        "title": ngettext("%(count)s line", "%(count)s lines", page.total)
        % {"count": number(page.total)},
        "lede": _lede(form),
        "crumbs": reconciliation_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "filter_form": form,
        "table": _lines_table(page, f"{export}?{request.GET.urlencode()}"),
    }
    return render_page(request, "funding/list_lines.html", context)


@require_GET
def export_lines(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The same list as a file: csv, xlsx or json."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    filters = _filter_form(LineFilterForm, request, actor, institute)
    lines = _narrowed_lines(actor, institute, filters)
    return table_download(
        form,
        name=f"lines-{key}",
        columns=line_columns(),
        rows=line_records(lines.order_by("booked_on", "pk")),
        provenance=_provenance(_("Lines of %(institute)s"), institute, filters),
    )


@require_GET
def list_entries(request: HttpRequest, key: str) -> HttpResponse:
    """The ledger's side of one source, filtered."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    form = _filter_form(EntryFilterForm, request, actor, institute)
    page = paginate(request, _narrowed_entries(actor, institute, form))
    export = reverse("funding:export_entries", args=[key, "csv"])
    context = {
        "title": ngettext(
            "%(count)s entry of the ledger", "%(count)s entries of the ledger", page.total
        )
        % {"count": number(page.total)},
        "lede": _lede(form),
        "crumbs": reconciliation_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "filter_form": form,
        "table": _entries_table(page, f"{export}?{request.GET.urlencode()}"),
    }
    return render_page(request, "funding/list_entries.html", context)


@require_GET
def export_entries(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """The same list as a file: csv, xlsx or json."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    filters = _filter_form(EntryFilterForm, request, actor, institute)
    currency = profile_in_use().currency
    entries = _narrowed_entries(actor, institute, filters)
    return table_download(
        form,
        name=f"entries-{key}",
        columns=(
            ExportColumn("id", _("Entry")),
            ExportColumn("kind", _("Kind")),
            ExportColumn("code", _("What")),
            ExportColumn("about", _("Agreement or payer")),
            ExportColumn("date", _("Date")),
            ExportColumn("amount", _("Amount")),
            ExportColumn("reference", _("Reference")),
            ExportColumn("rule", _("Matched by")),
            ExportColumn("match", _("Match")),
        ),
        rows=(
            (
                str(one["id"]),
                one["entry_kind"],
                one["entry_code"],
                one["entry_about"],
                one["entry_on"],
                Money(one["entry_minor"], currency),
                one["entry_reference"],
                one["match_rule"] or "",
                str(one["match_pk"] or ""),
            )
            for one in entries.iterator(2_000)
        ),
        provenance=_provenance(_("Entries of %(institute)s"), institute, filters),
    )


def state_of(match_rule: str | None) -> LineState:
    """Where a line or entry with the match of that rule stands."""
    if match_rule is None:
        return LineState.UNMATCHED
    return LineState.EXPLAINED if match_rule == MatchRule.EXPLAINED else LineState.MATCHED


def state_cell(match_rule: str | None, match_pk: Any) -> Cell:
    """The state in a word, opening to the match, with the rule beneath."""
    state = state_of(match_rule)
    if match_rule is None:
        return Cell(str(LINE_STATE_LABELS[state]), tag=STATE_TONES[state])
    return Cell(
        str(LINE_STATE_LABELS[state]),
        url=reverse("funding:show_match", args=[match_pk]),
        note=str(MATCH_RULE_LABELS[MatchRule(match_rule)]) if state is LineState.MATCHED else "",
    )


def entry_label(kind: str, code: str) -> str:
    """What an entry of the ledger is."""
    if kind == "own_income":
        return stream_name(code)
    return str(TRANSFER_CODE_LABELS[TransferCode(code)])


def _filter_form[F: EntryFilterForm](
    kind: type[F], request: HttpRequest, actor: Actor, institute: Institute
) -> F:
    return kind(
        request.GET,
        years=years_offered(actor, institute=institute.key),
        sources=sources_of(actor, institute),
        agencies=list(queries.paying_agencies(institute.key)),
    )


def _scope(institute: Institute, form: EntryFilterForm) -> ReconciliationScope:
    starts_on, ends_on, _month = period_of(form)
    asked = chosen(form)
    source = LineSource(asked["source"])
    return ReconciliationScope(institute, source, starts_on, ends_on, asked.get("agency", ""))


def _narrowed_lines(
    actor: Actor, institute: Institute, form: LineFilterForm
) -> QuerySet[StatementLine]:
    lines = queries.lines_in(actor, _scope(institute, form))
    asked = chosen(form)
    if "state" in asked:
        lines = lines.filter(queries.state_q(LineState(asked["state"])))
    if "words" in asked:
        words = asked["words"]
        lines = lines.filter(
            Q(reference__icontains=words)
            | Q(counterparty__icontains=words)
            | Q(text__icontains=words)
        )
    return lines


def _narrowed_entries(
    actor: Actor, institute: Institute, form: EntryFilterForm
) -> QuerySet[Any, Any]:
    state = chosen(form).get("state")
    scope = _scope(institute, form)
    return queries.entries_in(actor, scope, state=LineState(state) if state else None)


def _lede(form: EntryFilterForm) -> str:
    return _("%(source)s, %(period)s.") % {
        "source": LINE_SOURCE_LABELS[LineSource(chosen(form)["source"])],
        "period": period_name(form),
    }


def _provenance(title: str, institute: Institute, form: EntryFilterForm) -> Provenance:
    return Provenance(
        title=title % {"institute": local_name(institute)},
        generated_at=clock.now(),
        is_demonstration=settings.IS_DEMONSTRATION,
        filters={name: str(value) for name, value in chosen(form).items()},
    )


def _lines_table(page: Any, export_url: str) -> Table:
    """A page of lines."""
    return Table(
        caption=_("Lines, newest first"),
        columns=(
            Column("date", _("Booked on"), is_short=True),
            Column("amount", _("Amount"), is_number=True),
            Column("who", _("Counterparty")),
            Column("reference", _("Reference")),
            Column("under", _("Agreement or account")),
            Column("state", _("State")),
        ),
        rows=tuple(_line_row(line) for line in page),
        page=page,
        export_url=export_url,
        empty=_("No line answers to this filter."),
        is_stacked=True,
    )


def _line_row(line: Any) -> Row:
    under = line.agreement.number if line.agreement else line.account
    return Row(
        (
            Cell(date_local(line.booked_on), url=line.get_absolute_url()),
            Cell(money(line.amount)),
            Cell(line.counterparty or "–", note=line.text),
            Cell(line.reference or "–"),
            Cell(under, note=line.account if line.agreement else ""),
            state_cell(line.match_rule, line.match_pk),
        )
    )


def _entries_table(page: Any, export_url: str) -> Table:
    currency = profile_in_use().currency
    return Table(
        caption=_("Entries, newest first"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("what", _("What")),
            Column("amount", _("Amount"), is_number=True),
            Column("about", _("Agreement or payer")),
            Column("reference", _("Reference")),
            Column("state", _("State")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        date_local(one["entry_on"]),
                        url=reverse(f"funding:show_{one['entry_kind']}", args=[one["id"]]),
                    ),
                    Cell(entry_label(one["entry_kind"], one["entry_code"])),
                    Cell(money(one["entry_minor"], currency)),
                    Cell(one["entry_about"] or "–"),
                    Cell(one["entry_reference"] or "–"),
                    state_cell(one["match_rule"], one["match_pk"]),
                )
            )
            for one in page
        ),
        page=page,
        export_url=export_url,
        empty=_("No entry answers to this filter."),
        is_stacked=True,
    )
