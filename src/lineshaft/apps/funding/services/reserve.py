"""The verbs of the performance reserve: withhold money, release it on assessed performance."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Unpack

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, ReserveDecision, Transfer
from lineshaft.apps.funding.rules import Rating, TransferCode
from lineshaft.apps.funding.services.book import TransferRow
from lineshaft.apps.funding.services.ledger import in_ledger_transaction, write_transfers
from lineshaft.apps.funding.services.posting import Movement, post_row, record_one
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_span
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was assessed over which days, and how the institute's performance stood."""

    assessed_from: date
    assessed_before: date
    rating: Rating
    assessment: str


def withhold_reserve(
    actor: Actor, agreement: Agreement, *, now: datetime, **movement: Unpack[Movement]
) -> Transfer:
    """Hold authorised money back for performance; it can't be obligated until it is released."""
    row = TransferRow(agreement_id=agreement.pk, code=TransferCode.WITHHOLD, **movement)
    return post_row(actor, row, now=now)


def release_reserve(
    actor: Actor,
    agreement: Agreement,
    *,
    assessed: Assessment,
    now: datetime,
    **movement: Unpack[Movement],
) -> Transfer:
    """Put money held back at the agreement's disposal again, and keep the decision beside it.

    Raises Invalid for an empty time, and Refused for no assessment, performance below the
    standards, a time that is not over, or more than is held back.
    """
    fault = check_span(assessed.assessed_from, assessed.assessed_before, name="assessed_before")
    if fault is not None:
        raise Invalid([fault])
    refuse_if(rules.assessment_given(assessed.assessment))
    row = TransferRow(
        agreement_id=agreement.pk,
        code=TransferCode.RELEASE_RESERVE,
        reason=assessed.assessment,
        **movement,
    )

    def work() -> Transfer:
        written = write_transfers(actor, [row], now=now)
        if not written.recorded:
            return Transfer.objects.get(pk=row.id)
        span = Span(assessed.assessed_from, assessed.assessed_before)
        refuse_if(rules.performance_earns(assessed.rating))
        refuse_if(rules.assessed_before(span, row.occurred_on))
        released = record_one(actor, written, row, now=now, why=assessed.assessment)
        ReserveDecision.objects.create(
            transfer=released,
            agreement_id=row.agreement_id,
            assessed_from=assessed.assessed_from,
            assessed_before=assessed.assessed_before,
            rating=assessed.rating,
            assessment=assessed.assessment,
            decided_by_id=actor.user_id,
            decided_at=now,
        )
        return released

    return in_ledger_transaction([row.id], work)
