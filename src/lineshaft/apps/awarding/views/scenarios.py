"""Pages of scenarios: counting one, and what came of it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.forms import ScenarioForm
from lineshaft.apps.awarding.models import BASIS_LABELS, SelectionScenario
from lineshaft.apps.awarding.rules import Basis
from lineshaft.apps.awarding.views.selection import selection_to
from lineshaft.apps.awarding.views.selection_tables import (
    factor_lines,
    funded_table,
    impossible_lines,
    prices_table,
)
from lineshaft.apps.awarding.views.words import selection_crumbs
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.queries import competition_by_key
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Item, actor_of, render_page


@require_http_methods(["GET", "POST"])
@login_required
def make_scenario(request: HttpRequest, key: str) -> HttpResponse:
    """The form that counts a scenario."""
    actor, shown, selection = selection_to(request, key)
    leads = [one.application.lead for one in selection.candidates]
    states = sorted({lead.region for lead in leads if lead.region})
    kinds = {lead.kind for lead in leads}
    known = [
        (one.key, formats.local_name(one))
        for one in formats.profile().organisation_kinds
        if one.key in kinds
    ]
    total = shown.total_minor
    initial = {"budget_minor": f"{Money(total, shown.currency).amount:f}"} if total else {}
    form = ScenarioForm(
        request.POST or None,
        initial=initial,
        currency=shown.currency,
        states=[(one, formats.region(one)) for one in states],
        kinds=known,
    )
    return form_page(
        request,
        "awarding/form.html",
        form,
        {
            "title": _("Count a scenario for %(code)s") % {"code": shown.code},
            "lede": _(
                "It finds the most valuable set of applications under the budget, the number of"
                " awards announced and the factors that you hold to, and what each factor costs."
            ),
            "submit_label": _("Count"),
            "crumbs": selection_crumbs(shown),
            "cancel_url": reverse("awarding:show_selection", args=[shown.key]),
        },
        perform=lambda: services.make_scenario(actor, shown, form.terms(), now=clock.now()),
        told=lambda _made: _("The scenario is counted."),
        seen_at=lambda made: reverse("awarding:show_scenario", args=[shown.key, made.pk]),
    )


@require_GET
@login_required
def show_scenario(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """What a scenario funds, and what each of its factors costs."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    selection = queries.selection_of(actor, shown)
    scenario = queries.scenario_by_id(actor, shown, pk)
    impossible = impossible_lines(scenario)
    context = {
        "title": _title(shown, scenario),
        "lede": _("%(name)s, counted on %(day)s by %(who)s.")
        % {
            "name": scenario.name,
            "day": formats.date_local(scenario.made_at),
            "who": formats.actor_name(scenario.made_by),
        },
        "crumbs": selection_crumbs(shown),
        "items": _items(shown, scenario),
        "factors": factor_lines(scenario),
        "impossible": impossible,
        "funded": None if impossible else funded_table(selection, scenario),
        "prices": None if impossible else prices_table(selection, scenario),
    }
    return render_page(request, "awarding/show_scenario.html", context)


def _title(competition: Competition, scenario: SelectionScenario) -> str:
    result = scenario.result
    if "impossible" in result:
        return _("These bounds cannot all hold")
    count = len(result["funded"])
    return ngettext(
        "%(count)s application would be funded, for %(cost)s",
        "%(count)s applications would be funded, for %(cost)s",
        count,
    ) % {
        "count": formats.number(count),
        "cost": formats.money(result["cost_minor"], competition.currency),
    }


def _items(competition: Competition, scenario: SelectionScenario) -> tuple[Item, ...]:
    result = scenario.result
    items = [
        Item(_("Value of an application"), str(BASIS_LABELS[Basis(scenario.basis)])),
        Item(_("Judged in"), formats.local_name(scenario.stage)),
        Item(_("Budget"), formats.money(scenario.budget_minor, competition.currency)),
        Item(_("Counted over"), formats.number(len(scenario.applications))),
    ]
    if "impossible" in result:
        return tuple(items)
    proof = _("Proven to be the best") if result["is_optimal"] else _("The best found in time")
    return (
        *items,
        Item(_("Value"), formats.number(result["value"], 2)),
        Item(_("Value that factors cost together"), formats.number(result["price_of_all"], 2)),
        Item(_("How sure"), proof),
    )
