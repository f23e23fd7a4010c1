"""Pages of an application as a whole: one's own, starting, the workspace, terms, handing in."""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.forms import (
    ApplicationForm,
    Choices,
    ConfirmForm,
    StartForm,
    WithdrawForm,
    initial_of_application,
)
from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.views.words import area_choices, opportunity_crumbs
from lineshaft.apps.competitions.views.workspace import (
    APPLICATION_TONES,
    checks_of,
    gate_shut_to,
    lacking,
    stands,
    workspace_context,
)
from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

FORM: Final = "competitions/form.html"


@require_GET
@login_required
def list_workspaces(request: HttpRequest) -> HttpResponse:
    """The applications on whose team the reader is, and the invitations that wait."""
    actor = actor_of(request)
    page = paginate(request, queries.applications_listed(actor))
    context = {
        "title": ngettext("%(count)s application", "%(count)s applications", page.total)
        % {"count": formats.number(page.total)},
        "lede": _("What you write together with others, sealed from everybody else until the end."),
        "actions": (
            Action(_("Opportunities"), reverse("competitions:list_opportunities"), is_primary=True),
        ),
        "table": workspaces_table(page),
        "invitations": [
            (one, reverse("competitions:join_team", args=[one.pk]))
            for one in queries.invitations_to(actor)
        ],
    }
    return render_page(request, "competitions/list_workspaces.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def start_application(request: HttpRequest, key: str) -> HttpResponse:
    """The form that begins an application."""
    actor = actor_of(request)
    shown = queries.opportunity_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["start_application"])
    own = {one.pk: one for one in queries.own_organisations(actor)}
    if not own:
        raise NotPermitted(rules.PERMISSIONS["start_application"].sentence)
    choices: Choices = [(str(one.pk), formats.local_name(one)) for one in own.values()]
    form = StartForm(request.POST or None, organisations=choices)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Apply to %(code)s") % {"code": shown.code},
            "lede": _("You lead the team of the application, and invite others to it."),
            "submit_label": _("Start the application"),
            "crumbs": opportunity_crumbs(shown),
            "cancel_url": shown.get_absolute_url(),
        },
        perform=lambda: services.start_application(
            actor,
            shown,
            own[form.cleaned_data["organisation"]],
            title=form.cleaned_data["title"],
            now=clock.now(),
        ),
        told=lambda _made: _("The application is begun."),
        seen_at=lambda made: made.get_absolute_url(),
    )


@require_GET
@login_required
def show_workspace(request: HttpRequest, pk: int) -> HttpResponse:
    """The workspace of an application, as far as it is open to the reader."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    context = workspace_context(actor, application, now=clock.now())
    return render_page(request, "competitions/show_workspace.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def edit_application(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of what the application says as a whole."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "edit_application")
    seen = services.last_version_of(application, rules.TERMS)
    form = ApplicationForm(
        request.POST or None,
        areas=area_choices(),
        grounds=_grounds(application),
        initial=initial_of_application(application, seen),
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Terms of the application"),
            "lede": formats.local_name(application),
            "submit_label": _("Save"),
            **of_application(application),
        },
        perform=lambda: services.edit_application(
            actor,
            application,
            form.terms(),
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda done: f"{done.get_absolute_url()}#terms",
    )


@require_http_methods(["GET", "POST"])
@login_required
def submit_application(request: HttpRequest, pk: int) -> HttpResponse:
    """What keeps the application back, and the button that hands it in."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "submit_application")
    now = clock.now()
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    gate = gate_shut_to(application)
    missing, checks = lacking(application, now=now), checks_of(application, now=now)
    told = _("Handed in as version %(number)s. A receipt is on its way to you.")
    return form_page(
        request,
        "competitions/submit_application.html",
        form,
        {
            "title": _("Hand in “%(title)s”") % {"title": formats.local_name(application)},
            "lede": stands(application, now=now, gate=gate),
            "submit_label": _("Hand in"),
            "missing": missing,
            "checks": checks,
            "is_ready": not (gate or missing or any(check.keeps_back for check in checks)),
            **of_application(application),
        },
        perform=lambda: services.submit_application(actor, application, now=now),
        told=lambda made: told % {"number": made.number},
        seen_at=lambda _made: application.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def withdraw_from_competition(request: HttpRequest, pk: int) -> HttpResponse:
    """The form that takes an application back."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    permit_seat(actor, application, "withdraw_from_competition")
    form = WithdrawForm(request.POST or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Withdraw “%(title)s”") % {"title": formats.local_name(application)},
            "lede": _(
                "Nothing that was handed in is read any more. Before the deadline it can be taken"
                " up again."
            ),
            "submit_label": _("Withdraw"),
            **of_application(application),
        },
        perform=lambda: services.withdraw_from_competition(
            actor, application, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The application is withdrawn."),
        seen_at=lambda done: done.get_absolute_url(),
    )


@require_POST
@login_required
def resume_application(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a withdrawn application up again."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, pk)
    done = services.resume_application(actor, application, now=clock.now())
    return _go(request, _("The application is taken up again."), done.get_absolute_url())


# ------------------------------------------------------------------- shared with the other pages


def permit_seat(actor: Actor, application: Application, verb: str) -> None:
    """Return where the actor's seat on the team does that verb; raises NotPermitted."""
    permit(actor, rules.PERMISSIONS[verb])
    if not services.may_by_seat(queries.seat_of(actor, application), verb):
        raise NotPermitted(rules.PERMISSIONS[verb].sentence, params={"verb": verb})


def of_application(application: Application) -> dict[str, object]:
    """The way to the workspace, for a page of one of its parts."""
    return {
        "crumbs": (*workspace_crumbs(), _crumb(application)),
        "cancel_url": application.get_absolute_url(),
    }


def workspace_crumbs() -> tuple[Crumb, ...]:
    """The way to one's own applications."""
    return (Crumb(_("My applications"), reverse("competitions:list_workspaces")),)


def workspaces_table(page: Page[Application]) -> Table:
    """Applications as a list."""
    return Table(
        _("Applications, the last changed first"),
        (
            Column("title", _("Application"), place="start"),
            Column("competition", _("Competition"), place="line"),
            Column("lead", _("Lead organisation"), place="line"),
            Column("closes", _("Closes"), place="state"),
            Column("state", _("State"), place="end"),
        ),
        tuple(_row(one) for one in page),
        page=page,
        empty=_("You are on the team of no application yet."),
        is_stacked=True,
    )


# ---------------------------------------------------------------------------------------- leaves


def _row(one: Application) -> Row:
    stage = queries.call_to_show(one.competition)
    closes = services.moment_in(one.competition.zone, stage.ends_at if stage else None)
    return Row(
        (
            Cell(formats.local_name(one), one.get_absolute_url()),
            Cell(one.competition.code, one.competition.get_absolute_url()),
            Cell(formats.local_name(one.lead)),
            Cell(closes),
            Cell(str(one.get_state_display()), tag=APPLICATION_TONES[one.state]),
        )
    )


def _crumb(application: Application) -> Crumb:
    return Crumb(formats.local_name(application), application.get_absolute_url())


def _grounds(application: Application) -> Choices:
    grounds = queries.waiver_grounds_of(application, on=clock.today())
    profile = formats.profile()
    return [(key, formats.local_name(profile.waiver_ground(key))) for key in grounds]


def _go(request: HttpRequest, told: str, url: str) -> HttpResponse:
    messages.success(request, told)
    return redirect(url)
