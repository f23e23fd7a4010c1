"""Pages of one line and of one match: what it is, what it could be, and a person's decision."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.forms import HandMatchForm, posted
from lineshaft.apps.funding.models import (
    LINE_SOURCE_LABELS,
    LINE_STATE_LABELS,
    MATCH_RULE_LABELS,
    LineMatch,
    MatchPart,
    StatementLine,
)
from lineshaft.apps.funding.rules import PERMISSIONS, LineSource, LineState, MatchRule
from lineshaft.apps.funding.views.reconciliation import reconciliation_crumbs
from lineshaft.apps.funding.views.statement_lists import STATE_TONES, entry_label, state_of
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.permit import may, permit
from lineshaft.web.form_pages import form_page
from lineshaft.web.formats import date_local, local_name, money, user_name
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_LINE, _TRANSFER, _INCOME = "line", "transfer", "own_income"


@require_GET
def show_line(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One line, where it stands, and what can be done about it."""
    actor = actor_of(request)
    line = queries.line_by_id(actor, pk)
    state = state_of(_rule_of(line))
    context = {
        "title": _("%(amount)s on %(day)s: %(state)s")
        % {
            "amount": money(line.amount),
            "day": date_local(line.booked_on),
            "state": LINE_STATE_LABELS[state],
        },
        "lede": line.text,
        "crumbs": reconciliation_crumbs(line.institute),
        "actions": _line_actions(actor, line, state),
        "items": _line_items(line, state),
        "records": _records(actor, line) if state is LineState.UNMATCHED else (),
        "events": events_of(actor, line)[:20],
    }
    return render_page(request, "funding/show_line.html", context)


@require_http_methods(["GET", "POST"])
def match_by_hand(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form that joins a line with entries of the ledger, and with further lines."""
    actor = actor_of(request)
    line = queries.line_by_id(actor, pk)
    _permit(actor, "match_by_hand", line)
    transfers, income, others = queries.candidates_of(line)
    entries = [
        (f"{_TRANSFER}:{one.pk}", _entry_words(_TRANSFER, one.code, one, one.occurred_on))
        for one in transfers
    ]
    entries += [
        (f"{_INCOME}:{one.pk}", _entry_words(_INCOME, one.stream, one, one.received_on))
        for one in income
    ]
    further = [(str(one.pk), _line_words(one)) for one in others]
    form = HandMatchForm(posted(request), entries=entries, lines=further)
    return form_page(
        request,
        "funding/match_by_hand.html",
        form,
        {
            "title": _("Match a line by hand"),
            "lede": _line_words(line),
            "crumbs": _under_line(line),
            "submit_label": _("Match"),
            "cancel_url": line.get_absolute_url(),
        },
        perform=lambda: services.match_by_hand(
            actor,
            _joined(line, form.cleaned_data),
            id=form.cleaned_data["id"],
            reason=form.cleaned_data["reason"],
            now=clock.now(),
        ),
        told=lambda _match: _("The line is matched."),
        seen_at=lambda match: match.get_absolute_url(),
    )


@require_GET
def show_match(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a match joins, by which rule, and the difference."""
    actor = actor_of(request)
    match = queries.match_by_id(actor, pk)
    parts = list(queries.parts_of(match))
    rule = MatchRule(match.rule)
    lines, entries = _sums(parts)
    items = [
        Item(_("Rule"), str(MATCH_RULE_LABELS[rule])),
        Item(_("Source"), str(LINE_SOURCE_LABELS[LineSource(match.source)])),
        Item(_("Made at"), date_local(match.made_at)),
        Item(_("Made by"), user_name(match.made_by)),
    ]
    if match.reason:
        items.append(Item(_("Reason"), match.reason))
    if match.undone_at is not None:
        by = user_name(match.undone_by)
        items.append(Item(_("Undone at"), date_local(match.undone_at)))
        items.append(Item(_("Undone by"), by))
        items.append(Item(_("Why undone"), match.undo_reason))
    context = {
        "title": _match_title(match, lines, entries),
        "lede": "",
        "crumbs": reconciliation_crumbs(match.institute),
        "actions": _match_actions(actor, match, parts),
        "items": (*items, Item(_("Difference"), money(lines - entries, _currency_of(parts[0])))),
        "table": _parts_table(parts),
        "events": events_of(actor, match)[:20],
    }
    return render_page(request, "funding/show_match.html", context)


def _rule_of(line: StatementLine) -> str | None:
    rule: str | None = getattr(line, "match_rule", None)
    return rule


def _permit(actor: Actor, verb: str, line: StatementLine) -> None:
    permit(actor, PERMISSIONS[verb], **_owner(line))


def _owner(line: StatementLine) -> dict[str, Any]:
    return {
        "institute": line.institute.key,
        "agency": line.agency.key if line.agency else None,
    }


def _owners(match: LineMatch, parts: Sequence[MatchPart]) -> dict[str, Any]:
    """Whose match it is: the institute's, and of payments the agency's."""
    agencies = {part.line.agency.key for part in parts if part.line and part.line.agency}
    return {
        "institute": match.institute.key,
        "agency": agencies.pop() if len(agencies) == 1 else None,
    }


def _under_line(line: StatementLine) -> tuple[Crumb, ...]:
    return (
        *reconciliation_crumbs(line.institute),
        Crumb(pgettext("of a statement", "Line"), line.get_absolute_url()),
    )


def _line_words(line: StatementLine) -> str:
    said = (line.counterparty, line.reference, line.text)
    told = " · ".join(word for word in said if word)
    return " · ".join(
        word for word in (date_local(line.booked_on), money(line.amount), told) if word
    )


def _entry_words(kind: str, code: str, entry: Any, on: Any) -> str:
    about = entry.agreement.number if kind == _TRANSFER else entry.payer
    number = entry.reference if kind == _TRANSFER else entry.external_id
    amount = money(entry.signed_minor, entry.currency)
    words = (date_local(on), amount, entry_label(kind, code), about, number)
    return " · ".join(word for word in words if word)


def _joined(line: StatementLine, data: dict[str, Any]) -> services.Joined:
    chosen = [entry.partition(":") for entry in data["entries"]]
    return services.Joined(
        lines=[line.pk, *(UUID(pk) for pk in data.get("lines", ()))],
        transfers=[UUID(pk) for kind, _colon, pk in chosen if kind == _TRANSFER],
        own_incomes=[UUID(pk) for kind, _colon, pk in chosen if kind == _INCOME],
    )


def _line_items(line: StatementLine, state: LineState) -> tuple[Item, ...]:
    items = [
        Item(_("Source"), str(LINE_SOURCE_LABELS[LineSource(line.source)])),
        Item(_("State"), "", tag=Tag(str(LINE_STATE_LABELS[state]), STATE_TONES[state])),
        Item(_("Reference"), line.reference or "–"),
        Item(_("Counterparty"), line.counterparty or "–"),
    ]
    if line.agreement is not None:
        url = line.agreement.get_absolute_url()
        items.append(Item(_("Agreement"), line.agreement.number, url=url))
    if line.agency is not None:
        items.append(Item(_("Agency"), local_name(line.agency)))
    if line.account:
        items.append(Item(_("Account"), line.account))
    if line.value_on is not None:
        items.append(Item(_("Value date"), date_local(line.value_on)))
    items.append(Item(_("Imported from"), line.origin or "–"))
    items.append(Item(_("Recorded at"), date_local(line.recorded_at)))
    return tuple(items)


def _line_actions(actor: Actor, line: StatementLine, state: LineState) -> tuple[Action, ...]:
    if state is not LineState.UNMATCHED:
        url = reverse("funding:show_match", args=[getattr(line, "match_pk", None)])
        return (Action(_("Open the match"), url),)
    explain = reverse("funding:explain_lines", args=[line.institute.key])
    offered = (
        ("match_by_hand", _("Match by hand"), reverse("funding:match_by_hand", args=[line.pk])),
        ("explain_lines", _("Explain"), f"{explain}?line={line.pk}"),
    )
    return tuple(
        Action(label, url)
        for verb, label, url in offered
        if may(actor, PERMISSIONS[verb], **_owner(line))
    )


def _records(actor: Actor, line: StatementLine) -> tuple[Action, ...]:
    """Forms that record what the ledger lacks, filled in from the line."""
    if not may(actor, PERMISSIONS["draw_funds"], institute=line.institute.key):
        return ()
    amount = str(Money(abs(line.amount_minor), line.currency).amount)
    moved = {
        "amount_minor": amount,
        "occurred_on": line.booked_on.isoformat(),
        "reference": line.reference,
    }
    under, offered = line.agreement, []
    if under is not None and line.amount_minor > 0:
        obligations = list(queries.open_obligations(under)[:2])
        if len(obligations) == 1:
            url = reverse("funding:draw_funds", args=[obligations[0].pk])
            offered.append((_("Record a drawdown"), url, moved))
        elif obligations:
            offered.append((_("Record a drawdown"), under.get_absolute_url(), {}))
    if under is not None and line.amount_minor < 0:
        url = reverse("funding:return_funds", args=[under.pk])
        offered.append((_("Record a return"), url, moved))
    if under is not None and line.amount_minor < 0 and line.source == LineSource.BANK:
        url = reverse("funding:record_cost", args=[under.pk])
        offered.append((_("Record a cost"), url, moved | {"payee": line.counterparty}))
    if line.amount_minor > 0 and line.source == LineSource.BANK:
        url = reverse("funding:record_own_income", args=[line.institute.key])
        income = {
            "amount_minor": amount,
            "received_on": line.booked_on.isoformat(),
            "payer": line.counterparty,
            "external_id": line.reference,
        }
        offered.append((_("Record own income"), url, income))
    return tuple(
        Action(label, f"{url}?{urlencode(filled)}" if filled else url)
        for label, url, filled in offered
    )


def _sums(parts: Sequence[MatchPart]) -> tuple[int, int]:
    """What the lines sum to, and the entries."""
    lines = sum(part.amount_minor for part in parts if part.line_id is not None)
    return lines, sum(part.amount_minor for part in parts) - lines


def _currency_of(part: MatchPart) -> str:
    owner = part.line or part.transfer or part.own_income
    return owner.currency if owner is not None else ""


def _match_title(match: LineMatch, lines: int, entries: int) -> str:
    if match.undone_at is not None:
        return _("A match that was undone")
    if match.rule == MatchRule.EXPLAINED:
        return _("An explained line")
    if match.rule == MatchRule.CORRECTED:
        return _("Entries that took each other back")
    if lines == entries:
        return _("A match without a difference")
    return _("A match with a difference")


def _match_actions(
    actor: Actor, match: LineMatch, parts: Sequence[MatchPart]
) -> tuple[Action, ...]:
    if match.undone_at is not None or not may(
        actor, PERMISSIONS["undo_matches"], **_owners(match, parts)
    ):
        return ()
    url = reverse("funding:undo_matches", args=[match.institute.key])
    return (Action(_("Undo"), f"{url}?match={match.pk}"),)


def _parts_table(parts: Sequence[MatchPart]) -> Table:
    lines, entries = _sums(parts)
    currency = _currency_of(parts[0])
    return Table(
        caption=_("What it joins"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("what", _("What")),
            Column("reference", _("Reference")),
            Column("lines", pgettext("of a statement", "Lines"), is_number=True),
            Column("ledger", _("Ledger"), is_number=True),
        ),
        rows=tuple(_part_row(part) for part in parts),
        foot=(
            Cell(_("Together")),
            Cell(""),
            Cell(""),
            Cell(money(lines, currency)),
            Cell(money(entries, currency)),
        ),
        is_stacked=True,
    )


def _part_row(part: MatchPart) -> Row:
    amount = Cell(money(part.amount_minor, _currency_of(part)))
    if part.line is not None:
        line = part.line
        return Row(
            (
                Cell(date_local(line.booked_on), url=line.get_absolute_url()),
                Cell(line.counterparty or line.text or pgettext("of a statement", "Line")),
                Cell(line.reference or "–"),
                amount,
                Cell(""),
            )
        )
    if part.transfer is not None:
        moved = part.transfer
        return Row(
            (
                Cell(date_local(moved.occurred_on), url=moved.get_absolute_url()),
                Cell(entry_label(_TRANSFER, moved.code), note=moved.agreement.number),
                Cell(moved.reference or "–"),
                Cell(""),
                amount,
            )
        )
    income = part.own_income
    assert income is not None  # noqa: S101 -- a part is one of the three
    return Row(
        (
            Cell(date_local(income.received_on), url=income.get_absolute_url()),
            Cell(entry_label(_INCOME, income.stream), note=income.payer),
            Cell(income.external_id or "–"),
            Cell(""),
            amount,
        )
    )
