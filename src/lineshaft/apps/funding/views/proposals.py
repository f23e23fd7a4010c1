"""Pages of transfers that take two persons: the list, one proposal, and the decisions on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import (
    ConfirmForm,
    ProposalFilterForm,
    ReasonForm,
    chosen,
    posted,
)
from lineshaft.apps.funding.models import (
    PROPOSAL_STATE_LABELS,
    TRANSFER_CODE_LABELS,
    TransferProposal,
)
from lineshaft.apps.funding.rules import CODES, ProposalState, TransferCode
from lineshaft.apps.funding.views.pages import change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import (
    permit_under,
    sponsors_account_label,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.listing import paginate
from lineshaft.web.formats import date_local, local_name, money, number, user_name
from lineshaft.web.pages import Action, Crumb, Item, Tag, Tone, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_TONES: dict[ProposalState, Tone] = {
    ProposalState.PROPOSED: "due",
    ProposalState.APPROVED: "ok",
    ProposalState.REJECTED: "bad",
    ProposalState.WITHDRAWN: "quiet",
}


@require_GET
@login_required
def list_proposals(request: HttpRequest) -> HttpResponse:
    """The transfers that were proposed, newest first; the title counts those that wait."""
    actor = actor_of(request)
    form = ProposalFilterForm(request.GET or None)
    proposals = queries.proposals_visible_to(actor).filter(**chosen(form))
    waiting = proposals.filter(state=ProposalState.PROPOSED).count()
    context = {
        "title": ngettext(
            "%(count)s transfer waits for a second person",
            "%(count)s transfers wait for a second person",
            waiting,
        )
        % {"count": number(waiting)},
        "lede": _(
            "Large movements of federal money are proposed by one person and take effect once a "
            "second one approves them."
        ),
        "filter_form": form,
        "table": _table(paginate(request, proposals)),
    }
    return render_page(request, "funding/list_proposals.html", context)


@require_GET
def show_proposal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One proposed transfer, who proposed it, and what it would do to the balances."""
    actor = actor_of(request)
    proposal = queries.proposal_by_id(actor, pk)
    context = {
        "title": _title(proposal),
        "lede": proposal.reason,
        "tag": _tag(proposal),
        "crumbs": (*under_crumbs(proposal.agreement), _crumb()),
        "actions": _actions(actor, proposal),
        "items": _items(proposal),
        "balances_table": _balances_table(proposal),
        "events": events_of(actor, proposal)[:20],
    }
    return render_page(request, "funding/show_proposal.html", context)


@require_http_methods(["GET", "POST"])
def approve_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form by which the second person lets the transfer take effect."""
    actor = actor_of(request)

    def change(_data: dict[str, Any]) -> str:
        transfer = services.approve_transfer(actor, pk, now=clock.now())
        return _("%(code)s of %(amount)s is recorded.") % {
            "code": _label(TransferCode(transfer.code)),
            "amount": money(transfer.amount),
        }

    return _decision_page(
        request,
        pk,
        "approve_transfer",
        ConfirmForm(posted(request)),
        change,
        title=_("Approve the transfer"),
    )


@require_http_methods(["GET", "POST"])
def reject_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form by which the second person refuses the transfer, with the reason."""
    actor = actor_of(request)

    def change(data: dict[str, Any]) -> str:
        services.reject_transfer(actor, pk, reason=data["reason"], now=clock.now())
        return _("The transfer is rejected.")

    return _decision_page(
        request,
        pk,
        "reject_transfer",
        ReasonForm(posted(request)),
        change,
        title=_("Reject the transfer"),
    )


@require_http_methods(["GET", "POST"])
def withdraw_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form by which the proposer takes the transfer back."""
    actor = actor_of(request)

    def change(data: dict[str, Any]) -> str:
        services.withdraw_transfer(actor, pk, reason=data["reason"], now=clock.now())
        return _("The proposed transfer is withdrawn.")

    return _decision_page(
        request,
        pk,
        "withdraw_transfer",
        ReasonForm(posted(request)),
        change,
        title=_("Withdraw the transfer"),
    )


def _decision_page(
    request: HttpRequest,
    pk: UUID,
    verb: str,
    form: Form,
    change: Callable[[dict[str, Any]], str],
    *,
    title: str,
) -> HttpResponse:
    """The page of a decision, with the balances; whoever may not move the money is told first."""
    proposal = queries.proposal_by_id(actor_of(request), pk)
    permit_under(actor_of(request), CODES[queries.moved_code(proposal)].verb, proposal.agreement)
    url = proposal.get_absolute_url()
    return change_page(
        request,
        proposal.agreement,
        verb,
        form,
        change,
        title=title,
        lede=_("%(what)s, proposed by %(who)s.")
        % {"what": _what(proposal), "who": user_name(proposal.proposed_by)},
        next_url=url,
        crumbs=(_crumb(), Crumb(_what(proposal), url)),
        citation=rules.INTERNAL_CONTROLS,
        balances_table=_balances_table(proposal),
    )


def _crumb() -> Crumb:
    return Crumb(_("Proposed transfers"), reverse("funding:list_proposals"))


def _label(code: TransferCode) -> str:
    return str(TRANSFER_CODE_LABELS[code])


def _what(proposal: TransferProposal) -> str:
    return _("%(code)s of %(amount)s") % {
        "code": _label(TransferCode(proposal.code)),
        "amount": money(proposal.amount),
    }


def _title(proposal: TransferProposal) -> str:
    if proposal.state == ProposalState.PROPOSED:
        return _("%(what)s waits for a second person") % {"what": _what(proposal)}
    return _what(proposal)


def _tag(proposal: TransferProposal) -> Tag:
    state = ProposalState(proposal.state)
    return Tag(str(PROPOSAL_STATE_LABELS[state]), _TONES[state])


def _actions(actor: Actor, proposal: TransferProposal) -> tuple[Action, ...]:
    if proposal.state != ProposalState.PROPOSED:
        return ()
    is_own = proposal.proposed_by_id == actor.own_id
    offered = (
        (("withdraw_transfer", _("Withdraw")),)
        if is_own
        else (("approve_transfer", _("Approve")), ("reject_transfer", _("Reject")))
    )
    return tuple(
        Action(
            label,
            reverse(f"funding:{verb}", args=[proposal.pk]),
            is_primary=verb == "approve_transfer",
        )
        for verb, label in offered
        if queries.may_decide(actor, proposal, verb)
    )


def _items(proposal: TransferProposal) -> tuple[Item, ...]:
    agreement, agency = proposal.agreement, proposal.debit_account.agency
    items = [
        Item(_("Number"), str(proposal.pk)),
        Item(_("Agreement"), agreement.number, url=agreement.get_absolute_url()),
        Item(_("Institute"), local_name(agreement.institute)),
        Item(_("Whose money"), local_name(agency)),
        Item(_("From"), sponsors_account_label(proposal.debit_account)),
        Item(_("To"), sponsors_account_label(proposal.credit_account)),
        Item(_("Date"), date_local(proposal.occurred_on)),
        Item(_("Reference"), proposal.reference or "–"),
        Item(_("Proposed by"), user_name(proposal.proposed_by)),
        Item(_("Proposed at"), date_local(proposal.proposed_at)),
    ]
    for label, other in ((_("Settles"), proposal.pending), (_("Corrects"), proposal.corrects)):
        if other is not None:
            what = _label(TransferCode(other.code))
            items.append(Item(label, what, url=other.get_absolute_url()))
    if proposal.decided_by is not None:
        items.append(Item(_("Decided by"), user_name(proposal.decided_by)))
        items.append(Item(_("Decided at"), date_local(proposal.decided_at)))
    if proposal.decision_reason:
        items.append(Item(_("Reason of the decision"), proposal.decision_reason))
    if proposal.state == ProposalState.APPROVED:
        url = reverse("funding:show_transfer", args=[proposal.pk])
        items.append(Item(_("Transfer"), _what(proposal), url=url))
    return tuple(items)


def _balances_table(proposal: TransferProposal) -> Table | None:
    """What approval would do now; nothing once it is decided."""
    if proposal.state != ProposalState.PROPOSED:
        return None
    currency = proposal.currency
    return Table(
        caption=_("Balances now, and once it is approved, %(currency)s") % {"currency": currency},
        columns=(
            Column("account", _("Account")),
            Column("balance", _("Balance"), is_number=True),
            Column("balance_after", _("Balance after"), is_number=True),
            Column("pending", _("Pending"), is_number=True),
            Column("pending_after", _("Pending after"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        sponsors_account_label(one.account),
                        url=proposal.agreement.get_absolute_url(),
                    ),
                    Cell(money(one.balance_minor, currency)),
                    Cell(money(one.balance_after_minor, currency)),
                    Cell(money(one.pending_minor, currency)),
                    Cell(money(one.pending_after_minor, currency)),
                )
            )
            for one in queries.balance_changes(proposal)
        ),
        is_stacked=True,
    )


def _table(page: Any) -> Table:
    return Table(
        caption=_("Proposed transfers, newest first"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("what", _("What")),
            Column("amount", _("Amount"), is_number=True),
            Column("agreement", _("Agreement")),
            Column("institute", _("Institute")),
            Column("who", _("Proposed by")),
            Column("state", _("State")),
        ),
        rows=tuple(_row(one) for one in page),
        page=page,
        empty=_("No proposed transfer answers to this filter."),
        is_stacked=True,
    )


def _row(one: TransferProposal) -> Row:
    tag = _tag(one)
    return Row(
        (
            Cell(date_local(one.occurred_on), url=one.get_absolute_url()),
            Cell(_label(TransferCode(one.code)), note=one.reference),
            Cell(money(one.amount)),
            Cell(one.agreement.number, url=one.agreement.get_absolute_url()),
            Cell(local_name(one.agreement.institute)),
            Cell(user_name(one.proposed_by)),
            Cell(tag.text, tag=tag.tone),
        )
    )
