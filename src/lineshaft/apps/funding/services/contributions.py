"""The verbs of cost share: record, prove, accept, refuse, withdraw; one by one and in bulk.

Recording reserves the claim (a pending transfer from the contributor's account to the agreement's
cash or in-kind account), accepting posts it, refusing or withdrawing voids it. A contribution is
decided once, so the ids of the deciding transfers are derived from its own and a retry is harmless.
Lock order: contributions by key, then accounts by id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    Contribution,
)
from lineshaft.apps.funding.rules import (
    TRANSITIONS,
    AccountKind,
    ContributionState,
    TransferCode,
)
from lineshaft.apps.funding.services.book import CHUNK_ROWS, TransferRow
from lineshaft.apps.funding.services.evidence import (
    EvidenceFile,
    attach_files,
    attach_references,
    audit_contribution,
    contributions_to_change,
    evidence_counts,
    permit_on,
)
from lineshaft.apps.funding.services.ledger import (
    RefusedRow,
    in_ledger_transaction,
    write_transfers,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.jurisdiction import CostShareKind
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.bulk import insert_rows
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.sharing import SharingLevel


@dataclass(frozen=True, slots=True)
class Claim:
    """A contribution as its recorder states it; `id` becomes its key and makes a retry harmless.

    `kind` is a cost-share kind of the profile. `evidence` are references of records in the
    recipient's own books; files are attached beside.
    """

    id: UUID
    agreement_id: int
    organisation_id: int
    kind: str
    amount_minor: int
    currency: str
    occurred_on: date
    is_federal_origin: bool = False
    other_award: str = ""
    units: Decimal | None = None
    rate_minor: int | None = None
    basis_of_value: str = ""
    external_id: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How much of a contribution counts; None: all of it. A refused rest wants its reason."""

    contribution_id: UUID
    accepted_minor: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ContributionOutcome:
    """How many contributions a verb wrote anew, and how many stood so already."""

    recorded: int
    unchanged: int


def record_contribution(
    actor: Actor, claim: Claim, *, now: datetime, files: Sequence[EvidenceFile] = ()
) -> Contribution:
    """Record a claim of cost share with its evidence; it counts once it is accepted.

    Raises Refused for an amount, a date, a currency or a kind that the agreement does not take.
    """

    def work() -> Contribution:
        outcome = _record(actor, [claim], now=now)
        contribution = contributions_to_change([claim.id])[claim.id]
        if outcome.recorded:
            attach_files(actor, contribution, files, now=now)
            audit_contribution(
                actor,
                "record_contribution",
                contribution,
                now=now,
                changes={
                    "organisation": claim.organisation_id,
                    "kind": claim.kind,
                    "claimed_minor": claim.amount_minor,
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
        outcome = _record(actor, claims, now=now)
        if outcome.recorded:
            _audit_batch(actor, "record_contribution", claims, outcome.recorded, now=now, why=why)
        return outcome

    return in_ledger_transaction([claim.id for claim in claims], work)


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
        if _accept(actor, contributions, [decided], today=today, now=now):
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
                },
            )
        return contribution

    return in_ledger_transaction([_accept_id(contribution_id)], work)


def accept_contributions(
    actor: Actor, acceptances: Sequence[Acceptance], *, today: date, now: datetime, why: str
) -> ContributionOutcome:
    """Accept many contributions under the same rules, all or none, with one audit event."""
    if not acceptances:
        return ContributionOutcome(0, 0)

    def work() -> ContributionOutcome:
        contributions = contributions_to_change([one.contribution_id for one in acceptances])
        accepted = _accept(actor, contributions, acceptances, today=today, now=now)
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


def _record(actor: Actor, claims: Sequence[Claim], *, now: datetime) -> ContributionOutcome:
    kinds = {kind.key: kind for kind in profile_in_use().cost_share_kinds}
    agreements = Agreement.objects.select_related("agency", "institute").in_bulk(
        sorted({claim.agreement_id for claim in claims})
    )
    for agreement in agreements.values():
        permit_on(actor, "record_contribution", agreement)
    for position, claim in enumerate(claims):
        try:
            _check_claim(claim, agreements, kinds)
        except Refused as error:
            raise RefusedRow(error.refusal, position) from error
    _open_sources(claims, agreements)
    rows = [_row(claim, kinds[claim.kind]) for claim in claims]
    written = write_transfers(actor, rows, now=now)
    new_ids = {line.id for line in written.recorded}
    _refuse_other_content([claim for claim in claims if claim.id not in new_ids])
    new_claims = list({claim.id: claim for claim in claims if claim.id in new_ids}.values())
    _insert(actor, new_claims, kinds, now=now)
    attach_references(actor, [(claim.id, claim.evidence) for claim in new_claims], now=now)
    return ContributionOutcome(len(written.recorded), len(written.unchanged))


def _insert(
    actor: Actor, claims: Sequence[Claim], kinds: Mapping[str, CostShareKind], *, now: datetime
) -> None:
    rows = [
        _content(claim)
        | {
            "transfer_id": claim.id,
            "is_cash": kinds[claim.kind].is_cash,
            "currency": claim.currency,
            "accepted_minor": 0,
            "state": ContributionState.RECORDED.value,
            "level": SharingLevel.RESTRICTED.value,
            "recorded_by_id": actor.user_id,
            "recorded_at": now,
            "decided_by_id": None,
            "decided_at": None,
            "decision_reason": "",
        }
        for claim in claims
    ]
    if rows:
        insert_rows(Contribution, tuple(rows[0]), [tuple(row.values()) for row in rows])


def _check_claim(
    claim: Claim, agreements: Mapping[int, Agreement], kinds: Mapping[str, CostShareKind]
) -> None:
    agreement = agreements.get(claim.agreement_id)
    if agreement is None:
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    refuse_if(rules.positive_amount(claim.amount_minor))
    refuse_if(rules.same_currency(claim.currency, agreement.currency))
    refuse_if(rules.date_in_span(claim.occurred_on, agreement.starts_on, agreement.ends_on))
    refuse_if(rules.kind_known(claim.kind, is_known=claim.kind in kinds))
    refuse_if(rules.valuation_positive(claim.units, claim.rate_minor))
    refuse_if(rules.units_kept(claim.units))


def _content(claim: Claim) -> dict[str, object]:
    """What of a claim is kept beside its transfer, and makes a reused id another claim."""
    return {
        "agreement_id": claim.agreement_id,
        "organisation_id": claim.organisation_id,
        "kind": claim.kind,
        "is_federal_origin": claim.is_federal_origin,
        "other_award": claim.other_award,
        "units": claim.units,
        "rate_minor": claim.rate_minor,
        "basis_of_value": claim.basis_of_value,
        "occurred_on": claim.occurred_on,
        "claimed_minor": claim.amount_minor,
        "external_id": claim.external_id,
    }


def _refuse_other_content(claims: Iterable[Claim]) -> None:
    """A retry repeats the whole claim, not only its transfer."""
    by_id = {claim.id: claim for claim in claims}
    if not by_id:
        return
    ids = list(by_id)
    for start in range(0, len(ids), CHUNK_ROWS):
        for stored in Contribution.objects.filter(pk__in=ids[start : start + CHUNK_ROWS]):
            asked = _content(by_id[stored.pk])
            is_same = all(getattr(stored, name) == value for name, value in asked.items())
            refuse_if(rules.same_content(is_same=is_same, transfer_id=str(stored.pk)))


def _open_sources(claims: Iterable[Claim], agreements: Mapping[int, Agreement]) -> None:
    """Open the contributors' accounts that are not there yet, in one order for every caller."""
    wanted = {(claim.agreement_id, claim.organisation_id) for claim in claims}
    existing = set(
        Account.objects.filter(
            kind=AccountKind.SOURCE, agreement_id__in=sorted({pair[0] for pair in wanted})
        ).values_list("agreement_id", "organisation_id")
    )
    Account.objects.bulk_create(
        [
            Account(
                kind=AccountKind.SOURCE,
                agreement_id=agreement_id,
                organisation_id=organisation_id,
                currency=agreements[agreement_id].currency,
                credits_must_not_exceed_debits=True,
            )
            for agreement_id, organisation_id in sorted(wanted - existing)
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )


def _row(claim: Claim, kind: CostShareKind) -> TransferRow:
    code = TransferCode.CONTRIBUTE_CASH if kind.is_cash else TransferCode.CONTRIBUTE_IN_KIND
    return TransferRow(
        claim.id,
        claim.agreement_id,
        code,
        claim.amount_minor,
        claim.currency,
        claim.occurred_on,
        organisation_id=claim.organisation_id,
        reference=claim.external_id,
    )


def _accept(
    actor: Actor,
    contributions: Mapping[UUID, Contribution],
    acceptances: Sequence[Acceptance],
    *,
    today: date,
    now: datetime,
) -> int:
    """Accept what is still open; return how many. The same acceptance sent again counts as done."""
    evidence = evidence_counts(contributions)
    rows: list[TransferRow] = []
    whole: list[UUID] = []
    parts: list[tuple[UUID, int, str]] = []
    for one in acceptances:
        contribution = contributions[one.contribution_id]
        accepted_minor = one.accepted_minor
        if accepted_minor is None:
            accepted_minor = contribution.claimed_minor
        permit_on(actor, "accept_contribution", contribution.agreement)
        if _is_accepted_so(contribution, accepted_minor):
            continue
        refuse_if(TRANSITIONS["contribution"].check(contribution.state, "accept_contribution"))
        _refuse_to_count(actor, contribution, accepted_minor, evidence.get(contribution.pk, 0))
        rows.append(_deciding_row(contribution, TransferCode.ACCEPT, accepted_minor, today))
        if accepted_minor < contribution.claimed_minor:
            rows.append(
                _deciding_row(contribution, TransferCode.REFUSE, None, today, reason=one.reason)
            )
        if accepted_minor == contribution.claimed_minor and not one.reason:
            whole.append(contribution.pk)
        else:
            parts.append((contribution.pk, accepted_minor, one.reason))
    if not rows:
        return 0
    write_transfers(actor, rows, now=now)
    decided = {
        "state": ContributionState.ACCEPTED,
        "decided_by_id": actor.user_id,
        "decided_at": now,
    }
    for start in range(0, len(whole), CHUNK_ROWS):
        Contribution.objects.filter(pk__in=whole[start : start + CHUNK_ROWS]).update(
            accepted_minor=F("claimed_minor"), **decided
        )
    for pk, accepted_minor, reason in parts:
        Contribution.objects.filter(pk=pk).update(
            accepted_minor=accepted_minor, decision_reason=reason, **decided
        )
    return len(whole) + len(parts)


def _is_accepted_so(contribution: Contribution, accepted_minor: int) -> bool:
    return (
        contribution.state == ContributionState.ACCEPTED
        and contribution.accepted_minor == accepted_minor
    )


def _refuse_to_count(
    actor: Actor, contribution: Contribution, accepted_minor: int, evidence_count: int
) -> None:
    agreement = contribution.agreement
    refuse_if(
        rules.accepted_amount(Money(accepted_minor, contribution.currency), contribution.claimed)
    )
    refuse_if(
        rules.is_counted(
            evidence_count=evidence_count,
            is_federal_origin=contribution.is_federal_origin,
            other_award=contribution.other_award,
        )
    )
    refuse_if(rules.date_in_span(contribution.occurred_on, agreement.starts_on, agreement.ends_on))
    refuse_if(
        rules.second_person(
            accepted=Money(accepted_minor, contribution.currency),
            threshold=Money(profile_in_use().second_person_threshold_minor, contribution.currency),
            is_recorder=contribution.recorded_by_id is not None
            and contribution.recorded_by_id == actor.user_id,
            is_second_line=may(
                actor,
                rules.PERMISSIONS["accept_large_contribution"],
                institute=agreement.institute.key,
                agency=agreement.agency.key,
            ),
        )
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
        permit_on(actor, verb, contribution.agreement)
        if contribution.state == state and contribution.decision_reason == reason:
            return contribution
        refuse_if(TRANSITIONS["contribution"].check(contribution.state, verb))
        row = _deciding_row(contribution, code, None, today, reason=reason)
        write_transfers(actor, [row], now=now)
        contribution.state = state
        contribution.decided_by_id = actor.user_id
        contribution.decided_at = now
        contribution.decision_reason = reason
        contribution.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
        audit_contribution(
            actor,
            verb,
            contribution,
            now=now,
            why=reason,
            changes={"state": [ContributionState.RECORDED, state]},
        )
        return contribution

    return in_ledger_transaction([derived_id(f"funding.{code}", contribution_id)], work)


def _deciding_row(
    contribution: Contribution,
    code: TransferCode,
    amount_minor: int | None,
    today: date,
    *,
    reason: str = "",
) -> TransferRow:
    return TransferRow(
        derived_id(f"funding.{code}", contribution.pk),
        contribution.agreement_id,
        code,
        amount_minor,
        contribution.currency,
        today,
        pending_id=contribution.pk,
        organisation_id=contribution.organisation_id,
        reason=reason,
    )


def _accept_id(contribution_id: UUID) -> UUID:
    return derived_id(f"funding.{TransferCode.ACCEPT}", contribution_id)


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
