"""The page of an agreement's budget, and the forms that plan and revise a period."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import BudgetForm, BudgetRevisionForm, posted
from lineshaft.apps.funding.models import Agreement, BudgetPeriod
from lineshaft.apps.funding.queries import PeriodPosition
from lineshaft.apps.funding.views.pages import agreement_tabs, change_page, under_crumbs
from lineshaft.apps.funding.views.transfers import may_under
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import date_local, local_name, money
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def show_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """What each budget period plans, and what of it is obligated, drawn and matched."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    positions = queries.period_positions(agreement)
    context = {
        "title": _title(agreement, positions),
        "lede": _("Obligations, drawdowns and accepted contributions count on their own day."),
        "crumbs": under_crumbs(agreement),
        "actions": _actions(actor, agreement),
        "tabs": agreement_tabs(agreement, "funding:show_budget"),
        "periods_table": _periods_table(actor, agreement, positions),
        "categories_table": _categories_table(agreement, positions),
    }
    return render_page(request, "funding/show_budget.html", context)


@require_http_methods(["GET", "POST"])
def plan_budget_period(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that gives an agreement another budget period."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)

    def change(data: dict[str, Any]) -> str:
        period = services.plan_budget_period(actor, agreement.pk, plan=_plan(data), now=clock.now())
        return _("Budget period %(number)s is planned.") % {"number": period.number}

    return change_page(
        request,
        agreement,
        "plan_budget_period",
        BudgetForm(posted(request), currency=agreement.currency, initial=_next_days(agreement)),
        change,
        title=_("Plan a budget period"),
        lede=_("Leave a category empty where nothing is planned."),
        next_url=reverse("funding:show_budget", args=[pk]),
        crumbs=(_budget_crumb(agreement),),
    )


@require_http_methods(["GET", "POST"])
def revise_budget_period(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that replaces what a budget period plans."""
    actor = actor_of(request)
    period = queries.budget_period_by_id(actor, pk)
    agreement = period.agreement

    def change(data: dict[str, Any]) -> str:
        reason = data.pop("reason")
        services.revise_budget_period(actor, pk, plan=_plan(data), reason=reason, now=clock.now())
        return _("Budget period %(number)s is revised.") % {"number": period.number}

    return change_page(
        request,
        agreement,
        "revise_budget_period",
        BudgetRevisionForm(
            posted(request), currency=agreement.currency, initial=_as_planned(period, agreement)
        ),
        change,
        title=_("Revise a budget period"),
        lede=_("What stood before stays in the audit trail, with your reason."),
        next_url=reverse("funding:show_budget", args=[agreement.pk]),
        crumbs=(_budget_crumb(agreement),),
    )


def _plan(data: dict[str, Any]) -> services.BudgetPlan:
    return services.BudgetPlan(
        data["starts_on"],
        data["ends_on"],
        tuple(services.PlannedLine(*line) for line in data["lines"]),
    )


def _next_days(agreement: Agreement) -> dict[str, Any]:
    """A form starts where the last period ends; the last one may run to the end of the term."""
    last = agreement.budget_periods.order_by("-ends_on").first()
    return {"starts_on": last.ends_on if last else agreement.starts_on}


def _as_planned(period: BudgetPeriod, agreement: Agreement) -> dict[str, Any]:
    initial: dict[str, Any] = {"starts_on": period.starts_on, "ends_on": period.ends_on}
    for line in period.lines.all():
        for prefix, minor in (
            ("federal", line.federal_minor),
            ("nonfederal", line.nonfederal_minor),
        ):
            initial[f"{prefix}_{line.category}"] = str(Money(minor, agreement.currency).amount)
    return initial


def _budget_crumb(agreement: Agreement) -> Crumb:
    return Crumb(_("Budget"), reverse("funding:show_budget", args=[agreement.pk]))


def _title(agreement: Agreement, positions: Sequence[PeriodPosition]) -> str:
    planned = sum(one.planned_federal_minor for one in positions)
    if not planned:
        return _("No budget is planned under %(number)s yet") % {"number": agreement.number}
    obligated = sum(one.obligated_minor for one in positions)
    if obligated > planned:
        return _("%(over)s more is obligated under %(number)s than planned") % {
            "over": money(obligated - planned, agreement.currency),
            "number": agreement.number,
        }
    return _("%(obligated)s of the %(planned)s planned under %(number)s is obligated") % {
        "obligated": money(obligated, agreement.currency),
        "planned": money(planned, agreement.currency),
        "number": agreement.number,
    }


def _actions(actor: Actor, agreement: Agreement) -> tuple[Action, ...]:
    if rules.budget_open(agreement.state) or not may_under(actor, "plan_budget_period", agreement):
        return ()
    url = reverse("funding:plan_budget_period", args=[agreement.pk])
    return (Action(_("Plan a budget period"), url, is_primary=True),)


def _periods_table(
    actor: Actor, agreement: Agreement, positions: Sequence[PeriodPosition]
) -> Table:
    may_revise = rules.budget_open(agreement.state) is None and may_under(
        actor, "revise_budget_period", agreement
    )
    return Table(
        caption=_("By budget period, %(currency)s") % {"currency": agreement.currency},
        columns=(
            Column("period", _("Period")),
            Column("planned", _("Federal, planned"), is_number=True),
            Column("obligated", _("Obligated"), is_number=True),
            Column("left", _("Left to obligate"), is_number=True),
            Column("drawn", _("Drawn"), is_number=True),
            Column("planned_nonfederal", _("Non-federal, planned"), is_number=True),
            Column("accepted", _("Accepted"), is_number=True),
        ),
        rows=tuple(_period_row(one, agreement, may_revise=may_revise) for one in positions),
        empty=_("No period is planned."),
        is_stacked=True,
    )


def _period_row(position: PeriodPosition, agreement: Agreement, *, may_revise: bool) -> Row:
    period = position.period
    if period is None:
        name = Cell(_("Outside every period"))
    else:
        name = Cell(
            f"{period.number}",
            note=f"{date_local(period.starts_on)} – {date_local(period.ends_on)}",
            url=reverse("funding:revise_budget_period", args=[period.pk]) if may_revise else None,
        )
    amounts = (
        position.planned_federal_minor,
        position.obligated_minor,
        position.left_minor,
        position.drawn_minor,
        position.planned_nonfederal_minor,
        position.accepted_minor,
    )
    return Row((name, *(Cell(money(minor, agreement.currency)) for minor in amounts)))


def _categories_table(agreement: Agreement, positions: Sequence[PeriodPosition]) -> Table | None:
    """Each category over the periods; a note gives the non-federal part."""
    periods = [one.period for one in positions if one.period is not None]
    if not periods:
        return None
    planned = {
        (line.category, period.pk): (line.federal_minor, line.nonfederal_minor)
        for period in periods
        for line in period.lines.all()
    }
    named = [
        category
        for category in profile_in_use().cost_categories
        if any(key == category.key for key, _period in planned)
    ]
    return Table(
        caption=_("Planned by category, %(currency)s") % {"currency": agreement.currency},
        columns=(
            Column("category", _("Category")),
            *(
                Column(
                    f"period_{one.number}",
                    _("Period %(number)s") % {"number": one.number},
                    is_number=True,
                )
                for one in periods
            ),
            Column("federal", _("Federal"), is_number=True),
            Column("nonfederal", _("Non-federal"), is_number=True),
        ),
        rows=tuple(
            _category_row(
                local_name(category),
                [planned.get((category.key, one.pk), (0, 0)) for one in periods],
                agreement.currency,
            )
            for category in named
        ),
        foot=_category_row(
            _("All categories"),
            [
                (position.planned_federal_minor, position.planned_nonfederal_minor)
                for position in positions
                if position.period is not None
            ],
            agreement.currency,
        ).cells,
    )


def _category_row(name: str, amounts: list[tuple[int, int]], currency: str) -> Row:
    return Row(
        (
            Cell(name),
            *(Cell(money(federal + other, currency)) for federal, other in amounts),
            Cell(money(sum(federal for federal, _other in amounts), currency)),
            Cell(money(sum(other for _federal, other in amounts), currency)),
        )
    )
