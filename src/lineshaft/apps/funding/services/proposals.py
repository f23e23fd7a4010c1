"""The verbs of a proposed transfer: approve, reject, withdraw. Each locks the proposal first.

Approval sends the row to the ledger by the way that the verb itself takes, so that a limit that no
longer holds refuses it, and the proposal stays open.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Transfer, TransferProposal
from lineshaft.apps.funding.queries import moved_code
from lineshaft.apps.funding.rules import CODES, ProposalState
from lineshaft.apps.funding.services.ledger import in_ledger_transaction
from lineshaft.apps.funding.services.posting import post_approved
from lineshaft.apps.funding.services.proposing import audit_proposal, row_of
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit


def approve_transfer(actor: Actor, proposal_id: UUID, *, now: datetime) -> Transfer:
    """Record the proposed transfer, as the second person; the stored one if the same approved it.

    Raises Refused where the actor proposed it, and where a limit or the books do not allow it any
    more. *Source*: 2 CFR 200.303.
    """

    def work() -> Transfer:
        proposal = _locked(proposal_id)
        _permit(actor, "approve_transfer", proposal)
        if _is_decided_by(actor, proposal, ProposalState.APPROVED):
            return Transfer.objects.get(pk=proposal.pk)
        _refuse(actor, proposal, "approve_transfer")
        transfer = post_approved(actor, row_of(proposal), now=now, why=proposal.reason)
        _decide(actor, proposal, "approve_transfer", now=now, why="")
        return transfer

    return in_ledger_transaction([proposal_id], work)


def reject_transfer(
    actor: Actor, proposal_id: UUID, *, reason: str, now: datetime
) -> TransferProposal:
    """Refuse the proposed transfer as the second person, with the reason; nothing moves."""
    with transaction.atomic():
        proposal = _locked(proposal_id)
        _permit(actor, "reject_transfer", proposal)
        if _is_decided_by(actor, proposal, ProposalState.REJECTED):
            return proposal
        _refuse(actor, proposal, "reject_transfer")
        refuse_if(rules.rejection_reason_given(reason))
        _decide(actor, proposal, "reject_transfer", now=now, why=reason)
    return proposal


def withdraw_transfer(
    actor: Actor, proposal_id: UUID, *, now: datetime, reason: str = ""
) -> TransferProposal:
    """Take back what one has proposed oneself; nothing moves."""
    with transaction.atomic():
        proposal = _locked(proposal_id)
        _permit(actor, "withdraw_transfer", proposal)
        refuse_if(rules.own_proposal(is_proposer=proposal.proposed_by_id == actor.user_id))
        if proposal.state == ProposalState.WITHDRAWN:
            return proposal
        refuse_if(rules.PROPOSAL_WORKFLOW.check(proposal.state, "withdraw_transfer"))
        _decide(actor, proposal, "withdraw_transfer", now=now, why=reason)
    return proposal


def _locked(proposal_id: UUID) -> TransferProposal:
    found = (
        TransferProposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related(
            "agreement__institute", "agreement__agency", "debit_account__agency", "corrects"
        )
        .filter(pk=proposal_id)
        .first()
    )
    if found is None:
        raise NotFound(code="proposal", message=gettext_noop("There is no such proposed transfer."))
    return found


def _permit(actor: Actor, verb: str, proposal: TransferProposal) -> None:
    """Both the verb itself, and the movement that it decides on, as the ledger asks it."""
    agency = proposal.debit_account.agency
    for one in (verb, CODES[moved_code(proposal)].verb):
        permit(
            actor,
            rules.PERMISSIONS[one],
            institute=proposal.agreement.institute.key,
            agency=proposal.agreement.agency.key,
            agencies=[agency.key] if agency else [],
        )


def _is_decided_by(actor: Actor, proposal: TransferProposal, state: ProposalState) -> bool:
    return proposal.state == state and proposal.decided_by_id == actor.user_id


def _refuse(actor: Actor, proposal: TransferProposal, verb: str) -> None:
    refuse_if(rules.PROPOSAL_WORKFLOW.check(proposal.state, verb))
    refuse_if(
        rules.decider_apart(
            is_proposer=proposal.proposed_by_id == actor.user_id,
            is_person=actor.user_id is not None,
        )
    )


def _decide(
    actor: Actor, proposal: TransferProposal, verb: str, *, now: datetime, why: str
) -> None:
    proposal.state = rules.PROPOSAL_WORKFLOW.target(proposal.state, verb)
    proposal.decided_by_id = actor.user_id
    proposal.decided_at = now
    proposal.decision_reason = why
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    audit_proposal(actor, verb, proposal, now=now, why=why)
