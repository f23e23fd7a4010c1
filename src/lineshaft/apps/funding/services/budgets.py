"""The verbs of a budget: plan a period, revise it. The audit trail keeps what a revision replaced.

Both lock the agreement, so that two periods planned at once cannot overlap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, BudgetLine, BudgetPeriod
from lineshaft.apps.funding.services.agreements import locked_agreement
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """What is planned in one category of the profile, in minor units of the agreement."""

    category: str
    federal_minor: int
    nonfederal_minor: int = 0


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """A period's days, `ends_on` the first after them, and its lines."""

    starts_on: date
    ends_on: date
    lines: tuple[PlannedLine, ...]

    @property
    def federal_minor(self) -> int:
        """The federal money that the period plans in all."""
        return sum(line.federal_minor for line in self.lines)


def plan_budget_period(
    actor: Actor, agreement_id: int, *, plan: BudgetPlan, now: datetime
) -> BudgetPeriod:
    """Give the agreement another budget period, numbered after those that it has.

    Raises Invalid for an empty span, and Refused for a period outside the term or over another,
    an unknown category, or more federal money than the agreement's total.
    """
    with transaction.atomic():
        agreement = locked_agreement(actor, agreement_id, "plan_budget_period")
        periods = list(agreement.budget_periods.prefetch_related("lines"))
        _check(agreement, plan, periods)
        number = 1 + max((one.number for one in periods), default=0)
        period = BudgetPeriod.objects.create(
            agreement=agreement, number=number, starts_on=plan.starts_on, ends_on=plan.ends_on
        )
        _write_lines(period, plan)
        _record(actor, "plan_budget_period", agreement, period, now=now, after=_said(plan))
    return period


def revise_budget_period(
    actor: Actor, period_id: int, *, plan: BudgetPlan, reason: str, now: datetime
) -> BudgetPeriod:
    """Replace what a period plans, with the reason; what stood before is kept in the trail."""
    found = BudgetPeriod.objects.filter(pk=period_id).values_list("agreement_id", flat=True).first()
    if found is None:
        raise NotFound(code="budget", message=gettext_noop("There is no such budget period."))
    with transaction.atomic():
        agreement = locked_agreement(actor, found, "revise_budget_period")
        refuse_if(rules.revision_reason_given(reason))
        periods = {one.pk: one for one in agreement.budget_periods.prefetch_related("lines")}
        period = periods.pop(period_id)
        _check(agreement, plan, periods.values())
        before = _said(
            BudgetPlan(
                period.starts_on,
                period.ends_on,
                tuple(
                    PlannedLine(line.category, line.federal_minor, line.nonfederal_minor)
                    for line in period.lines.all()
                ),
            )
        )
        period.starts_on, period.ends_on = plan.starts_on, plan.ends_on
        period.save(update_fields=["starts_on", "ends_on"])
        period.lines.all().delete()
        _write_lines(period, plan)
        _record(
            actor,
            "revise_budget_period",
            agreement,
            period,
            now=now,
            why=reason,
            before=before,
            after=_said(plan),
        )
    return BudgetPeriod.objects.get(pk=period_id)


def _check(agreement: Agreement, plan: BudgetPlan, others: Iterable[BudgetPeriod]) -> None:
    fault = check_span(plan.starts_on, plan.ends_on)
    if fault is not None:
        raise Invalid([fault])
    others = list(others)
    span = Span(plan.starts_on, plan.ends_on)
    refuse_if(rules.budget_open(agreement.state))
    refuse_if(rules.period_within(span, Span(agreement.starts_on, agreement.ends_on)))
    refuse_if(rules.periods_apart(span, [Span(one.starts_on, one.ends_on) for one in others]))
    known = [category.key for category in profile_in_use().cost_categories]
    refuse_if(rules.categories_possible([line.category for line in plan.lines], known))
    refuse_if(
        rules.amounts_possible((line.federal_minor, line.nonfederal_minor) for line in plan.lines)
    )
    planned = sum(line.federal_minor for one in others for line in one.lines.all())
    refuse_if(
        rules.plan_within_total(
            plan.federal_minor, planned, agreement.federal_total_minor, agreement.currency
        )
    )


def _write_lines(period: BudgetPeriod, plan: BudgetPlan) -> None:
    BudgetLine.objects.bulk_create(
        [
            BudgetLine(
                period=period,
                category=line.category,
                federal_minor=line.federal_minor,
                nonfederal_minor=line.nonfederal_minor,
            )
            for line in plan.lines
        ]
    )


def _said(plan: BudgetPlan) -> dict[str, Any]:
    return {
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "lines": {
            line.category: [line.federal_minor, line.nonfederal_minor] for line in plan.lines
        },
    }


def _record(
    actor: Actor,
    verb: str,
    agreement: Agreement,
    period: BudgetPeriod,
    *,
    now: datetime,
    why: str = "",
    **changes: Any,
) -> None:
    record_event(
        actor,
        verb,
        period,
        now=now,
        why=why,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={"agreement": agreement.number, "number": period.number, **changes},
    )
