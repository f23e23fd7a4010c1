"""An agreement's budget over the API: its periods beside what happened, planned and revised."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import BudgetPeriod
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import RowId, actor_of, idempotent

router = Router()

type PlannedMinor = Annotated[int, Field(ge=0, le=2**63 - 1)]


class BudgetLineOut(Schema):
    """What is planned in one cost category of the profile."""

    category: str
    federal_minor: int
    nonfederal_minor: int


class BudgetPeriodOut(Schema):
    """A budget period; `ends_on` is the first day after it."""

    id: int
    agreement_id: int
    number: int
    starts_on: date
    ends_on: date
    lines: list[BudgetLineOut]

    @staticmethod
    def resolve_lines(period: BudgetPeriod) -> list[object]:
        return list(period.lines.all())


class PeriodPositionOut(Schema):
    """A period beside what is dated in it; `period` null is what lies outside every period."""

    period: BudgetPeriodOut | None
    planned_federal_minor: int
    planned_nonfederal_minor: int
    obligated_minor: int
    left_minor: int
    drawn_minor: int
    accepted_minor: int


class BudgetLineIn(Schema):
    """What to plan in one category, federal and non-federal."""

    category: str
    federal_minor: PlannedMinor = 0
    nonfederal_minor: PlannedMinor = 0


class BudgetPeriodIn(Schema):
    """A period's days and all of its lines; `ends_on` is the first day after it."""

    starts_on: date
    ends_on: date
    lines: Annotated[list[BudgetLineIn], Field(min_length=1, max_length=100)]

    def plan(self) -> services.BudgetPlan:
        """What the services take."""
        lines = tuple(services.PlannedLine(**line.model_dump()) for line in self.lines)
        return services.BudgetPlan(self.starts_on, self.ends_on, lines)


class BudgetRevisionIn(BudgetPeriodIn):
    """A period as it stands from now on, and why."""

    reason: str


@router.get(
    "/agreements/{int:agreement_id}/budget",
    response=list[PeriodPositionOut],
    operation_id="show_budget",
)
def show_budget(request: HttpRequest, agreement_id: RowId) -> list[queries.PeriodPosition]:
    """The budget periods of an agreement, each with what is obligated, drawn and accepted in it."""
    agreement = queries.agreement_by_id(actor_of(request), agreement_id)
    return list(queries.period_positions(agreement))


@router.post(
    "/agreements/{int:agreement_id}/budget",
    response=BudgetPeriodOut,
    operation_id="plan_budget_period",
)
def plan_budget_period(
    request: HttpRequest, agreement_id: RowId, body: BudgetPeriodIn
) -> HttpResponse:
    """Give an agreement another budget period."""
    actor = actor_of(request)
    found = queries.agreement_by_id(actor, agreement_id)

    def plan() -> BudgetPeriodOut:
        period = services.plan_budget_period(actor, found.pk, plan=body.plan(), now=clock.now())
        return BudgetPeriodOut.from_orm(period)

    return idempotent(request, "plan_budget_period", plan)


@router.post(
    "/budget-periods/{int:period_id}/revise",
    response=BudgetPeriodOut,
    operation_id="revise_budget_period",
)
def revise_budget_period(
    request: HttpRequest, period_id: RowId, body: BudgetRevisionIn
) -> HttpResponse:
    """Replace what a budget period plans, with the reason."""
    actor = actor_of(request)
    found = queries.budget_period_by_id(actor, period_id)

    def revise() -> BudgetPeriodOut:
        period = services.revise_budget_period(
            actor, found.pk, plan=body.plan(), reason=body.reason, now=clock.now()
        )
        return BudgetPeriodOut.from_orm(period)

    return idempotent(request, "revise_budget_period", revise)
