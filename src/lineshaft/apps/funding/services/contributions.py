"""The verbs of cost share: record, value, prove, accept, refuse, withdraw; one by one and in bulk.

Recording reserves the claim (a pending transfer from the contributor's account to the agreement's
cash or in-kind account), accepting posts it, refusing or withdrawing voids it. A contribution is
decided once, so the ids of the deciding transfers are derived from its own and a retry is harmless.
Lock order: contributions by key, then accounts by id.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.funding.rules import ContributionState, TransferCode
from lineshaft.apps.funding.services.deciding import (
    Acceptance,
    accept_open,
    deciding_id,
    delegations_used,
    refuse_repeated,
    void_open,
)
from lineshaft.apps.funding.services.duplicates import note_duplicates
from lineshaft.apps.funding.services.evidence import (
    EvidenceFile,
    attach_files,
    audit_contribution,
    contributions_to_change,
    permit_on,
)
from lineshaft.apps.funding.services.ledger import in_ledger_transaction
from lineshaft.apps.funding.services.recording import (
    VALUATION_FIELDS,
    Claim,
    ContributionOutcome,
    record_claims,
    settled_amount,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


def record_contribution(
    actor: Actor, claim: Claim, *, now: datetime, files: Sequence[EvidenceFile] = ()
) -> Contribution:
    """Record a claim of cost share with its evidence; it counts once it is accepted.

    Raises Refused for an amount, a date, a currency or a kind that the agreement does not take.
    """

    def work() -> Contribution:
        outcome = record_claims(actor, [claim], now=now)
        contribution = contributions_to_change([claim.id])[claim.id]
        if outcome.recorded:
            attach_files(actor, contribution, files, now=now)
            note_duplicates([claim.id], now=now)
            audit_contribution(
                actor,
                "record_contribution",
                contribution,
                now=now,
                changes={
                    "organisation": claim.organisation_id,
                    "kind": claim.kind,
                    "claimed_minor": contribution.claimed_minor,
                    "currency": claim.currency,
                    "occurred_on": claim.occurred_on.isoformat(),
                    "evidence": len(claim.evidence) + len(files),
                },
            )
        return contribution

    return in_ledger_transaction([claim.id], work)


def record_contributions(
    actor: Actor, claims: Sequence[Claim], *, now: datetime, why: str
) -> ContributionOutcome:
    """Record many claims, all or none, with one audit event."""
    if not claims:
        return ContributionOutcome(0, 0)

    def work() -> ContributionOutcome:
        outcome = record_claims(actor, claims, now=now)
        if outcome.recorded:
            note_duplicates([claim.id for claim in claims], now=now)
            _audit_batch(actor, "record_contribution", claims, outcome.recorded, now=now, why=why)
        return outcome

    return in_ledger_transaction([claim.id for claim in claims], work)


def value_contribution(
    actor: Actor, contribution_id: UUID, valuation: rules.Valuation, *, now: datetime
) -> Contribution:
    """State by what a recorded contribution is valued, where its record lacks it.

    What is left out stays as it is stated, and the claim as it is. Raises Refused for a valuation
    that lacks something, that comes to less than what is claimed or changes what is stated, and
    for a contribution that is decided.
    """
    with transaction.atomic():
        contribution = contributions_to_change([contribution_id])[contribution_id]
        permit_on(actor, "value_contribution", contribution.agreement)
        refuse_if(rules.TRANSITIONS["contribution"].check(contribution.state, "value_contribution"))
        before = contribution.valuation
        valuation = valuation.with_stated(before)
        kind = profile_in_use().cost_share_kind(contribution.kind)
        if before == valuation and rules.valuation_complete(valuation, kind) is None:
            return contribution
        refuse_if(rules.valued_once(before, valuation, kind))
        settled_amount(valuation, kind, contribution.claimed_minor, contribution.currency)
        changes: dict[str, object] = {}
        for name in VALUATION_FIELDS:
            old, new = getattr(before, name), getattr(valuation, name)
            if old != new:
                changes[name] = [old, new]
                setattr(contribution, name, new)
        contribution.save(update_fields=list(changes))
        audit_contribution(actor, "value_contribution", contribution, now=now, changes=changes)
    return contribution


def accept_contribution(
    actor: Actor,
    contribution_id: UUID,
    *,
    accepted_minor: int | None,
    today: date,
    now: datetime,
    reason: str = "",
) -> Contribution:
    """Count a contribution as cost share, in part too: the refused rest is voided with the reason.

    Raises Refused, with its citation, where C-02 does not let it count, and above the threshold
    where a second person is wanted.
    """

    def work() -> Contribution:
        contributions = contributions_to_change([contribution_id])
        decided = Acceptance(contribution_id, accepted_minor, reason)
        contribution = contributions[contribution_id]
        if accept_open(actor, contributions, [decided], today=today, now=now):
            contribution.refresh_from_db()
            audit_contribution(
                actor,
                "accept_contribution",
                contribution,
                now=now,
                why=reason,
                changes={
                    "state": [ContributionState.RECORDED, contribution.state],
                    "accepted_minor": contribution.accepted_minor,
                    "claimed_minor": contribution.claimed_minor,
                    **delegations_used(actor, contribution, contribution.accepted_minor or 0),
                },
            )
        return contribution

    return in_ledger_transaction([_accept_id(contribution_id)], work)


def accept_contributions(
    actor: Actor, acceptances: Sequence[Acceptance], *, today: date, now: datetime, why: str
) -> ContributionOutcome:
    """Accept many contributions under the same rules, all or none, with one audit event.

    Raises RefusedRow at one that is named a second time.
    """
    if not acceptances:
        return ContributionOutcome(0, 0)

    def work() -> ContributionOutcome:
        refuse_repeated([one.contribution_id for one in acceptances])
        contributions = contributions_to_change([one.contribution_id for one in acceptances])
        accepted = accept_open(actor, contributions, acceptances, today=today, now=now)
        if accepted:
            _audit_batch(actor, "accept_contribution", acceptances, accepted, now=now, why=why)
        return ContributionOutcome(accepted, len(acceptances) - accepted)

    ids = (_accept_id(one.contribution_id) for one in acceptances)
    return in_ledger_transaction(ids, work)


def refuse_contribution(
    actor: Actor, contribution_id: UUID, *, reason: str, today: date, now: datetime
) -> Contribution:
    """Refuse a contribution with the reason; its claim is voided."""
    return _void(
        actor,
        contribution_id,
        TransferCode.REFUSE,
        ContributionState.REFUSED,
        reason=reason,
        today=today,
        now=now,
    )


def withdraw_contribution(
    actor: Actor, contribution_id: UUID, *, reason: str, today: date, now: datetime
) -> Contribution:
    """Take back a claim that was recorded by mistake, with the reason."""
    return _void(
        actor,
        contribution_id,
        TransferCode.WITHDRAW,
        ContributionState.WITHDRAWN,
        reason=reason,
        today=today,
        now=now,
    )


def _void(
    actor: Actor,
    contribution_id: UUID,
    code: TransferCode,
    state: ContributionState,
    *,
    reason: str,
    today: date,
    now: datetime,
) -> Contribution:
    verb = rules.CODES[code].verb

    def work() -> Contribution:
        contribution = contributions_to_change([contribution_id])[contribution_id]
        if void_open(actor, contribution, code, state, reason=reason, today=today, now=now):
            audit_contribution(
                actor,
                verb,
                contribution,
                now=now,
                why=reason,
                changes={"state": [ContributionState.RECORDED, state]},
            )
        return contribution

    return in_ledger_transaction([deciding_id(code, contribution_id)], work)


def _accept_id(contribution_id: UUID) -> UUID:
    return deciding_id(TransferCode.ACCEPT, contribution_id)


def _audit_batch(
    actor: Actor,
    verb: str,
    batch: Sequence[Claim] | Sequence[Acceptance],
    count: int,
    *,
    now: datetime,
    why: str,
) -> None:
    first = batch[0]
    first_id = first.id if isinstance(first, Claim) else first.contribution_id
    record_event(
        actor,
        verb,
        ("funding.contribution", str(first_id)),
        now=now,
        why=why,
        count=count,
        changes={"batch": len(batch)},
    )
