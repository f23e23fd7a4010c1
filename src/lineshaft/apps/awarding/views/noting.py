"""Pages that are filled in on site, and those on which the applicant reads and answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.awarding import queries, rules, services
from lineshaft.apps.awarding.forms import (
    ChecklistForm,
    ChecklistItemForm,
    FindingFileForm,
    FindingForm,
    NewFindingForm,
    OpenAnswerForm,
    OpenQuestionForm,
    VisitReportForm,
)
from lineshaft.apps.awarding.models import SiteVisit
from lineshaft.apps.awarding.views.visit_page import agenda_table
from lineshaft.apps.awarding.views.visits import FORM, of_visit
from lineshaft.apps.awarding.views.words import VISIT_TONES, competition_to_read, visit_title
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.services import moment_in
from lineshaft.kernel.errors import NotPermitted
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.navigation import application_tabs
from lineshaft.web.pages import Crumb, Item, Tag, actor_of, render_page


@require_POST
@login_required
def hold_visit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Say that the visit takes place."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    services.hold_visit(actor, visit, now=clock.now())
    messages.success(request, _("The visit takes place. The checklist and findings are open."))
    return redirect(visit.get_absolute_url())


@require_http_methods(["GET", "POST"])
@login_required
def answer_checklist(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The checklist to fill in."""
    actor, visit = _visit_to_note(request, key, pk, "answer_checklist")
    items = [(one, formats.local_name(one)) for one in visit.checklist.all()]
    form = ChecklistForm(request.POST or None, items=items)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("The checklist of the visit"),
            "lede": visit_title(visit),
            "submit_label": _("Store"),
            **of_visit(visit),
        },
        perform=lambda: services.answer_checklist(actor, visit, form.answers(), now=clock.now()),
        told=lambda many: (
            ngettext("%(count)s answer is stored.", "%(count)s answers are stored.", many)
            % {"count": formats.number(many)}
        ),
        seen_at=lambda _many: f"{visit.get_absolute_url()}#checklist",
    )


@require_http_methods(["GET", "POST"])
@login_required
def add_checklist_item(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that adds to the checklist."""
    actor, visit = _visit_to_note(request, key, pk, "add_checklist_item")
    form = ChecklistItemForm(request.POST or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Add to the checklist"),
            "lede": visit_title(visit),
            "submit_label": _("Add"),
            **of_visit(visit),
        },
        perform=lambda: services.add_checklist_item(
            actor,
            visit,
            form.cleaned_data["name"],
            name_zh=form.cleaned_data["name_zh"],
            now=clock.now(),
        ),
        told=lambda _made: _("The item is added."),
        seen_at=lambda _made: f"{visit.get_absolute_url()}#checklist",
    )


@require_http_methods(["GET", "POST"])
@login_required
def record_finding(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that records a finding, with a photo."""
    actor, visit = _visit_to_note(request, key, pk, "record_finding")
    refuse_cut_upload(request)
    form = NewFindingForm(request.POST or None, request.FILES or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Record a finding"),
            "lede": visit_title(visit),
            "submit_label": _("Record"),
            **of_visit(visit),
        },
        perform=lambda: services.record_finding(
            actor,
            visit,
            form.cleaned_data["kind"],
            form.cleaned_data["text"],
            files=form.files_sent(),
            now=clock.now(),
        ),
        told=lambda made: _("Finding %(number)s is recorded.") % {"number": made.number},
        seen_at=lambda made: f"{visit.get_absolute_url()}#finding-{made.number}",
    )


@require_http_methods(["GET", "POST"])
@login_required
def edit_finding(request: HttpRequest, key: str, pk: int, number: int) -> HttpResponse:
    """The form that words a finding anew."""
    actor, visit = _visit_to_note(request, key, pk, "edit_finding")
    finding = queries.finding_by_number(visit, number)
    initial = {"seen": finding.revision, "kind": finding.kind, "text": finding.text}
    form = FindingForm(request.POST or None, initial=initial)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Finding %(number)s") % {"number": number},
            "lede": visit_title(visit),
            "submit_label": _("Store"),
            **of_visit(visit),
        },
        perform=lambda: services.edit_finding(
            actor,
            finding,
            form.cleaned_data["kind"],
            form.cleaned_data["text"],
            seen=form.cleaned_data["seen"],
            now=clock.now(),
        ),
        told=lambda _done: _("The finding is stored."),
        seen_at=lambda _done: f"{visit.get_absolute_url()}#finding-{number}",
    )


@require_http_methods(["GET", "POST"])
@login_required
def attach_to_finding(request: HttpRequest, key: str, pk: int, number: int) -> HttpResponse:
    """The form that attaches a photo or a paper to a finding."""
    actor, visit = _visit_to_note(request, key, pk, "attach_to_finding")
    finding = queries.finding_by_number(visit, number)
    refuse_cut_upload(request)
    form = FindingFileForm(request.POST or None, request.FILES or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Attach to finding %(number)s") % {"number": number},
            "lede": finding.text,
            "submit_label": _("Attach"),
            **of_visit(visit),
        },
        perform=lambda: services.attach_to_finding(
            actor,
            finding,
            services.Attached(form.cleaned_data["file"].file, form.cleaned_data["file"].name),
            now=clock.now(),
        ),
        told=lambda made: _("“%(name)s” is attached.") % {"name": made.file.name},
        seen_at=lambda _made: f"{visit.get_absolute_url()}#finding-{number}",
    )


@require_http_methods(["GET", "POST"])
@login_required
def ask_open_question(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that asks the applicant."""
    actor, visit = _visit_to_note(request, key, pk, "ask_open_question")
    form = OpenQuestionForm(request.POST or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Ask the applicant"),
            "lede": _("Its leads read the question in their workspace and answer it there."),
            "submit_label": _("Ask"),
            **of_visit(visit),
        },
        perform=lambda: services.ask_open_question(
            actor, visit, form.cleaned_data["text"], now=clock.now()
        ),
        told=lambda _made: _("The question is asked; the applicant is told."),
        seen_at=lambda _made: f"{visit.get_absolute_url()}#questions",
    )


@require_http_methods(["GET", "POST"])
@login_required
def report_visit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The form that reports on a visit and closes it."""
    actor, visit = _visit_to_note(request, key, pk, "report_visit")
    form = VisitReportForm(request.POST or None)
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Report on the visit"),
            "lede": _(
                "The report holds what was noted and closes the visit; it is printed in English and"
                " in Chinese and never changed."
            ),
            "submit_label": _("Report and close"),
            **of_visit(visit),
        },
        perform=lambda: services.report_visit(
            actor,
            visit,
            form.cleaned_data["summary"],
            summary_zh=form.cleaned_data["summary_zh"],
            now=clock.now(),
        ),
        told=lambda _made: _("The visit is reported and closed."),
        seen_at=lambda _made: visit.get_absolute_url(),
    )


# ------------------------------------------------------------------------- what the applicant sees


@require_GET
@login_required
def show_own_visit(request: HttpRequest, pk: int) -> HttpResponse:
    """When and where one's own application is visited, the agenda, and what is asked."""
    actor = actor_of(request)
    application = competitions.application_by_id(actor, pk)
    leads = competitions.seat_of(actor, application).leads
    visits = list(queries.own_visits(actor, application))
    waiting = sum(
        one.answered_at is None
        for visit in visits
        if visit.state not in rules.VISIT_CLOSED
        for one in visit.questions.all()
    )
    context = {
        "application": application,
        "title": _own_title(visits, waiting),
        "lede": _("What is noted on a visit is read by those who judge the application alone."),
        "crumbs": _own_crumbs(application),
        "tabs": application_tabs(pk, "awarding:show_own_visit"),
        "visits": [
            {
                "visit": one,
                "tag": Tag(str(one.get_state_display()), VISIT_TONES[one.state]),
                "items": _own_items(one),
                "agenda": agenda_table(one) if one.agenda.all() else None,
                "questions": one.questions.all(),
                "answers": leads and one.state not in rules.VISIT_CLOSED,
            }
            for one in visits
        ],
    }
    return render_page(
        request, "awarding/show_own_visit.html", {"application": application, **context}
    )


@require_http_methods(["GET", "POST"])
@login_required
def answer_open_question(request: HttpRequest, pk: int, visit: int, number: int) -> HttpResponse:
    """The form by which the applicant answers."""
    actor = actor_of(request)
    application = competitions.application_by_id(actor, pk)
    question = queries.own_question(actor, application, visit, number)
    permission = rules.PERMISSIONS["answer_open_question"]
    if not competitions.seat_of(actor, application).leads:
        raise NotPermitted(
            permission.sentence, code="not_permitted", params={"verb": permission.verb}
        )
    form = OpenAnswerForm(request.POST or None)
    back = reverse("awarding:show_own_visit", args=[pk])
    return form_page(
        request,
        FORM,
        form,
        {
            "title": _("Answer question %(number)s") % {"number": number},
            "lede": question.text,
            "submit_label": _("Answer"),
            "crumbs": (*_own_crumbs(application), Crumb(_("Site visit"), back)),
            "cancel_url": back,
        },
        perform=lambda: services.answer_open_question(
            actor, question, form.cleaned_data["answer"], now=clock.now()
        ),
        told=lambda _done: _("The answer is sent."),
        seen_at=lambda _done: back,
    )


# ---------------------------------------------------------------------------------------- leaves


def _visit_to_note(request: HttpRequest, key: str, pk: int, verb: str) -> tuple[Actor, SiteVisit]:
    """Who asks, and the visit, if they note on it."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    permission = rules.PERMISSIONS[verb]
    is_theirs = queries.leads_visit if verb == "report_visit" else queries.goes_on
    if not (queries.runs_visits(actor, shown) or is_theirs(actor, visit)):
        raise NotPermitted(permission.sentence, code="not_permitted", params={"verb": verb})
    return actor, visit


def _own_crumbs(application: Application) -> tuple[Crumb, ...]:
    return (
        Crumb(_("My applications"), reverse("competitions:list_workspaces")),
        Crumb(formats.local_name(application), application.get_absolute_url()),
    )


def _own_title(visits: list[SiteVisit], waiting: int) -> str:
    standing = [one for one in visits if one.state != rules.VISIT_CANCELLED]
    if waiting:
        return ngettext(
            "%(count)s question waits for your answer",
            "%(count)s questions wait for your answer",
            waiting,
        ) % {"count": formats.number(waiting)}
    if not standing:
        return _("No visit is planned")
    zone, last = standing[0].stage.competition.zone, standing[0]
    return _("The visit is on %(moment)s") % {"moment": moment_in(zone, last.starts_at)}


def _own_items(visit: SiteVisit) -> tuple[Item, ...]:
    zone = visit.stage.competition.zone
    items = [
        Item(_("Stage"), formats.local_name(visit.stage)),
        Item(_("Place"), visit.place),
        Item(_("Begins"), moment_in(zone, visit.starts_at)),
        Item(_("Ends"), moment_in(zone, visit.ends_at)),
    ]
    if visit.remark:
        items.append(Item(_("What you are told"), visit.remark))
    if visit.why_cancelled:
        items.append(Item(_("Why it was cancelled"), visit.why_cancelled))
    return tuple(items)
