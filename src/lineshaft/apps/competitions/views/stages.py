"""Pages of stages, criteria and anchors, and of deadlines that are put off."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lineshaft.apps.competitions import queries, services
from lineshaft.apps.competitions.forms import (
    AmendStageForm,
    AnchorsForm,
    Choices,
    CriteriaForm,
    ExtendForm,
    NewStageForm,
    StageForm,
    initial_of_stage,
    moment_in_zone,
    shown_in_zone,
)
from lineshaft.apps.competitions.models import Amendment, Competition, Stage
from lineshaft.apps.competitions.views.competitions import competition_to
from lineshaft.apps.competitions.views.words import opportunity_crumbs, running_crumbs
from lineshaft.kernel.competitions import Blindness, StageGate
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page

DAYS_OFFERED = 30


@require_http_methods(["GET", "POST"])
def add_stage(request: HttpRequest, key: str) -> HttpResponse:
    """The form that adds a stage."""
    actor, shown = competition_to(request, key, "add_stage")
    initial = {
        "days": DAYS_OFFERED,
        "gate": StageGate.OPEN,
        "blindness": Blindness.SINGLE,
        "reviewers_least": 0,
    }
    form = NewStageForm(
        request.POST or None, documents=_documents(), places=_places(shown), initial=initial
    )
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Add a stage to %(code)s") % {"code": shown.code},
            "lede": _("The stages behind it move on, and their dates with them."),
            "submit_label": _("Add"),
            **_of(shown),
        },
        perform=lambda: services.add_stage(
            actor, shown, form.stage_terms(), after=form.cleaned_data["after"], now=clock.now()
        ),
        told=lambda made: _("“%(stage)s” is added.") % {"stage": formats.local_name(made)},
        seen_at=lambda _made: _stages_of(shown),
    )


@require_http_methods(["GET", "POST"])
def edit_stage(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form of a stage of a competition that is being written."""
    actor, shown = competition_to(request, key, "edit_stage")
    stage = queries.stage_by_number(shown, number)
    form = StageForm(request.POST or None, documents=_documents(), initial=initial_of_stage(stage))
    return form_page(
        request,
        "competitions/edit_stage.html",
        form,
        {
            "title": _("Edit “%(stage)s”") % {"stage": formats.local_name(stage)},
            "lede": _("A stage in which nothing is judged loses its criteria."),
            "submit_label": _("Store"),
            "competition": shown,
            "stage": stage,
            **_of(shown),
        },
        perform=lambda: services.edit_stage(actor, stage, form.stage_terms(), now=clock.now()),
        told=lambda _done: _("The stage is stored."),
        seen_at=lambda _done: _stages_of(shown),
    )


@require_POST
def remove_stage(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take a stage out of a competition that is being written."""
    actor, shown = competition_to(request, key, "remove_stage")
    services.remove_stage(actor, queries.stage_by_number(shown, number), now=clock.now())
    return redirect(shown)


@require_http_methods(["GET", "POST"])
def set_criteria(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form of the criteria of a stage, with their weights."""
    actor, shown = competition_to(request, key, "set_criteria")
    stage = queries.stage_by_number(shown, number)
    form = CriteriaForm(request.POST or None, criteria=stage.criteria.all())
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Criteria of “%(stage)s”") % {"stage": formats.local_name(stage)},
            "lede": _("The weights sum to 100. A criterion whose name is emptied is taken out."),
            "submit_label": _("Store"),
            **_of(shown),
        },
        perform=lambda: services.set_criteria(actor, stage, form.criteria(), now=clock.now()),
        told=lambda _done: _("The criteria are stored."),
        seen_at=lambda _done: _stages_of(shown),
    )


@require_http_methods(["GET", "POST"])
def set_anchors(request: HttpRequest, key: str, number: int, criterion: int) -> HttpResponse:
    """The form that says what the scores of a criterion mean."""
    actor, shown = competition_to(request, key, "set_anchors")
    found = queries.criterion_by_number(queries.stage_by_number(shown, number), criterion)
    form = AnchorsForm(request.POST or None, criterion=found)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("What scores on “%(criterion)s” mean")
            % {"criterion": formats.local_name(found)},
            "lede": formats.local_of(found, "text"),
            "submit_label": _("Store"),
            **_of(shown),
        },
        perform=lambda: services.set_anchors(actor, found, form.anchors(), now=clock.now()),
        told=lambda _done: _("The meaning of the scores is stored."),
        seen_at=lambda _done: _stages_of(shown),
    )


@require_http_methods(["GET", "POST"])
def amend_stage(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that amends a stage that has not begun."""
    actor, shown = competition_to(request, key, "amend_stage")
    stage = queries.stage_by_number(shown, number)
    form = AmendStageForm(
        request.POST or None, documents=_documents(), stage=stage, initial=initial_of_stage(stage)
    )
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Amend “%(stage)s”") % {"stage": formats.local_name(stage)},
            "lede": _("The amendment is numbered, and the notice printed anew."),
            "submit_label": _("Amend"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.amend_stage(
            actor, stage, form.stage_terms(), form.criteria(), form.words(), now=clock.now()
        ),
        told=_made,
        seen_at=lambda _amendment: f"{shown.get_absolute_url()}#amendments",
    )


@require_http_methods(["GET", "POST"])
def extend_deadline(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that puts a deadline off."""
    actor, shown = competition_to(request, key, "extend_deadline")
    stage = queries.stage_by_number(shown, number)
    initial = {"until": shown_in_zone(stage.ends_at, shown.zone)}
    form = ExtendForm(request.POST or None, initial=initial)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Put the deadline of “%(stage)s” off")
            % {"stage": formats.local_name(stage)},
            "lede": _("It stands at %(ends_at)s. The stages behind it are put off by as much.")
            % {"ends_at": services.moment_in(shown.zone, stage.ends_at)},
            "submit_label": _("Extend"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: _extend(actor, shown, stage, form),
        told=_made,
        seen_at=lambda _amendment: f"{shown.get_absolute_url()}#amendments",
    )


# --------------------------------------------------------------------------------------- leaves


def _extend(actor: Actor, competition: Competition, stage: Stage, form: ExtendForm) -> Amendment:
    until = moment_in_zone(form.cleaned_data["until"], competition.zone)
    assert until is not None  # noqa: S101 -- the field is required
    return services.extend_deadline(actor, stage, until, form.words(), now=clock.now())


def _made(amendment: Amendment) -> str:
    return _("Amendment %(number)s is made.") % {"number": amendment.number}


def _of(competition: Competition) -> dict[str, object]:
    return {"crumbs": running_crumbs(competition), "cancel_url": competition.get_absolute_url()}


def _stages_of(competition: Competition) -> str:
    return f"{competition.get_absolute_url()}#stages"


def _documents() -> Choices:
    return [(one.key, formats.local_name(one)) for one in formats.profile().competing.documents]


def _places(competition: Competition) -> Choices:
    """Behind which stage one can be put: the beginning, or any that stands."""
    stages = [
        (str(one.number), f"{one.number}. {formats.local_name(one)}")
        for one in competition.stages.all()
    ]
    return [("0", _("The beginning")), *stages]
