"""An agreement's budget beside what happened: planned, obligated, drawn and accepted, by period."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from lineshaft.apps.funding.models import Agreement, BudgetPeriod, ContributionSum, DaySum
from lineshaft.apps.funding.queries.counted import (
    DRAWN_SUMS,
    OBLIGATED_SUMS,
    OF_DAYS,
    drawn_minor,
    obligated_minor,
)
from lineshaft.apps.funding.queries.visible import agreements_visible_to
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class PeriodPosition:
    """What a budget period plans and what happened in its days; minor units of the agreement.

    `period` None: what is dated outside every period of the plan.
    """

    period: BudgetPeriod | None
    planned_federal_minor: int
    planned_nonfederal_minor: int
    obligated_minor: int
    drawn_minor: int
    accepted_minor: int

    @property
    def left_minor(self) -> int:
        """What the plan leaves to obligate; negative where more is obligated than planned."""
        return self.planned_federal_minor - self.obligated_minor


def budget_periods_visible_to(actor: Actor) -> QuerySet[BudgetPeriod]:
    """Budget periods, as widely as their agreement is seen."""
    return BudgetPeriod.objects.filter(
        agreement__in=agreements_visible_to(actor).order_by()
    ).prefetch_related("lines")


def budget_period_by_id(actor: Actor, pk: int) -> BudgetPeriod:
    """The budget period of that id; NotFound where there is none that the actor may see."""
    found = (
        budget_periods_visible_to(actor)
        .select_related("agreement__agency", "agreement__institute")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise NotFound(code="budget", message=gettext_noop("There is no such budget period."))
    return found


def period_positions(agreement: Agreement) -> tuple[PeriodPosition, ...]:
    """Every budget period in order, then what lies outside them if anything does; four queries."""
    periods = list(agreement.budget_periods.order_by("starts_on").prefetch_related("lines"))
    moved = _moved_by_day(agreement)
    positions = []
    for period in periods:
        inside = [day for day in moved if period.starts_on <= day < period.ends_on]
        lines = list(period.lines.all())
        positions.append(
            PeriodPosition(
                period,
                sum(line.federal_minor for line in lines),
                sum(line.nonfederal_minor for line in lines),
                *_summed([moved.pop(day) for day in inside]),
            )
        )
    if any(any(sums) for sums in moved.values()):
        positions.append(PeriodPosition(None, 0, 0, *_summed(list(moved.values()))))
    return tuple(positions)


def _summed(rows: list[list[int]]) -> tuple[int, int, int]:
    return (
        sum(row[0] for row in rows),
        sum(row[1] for row in rows),
        sum(row[2] for row in rows),
    )


def _moved_by_day(agreement: Agreement) -> dict[date, list[int]]:
    """For each day what was obligated, drawn and accepted: as many rows as days."""
    moved: dict[date, list[int]] = {}
    transfers = (
        DaySum.objects.filter(OBLIGATED_SUMS | DRAWN_SUMS, agreement=agreement)
        .order_by("occurred_on")
        .values("occurred_on")
        .annotate(obligated=Sum(obligated_minor(OF_DAYS)), drawn=Sum(drawn_minor(OF_DAYS)))
    )
    for row in transfers:
        moved[row["occurred_on"]] = [row["obligated"], row["drawn"], 0]
    accepted = (
        ContributionSum.objects.filter(agreement=agreement, is_other=False)
        .order_by("occurred_on")
        .values("occurred_on")
        .annotate(counted=Sum("amount_minor"))
    )
    for part in accepted:
        moved.setdefault(part["occurred_on"], [0, 0, 0])[2] = part["counted"]
    return moved
