"""Proposed transfers over the API: what waits for a second person, and the decisions on it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import FilterLookup, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import TransferProposal
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class ProposalOut(Schema):
    """A transfer that takes two persons; once approved, the transfer of the same id stands."""

    id: UUID
    agreement_id: RowId
    code: str
    amount_minor: int
    currency: str
    occurred_on: date
    pending_id: UUID | None
    corrects_id: UUID | None
    reference: str
    reason: str
    state: str
    proposed_at: datetime
    decided_at: datetime | None
    decision_reason: str


class ProposalFilter(FilterSchema):
    """Narrows a list of proposed transfers."""

    institute: Annotated[str | None, FilterLookup("agreement__institute__key")] = None
    agreement_id: RowId | None = None
    code: str | None = None
    state: str | None = None


class RejectionIn(Schema):
    """Why a proposed transfer is rejected."""

    reason: str


class WithdrawalIn(Schema):
    """Why a proposed transfer is withdrawn, where there is something to say."""

    reason: str = ""


@router.get("/proposals", response=PageOf[ProposalOut], operation_id="list_proposals")
def list_proposals(
    request: HttpRequest,
    narrowed: Query[ProposalFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Proposed transfers that the reader may see, in every state, oldest first."""
    proposals = narrowed.filter(queries.proposals_visible_to(actor_of(request)))
    return paged(proposals, cursor=cursor, limit=limit, order_by=("proposed_at", "pk"))


@router.get("/proposals/{uuid:proposal_id}", response=ProposalOut, operation_id="show_proposal")
def show_proposal(request: HttpRequest, proposal_id: UUID) -> TransferProposal:
    """One proposed transfer."""
    return queries.proposal_by_id(actor_of(request), proposal_id)


@router.post(
    "/proposals/{uuid:proposal_id}/approve", response=ProposalOut, operation_id="approve_transfer"
)
def approve_transfer(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Let the transfer take effect, as the second person."""
    actor = actor_of(request)
    found = queries.proposal_by_id(actor, proposal_id)

    def perform() -> ProposalOut:
        services.approve_transfer(actor, found.pk, now=clock.now())
        return ProposalOut.from_orm(queries.proposal_by_id(actor, found.pk))

    return idempotent(request, "approve_transfer", perform)


@router.post(
    "/proposals/{uuid:proposal_id}/reject", response=ProposalOut, operation_id="reject_transfer"
)
def reject_transfer(request: HttpRequest, proposal_id: UUID, body: RejectionIn) -> HttpResponse:
    """Refuse the transfer as the second person, with the reason."""
    actor = actor_of(request)
    found = queries.proposal_by_id(actor, proposal_id)

    def perform() -> ProposalOut:
        rejected = services.reject_transfer(actor, found.pk, reason=body.reason, now=clock.now())
        return ProposalOut.from_orm(rejected)

    return idempotent(request, "reject_transfer", perform)


@router.post(
    "/proposals/{uuid:proposal_id}/withdraw", response=ProposalOut, operation_id="withdraw_transfer"
)
def withdraw_transfer(request: HttpRequest, proposal_id: UUID, body: WithdrawalIn) -> HttpResponse:
    """Take back a transfer that one has proposed oneself."""
    actor = actor_of(request)
    found = queries.proposal_by_id(actor, proposal_id)

    def perform() -> ProposalOut:
        withdrawn = services.withdraw_transfer(actor, found.pk, reason=body.reason, now=clock.now())
        return ProposalOut.from_orm(withdrawn)

    return idempotent(request, "withdraw_transfer", perform)
