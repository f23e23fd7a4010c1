"""Programme income over the API: what was earned under an agreement, and what it was spent on."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.values import AmountMinor, Currency, Reference
from lineshaft.apps.funding.models import Income, IncomeUse
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class IncomeOut(Schema):
    """Programme income; `amount_minor` is what came in less the costs of earning it."""

    id: UUID
    agreement_id: int
    stream: str
    payer: str
    description: str
    gross_minor: int
    cost_of_earning_minor: int
    amount_minor: int
    currency: str
    occurred_on: date

    @staticmethod
    def resolve_id(income: Income) -> UUID:
        return income.transfer_id

    @staticmethod
    def resolve_amount_minor(income: Income) -> int:
        return income.transfer.amount_minor

    @staticmethod
    def resolve_currency(income: Income) -> str:
        return income.transfer.currency

    @staticmethod
    def resolve_occurred_on(income: Income) -> date:
        return income.transfer.occurred_on


class IncomeUseOut(Schema):
    """What programme income was spent on."""

    id: UUID
    agreement_id: int
    category: str
    description: str
    amount_minor: int
    occurred_on: date

    @staticmethod
    def resolve_id(use: IncomeUse) -> UUID:
        return use.transfer_id

    @staticmethod
    def resolve_amount_minor(use: IncomeUse) -> int:
        return use.transfer.amount_minor

    @staticmethod
    def resolve_occurred_on(use: IncomeUse) -> date:
        return use.transfer.occurred_on


class IncomeIn(Schema):
    """Programme income that came in, under the caller's own id."""

    id: UUID
    gross_minor: AmountMinor
    cost_of_earning_minor: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    currency: Currency
    occurred_on: date
    stream: Annotated[str, Field(max_length=40)]
    payer: Annotated[str, Field(min_length=1, max_length=200)]
    description: Annotated[str, Field(max_length=300)] = ""
    reference: Reference = ""


class IncomeUseIn(Schema):
    """What programme income was spent on, under the caller's own id."""

    id: UUID
    amount_minor: AmountMinor
    currency: Currency
    occurred_on: date
    category: Annotated[str, Field(max_length=40)]
    description: Annotated[str, Field(min_length=1, max_length=300)]
    reference: Reference = ""


@router.get("/income", response=PageOf[IncomeOut], operation_id="list_income")
def list_income(
    request: HttpRequest,
    agreement_id: RowId | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Programme income of the agreements that the reader oversees."""
    income = queries.income_visible_to(actor_of(request))
    if agreement_id is not None:
        income = income.filter(agreement_id=agreement_id)
    return paged(income, cursor=cursor, limit=limit)


@router.post(
    "/agreements/{int:agreement_id}/income", response=IncomeOut, operation_id="record_income"
)
def record_income(request: HttpRequest, agreement_id: RowId, body: IncomeIn) -> HttpResponse:
    """Record programme income."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)

    def perform() -> IncomeOut:
        earning = services.Earning(**body.model_dump())
        return IncomeOut.from_orm(
            services.record_income(actor, agreement, earning, now=clock.now())
        )

    return idempotent(request, "record_income", perform)


@router.post(
    "/agreements/{int:agreement_id}/income/uses",
    response=IncomeUseOut,
    operation_id="use_income",
)
def use_income(request: HttpRequest, agreement_id: RowId, body: IncomeUseIn) -> HttpResponse:
    """Spend programme income."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)

    def perform() -> IncomeUseOut:
        use = services.Use(**body.model_dump())
        return IncomeUseOut.from_orm(services.use_income(actor, agreement, use, now=clock.now()))

    return idempotent(request, "use_income", perform)
