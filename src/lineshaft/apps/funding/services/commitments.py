"""The verbs of commitments: record a promise of cost share, release what is left of one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Commitment
from lineshaft.apps.funding.queries import left_minor_of
from lineshaft.apps.funding.services.evidence import permit_on
from lineshaft.apps.funding.services.ledger import RefusedRow, in_ledger_transaction
from lineshaft.apps.funding.services.recording import ContributionOutcome
from lineshaft.kernel.errors import NotFound, Refused
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment as its letter states it; `id` becomes its key and makes a retry harmless."""

    id: UUID
    agreement_id: int
    organisation_id: int
    is_cash: bool
    amount_minor: int
    currency: str
    promised_on: date
    due_on: date
    reference: str


def record_commitment(actor: Actor, promise: Promise, *, now: datetime) -> Commitment:
    """Record what an organisation promised to bring, by when, and in which letter."""

    def work() -> Commitment:
        if _record(actor, [promise], now=now):
            _audit(actor, "record_commitment", promise.id, now=now, changes=_told(promise))
        return Commitment.objects.get(pk=promise.id)

    return in_ledger_transaction([promise.id], work)


def record_commitments(
    actor: Actor, promises: Sequence[Promise], *, now: datetime, why: str
) -> ContributionOutcome:
    """Record many promises, all or none, with one audit event; RefusedRow for the first refused."""
    if not promises:
        return ContributionOutcome(0, 0)

    def work() -> ContributionOutcome:
        recorded = _record(actor, promises, now=now)
        if recorded:
            record_event(
                actor,
                "record_commitment",
                ("funding.commitment", str(promises[0].id)),
                now=now,
                why=why,
                count=recorded,
                changes={"batch": len(promises)},
            )
        return ContributionOutcome(recorded, len(promises) - recorded)

    return in_ledger_transaction([promise.id for promise in promises], work)


def release_commitment(
    actor: Actor, commitment_id: UUID, *, reason: str, today: date, now: datetime
) -> Commitment:
    """Expect what is left of a promise no longer, with the reason; once."""
    with transaction.atomic():
        commitment = _to_change(commitment_id)
        permit_on(actor, "release_commitment", commitment.agreement)
        if commitment.released_minor and commitment.release_reason == reason:
            return commitment
        refuse_if(rules.release_reason_given(reason))
        left_minor = left_minor_of([commitment])[commitment.pk]
        refuse_if(rules.something_left(left_minor))
        commitment.released_minor += left_minor
        commitment.released_on = today
        commitment.release_reason = reason
        commitment.save(update_fields=["released_minor", "released_on", "release_reason"])
        changes = {"released_minor": left_minor}
        _audit(actor, "release_commitment", commitment_id, now=now, changes=changes, why=reason)
    return commitment


def _record(actor: Actor, promises: Sequence[Promise], *, now: datetime) -> int:
    """How many of the promises are new."""
    agreements = Agreement.objects.select_related("agency", "institute").in_bulk(
        sorted({promise.agreement_id for promise in promises})
    )
    for agreement in agreements.values():
        permit_on(actor, "record_commitment", agreement)
    stored = Commitment.objects.in_bulk([promise.id for promise in promises])
    new: dict[UUID, Commitment] = {}
    for position, promise in enumerate(promises):
        try:
            _check(promise, agreements, stored.get(promise.id) or new.get(promise.id))
        except Refused as error:
            raise RefusedRow(error.refusal, position) from error
        if promise.id not in stored:
            new[promise.id] = Commitment(
                recorded_by_id=actor.user_id, recorded_at=now, **asdict(promise)
            )
    Commitment.objects.bulk_create(new.values(), batch_size=1_000)
    return len(new)


def _check(
    promise: Promise, agreements: Mapping[int, Agreement], stored: Commitment | None
) -> None:
    agreement = agreements.get(promise.agreement_id)
    if agreement is None:
        raise NotFound(code="agreement", message=gettext_noop("There is no such agreement."))
    if stored is not None:
        is_same = all(getattr(stored, name) == value for name, value in asdict(promise).items())
        refuse_if(rules.same_content(is_same=is_same, transfer_id=str(promise.id)))
    refuse_if(rules.positive_amount(promise.amount_minor))
    refuse_if(rules.same_currency(promise.currency, agreement.currency))
    refuse_if(rules.entry_amount(promise.amount_minor, promise.currency))
    refuse_if(rules.letter_given(promise.reference))
    refuse_if(
        rules.commitment_dates(
            promise.promised_on,
            promise.due_on,
            starts_on=agreement.starts_on,
            ends_on=agreement.ends_on,
        )
    )


def _to_change(pk: UUID) -> Commitment:
    found = (
        Commitment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("agreement__institute", "agreement__agency")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="commitment", message=gettext_noop("There is no such commitment."))
    return found


def _told(promise: Promise) -> dict[str, object]:
    return {
        "organisation": promise.organisation_id,
        "is_cash": promise.is_cash,
        "amount_minor": promise.amount_minor,
        "currency": promise.currency,
        "due_on": promise.due_on.isoformat(),
        "reference": promise.reference,
    }


def _audit(
    actor: Actor,
    verb: str,
    commitment_id: UUID,
    *,
    now: datetime,
    changes: Mapping[str, object],
    why: str = "",
) -> None:
    commitment = Commitment.objects.select_related("agreement__institute", "agreement__agency").get(
        pk=commitment_id
    )
    record_event(
        actor,
        verb,
        commitment,
        now=now,
        why=why,
        institute=commitment.agreement.institute.key,
        agency=commitment.agreement.agency.key,
        changes=changes,
    )
