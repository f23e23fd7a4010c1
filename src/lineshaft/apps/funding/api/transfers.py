"""Transfers over the API: the movements of federal money, one by one, in batches, corrected."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterLookup, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.proposals import ProposalOut
from lineshaft.apps.funding.api.values import AmountMinor, Currency, Reference
from lineshaft.apps.funding.models import Agreement, Transfer
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import (
    LIMIT_DEFAULT,
    Accepted,
    PageOf,
    RowId,
    actor_of,
    idempotent,
    paged,
)

router = Router()


class TransferOut(Schema):
    """One movement of money. `pending_id`: what it settles; `corrects_id`: what it takes back."""

    id: UUID
    agreement_id: RowId
    kind: str
    code: str
    amount_minor: int
    currency: str
    occurred_on: date
    pending_id: UUID | None
    corrects_id: UUID | None
    reference: str
    reason: str


MOVED = {200: TransferOut, 202: ProposalOut}
"""What a movement answers: the transfer, or 202 with its proposal where it takes two persons."""


class TransferFilter(FilterSchema):
    """Narrows a list of transfers."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: RowId | None = None
    code: str | None = None
    since: Annotated[date | None, FilterLookup("occurred_on__gte")] = None
    before: Annotated[date | None, FilterLookup("occurred_on__lt")] = None


class MovementIn(Schema):
    """An amount to be moved under the caller's own id."""

    id: UUID
    amount_minor: AmountMinor
    currency: Currency
    occurred_on: date
    reference: Reference = ""


class SponsoredMovementIn(MovementIn):
    """Money of one sponsor; `agency` is its key, and without one the leading agency's."""

    agency: str | None = None


class ReleaseIn(Schema):
    """What to release of an obligation; without an amount, all that is left."""

    id: UUID
    occurred_on: date
    reason: str
    amount_minor: AmountMinor | None = None
    reference: Reference = ""


class CorrectionIn(Schema):
    """How much of a transfer to take back under the caller's own id, and why."""

    id: UUID
    amount_minor: AmountMinor
    occurred_on: date
    reason: str


class TransferIn(SponsoredMovementIn):
    """One row of a batch. `pending_id` names what a draw or release settles."""

    agreement_id: RowId
    code: TransferCode
    pending_id: UUID | None = None
    reason: str = ""


class BatchIn(Schema):
    """Transfers to be posted in this order, all or none, and why.

    What takes two persons is sent by itself, so that it can be proposed; here it is refused.
    """

    transfers: Annotated[list[TransferIn], Field(min_length=1, max_length=10_000)]
    why: str = ""


class BatchOut(Schema):
    """How many transfers are new, and how many stood already."""

    recorded: int
    unchanged: int


@router.get("/transfers", response=PageOf[TransferOut], operation_id="list_transfers")
def list_transfers(
    request: HttpRequest,
    narrowed: Query[TransferFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Transfers that the reader may see, oldest first."""
    transfers = narrowed.filter(queries.transfers_visible_to(actor_of(request)))
    return paged(transfers, cursor=cursor, limit=limit, order_by=("occurred_on", "pk"))


@router.get("/transfers/{uuid:transfer_id}", response=TransferOut, operation_id="show_transfer")
def show_transfer(request: HttpRequest, transfer_id: UUID) -> Transfer:
    """One transfer."""
    return queries.transfer_by_id(actor_of(request), transfer_id)


@router.post(
    "/agreements/{int:agreement_id}/authorisations",
    response=TransferOut,
    operation_id="authorise_funds",
)
def authorise_funds(
    request: HttpRequest, agreement_id: RowId, body: SponsoredMovementIn
) -> HttpResponse:
    """Put appropriated money at the agreement's disposal, within its federal total."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return moved(request, services.authorise_funds, agreement, body)


@router.post(
    "/agreements/{int:agreement_id}/obligations",
    response=MOVED,
    operation_id="obligate_funds",
)
def obligate_funds(
    request: HttpRequest, agreement_id: RowId, body: SponsoredMovementIn
) -> HttpResponse:
    """Reserve authorised money for the institute to draw."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return moved(request, services.obligate_funds, agreement, body)


@router.post("/transfers/{uuid:obligation_id}/drawdowns", response=MOVED, operation_id="draw_funds")
def draw_funds(request: HttpRequest, obligation_id: UUID, body: MovementIn) -> HttpResponse:
    """Draw from an obligation."""
    obligation = queries.transfer_by_id(actor_of(request), obligation_id)
    return moved(request, services.draw_funds, obligation, body)


@router.post(
    "/transfers/{uuid:obligation_id}/releases",
    response=MOVED,
    operation_id="release_obligation",
)
def release_obligation(request: HttpRequest, obligation_id: UUID, body: ReleaseIn) -> HttpResponse:
    """Give back what is left pending of an obligation, or a part of it."""
    obligation = queries.transfer_by_id(actor_of(request), obligation_id)
    return moved(request, services.release_obligation, obligation, body)


@router.post("/agreements/{int:agreement_id}/returns", response=MOVED, operation_id="return_funds")
def return_funds(request: HttpRequest, agreement_id: RowId, body: MovementIn) -> HttpResponse:
    """Pay drawn money back to the award."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return moved(request, services.return_funds, agreement, body)


@router.post(
    "/transfers/{uuid:transfer_id}/corrections",
    response=MOVED,
    operation_id="correct_transfer",
)
def correct_transfer(request: HttpRequest, transfer_id: UUID, body: CorrectionIn) -> HttpResponse:
    """Take back a transfer, or a part of it, by one the other way that names it."""
    old = queries.transfer_by_id(actor_of(request), transfer_id)
    return moved(request, services.correct_transfer, old, body)


@router.post("/transfers/batch", response=BatchOut, operation_id="post_transfers")
def post_transfers(request: HttpRequest, body: BatchIn) -> HttpResponse:
    """Post federal transfers in their order, all or none."""
    actor = actor_of(request)
    queries.agreements_are_visible(actor, {row.agreement_id for row in body.transfers})

    def perform() -> BatchOut:
        agency_ids = queries.agency_ids(row.agency for row in body.transfers)
        rows = [
            services.TransferRow(
                **row.model_dump(exclude={"agency"}), agency_id=agency_ids.get(row.agency)
            )
            for row in body.transfers
        ]
        outcome = services.post_transfers(actor, rows, now=clock.now(), why=body.why)
        return BatchOut(recorded=outcome.recorded, unchanged=outcome.unchanged)

    return idempotent(request, "post_transfers", perform)


def moved(
    request: HttpRequest,
    move: Callable[..., services.Moved],
    subject: Agreement | Transfer,
    body: Schema,
) -> HttpResponse:
    """What the service of that name moved under the subject; its fields are those of the body.

    The status is 202 where the movement is proposed and waits for a second person.
    """

    def perform() -> TransferOut | Accepted:
        said = body.model_dump(exclude={"agency"})
        if isinstance(body, SponsoredMovementIn):
            said["agency_id"] = queries.agency_by_key(body.agency).pk if body.agency else None
        done = move(actor_of(request), subject, **said, now=clock.now())
        if isinstance(done, Transfer):
            return TransferOut.from_orm(done)
        return Accepted(ProposalOut.from_orm(done))

    return idempotent(request, move.__name__, perform)
