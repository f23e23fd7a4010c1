"""Pages on which a competition is drafted, edited, amended and run."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    AmendingForm,
    Choices,
    DraftForm,
    TermsForm,
    WhyForm,
    initial_of,
)
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.views.opportunities import opportunities_table
from lineshaft.apps.competitions.views.words import (
    agency_choices,
    area_choices,
    opportunity_crumbs,
    running_crumbs,
)
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, actor_of, render_page


@require_GET
def list_competitions(request: HttpRequest) -> HttpResponse:
    """What the reader runs, the last drafted first."""
    actor = actor_of(request)
    page = paginate(request, queries.competitions_run_by(actor))
    actions: tuple[Action, ...] = ()
    if queries.runs_any(actor):
        actions = (Action(_("Statistics"), reverse("awarding:list_statistics")),)
    if _may_draft(actor):
        url = reverse("competitions:draft_competition")
        actions = (Action(_("Draft a competition"), url, is_primary=True), *actions)
    context = {
        "title": ngettext(
            "You run %(count)s competition", "You run %(count)s competitions", page.total
        )
        % {"count": formats.number(page.total)},
        "lede": _(
            "Drafts are seen by who runs them alone; what is announced is seen by its level."
        ),
        "actions": actions,
        "table": opportunities_table(page, _("Competitions, the last drafted first")),
    }
    return render_page(request, "competitions/list_competitions.html", context)


@require_http_methods(["GET", "POST"])
def draft_competition(request: HttpRequest) -> HttpResponse:
    """The form that drafts a competition from a template."""
    actor = actor_of(request)
    if not _may_draft(actor):
        permit(actor, rules.PERMISSIONS["draft_competition"])
    form = DraftForm(
        request.POST or None,
        templates=_template_choices(),
        institutes=_institute_choices(actor),
        agencies=agency_choices(),
    )
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Draft a competition"),
            "lede": _("It is seen by who runs it alone until it is announced or opened."),
            "submit_label": _("Draft"),
            "crumbs": running_crumbs(),
            "cancel_url": reverse("competitions:list_competitions"),
        },
        perform=lambda: services.draft_competition(actor, _proposal(actor, form), now=clock.now()),
        told=lambda made: _("%(code)s is drafted. Enter its terms.") % {"code": made.code},
        seen_at=lambda made: made.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def edit_competition(request: HttpRequest, key: str) -> HttpResponse:
    """The form of the terms of a competition that is being written."""
    actor, shown = competition_to(request, key, "edit_competition")
    form = TermsForm(request.POST or None, initial=_initial(shown), **_of_terms(shown))
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Edit the terms of %(code)s") % {"code": shown.code},
            "lede": _("The dates of its stages follow the day on which it opens."),
            "submit_label": _("Store"),
            "crumbs": running_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: _with_official(
            form,
            lambda official: services.edit_competition(
                actor, shown, form.terms(official), now=clock.now()
            ),
        ),
        told=lambda _done: _("The terms are stored."),
        seen_at=lambda _done: shown.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def amend_competition(request: HttpRequest, key: str) -> HttpResponse:
    """The form that amends the terms of a competition that runs."""
    actor, shown = competition_to(request, key, "amend_competition")
    form = AmendingForm(request.POST or None, initial=_initial(shown), **_of_terms(shown))
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Amend %(code)s") % {"code": shown.code},
            "lede": _("The amendment is numbered, and the notice printed anew."),
            "submit_label": _("Amend"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: _with_official(
            form,
            lambda official: services.amend_competition(
                actor, shown, form.terms(official), form.words(), now=clock.now()
            ),
        ),
        told=lambda made: _("Amendment %(number)s is made.") % {"number": made.number},
        seen_at=lambda _made: f"{shown.get_absolute_url()}#amendments",
    )


@require_POST
def announce_competition(request: HttpRequest, key: str) -> HttpResponse:
    """Publish the notice of intent."""
    actor, shown = competition_to(request, key, "announce_competition")
    return redirect(services.announce_competition(actor, shown, now=clock.now()))


@require_POST
def open_competition(request: HttpRequest, key: str) -> HttpResponse:
    """Open the competition."""
    actor, shown = competition_to(request, key, "open_competition")
    return redirect(services.open_competition(actor, shown, now=clock.now()))


@require_POST
def begin_review(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the next stage that judges."""
    actor, shown = competition_to(request, key, "begin_review")
    return redirect(services.begin_review(actor, shown, now=clock.now()))


@require_POST
def call_applications(request: HttpRequest, key: str) -> HttpResponse:
    """Open the next stage in which something is handed in."""
    actor, shown = competition_to(request, key, "call_applications")
    return redirect(services.call_applications(actor, shown, now=clock.now()))


@require_POST
def begin_selection(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the selection."""
    actor, shown = competition_to(request, key, "begin_selection")
    return redirect(services.begin_selection(actor, shown, now=clock.now()))


@require_POST
def publish_results(request: HttpRequest, key: str) -> HttpResponse:
    """Show what was decided to everybody."""
    actor, shown = competition_to(request, key, "publish_results")
    return redirect(services.publish_results(actor, shown, now=clock.now()))


@require_http_methods(["GET", "POST"])
def cancel_competition(request: HttpRequest, key: str) -> HttpResponse:
    """The form that cancels a competition."""
    actor, shown = competition_to(request, key, "cancel_competition")
    form = WhyForm(request.POST or None)
    return form_page(
        request,
        "competitions/form.html",
        form,
        {
            "title": _("Cancel %(code)s") % {"code": shown.code},
            "lede": _("Everybody who can see it reads the reason. It can't be taken back."),
            "submit_label": _("Cancel the competition"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.cancel_competition(
            actor, shown, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The competition is cancelled."),
        seen_at=lambda done: done.get_absolute_url(),
    )


def competition_to(request: HttpRequest, key: str, verb: str) -> tuple[Actor, Competition]:
    """The actor and the competition, if the actor may do that to it."""
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    institute, agencies = queries.runner_keys_of(shown)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)
    return actor, shown


# --------------------------------------------------------------------------------------- leaves


def _may_draft(actor: Actor) -> bool:
    """Whether there is any competition that the actor may draft."""
    return may(
        actor,
        rules.PERMISSIONS["draft_competition"],
        agencies=actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY),
    ) or any(
        may(actor, rules.PERMISSIONS["draft_competition"], institute=key)
        for key in actor.own_institute_keys
    )


def _template_choices() -> Choices:
    competing = formats.profile().competing
    return [(one.key, formats.local_name(one)) for one in competing.templates]


def _institute_choices(actor: Actor) -> Choices:
    """The institutes for whose calls the actor may draft."""
    rows = network.recipients_visible_to(actor).prefetch_related(None).order_by("name")
    permission = rules.PERMISSIONS["draft_competition"]
    return [
        (one.key, formats.local_name(one))
        for one in rows
        if may(actor, permission, institute=one.key)
    ]


def _proposal(actor: Actor, form: DraftForm) -> services.CompetitionProposal:
    data = form.cleaned_data
    key = data["institute"]
    return services.CompetitionProposal(
        code=data["code"],
        kind=data["kind"],
        template=data["template"],
        terms=form.terms(),
        institute=network.institute_by_key(actor, key) if key else None,
    )


def _of_terms(competition: Competition) -> dict[str, Any]:
    return {
        "currency": competition.currency,
        "agencies": agency_choices(),
        "areas": area_choices(),
    }


def _initial(competition: Competition) -> dict[str, Any]:
    """What the form of the terms begins with, amounts as a person writes them."""
    terms = services.terms_of(competition)
    money = {}
    for name in ("floor_minor", "ceiling_minor", "total_minor"):
        minor: int | None = getattr(terms, name)
        money[name] = "" if minor is None else f"{Money(minor, competition.currency).amount:f}"
    return initial_of(terms, money)


def _with_official(form: TermsForm, perform: Any) -> Any:
    """Do it with the person whose address is entered; a fault in the field where there is none."""
    address = form.cleaned_data["official"].strip()
    official: Person | None = None
    if address:
        try:
            official = network.person_of_address(address)
        except NotFound as error:
            form.add_error("official", forms.ValidationError(error.as_text(formats.spoken)))
            return None
    return perform(official)
