"""Deciding on contributions: accepting posts the claim, refusing and withdrawing void it.

Under the verbs of `contributions` and `claims`, which open the transaction, lock the contributions
and write the audit event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Contribution
from lineshaft.apps.funding.rules import TRANSITIONS, ContributionState, TransferCode
from lineshaft.apps.funding.services.book import CHUNK_ROWS, TransferRow
from lineshaft.apps.funding.services.day_sums import count_accepted, take_back_other
from lineshaft.apps.funding.services.duplicates import duplicate_counts, note_duplicates
from lineshaft.apps.funding.services.evidence import evidence_counts, permit_on
from lineshaft.apps.funding.services.ledger import RefusedRow, write_transfers
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How much of a contribution counts; None: all of it. A refused rest wants its reason."""

    contribution_id: UUID
    accepted_minor: int | None = None
    reason: str = ""


def refuse_repeated(ids: Sequence[UUID]) -> None:
    """Raise RefusedRow at the second decision on one contribution."""
    named: set[UUID] = set()
    for position, contribution_id in enumerate(ids):
        refusal = rules.decision_made(len(ids), is_repeated=contribution_id in named)
        if refusal is not None:
            raise RefusedRow(refusal, position)
        named.add(contribution_id)


def accept_open(
    actor: Actor,
    contributions: Mapping[UUID, Contribution],
    acceptances: Sequence[Acceptance],
    *,
    today: date,
    now: datetime,
) -> int:
    """Accept what is still open; return how many. The same acceptance sent again counts as done."""
    evidence = evidence_counts(contributions)
    note_duplicates([one.contribution_id for one in acceptances], now=now)
    duplicates = duplicate_counts(contributions)
    rows: list[TransferRow] = []
    whole: list[UUID] = []
    parts: list[tuple[UUID, int, str]] = []
    for one in acceptances:
        contribution = contributions[one.contribution_id]
        accepted_minor = one.accepted_minor
        if accepted_minor is None:
            accepted_minor = contribution.claimed_minor
        # The rest is refused with it, so a delegation holds the whole claim.
        permit_on(actor, "accept_contribution", contribution.agreement, contribution.claimed_minor)
        if _is_accepted_so(contribution, accepted_minor):
            continue
        refuse_if(TRANSITIONS["contribution"].check(contribution.state, "accept_contribution"))
        _refuse_to_count(actor, contribution, accepted_minor, evidence.get(contribution.pk, 0))
        _refuse_twice(
            actor, contribution, accepted_minor, duplicates.get(contribution.pk, 0), one.reason
        )
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
    accepted = [(contributions[pk], contributions[pk].claimed_minor) for pk in whole]
    accepted += [(contributions[pk], accepted_minor) for pk, accepted_minor, _reason in parts]
    count_accepted(accepted)
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
        rules.valuation_complete(
            contribution.valuation, profile_in_use().cost_share_kind(contribution.kind)
        )
    )
    refuse_if(
        rules.second_person(
            accepted=Money(accepted_minor, contribution.currency),
            threshold=Money(profile_in_use().second_person_threshold_minor, contribution.currency),
            is_recorder=_is_recorder(actor, contribution),
            is_second_line=_is_second_line(actor, contribution, accepted_minor),
        )
    )


def _refuse_twice(
    actor: Actor,
    contribution: Contribution,
    accepted_minor: int,
    duplicate_count: int,
    reason: str,
) -> None:
    refuse_if(
        rules.claimed_once(
            duplicate_count,
            is_recorder=_is_recorder(actor, contribution),
            is_second_line=_is_second_line(actor, contribution, accepted_minor),
            reason=reason,
        )
    )


def _is_recorder(actor: Actor, contribution: Contribution) -> bool:
    return contribution.recorded_by_id is not None and contribution.recorded_by_id == actor.user_id


def _is_second_line(actor: Actor, contribution: Contribution, accepted_minor: int) -> bool:
    return may(
        actor,
        rules.PERMISSIONS["accept_large_contribution"],
        institute=contribution.agreement.institute.key,
        agency=contribution.agreement.agency.key,
        amount_minor=accepted_minor,
    )


def delegations_used(
    actor: Actor, contribution: Contribution, accepted_minor: int
) -> dict[str, object]:
    """What the trail says of the delegations under which a contribution was accepted, if any."""
    threshold_minor = profile_in_use().second_person_threshold_minor
    amounts = {"accept_contribution": contribution.claimed_minor}
    if accepted_minor > threshold_minor:
        amounts["accept_large_contribution"] = accepted_minor
    powers = [
        permit_on(actor, verb, contribution.agreement, amount_minor)
        for verb, amount_minor in amounts.items()
    ]
    used = [power.id for power in powers if power is not None]
    return {"delegations": used} if used else {}


def void_open(
    actor: Actor,
    contribution: Contribution,
    code: TransferCode,
    state: ContributionState,
    *,
    reason: str,
    today: date,
    now: datetime,
) -> bool:
    """Void the claim of a locked contribution; False where the same reason voided it already."""
    verb = rules.CODES[code].verb
    permit_on(actor, verb, contribution.agreement)
    if contribution.state == state and contribution.decision_reason == reason:
        return False
    refuse_if(TRANSITIONS["contribution"].check(contribution.state, verb))
    row = _deciding_row(contribution, code, None, today, reason=reason)
    write_transfers(actor, [row], now=now)
    contribution.state = state
    contribution.decided_by_id = actor.user_id
    contribution.decided_at = now
    contribution.decision_reason = reason
    contribution.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])
    if state is ContributionState.WITHDRAWN and contribution.is_federal_origin:
        take_back_other(contribution)
    return True


def deciding_id(code: TransferCode, contribution_id: UUID) -> UUID:
    """The id of the one transfer by which that code can decide on that contribution."""
    return derived_id(f"funding.{code}", contribution_id)


def _deciding_row(
    contribution: Contribution,
    code: TransferCode,
    amount_minor: int | None,
    today: date,
    *,
    reason: str = "",
) -> TransferRow:
    return TransferRow(
        deciding_id(code, contribution.pk),
        contribution.agreement_id,
        code,
        amount_minor,
        contribution.currency,
        today,
        pending_id=contribution.pk,
        organisation_id=contribution.organisation_id,
        reason=reason,
    )
