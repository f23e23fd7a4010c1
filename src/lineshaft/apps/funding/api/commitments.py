"""Commitments over the API: what was promised, what is left of it, and the release of the rest."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterLookup, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.values import AmountMinor, Currency
from lineshaft.apps.funding.models import Commitment
from lineshaft.apps.network.queries import organisation_by_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class CommitmentOut(Schema):
    """A promise of cost share, due through `due_on`."""

    id: UUID
    agreement_id: int
    institute: str
    organisation_id: int
    is_cash: bool
    currency: str
    amount_minor: int
    released_minor: int
    promised_on: date
    due_on: date
    reference: str

    @staticmethod
    def resolve_institute(commitment: Commitment) -> str:
        return commitment.agreement.institute.key


class CommitmentDetailOut(CommitmentOut):
    """A promise with what is left of it after what was accepted and released."""

    left_minor: int

    @staticmethod
    def resolve_left_minor(commitment: Commitment) -> int:
        return queries.left_minor_of([commitment])[commitment.pk]


class CommitmentFilter(FilterSchema):
    """Narrows a list of commitments."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: RowId | None = None
    organisation_id: RowId | None = None


class CommitmentIn(Schema):
    """A promise as its letter states it."""

    id: UUID
    agreement_id: RowId
    organisation_id: RowId
    is_cash: bool
    amount_minor: AmountMinor
    currency: Currency
    promised_on: date
    due_on: date
    reference: Annotated[str, Field(min_length=1, max_length=200)]


class ReleaseCommitmentIn(Schema):
    """Why the rest is no longer expected."""

    reason: str


@router.get("/commitments", response=PageOf[CommitmentOut], operation_id="list_commitments")
def list_commitments(
    request: HttpRequest,
    narrowed: Query[CommitmentFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Commitments that the reader may see, the earliest due first."""
    commitments = narrowed.filter(queries.commitments_visible_to(actor_of(request)))
    return paged(commitments, cursor=cursor, limit=limit, order_by=("due_on", "pk"))


@router.get(
    "/commitments/{uuid:commitment_id}",
    response=CommitmentDetailOut,
    operation_id="show_commitment",
)
def show_commitment(request: HttpRequest, commitment_id: UUID) -> Commitment:
    """One commitment, and what is left of it."""
    return queries.commitment_by_id(actor_of(request), commitment_id)


@router.post("/commitments", response=CommitmentDetailOut, operation_id="record_commitment")
def record_commitment(request: HttpRequest, body: CommitmentIn) -> HttpResponse:
    """Record what an organisation promised to bring."""
    actor = actor_of(request)
    queries.agreement_by_id(actor, body.agreement_id)
    organisation_by_id(actor, body.organisation_id)

    def perform() -> CommitmentDetailOut:
        promise = services.Promise(**body.model_dump())
        recorded = services.record_commitment(actor, promise, now=clock.now())
        return CommitmentDetailOut.from_orm(recorded)

    return idempotent(request, "record_commitment", perform)


@router.post(
    "/commitments/{uuid:commitment_id}/release",
    response=CommitmentDetailOut,
    operation_id="release_commitment",
)
def release_commitment(
    request: HttpRequest, commitment_id: UUID, body: ReleaseCommitmentIn
) -> HttpResponse:
    """Expect what is left of a promise no longer."""
    actor = actor_of(request)
    found = queries.commitment_by_id(actor, commitment_id)

    def perform() -> CommitmentDetailOut:
        released = services.release_commitment(
            actor, found.pk, reason=body.reason, today=clock.today(), now=clock.now()
        )
        return CommitmentDetailOut.from_orm(released)

    return idempotent(request, "release_commitment", perform)
