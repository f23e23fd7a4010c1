"""The page of an agreement's amendments, and the forms that propose, execute and withdraw one."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import AmendForm, ConfirmForm, ReasonForm, posted
from lineshaft.apps.funding.models import (
    AMENDMENT_KIND_LABELS,
    AMENDMENT_STATE_LABELS,
    Agreement,
    Amendment,
)
from lineshaft.apps.funding.rules import AmendmentKind, AmendmentState
from lineshaft.apps.funding.views.pages import agreement_tabs, change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import may_under
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.web.formats import MISSING, actor_name, date_local, local_name, money, user_name
from lineshaft.web.pages import Action, Crumb, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_TONES: dict[str, Tone] = {
    AmendmentState.PROPOSED: "due",
    AmendmentState.EXECUTED: "ok",
    AmendmentState.WITHDRAWN: "quiet",
}


@require_GET
def list_amendments(request: HttpRequest, pk: int) -> HttpResponse:
    """What was changed of an agreement, what stood before, and what is proposed."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    found = queries.amendments_visible_to(actor).filter(agreement=agreement)
    page = paginate(request, found)
    termination = queries.termination_of(actor, agreement)
    context = {
        "title": _title(agreement, list(page), termination),
        "lede": _("An executed amendment keeps what it replaced."),
        "crumbs": under_crumbs(agreement),
        "actions": _actions(actor, agreement),
        "tabs": agreement_tabs(agreement, "funding:list_amendments"),
        "table": _table(actor, agreement, page, termination if page.number == 1 else None),
    }
    return render_page(request, "funding/list_amendments.html", context)


@require_http_methods(["GET", "POST"])
def propose_amendment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that puts an amendment on record; nothing changes until it is executed."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    sponsors = [one.agency for one in agreement.sponsors.all()]

    def change(data: dict[str, Any]) -> str:
        amendment = services.propose_amendment(
            actor, pk, terms=services.AmendmentTerms(**data), now=clock.now()
        )
        return _("Amendment %(number)s is proposed.") % {"number": amendment.number}

    return change_page(
        request,
        agreement,
        "propose_amendment",
        AmendForm(
            posted(request),
            currency=agreement.currency,
            sponsors=sponsors,
            initial={"effective_on": clock.today()},
        ),
        change,
        title=_("Propose an amendment"),
        lede=_("Another officer of the leading agency executes it; until then nothing changes."),
        next_url=reverse("funding:list_amendments", args=[pk]),
        crumbs=(_crumb(agreement),),
    )


@require_http_methods(["GET", "POST"])
def execute_amendment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that lets an amendment change its agreement."""
    actor = actor_of(request)
    amendment = queries.amendment_by_id(actor, pk)

    def change(_data: dict[str, Any]) -> str:
        services.execute_amendment(actor, pk, today=clock.today(), now=clock.now())
        return _("Amendment %(number)s is executed.") % {"number": amendment.number}

    return _decision_page(
        request,
        amendment,
        "execute_amendment",
        ConfirmForm(posted(request)),
        change,
        title=_("Execute the amendment"),
    )


@require_http_methods(["GET", "POST"])
def withdraw_amendment(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that takes back a proposed amendment, with the reason."""
    actor = actor_of(request)
    amendment = queries.amendment_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        services.withdraw_amendment(actor, pk, reason=data["reason"], now=clock.now())
        return _("Amendment %(number)s is withdrawn.") % {"number": amendment.number}

    return _decision_page(
        request,
        amendment,
        "withdraw_amendment",
        ReasonForm(posted(request)),
        change,
        title=_("Withdraw the amendment"),
    )


def _decision_page(
    request: HttpRequest, amendment: Amendment, verb: str, form: Any, change: Any, *, title: str
) -> HttpResponse:
    agreement = amendment.agreement
    return change_page(
        request,
        agreement,
        verb,
        form,
        change,
        title=title,
        lede=f"{_kind(amendment)}: {_content(amendment)} {amendment.reason}",
        next_url=reverse("funding:list_amendments", args=[agreement.pk]),
        crumbs=(_crumb(agreement),),
        citation=rules.AMENDMENT_CITATIONS[AmendmentKind(amendment.kind)],
    )


def _crumb(agreement: Agreement) -> Crumb:
    return Crumb(_("Amendments"), reverse("funding:list_amendments", args=[agreement.pk]))


def _title(
    agreement: Agreement,
    amendments: list[Amendment],
    termination: queries.Termination | None,
) -> str:
    if termination is not None:
        return _("%(number)s was terminated on %(day)s") % {
            "number": agreement.number,
            "day": date_local(termination.on),
        }
    waiting = sum(one.state == AmendmentState.PROPOSED for one in amendments)
    done = sum(one.state == AmendmentState.EXECUTED for one in amendments)
    if waiting:
        return ngettext(
            "%(count)s amendment of %(number)s waits to be executed",
            "%(count)s amendments of %(number)s wait to be executed",
            waiting,
        ) % {"count": waiting, "number": agreement.number}
    if done:
        return ngettext(
            "%(count)s amendment of %(number)s is in force",
            "%(count)s amendments of %(number)s are in force",
            done,
        ) % {"count": done, "number": agreement.number}
    return _("%(number)s stands as it was signed") % {"number": agreement.number}


def _actions(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    if rules.amendable(agreement.state) or not may_under(actor, "propose_amendment", agreement):
        return ()
    url = reverse("funding:propose_amendment", args=[agreement.pk])
    return (Action(_("Propose an amendment"), url, is_primary=True),)


def _kind(amendment: Amendment) -> str:
    return str(AMENDMENT_KIND_LABELS[AmendmentKind(amendment.kind)])


def _content(amendment: Amendment) -> str:
    """What it changes, in a sentence; empty for a termination."""
    currency = amendment.agreement.currency
    if amendment.new_ends_on is not None:
        return _("The term ends on %(day)s.") % {"day": date_local(amendment.new_ends_on)}
    if amendment.added_federal_minor is not None:
        return _("%(agency)s adds %(amount)s.") % {
            "agency": local_name(amendment.agency),
            "amount": money(amendment.added_federal_minor, currency),
        }
    if amendment.new_title:
        return _("The scope becomes “%(scope)s”.") % {"scope": amendment.new_title}
    return ""


def _was(amendment: Amendment) -> str:
    """What stood before, as far as it is one value to read."""
    before, currency = amendment.before, amendment.agreement.currency
    if amendment.new_ends_on is not None and "ends_on" in before:
        return date_local(date.fromisoformat(before["ends_on"]))
    if amendment.added_federal_minor is not None and "federal_total_minor" in before:
        return money(before["federal_total_minor"], currency)
    return str(before.get("title", ""))


def _table(
    actor: Actor, agreement: Agreement, page: Any, termination: queries.Termination | None
) -> Table:
    reads_reasons = queries.may_read_contributors(actor, agreement.institute.key)
    return Table(
        caption=_("Amendments, newest first"),
        columns=(
            Column("number", _("Number")),
            Column("kind", _("Kind")),
            Column("change", _("What changes")),
            Column("before", pgettext("replaced by a change", "Before")),
            Column("effective", _("Takes effect"), is_short=True),
            Column("state", _("State")),
            Column("by", _("By")),
            Column("verb", _("Action")),
        ),
        rows=(
            *((_termination_row(termination),) if termination else ()),
            *(_row(actor, one, reads_reasons=reads_reasons) for one in page),
        ),
        page=page,
        empty=_("Nothing was amended."),
        is_stacked=True,
    )


def _termination_row(termination: queries.Termination) -> Row:
    """A termination by the verb itself, which stands on the agreement and in no amendment."""
    state = AmendmentState.EXECUTED
    return Row(
        (
            Cell(MISSING),
            Cell(_("Termination"), note=rules.AMENDMENT_CITATIONS[termination.kind].text),
            Cell("", note=termination.reason),
            Cell(""),
            Cell(date_local(termination.on)),
            Cell(str(AMENDMENT_STATE_LABELS[state]), tag=_TONES[state]),
            Cell(actor_name(termination.by) if termination.by else ""),
            Cell(""),
        )
    )


def _row(actor: Actor, amendment: Amendment, *, reads_reasons: bool) -> Row:
    state = AmendmentState(amendment.state)
    return Row(
        (
            Cell(str(amendment.number)),
            Cell(_kind(amendment), note=rules.AMENDMENT_CITATIONS[amendment.kind].text),
            Cell(_content(amendment), note=amendment.reason if reads_reasons else ""),
            Cell(_was(amendment)),
            Cell(date_local(amendment.effective_on)),
            Cell(str(AMENDMENT_STATE_LABELS[state]), tag=_TONES[state]),
            _by_cell(amendment) if reads_reasons else Cell(""),
            _verb_cell(actor, amendment),
        )
    )


def _by_cell(amendment: Amendment) -> Cell:
    """Who decided on it and when, else who proposed it."""
    if amendment.decided_at is None:
        return Cell(user_name(amendment.proposed_by), note=date_local(amendment.proposed_at))
    return Cell(user_name(amendment.decided_by), note=date_local(amendment.decided_at))


def _verb_cell(actor: Actor, amendment: Amendment) -> Cell:
    """The one thing to do next: execute, for whoever may and did not propose; else withdraw."""
    if amendment.state != AmendmentState.PROPOSED:
        return Cell("")
    is_own = amendment.proposed_by_id == actor.own_id
    if not is_own and may_under(actor, "execute_amendment", amendment.agreement):
        return Cell(_("Execute"), url=reverse("funding:execute_amendment", args=[amendment.pk]))
    if may_under(actor, "withdraw_amendment", amendment.agreement):
        return Cell(_("Withdraw"), url=reverse("funding:withdraw_amendment", args=[amendment.pk]))
    return Cell("")
