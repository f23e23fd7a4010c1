"""Pages of a change by hand: what it breaks and costs, before it is confirmed."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import (
    ConfirmChangeForm,
    TakeBackForm,
    name_of_pair,
    pairs_named,
)
from lineshaft.apps.reviewing.services import FaultShown, Weighed
from lineshaft.apps.reviewing.views.assignment_words import (
    WITHHELD,
    affinity,
    assignment_crumbs,
    fault_words,
    groups_named,
    names_of,
    stage_to_assign,
    url_of,
)
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Item


@require_http_methods(["GET", "POST"])
def assign_reviewer(
    request: HttpRequest, key: str, number: int, application: int, seat: int
) -> HttpResponse:
    """The form that assigns somebody by hand, below what that breaks and costs.

    Raises Refused for a pair that a conflict of interest closes.
    """
    actor, _shown, stage = stage_to_assign(request, key, number, "assign_reviewer")
    one = queries.application_covered(actor, stage, application)
    somebody = queries.seat_loaded(actor, stage, seat)
    name = formats.local_name(somebody.reviewer.person)
    closed_by = queries.closing_kinds(application, somebody)
    refuse_if(rules.refuse_pair(name, closed_by=closed_by))
    pair = (application, seat)
    weighed = services.weigh_change(actor, stage, added=[pair])
    form = ConfirmChangeForm(request.POST or None, initial={"seen": weighed.seen})
    back = url_of(stage, "show_candidates", application)
    return form_page(
        request,
        "reviewing/weigh_change.html",
        form,
        {
            "title": _("Assign %(reviewer)s to “%(title)s”")
            % {"reviewer": name, "title": one.title},  # type: ignore[attr-defined] # annotated
            "submit_label": _("Assign"),
            "cancel_url": back,
            **_weighed(actor, stage, weighed),
            "actions": (_settle(stage, "added", pair),),
        },
        perform=lambda: services.assign_reviewer(
            actor,
            stage,
            application_id=application,
            seat_id=seat,
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("%(reviewer)s is assigned and told of it.") % {"reviewer": name},
        seen_at=lambda _done: back,
    )


@require_http_methods(["GET", "POST"])
def unassign_reviewer(request: HttpRequest, key: str, number: int, assignment: int) -> HttpResponse:
    """The form that takes an assignment back, below what that breaks and costs."""
    actor, _shown, stage = stage_to_assign(request, key, number, "unassign_reviewer")
    one = queries.assignment_shown_by_id(actor, stage, assignment)
    submission = queries.application_covered(actor, stage, one.application_id)
    name = formats.local_name(one.seat.reviewer.person)
    pair = (one.application_id, one.seat_id)
    weighed = services.weigh_change(actor, stage, removed=[pair])
    form = TakeBackForm(request.POST or None, initial={"seen": weighed.seen})
    back = url_of(stage, "show_candidates", one.application_id)
    return form_page(
        request,
        "reviewing/weigh_change.html",
        form,
        {
            "title": _("Take “%(title)s” back from %(reviewer)s")
            % {"reviewer": name, "title": submission.title},  # type: ignore[attr-defined] # annotated
            "submit_label": _("Take it back"),
            "cancel_url": back,
            **_weighed(actor, stage, weighed),
            "actions": (_settle(stage, "removed", pair),),
        },
        perform=lambda: services.unassign_reviewer(
            actor,
            one,
            why=form.cleaned_data["why"],
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("It is taken back, and %(reviewer)s is told.") % {"reviewer": name},
        seen_at=lambda _done: back,
    )


@require_POST
def settle_change(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Ask for a proposal around a change, then show it."""
    actor, _shown, stage = stage_to_assign(request, key, number, "settle_change")
    run = services.settle_change(
        actor,
        stage,
        added=pairs_named(request.POST.getlist("added")),
        removed=pairs_named(request.POST.getlist("removed")),
        now=clock.now(),
    )
    return redirect(url_of(stage, "show_assignment_run", run.pk))


# ------------------------------------------------------------------------------------------ leaves


def _settle(stage: Stage, name: str, pair: rules.Pair) -> Action:
    return Action(
        _("Arrange the rest anew around it"),
        url_of(stage, "settle_change"),
        is_post=True,
        fields={name: name_of_pair(pair)},
    )


def _weighed(actor: Actor, stage: Stage, weighed: Weighed) -> dict[str, Any]:
    """What a change does, for the template."""
    terms = (
        (_("Sum of affinities"), weighed.total_before, weighed.total_after),
        (_("Worst application"), weighed.worst_before, weighed.worst_after),
    )
    before = _("%(after)s, and %(before)s now")
    return {
        "lede": _("What it changes is below. It is done when you confirm it, and not before."),
        "crumbs": assignment_crumbs(stage),
        "items": tuple(
            Item(label, before % {"before": affinity(first), "after": affinity(second)})
            for label, first, second in terms
        ),
        "brings": _words(actor, stage, weighed.brings),
        "mends": _words(actor, stage, weighed.mends),
        "withheld": WITHHELD if queries.is_some_closed(actor, stage) else "",
    }


def _words(actor: Actor, stage: Stage, faults: Iterable[FaultShown]) -> list[str]:
    found = list(faults)
    names = names_of(
        actor,
        stage,
        [one.application_id for one in found if one.application_id],
        [one.seat_id for one in found if one.seat_id],
    )
    groups = groups_named(one.rule for one in found if one.rule)
    return [fault_words(one, names, groups) for one in found]
