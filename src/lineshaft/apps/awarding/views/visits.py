"""Pages on which visits are listed, planned, changed and cancelled."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.forms import (
    AgendaForm,
    CancelVisitForm,
    PlanVisitForm,
    VisitForm,
    VisitMemberForm,
    initial_of_visit,
)
from lineshaft.apps.awarding.models import SiteVisit, VisitMember
from lineshaft.apps.awarding.views.visit_page import visit_context
from lineshaft.apps.awarding.views.words import (
    competition_to_read,
    running_crumbs,
    tabs_for,
    visit_tag,
    visit_title,
    visits_crumb,
)
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.competitions.services import moment_in, title_in
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.pages import Action, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

FORM = "awarding/form.html"


@require_GET
@login_required
def list_visits(request: HttpRequest, key: str) -> HttpResponse:
    """The visits of a competition that the reader may see."""
    actor, shown = competition_to_read(request, key)
    if not queries.may_see_visits(actor, shown):
        raise NotFound(queries.NO_VISIT, code="no_visits")
    page = paginate(request, queries.visits_listed(actor, shown))
    standing = queries.visits_visible_to(actor, shown).exclude(state=rules.VISIT_CANCELLED)
    context = {
        "title": _list_title(standing.exclude(state=rules.VISIT_PLANNED).count(), standing.count()),
        "lede": _("Each visit is planned, held and closed by its report."),
        "crumbs": running_crumbs(shown),
        "tabs": tabs_for(actor, shown, "awarding:list_visits"),
        "actions": _list_actions(actor, shown),
        "table": _table(shown, page),
    }
    return render_page(request, "awarding/list_visits.html", context)


@require_GET
@login_required
def show_visit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """A visit: when and where, who goes, what is looked at, found, asked and reported."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    context = visit_context(actor, visit, now=clock.now())
    return render_page(request, "awarding/show_visit.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def plan_visit(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The form that plans a visit of an application that has none."""
    actor, shown = competition_to_read(request, key)
    _permit_to_plan(actor, shown)
    stage = competitions.stage_by_number(shown, number)
    judged = {one.application_id: one for one in queries.applications_to_visit(actor, stage)}
    form = PlanVisitForm(
        request.POST or None,
        zone=shown.zone,
        applications=[
            (str(pk), f"{one.application.number}: {title_in(one.content)}")
            for pk, one in judged.items()
        ],
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Plan a visit in “%(stage)s”") % {"stage": formats.local_name(stage)},
            "lede": _("Its checklist begins with the criteria of the stage."),
            "submit_label": _("Plan the visit"),
            "crumbs": running_crumbs(shown, visits_crumb(shown)),
            "cancel_url": reverse("awarding:list_visits", args=[key]),
        },
        perform=lambda: services.plan_visit(
            actor,
            stage,
            judged[form.cleaned_data["application"]].application,
            form.terms(),
            now=clock.now(),
        ),
        told=lambda _made: _("The visit is planned; the applicant is told."),
        seen_at=lambda made: made.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def edit_visit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that changes when and where a visit is."""
    actor, visit = _visit_to_plan(request, key, pk)
    zone = visit.stage.competition.zone
    form = VisitForm(request.POST or None, zone=zone, initial=initial_of_visit(visit, zone))
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("When and where the visit is"),
            "lede": visit_title(visit),
            "submit_label": _("Store"),
            **of_visit(visit),
        },
        perform=lambda: services.edit_visit(
            actor, visit, form.terms(), seen=form.cleaned_data["seen"], now=clock.now()
        ),
        told=lambda _done: _("The visit is changed."),
        seen_at=lambda _done: visit.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def cancel_visit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that cancels a visit, with the reason."""
    actor, visit = _visit_to_plan(request, key, pk)
    form = CancelVisitForm(request.POST or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Cancel the visit"),
            "lede": visit_title(visit),
            "submit_label": _("Cancel the visit"),
            **of_visit(visit),
        },
        perform=lambda: services.cancel_visit(
            actor, visit, why=form.cleaned_data["why"], now=clock.now()
        ),
        told=lambda _done: _("The visit is cancelled; the applicant is told."),
        seen_at=lambda _done: visit.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
@login_required
def add_visit_member(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that sends somebody on a visit."""
    actor, visit = _visit_to_plan(request, key, pk)
    people = {one.pk: one for one in queries.people_to_send(visit, on=clock.today())}
    form = VisitMemberForm(
        request.POST or None,
        people=[
            (str(one.pk), formats.joined([formats.local_name(one), *_employer(one)]))
            for one in people.values()
        ],
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Send somebody on the visit"),
            "lede": _(
                "The panel of the stage and the staff of whoever runs the competition may go;"
                " nobody with a conflict of interest is offered."
            ),
            "submit_label": _("Send"),
            **of_visit(visit),
        },
        perform=lambda: services.add_visit_member(
            actor,
            visit,
            people[form.cleaned_data["person"]],
            is_lead=form.cleaned_data["is_lead"],
            now=clock.now(),
        ),
        told=lambda made: _("%(name)s goes on the visit.") % {"name": made.person.name},
        seen_at=lambda _made: f"{visit.get_absolute_url()}#team",
    )


@require_POST
@login_required
def name_visit_lead(request: HttpRequest, key: str, pk: int, member: int) -> HttpResponse:
    """Say who leads the visit."""
    actor, visit = _visit_to_plan(request, key, pk)
    done = services.name_visit_lead(actor, visit, _member(visit, member), now=clock.now())
    messages.success(request, _("%(name)s leads the visit.") % {"name": done.person.name})
    return redirect(f"{visit.get_absolute_url()}#team")


@require_POST
@login_required
def remove_visit_member(request: HttpRequest, key: str, pk: int, member: int) -> HttpResponse:
    """Take somebody off the team."""
    actor, visit = _visit_to_plan(request, key, pk)
    held = _member(visit, member)
    services.remove_visit_member(actor, visit, held, now=clock.now())
    messages.success(request, _("%(name)s does not go.") % {"name": held.person.name})
    return redirect(f"{visit.get_absolute_url()}#team")


@require_http_methods(["GET", "POST"])
@login_required
def set_agenda(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form of the agenda."""
    actor, visit = _visit_to_plan(request, key, pk)
    zone = visit.stage.competition.zone
    form = AgendaForm(
        request.POST or None,
        agenda=list(visit.agenda.all()),
        zone=zone,
        initial={"seen": visit.revision},
    )
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("The agenda of the visit"),
            "lede": _("From %(begins)s to %(ends)s. An item whose title is emptied is taken out.")
            % {"begins": moment_in(zone, visit.starts_at), "ends": moment_in(zone, visit.ends_at)},
            "submit_label": _("Store"),
            **of_visit(visit),
        },
        perform=lambda: services.set_agenda(
            actor, visit, form.items(), seen=form.cleaned_data["seen"], now=clock.now()
        ),
        told=lambda _done: _("The agenda is stored."),
        seen_at=lambda _done: f"{visit.get_absolute_url()}#agenda",
    )


@require_GET
@login_required
def download_finding_file(request: HttpRequest, key: str, pk: int, file: int) -> FileResponse:
    """A photo or a paper of a finding."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    return attachment(actor, queries.finding_file(visit, file).file)


@require_GET
@login_required
def download_visit_report(request: HttpRequest, key: str, pk: int, language: str) -> FileResponse:
    """The report of a visit as PDF."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    return attachment(actor, queries.report_file(visit, language))


def of_visit(visit: SiteVisit) -> dict[str, Any]:
    """The way to a page of a visit, and back to it."""
    competition = visit.stage.competition
    return {
        "crumbs": running_crumbs(competition, visits_crumb(competition)),
        "cancel_url": visit.get_absolute_url(),
    }


# ---------------------------------------------------------------------------------------- leaves


def _visit_to_plan(request: HttpRequest, key: str, pk: int) -> tuple[Actor, SiteVisit]:
    """Who asks, and the visit, if they plan it."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    _permit_to_plan(actor, shown)
    return actor, visit


def _permit_to_plan(actor: Actor, competition: Competition) -> None:
    if not queries.may_see_visits(actor, competition):
        raise NotFound(queries.NO_VISIT, code="no_visits")
    institute, agencies = competitions.runner_keys_of(competition)
    permit(actor, rules.PERMISSIONS["plan_visit"], institute=institute, agencies=agencies)


def _member(visit: SiteVisit, pk: int) -> VisitMember:
    for member in visit.members.all():
        if member.pk == pk:
            return member
    raise NotFound(queries.NO_VISIT, code="no_member")


def _employer(person: Any) -> list[str]:
    return [formats.local_name(person.organisation)] if person.organisation else []


def _list_title(held: int, planned: int) -> str:
    if not planned:
        return _("No visit is planned")
    return ngettext(
        "%(held)s of %(planned)s visit was held",
        "%(held)s of %(planned)s visits were held",
        planned,
    ) % {"held": formats.number(held), "planned": formats.number(planned)}


def _list_actions(actor: Actor, competition: Competition) -> tuple[Action, ...]:
    if not queries.runs_visits(actor, competition):
        return ()
    return tuple(
        Action(
            _("Plan a visit in “%(stage)s”") % {"stage": formats.local_name(stage)},
            reverse("awarding:plan_visit", args=[competition.key, stage.number]),
            is_primary=True,
        )
        for stage in competition.stages.all()
        if _takes_visits(stage)
    )


def _takes_visits(stage: Stage) -> bool:
    return stage.stage_kind is StageKind.VISIT and stage.ended_at is None


def _table(competition: Competition, page: Page[SiteVisit]) -> Table:
    return Table(
        _("Visits by their day"),
        (
            Column("number", _("Application"), is_number=True),
            Column("title", _("Title")),
            Column("lead", _("Lead organisation")),
            Column("moment", _("Begins")),
            Column("place", _("Place")),
            Column("team", _("Team"), is_number=True),
            Column("checklist", _("Checklist answered")),
            Column("findings", _("Findings"), is_number=True),
            Column("questions", _("Questions not answered"), is_number=True),
            Column("state", _("State")),
        ),
        tuple(_row(competition, one) for one in page),
        page=page,
        empty=_("A visit is planned for an application that the stage judges."),
        is_stacked=True,
    )


def _row(competition: Competition, one: Any) -> Row:
    is_withdrawn = queries.is_withdrawn(one)
    tag = visit_tag(one, is_withdrawn=is_withdrawn)
    noted = [
        formats.number(one.going),
        f"{formats.number(one.answered)} / {formats.number(one.items)}",
        formats.number(one.found),
        formats.number(one.waiting),
    ]
    return Row(
        (
            Cell(formats.number(one.application.number)),
            Cell(visit_title(one), reverse("awarding:show_visit", args=[competition.key, one.pk])),
            Cell(formats.local_name(one.application.lead)),
            Cell(moment_in(competition.zone, one.starts_at)),
            Cell(one.place),
            *(Cell(formats.MISSING if is_withdrawn else text) for text in noted),
            Cell(tag.text, tag=tag.tone),
        )
    )
