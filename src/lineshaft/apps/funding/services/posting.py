"""The verbs that post transfers: one by one, as a batch, and as a correction.

Each takes the id of the transfer from the caller, so that sending it again changes nothing. Each
writes one audit event in the ledger's own transaction, and none where nothing was new.

To obligate, draw, release or return takes two persons from the profile's threshold on, and so does
taking such a movement back: sent by one person it becomes a proposal. A batch proposes nothing; a
row that takes two persons refuses it. What the program itself sends, such as a payment file loaded
at the terminal, is the record of what has happened, and is booked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, Contribution, Transfer, TransferProposal
from lineshaft.apps.funding.rules import CODES, TransferCode
from lineshaft.apps.funding.services.book import Line, TransferRow, lock_book
from lineshaft.apps.funding.services.cost_sums import cost_moved_by, take_back_cost
from lineshaft.apps.funding.services.day_sums import add_to_costs, take_back_accepted
from lineshaft.apps.funding.services.ledger import (
    Written,
    as_transfer,
    in_ledger_transaction,
    write_approved,
    write_asked,
    write_transfers,
)
from lineshaft.apps.funding.services.proposing import propose_if_wanted
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event

type Moved = Transfer | TransferProposal
"""What a verb leaves behind: the transfer, or its proposal where it takes two persons."""


class Movement(TypedDict):
    """What every movement of federal money says, whatever its code; amounts in minor units."""

    id: UUID
    amount_minor: int
    currency: str
    occurred_on: date
    reference: NotRequired[str]
    agency_id: NotRequired[int | None]
    """The sponsor whose money it is; without one, the leading agency's."""


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """How many transfers a batch recorded anew, and how many it found recorded already."""

    recorded: int
    unchanged: int


def post_transfers(
    actor: Actor, rows: Sequence[TransferRow], *, now: datetime, why: str
) -> PostOutcome:
    """Post a batch of federal transfers in the order given, all or none, with one audit event.

    Sources of cost share move with their contribution and not here. Raises Refused for the first
    row that a rule does not allow (`transfer_id_reused` where an id stands for something else).
    """
    if not rows:
        return PostOutcome(0, 0)
    for code in {row.code for row in rows}:
        refuse_if(rules.code_in_batch(code))

    def work() -> PostOutcome:
        written = write_transfers(actor, rows, now=now)
        if written.recorded:
            _record_batch(actor, written, now=now, why=why)
        return PostOutcome(len(written.recorded), len(written.unchanged))

    return in_ledger_transaction([row.id for row in rows], work)


def post_transfer(actor: Actor, row: TransferRow, *, now: datetime, why: str = "") -> Transfer:
    """Post one federal transfer under its code's own verb; the stored one if it stands already."""
    refuse_if(rules.code_in_batch(row.code))
    return post_row(actor, row, now=now, why=why)


def authorise_funds(
    actor: Actor, agreement: Agreement, *, now: datetime, **movement: Unpack[Movement]
) -> Transfer:
    """Put appropriated money at the agreement's disposal, within its federal total."""
    return post_row(actor, _row(TransferCode.AUTHORISE, agreement, movement), now=now)


def obligate_funds(
    actor: Actor, agreement: Agreement, *, now: datetime, **movement: Unpack[Movement]
) -> Moved:
    """Reserve authorised money for the institute to draw: a pending transfer with its hold."""
    return move_row(actor, _row(TransferCode.OBLIGATE, agreement, movement), now=now)


def return_funds(
    actor: Actor, agreement: Agreement, *, now: datetime, **movement: Unpack[Movement]
) -> Moved:
    """Pay drawn money back to the award, up to what was drawn; it can be obligated again."""
    return move_row(actor, _row(TransferCode.RETURN, agreement, movement), now=now)


def draw_funds(
    actor: Actor, obligation: Transfer, *, now: datetime, **movement: Unpack[Movement]
) -> Moved:
    """Draw from an obligation, in part too; never more than is left pending of it."""
    row = TransferRow(
        agreement_id=obligation.agreement_id,
        code=TransferCode.DRAW,
        pending_id=obligation.pk,
        **movement,
    )
    return move_row(actor, row, now=now)


def release_obligation(
    actor: Actor,
    obligation: Transfer,
    *,
    id: UUID,  # noqa: A002 -- the ledger's own word for the caller's key
    occurred_on: date,
    reason: str,
    now: datetime,
    amount_minor: int | None = None,
    reference: str = "",
) -> Moved:
    """Give back what is left pending of an obligation, or a part of it, with the reason."""
    row = TransferRow(
        id,
        obligation.agreement_id,
        TransferCode.RELEASE,
        amount_minor,
        obligation.currency,
        occurred_on,
        pending_id=obligation.pk,
        reference=reference,
        reason=reason,
    )
    return move_row(actor, row, now=now, why=reason)


def correct_transfer(
    actor: Actor,
    old: Transfer,
    *,
    id: UUID,  # noqa: A002 -- as in release_obligation
    amount_minor: int,
    occurred_on: date,
    reason: str,
    now: datetime,
) -> Moved:
    """Take back a transfer, or a part of it, by a new one the other way that names the old.

    A contribution's accepted amount falls with the transfer that accepted it, and a cost's sums
    follow the transfer that moved it. Whoever may post
    the old transfer's code may correct it.
    """
    organisation_id = old.debit_account.organisation_id
    row = TransferRow(
        id,
        old.agreement_id,
        TransferCode.CORRECT,
        amount_minor,
        old.currency,
        occurred_on,
        corrects_id=old.pk,
        organisation_id=organisation_id,
        reason=reason,
    )

    accepts_id = old.pending_id if old.code == TransferCode.ACCEPT else None

    def work() -> Moved:
        if old.code in rules.TWO_PERSON_CODES:
            return _move(actor, row, now=now, why=reason)
        accepted = Contribution.objects.select_for_update(no_key=True).filter(pk=accepts_id).first()
        cost = cost_moved_by(old) if old.code in rules.LEDGER_COST_CODES else None
        written = write_transfers(actor, [row], now=now)
        if not written.recorded:
            return Transfer.objects.get(pk=id)
        if cost is not None:
            take_back_cost(cost, old, correction_id=id, amount_minor=amount_minor)
            add_to_costs(written.recorded, {id: cost}, written.book)
        if accepted is not None:
            accepted.accepted_minor -= amount_minor
            accepted.save(update_fields=["accepted_minor"])
            take_back_accepted(accepted, amount_minor)
        return record_one(actor, written, row, now=now, why=reason)

    return in_ledger_transaction([id], work)


def _row(code: TransferCode, agreement: Agreement, movement: Movement) -> TransferRow:
    return TransferRow(agreement_id=agreement.pk, code=code, **movement)


def move_row(actor: Actor, row: TransferRow, *, now: datetime, why: str = "") -> Moved:
    """Write one transfer as `post_row` does, or propose it where it takes two persons."""
    return in_ledger_transaction([row.id], lambda: _move(actor, row, now=now, why=why))


def post_approved(actor: Actor, row: TransferRow, *, now: datetime, why: str) -> Transfer:
    """Write the transfer that another person proposed, in the caller's transaction.

    The stored one if it stands already. What takes two persons has no record of its own beside the
    ledger, so that the ledger is all that moves.
    """
    return _recorded(actor, write_approved(actor, row, now=now), row, now=now, why=why)


def post_row(actor: Actor, row: TransferRow, *, now: datetime, why: str = "") -> Transfer:
    """Write one transfer with its audit event; the stored one if it stands already."""
    return in_ledger_transaction([row.id], lambda: _post(actor, row, now=now, why=why))


def record_one(
    actor: Actor, written: Written, row: TransferRow, *, now: datetime, why: str
) -> Transfer:
    """The transfer just written for the row, after its audit event."""
    transfer = as_transfer(written.recorded[0], recorded_by_id=actor.user_id, now=now)
    agreement = written.book.agreements[row.agreement_id]
    record_event(
        actor,
        CODES[row.code].verb,
        transfer,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={
            "agreement": agreement.number,
            "amount_minor": transfer.amount_minor,
            "currency": transfer.currency,
            "occurred_on": transfer.occurred_on.isoformat(),
            "reference": transfer.reference,
        },
    )
    return transfer


def _move(actor: Actor, row: TransferRow, *, now: datetime, why: str) -> Moved:
    """Whether it takes two persons is asked once, under the lock that the writing keeps."""
    book = lock_book([row])
    proposal = propose_if_wanted(actor, row, now=now)
    if proposal is not None:
        return proposal
    return _recorded(actor, write_asked(actor, row, book, now=now), row, now=now, why=why)


def _post(actor: Actor, row: TransferRow, *, now: datetime, why: str) -> Transfer:
    return _recorded(actor, write_transfers(actor, [row], now=now), row, now=now, why=why)


def _recorded(
    actor: Actor, written: Written, row: TransferRow, *, now: datetime, why: str
) -> Transfer:
    if not written.recorded:
        return Transfer.objects.get(pk=row.id)
    return record_one(actor, written, row, now=now, why=why)


def _record_batch(actor: Actor, written: Written, *, now: datetime, why: str) -> None:
    touched = {line.agreement_id for line in written.recorded}
    agreements = [written.book.agreements[pk] for pk in sorted(touched)]
    record_event(
        actor,
        "post_transfers",
        ("funding.transfer", str(written.recorded[0].id)),
        now=now,
        why=why,
        institute=_only({agreement.institute.key for agreement in agreements}),
        agency=_only({agreement.agency.key for agreement in agreements}),
        count=len(written.recorded),
        changes={
            "agreements": [agreement.number for agreement in agreements],
            "transfers_by_code": _counted(written.recorded),
            "last": str(written.recorded[-1].id),
        },
    )


def _counted(lines: Sequence[Line]) -> dict[str, int]:
    return dict(sorted(Counter(line.code for line in lines).items()))


def _only(keys: set[str]) -> str:
    """The one key, or nothing where a batch spans several."""
    return next(iter(keys)) if len(keys) == 1 else ""
