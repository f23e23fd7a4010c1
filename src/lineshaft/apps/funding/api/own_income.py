"""An institute's own income over the API: entries, in batches too, and their reversals."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.transfers import BatchOut, CorrectionIn
from lineshaft.apps.funding.api.values import AmountMinor, Currency, Reference
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, idempotent, paged

router = Router()


class OwnIncomeOut(Schema):
    """An entry; one with `reverses_id` takes that much of the entry it names back.

    `reason` is what somebody wrote, or the code of what the program itself takes back for.
    """

    id: UUID
    institute: Annotated[str, Field(alias="institute.key")]
    stream: str
    amount_minor: int
    currency: str
    received_on: date
    payer: str
    description: str
    external_id: str
    reverses_id: UUID | None
    reason: str


class OwnIncomeIn(Schema):
    """Money that an institute earned, under the caller's own id."""

    id: UUID
    stream: Annotated[str, Field(max_length=40)]
    amount_minor: AmountMinor
    currency: Currency
    received_on: date
    payer: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=300)] = ""
    external_id: Reference = ""


class OwnIncomeBatchIn(Schema):
    """Entries to be recorded, all or none, and why."""

    entries: Annotated[list[OwnIncomeIn], Field(min_length=1, max_length=10_000)]
    why: str = ""


@router.get("/own-income", response=PageOf[OwnIncomeOut], operation_id="list_own_income")
def list_own_income(
    request: HttpRequest,
    institute: str | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Entries of the institutes whose records the reader reads, oldest first."""
    entries = queries.own_income_visible_to(actor_of(request))
    if institute is not None:
        entries = entries.filter(institute__key=institute)
    return paged(entries, cursor=cursor, limit=limit, order_by=("received_on", "pk"))


@router.post(
    "/institutes/{institute}/own-income", response=OwnIncomeOut, operation_id="record_own_income"
)
def record_own_income(request: HttpRequest, institute: str, body: OwnIncomeIn) -> HttpResponse:
    """Record one entry."""
    actor = actor_of(request)
    found = institute_by_key(actor, institute)

    def perform() -> OwnIncomeOut:
        row = services.OwnIncomeRow(institute_id=found.pk, **body.model_dump())
        return OwnIncomeOut.from_orm(services.record_own_income(actor, row, now=clock.now()))

    return idempotent(request, "record_own_income", perform)


@router.post(
    "/institutes/{institute}/own-income/batch",
    response=BatchOut,
    operation_id="record_own_incomes",
)
def record_own_incomes(
    request: HttpRequest, institute: str, body: OwnIncomeBatchIn
) -> HttpResponse:
    """Record entries, all or none."""
    actor = actor_of(request)
    found = institute_by_key(actor, institute)

    def perform() -> BatchOut:
        rows = [
            services.OwnIncomeRow(institute_id=found.pk, **entry.model_dump())
            for entry in body.entries
        ]
        outcome = services.record_own_incomes(actor, rows, now=clock.now(), why=body.why)
        return BatchOut(recorded=outcome.recorded, unchanged=outcome.unchanged)

    return idempotent(request, "record_own_incomes", perform)


@router.post(
    "/own-income/{uuid:entry_id}/reversals",
    response=OwnIncomeOut,
    operation_id="reverse_own_income",
)
def reverse_own_income(request: HttpRequest, entry_id: UUID, body: CorrectionIn) -> HttpResponse:
    """Take back an entry, or a part of it, by a new one that names it."""
    actor = actor_of(request)
    entry = queries.own_income_by_id(actor, entry_id)

    def perform() -> OwnIncomeOut:
        reversal = services.reverse_own_income(
            actor,
            entry,
            id=body.id,
            amount_minor=body.amount_minor,
            received_on=body.occurred_on,
            reason=body.reason,
            now=clock.now(),
        )
        return OwnIncomeOut.from_orm(reversal)

    return idempotent(request, "reverse_own_income", perform)
