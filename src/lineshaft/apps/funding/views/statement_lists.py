"""Lists of reconciliation: lines, and the ledger's entries beside them, with their exports."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
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
    MatchPart,
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
    may_decide_on,
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
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web.downloads import table_download
from lineshaft.web.formats import date_local, local_name, money, number
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, Tick, Ticked

NEWEST_FIRST: Final = ("-booked_on", "-pk")
NOTE_LETTERS: Final = 80
EXPLAIN, UNDO = "explain_lines", "undo_matches"
TICKED, ON_PAGE, OF_LIST = "ticked", "page", "list"
"""Which lines of a list are meant; the words stand in the address."""

STATE_TONES: Final[dict[LineState, Tone]] = {
    LineState.MATCHED: "ok",
    LineState.EXPLAINED: "quiet",
    LineState.UNMATCHED: "due",
}


@require_GET
def list_lines(request: HttpRequest, key: str) -> HttpResponse:
    """The lines of one source, filtered; they can be ticked, and explained or undone together."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    form = _filter_form(LineFilterForm, request, actor, institute)
    lines = _narrowed_lines(actor, institute, form)
    page = paginate(request, lines.order_by(*NEWEST_FIRST))
    whole, unmatched = queries.counted_lines(lines)
    verb = _verb_of(form)
    ticks = {line.pk for line in page if _is_for(actor, verb, line)}
    of_list = unmatched if verb == EXPLAIN else page.total
    export = reverse("funding:export_lines", args=[key, "csv"])
    context = {
        "title": ngettext("%(count)s line", "%(count)s lines", page.total)
        % {"count": number(page.total)},
        "lede": _lines_lede(form, whole.sum_minor),
        "crumbs": reconciliation_crumbs(institute),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "filter_form": form,
        "table": _lines_table(page, f"{export}?{request.GET.urlencode()}", ticks),
        "ticked": _ticked(request, institute, verb, (len(ticks), of_list)) if ticks else None,
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
        actor,
        form,
        name=f"lines-{key}",
        institute=key,
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
        "lede": _("%(source)s, %(period)s.") % _of_what(form),
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
        actor,
        form,
        name=f"entries-{key}",
        institute=key,
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


def state_cell(match_rule: str | None, match_pk: Any, *, note: str = "") -> Cell:
    """The state in a word, opening to the match, with a note beneath: of what is matched with it,
    and by which rule.
    """
    state = state_of(match_rule)
    if match_rule is None:
        return Cell(str(LINE_STATE_LABELS[state]), tag=STATE_TONES[state])
    rule = str(MATCH_RULE_LABELS[MatchRule(match_rule)]) if state is LineState.MATCHED else ""
    return Cell(
        str(LINE_STATE_LABELS[state]),
        url=reverse("funding:show_match", args=[match_pk]),
        note=" · ".join(word for word in (note, rule) if word),
    )


def entry_label(kind: str, code: str) -> str:
    """What an entry of the ledger is."""
    if kind == "own_income":
        return stream_name(code)
    return str(TRANSFER_CODE_LABELS[TransferCode(code)])


def lines_asked(
    request: HttpRequest, actor: Actor, institute: Institute
) -> QuerySet[StatementLine]:
    """The lines that the address narrows to, as the list shows them."""
    form = _filter_form(LineFilterForm, request, actor, institute)
    return _narrowed_lines(actor, institute, form).order_by(*NEWEST_FIRST)


def lines_table(lines: Sequence[StatementLine], caption: str) -> Table:
    """Some lines, without a page or a tick."""
    return Table(
        caption=caption,
        columns=_line_columns(),
        rows=tuple(_line_row(line, "", is_ticked=False) for line in lines),
        is_stacked=True,
    )


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
    if "counterparty" in asked:
        lines = lines.filter(counterparty=asked["counterparty"])
    if "words" in asked:
        words = asked["words"]
        lines = lines.filter(
            Q(reference__icontains=words)
            | Q(counterparty__icontains=words)
            | Q(text__icontains=words)
            | Q(match_reason__icontains=words)
        )
    return lines


def _narrowed_entries(
    actor: Actor, institute: Institute, form: EntryFilterForm
) -> QuerySet[Any, Any]:
    state = chosen(form).get("state")
    scope = _scope(institute, form)
    return queries.entries_in(actor, scope, state=LineState(state) if state else None)


def _lines_lede(form: LineFilterForm, sum_minor: int) -> str:
    told = _of_what(form) | {"amount": money(sum_minor, profile_in_use().currency)}
    who = chosen(form).get("counterparty")
    if who is None:
        return _("%(source)s, %(period)s. Together %(amount)s.") % told
    return _("%(source)s, %(period)s, %(who)s. Together %(amount)s.") % {**told, "who": who}


def _of_what(form: EntryFilterForm) -> dict[str, str]:
    source = LINE_SOURCE_LABELS[LineSource(chosen(form)["source"])]
    return {"source": str(source), "period": period_name(form)}


def _provenance(title: str, institute: Institute, form: EntryFilterForm) -> Provenance:
    return Provenance(
        title=title % {"institute": local_name(institute)},
        generated_at=clock.now(),
        is_demonstration=settings.IS_DEMONSTRATION,
        filters={name: str(value) for name, value in chosen(form).items()},
    )


def _verb_of(form: LineFilterForm) -> str:
    """What the list is for: a list of what is decided is for undoing, any other for explaining."""
    state = chosen(form).get("state")
    return UNDO if state in {LineState.MATCHED, LineState.EXPLAINED} else EXPLAIN


def _is_for(actor: Actor, verb: str, line: Any) -> bool:
    agency = line.agency.key if line.agency else None
    is_open = line.match_pk is None
    return is_open == (verb == EXPLAIN) and may_decide_on(actor, verb, line.institute, agency)


def _ticked(
    request: HttpRequest, institute: Institute, verb: str, counts: tuple[int, int]
) -> Ticked:
    """What can be done with lines of the list: so many of the page, and so many of the list."""
    here, of_list = counts
    choices = [(TICKED, pgettext("lines", "the ticked"))]
    if here > 1:
        on_page = ngettext("%(count)s on this page", "%(count)s on this page", here)
        choices.append((ON_PAGE, on_page % {"count": number(here)}))
    if of_list > here:
        whole = ngettext("%(count)s of this list", "%(count)s of this list", of_list)
        choices.append((OF_LIST, whole % {"count": number(of_list)}))
    return Ticked(
        form="ticked",
        label=_("Explain unmatched lines") if verb == EXPLAIN else _("Undo the matches of lines"),
        url=reverse(f"funding:{verb}", args=[institute.key]),
        fields=tuple((name, str(value)) for name, value in request.GET.items()),
        choices=tuple(choices),
    )


def _lines_table(page: Page[Any], export_url: str, ticks: Collection[UUID]) -> Table:
    """A page of lines."""
    parts = queries.parts_of_matches({line.match_pk for line in page if line.match_pk})
    return Table(
        caption=_("Lines, newest first"),
        columns=_line_columns(),
        rows=tuple(
            _line_row(line, _entries_told(parts.get(line.match_pk, ())), is_ticked=line.pk in ticks)
            for line in page
        ),
        page=page,
        export_url=export_url,
        empty=_("No line answers to this filter."),
        is_stacked=True,
        tick_form="ticked" if ticks else "",
        tick_name="line",
    )


def _line_columns() -> tuple[Column, ...]:
    return (
        Column("date", _("Booked on"), is_short=True, place="start"),
        Column("amount", _("Amount"), is_number=True, place="end"),
        Column("who", _("Counterparty"), place="line"),
        Column("reference", _("Reference"), place="foot"),
        Column("under", _("Agreement or account"), place="foot"),
        Column("state", _("State"), place="state"),
    )


def _line_row(line: Any, entries: str, *, is_ticked: bool) -> Row:
    under = line.agreement.number if line.agreement else line.account
    day, amount = date_local(line.booked_on), money(line.amount)
    who = line.counterparty or line.text or "–"
    label = _("Tick the line of %(day)s over %(amount)s: %(who)s")
    note = line.match_reason if line.match_rule == MatchRule.EXPLAINED else entries
    return Row(
        (
            Cell(day, url=line.get_absolute_url()),
            Cell(amount),
            Cell(line.counterparty or "–", note=line.text),
            Cell(line.reference or "–"),
            Cell(under, note=line.account if line.agreement else ""),
            state_cell(line.match_rule, line.match_pk, note=shortened(note or "")),
        ),
        Tick(str(line.pk), label % {"day": day, "amount": amount, "who": who})
        if is_ticked
        else None,
    )


def _entries_told(parts: Sequence[MatchPart]) -> str:
    """What a line is matched with, in words: its first entry, and how many more."""
    entries = [
        (entry_label("transfer", part.transfer.code), part.transfer.reference)
        for part in parts
        if part.transfer
    ]
    entries += [
        (entry_label("own_income", part.own_income.stream), part.own_income.external_id)
        for part in parts
        if part.own_income
    ]
    return _with_more([" ".join(word for word in entry if word) for entry in entries])


def _lines_told(parts: Sequence[MatchPart]) -> str:
    """What an entry is matched with: its first line, and how many more."""
    lines = [part.line for part in parts if part.line]
    return _with_more(
        [
            " ".join(
                word
                for word in (date_local(one.booked_on), one.reference or one.counterparty)
                if word
            )
            for one in lines
        ]
    )


def _with_more(names: Sequence[str]) -> str:
    if len(names) > 1:
        return _("%(name)s and %(count)s more") % {
            "name": names[0],
            "count": number(len(names) - 1),
        }
    return names[0] if names else ""


def shortened(text: str) -> str:
    """The text, as far as a note in a list takes it."""
    return text if len(text) <= NOTE_LETTERS else f"{text[:NOTE_LETTERS].rstrip()}…"


def _entries_table(page: Any, export_url: str) -> Table:
    currency = profile_in_use().currency
    parts = queries.parts_of_matches({one["match_pk"] for one in page if one["match_pk"]})
    return Table(
        caption=_("Entries, newest first"),
        columns=(
            Column("date", _("Date"), is_short=True, place="start"),
            Column("what", _("What"), place="line"),
            Column("amount", _("Amount"), is_number=True, place="end"),
            Column("about", _("Agreement or payer"), place="foot"),
            Column("reference", _("Reference"), place="foot"),
            Column("state", _("State"), place="state"),
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
                    state_cell(
                        one["match_rule"],
                        one["match_pk"],
                        note=_lines_told(parts.get(one["match_pk"], ())),
                    ),
                )
            )
            for one in page
        ),
        page=page,
        export_url=export_url,
        empty=_("No entry answers to this filter."),
        is_stacked=True,
    )
