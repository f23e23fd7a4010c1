"""Costs over the API: what is encumbered, incurred and paid, one by one and in batches."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, FilterSchema, Query, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.transfers import BatchOut
from lineshaft.apps.funding.api.values import AmountMinor, Currency, Reference
from lineshaft.apps.funding.models import Agreement, Cost
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()

type Proofs = list[Annotated[str, Field(min_length=1, max_length=200)]]


class CostOut(Schema):
    """The federal share of a cost: what is left encumbered of it, incurred and paid."""

    id: UUID
    agreement_id: int
    category: str
    payee: str
    description: str
    occurred_on: date
    currency: str
    is_encumbrance: bool
    amount_minor: int
    encumbered_minor: int
    incurred_minor: int
    paid_minor: int
    external_id: str

    @staticmethod
    def resolve_id(cost: Cost) -> UUID:
        return cost.transfer_id


class CostFilter(FilterSchema):
    """Narrows a list of costs."""

    agreement_id: RowId | None = None
    category: str | None = None


class CostIn(Schema):
    """What begins a cost, under the caller's own id. `evidence` names records in own books."""

    id: UUID
    amount_minor: AmountMinor
    currency: Currency
    occurred_on: date
    category: Annotated[str, Field(max_length=40)]
    payee: Annotated[str, Field(max_length=200)]
    description: Annotated[str, Field(max_length=300)] = ""
    reference: Reference = ""
    evidence: Proofs = []


class CostMoveIn(Schema):
    """What liquidates or pays a cost, under the caller's own id."""

    id: UUID
    amount_minor: AmountMinor
    occurred_on: date
    reference: Reference = ""
    evidence: Proofs = []


class CostReleaseIn(Schema):
    """What to release of an encumbrance; without an amount, all that is left."""

    id: UUID
    occurred_on: date
    reason: str
    amount_minor: AmountMinor | None = None
    reference: Reference = ""


class CostRowIn(Schema):
    """One row of a batch. `cost_id` names what a liquidation, release or payment moves."""

    id: UUID
    agreement_id: int
    code: TransferCode
    amount_minor: AmountMinor | None = None
    currency: Currency
    occurred_on: date
    cost_id: UUID | None = None
    category: Annotated[str, Field(max_length=40)] = ""
    payee: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=300)] = ""
    reference: Reference = ""
    reason: str = ""
    evidence: Proofs = []


class CostBatchIn(Schema):
    """Movements of costs to be posted in this order, all or none, and why."""

    costs: Annotated[list[CostRowIn], Field(min_length=1, max_length=10_000)]
    why: str = ""


@router.get("/costs", response=PageOf[CostOut], operation_id="list_costs")
def list_costs(
    request: HttpRequest,
    narrowed: Query[CostFilter],
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Costs that the reader oversees, oldest first."""
    costs = narrowed.filter(queries.costs_visible_to(actor_of(request)))
    return paged(costs, cursor=cursor, limit=limit, order_by=("occurred_on", "pk"))


@router.get("/costs/{uuid:cost_id}", response=CostOut, operation_id="show_cost")
def show_cost(request: HttpRequest, cost_id: UUID) -> Cost:
    """One cost."""
    return queries.cost_by_id(actor_of(request), cost_id)


@router.post("/agreements/{int:agreement_id}/costs", response=CostOut, operation_id="record_cost")
def record_cost(request: HttpRequest, agreement_id: RowId, body: CostIn) -> HttpResponse:
    """Record the federal share of a cost that was incurred."""
    return _begun(request, services.record_cost, agreement_id, body)


@router.post(
    "/agreements/{int:agreement_id}/encumbrances",
    response=CostOut,
    operation_id="record_encumbrance",
)
def record_encumbrance(request: HttpRequest, agreement_id: RowId, body: CostIn) -> HttpResponse:
    """Set federal money aside for an order or contract."""
    return _begun(request, services.record_encumbrance, agreement_id, body)


@router.post(
    "/costs/{uuid:cost_id}/liquidations",
    response=CostOut,
    operation_id="liquidate_encumbrance",
)
def liquidate_encumbrance(request: HttpRequest, cost_id: UUID, body: CostMoveIn) -> HttpResponse:
    """Turn an encumbrance, or a part of it, into a cost."""
    return _moved(request, services.liquidate_encumbrance, cost_id, body)


@router.post("/costs/{uuid:cost_id}/releases", response=CostOut, operation_id="release_encumbrance")
def release_encumbrance(request: HttpRequest, cost_id: UUID, body: CostReleaseIn) -> HttpResponse:
    """Give back what is left of an encumbrance, or a part of it."""
    return _moved(request, services.release_encumbrance, cost_id, body)


@router.post("/costs/{uuid:cost_id}/payments", response=CostOut, operation_id="pay_cost")
def pay_cost(request: HttpRequest, cost_id: UUID, body: CostMoveIn) -> HttpResponse:
    """Pay what of a cost is incurred, in part too."""
    return _moved(request, services.pay_cost, cost_id, body)


@router.post("/costs/batch", response=BatchOut, operation_id="post_costs")
def post_costs(request: HttpRequest, body: CostBatchIn) -> HttpResponse:
    """Post movements of costs in their order, all or none."""

    def perform() -> BatchOut:
        rows = [services.CostRow(**_proved(row)) for row in body.costs]
        outcome = services.post_costs(actor_of(request), rows, now=clock.now(), why=body.why)
        return BatchOut(recorded=outcome.recorded, unchanged=outcome.unchanged)

    return idempotent(request, "post_costs", perform)


def _begun(
    request: HttpRequest, begin: Callable[..., Cost], agreement_id: RowId, body: CostIn
) -> HttpResponse:
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return _performed(request, begin, agreement, body)


def _moved(
    request: HttpRequest,
    move: Callable[..., Cost],
    cost_id: UUID,
    body: CostMoveIn | CostReleaseIn,
) -> HttpResponse:
    return _performed(request, move, queries.cost_by_id(actor_of(request), cost_id), body)


def _performed(
    request: HttpRequest, verb: Callable[..., Cost], subject: Agreement | Cost, body: Schema
) -> HttpResponse:
    """The cost after the service of that name; its fields are those of the body."""
    actor = actor_of(request)

    def perform() -> CostOut:
        cost = verb(actor, subject, **_proved(body), now=clock.now())
        return CostOut.from_orm(queries.cost_by_id(actor, cost.pk))

    return idempotent(request, verb.__name__, perform)


def _proved(body: Schema) -> dict[str, Any]:
    fields = body.model_dump()
    if "evidence" in fields:
        fields["evidence"] = tuple(fields["evidence"])
    return fields
