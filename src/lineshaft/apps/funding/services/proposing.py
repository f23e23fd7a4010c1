"""Proposing a transfer that takes two persons, under the verbs that move federal money.

A proposal keeps the row as the verb made it, under the id that the transfer will bear. It is
decided like the transfer itself, with every limit, and nothing is reserved.
"""

from datetime import datetime

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Transfer, TransferProposal
from lineshaft.apps.funding.queries import moved_by_one, moved_code
from lineshaft.apps.funding.rules import CODES, ProposalState, TransferCode
from lineshaft.apps.funding.services.book import Line, TransferRow
from lineshaft.apps.funding.services.ledger import decide_transfer, permit_row
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event

_OF_ONE_SPONSOR = frozenset({TransferCode.OBLIGATE, TransferCode.RETURN})


def propose_if_wanted(actor: Actor, row: TransferRow, *, now: datetime) -> TransferProposal | None:
    """The proposal that the row makes or made before, under the caller's lock of the row's book.

    None where one person may book it, and where it is approved already: then the transfer itself
    is found under the id. Raises what the verb would.
    """
    if actor.is_system:
        return None
    stored = _stored(row)
    if stored is not None:
        permit_row(actor, row)
        refuse_if(rules.same_content(is_same=_says_the_same(stored, row), transfer_id=str(row.id)))
        return None if stored.state == ProposalState.APPROVED else stored
    threshold_minor = profile_in_use().approval_threshold_minor
    beside_minor = _beside(actor, row)
    if row.amount_minor is not None and row.amount_minor + beside_minor < threshold_minor:
        return None
    line = decide_transfer(actor, row, now=now)
    if line is None:
        return None
    proposal = _proposal(actor, line, now=now)
    if not rules.takes_two(
        moved_code(proposal), line.amount_minor, threshold_minor, beside_minor=beside_minor
    ):
        return None
    proposal.save(force_insert=True)
    audit_proposal(actor, "propose_transfer", proposal, now=now, why=row.reason)
    return proposal


def row_of(proposal: TransferProposal) -> TransferRow:
    """The row that approval sends to the ledger."""
    code = TransferCode(proposal.code)
    return TransferRow(
        id=proposal.pk,
        agreement_id=proposal.agreement_id,
        code=code,
        amount_minor=proposal.amount_minor,
        currency=proposal.currency,
        occurred_on=proposal.occurred_on,
        pending_id=proposal.pending_id,
        corrects_id=proposal.corrects_id,
        agency_id=proposal.debit_account.agency_id if code in _OF_ONE_SPONSOR else None,
        reference=proposal.reference,
        reason=proposal.reason,
    )


def audit_proposal(
    actor: Actor, verb: str, proposal: TransferProposal, *, now: datetime, why: str
) -> None:
    agreement = proposal.agreement
    record_event(
        actor,
        verb,
        proposal,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={
            "agreement": agreement.number,
            "verb": CODES[TransferCode(proposal.code)].verb,
            "amount_minor": proposal.amount_minor,
            "currency": proposal.currency,
            "occurred_on": proposal.occurred_on.isoformat(),
            "state": str(proposal.state),
        },
    )


def _beside(actor: Actor, row: TransferRow) -> int:
    """What the actor moved or proposed near the row, of its kind and under its agreement."""
    by_one = moved_by_one(actor.user_id, [row.agreement_id], row.occurred_on, row.occurred_on)
    old = Transfer.objects.filter(pk=row.corrects_id).first() if row.corrects_id else None
    code = row.code if old is None else TransferCode(old.code)
    return by_one.beside((row.agreement_id, code.value, old is not None), row.occurred_on)


def _stored(row: TransferRow) -> TransferProposal | None:
    return (
        TransferProposal.objects.select_related(
            "agreement__institute", "agreement__agency", "debit_account__agency", "corrects"
        )
        .filter(pk=row.id)
        .first()
    )


def _says_the_same(stored: TransferProposal, row: TransferRow) -> bool:
    """Whether the row is the one proposed; an amount left open is whatever was proposed."""
    told = row_of(stored)
    agency_id = row.agency_id or stored.agreement.agency_id
    return told == TransferRow(
        row.id,
        row.agreement_id,
        row.code,
        told.amount_minor if row.amount_minor is None else row.amount_minor,
        row.currency,
        row.occurred_on,
        row.pending_id,
        row.corrects_id,
        agency_id=agency_id if row.code in _OF_ONE_SPONSOR else None,
        reference=row.reference,
        reason=row.reason,
    )


def _proposal(actor: Actor, line: Line, *, now: datetime) -> TransferProposal:
    return TransferProposal(
        pk=line.id,
        agreement_id=line.agreement_id,
        code=line.code,
        debit_account_id=line.debit_account_id,
        credit_account_id=line.credit_account_id,
        amount_minor=line.amount_minor,
        currency=line.currency,
        occurred_on=line.occurred_on,
        pending_id=line.pending_id,
        corrects_id=line.corrects_id,
        reference=line.reference,
        reason=line.reason,
        proposed_by_id=actor.own_id,
        proposed_at=now,
    )
