"""Pages of whoever reviews: what is to be done, the application, the review, submitting it."""

import secrets
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.services import lines_of, moment_in, part_label, title_in
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.forms import ReviewForm, initial_of_review
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Review
from lineshaft.apps.reviewing.views.reading_sections import sections_of
from lineshaft.apps.reviewing.views.review_words import (
    BLINDNESS_TOLD,
    criteria_table,
    deadline_text,
    named_for_panel,
    own_crumbs,
    own_tabs,
    progress_cell,
    progress_tag,
    scores_table,
)
from lineshaft.kernel.competitions import Blindness
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import attachment
from lineshaft.plumbing.listing import paginate
from lineshaft.web import formats
from lineshaft.web.form_pages import form_page
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

WINDOW_BYTES: Final = 8
GO_ON: Final = "go_on"
"""The button that saves the review and goes on to submitting it."""


@require_GET
@login_required
def list_own_reviews(request: HttpRequest) -> HttpResponse:
    """What the reader has to review, what closes next first, and what is done."""
    actor, now = actor_of(request), clock.now()
    page = paginate(request, queries.own_assignments(actor))
    due = queries.own_due(actor)
    waiting = (
        due.select_related("seat__stage__competition").order_by("seat__stage__ends_at").first()
    )
    count = due.count()
    title = ngettext(
        "%(count)s review is yours to submit", "%(count)s reviews are yours to submit", count
    )
    context = {
        "title": title % {"count": formats.number(count)}
        if count
        else _("No review waits for you"),
        "lede": _("The next deadline is on %(day)s.") % {"day": _deadline(waiting.seat.stage)}
        if waiting
        else _("Applications that you are assigned to, as soon as their stage has begun."),
        "actions": _asked(actor),
        "table": Table(
            _("Applications that you review, what closes next first"),
            (
                Column("application", _("Application"), place="start"),
                Column("competition", _("Competition"), place="line"),
                Column("until", _("Until"), place="state"),
                Column("state", _("Your review"), place="end"),
            ),
            tuple(_own_row(one, is_late_now=queries.is_late(one, now=now)) for one in page),
            page=page,
            empty=_("You are assigned to no application."),
            is_stacked=True,
        ),
        "panels": _panels_table(list(queries.panels_led(actor))),
    }
    return render_page(request, "reviewing/list_own_reviews.html", context)


def _deadline(stage: Stage) -> str:
    return moment_in(stage.competition.zone, stage.ends_at)


@require_GET
@login_required
def read_application(request: HttpRequest, assignment: int) -> HttpResponse:
    """An application as its reviewer reads it."""
    actor = actor_of(request)
    own = queries.assignment_to_review(actor, assignment)
    submission = queries.submission_reviewed(own)
    content = queries.content_read(own, submission, services.masks())
    stage = own.seat.stage
    currency = stage.competition.currency
    documents = content[competition_rules.DOCUMENTS]["documents"]
    context = {
        "title": title_in(content),
        "tag": progress_tag(queries.progress_in(own)),
        "lede": _lede(own),
        "crumbs": own_crumbs(),
        "tabs": own_tabs(own, "reviewing:read_application"),
        "actions": _reading_actions(own),
        "blindness": str(BLINDNESS_TOLD[Blindness(stage.blindness)]),
        "parts": [
            (part, part_label(part), lines)
            for part in competition_rules.PARTS
            if part != competition_rules.DOCUMENTS
            and (lines := lines_of(part, content[part], currency))
        ],
        "sections": [
            replace(
                one,
                lines=tuple(queries.texts_read(own, submission, services.masks(), one.lines)),
            )
            for one in sections_of(own)
        ],
        "documents": [
            (line, reverse("reviewing:download_reviewed", args=[own.pk, document["id"]]))
            for document, line in zip(
                documents,
                lines_of(
                    competition_rules.DOCUMENTS, content[competition_rules.DOCUMENTS], currency
                ),
                strict=True,
            )
        ],
        "withheld": len(submission.content[competition_rules.DOCUMENTS]["documents"])
        - len(documents),
        "criteria": criteria_table(queries.criteria_of(stage)),
    }
    return render_page(request, "reviewing/read_application.html", context)


@require_GET
@login_required
def download_reviewed(request: HttpRequest, assignment: int, document: int) -> FileResponse:
    """A document of an application, for its reviewer."""
    actor = actor_of(request)
    own = queries.assignment_to_review(actor, assignment)
    submission = queries.submission_reviewed(own)
    content = queries.content_read(own, submission, services.masks())
    found, name = queries.document_reviewed(submission, document, content)
    response = attachment(actor, found.file)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


@require_http_methods(["GET", "POST"])
@login_required
def write_review(request: HttpRequest, assignment: int) -> HttpResponse:
    """The review: to be written while it can be, to be read after.

    With a script it saves itself while it is written; without one the buttons do.
    """
    actor = actor_of(request)
    own = queries.assignment_to_review(actor, assignment)
    criteria = queries.criteria_of(own.seat.stage)
    review = queries.review_of(own)
    is_written = queries.judging_of(own.seat.stage).is_open and (
        review is None or review.state != rules.SUBMITTED
    )
    if request.method == "GET" and not is_written:
        return _show_own(request, own)
    form = ReviewForm(
        request.POST if request.method == "POST" else None,
        criteria=criteria,
        initial=_initial(review),
    )
    if request.headers.get("HX-Request") and request.method == "POST":
        return _saved_itself(request, actor, own, form)
    goes_on = GO_ON in request.POST
    shown = {
        "title": _title(own),
        "tag": progress_tag(queries.progress_in(own)),
        "lede": _lede(own),
        "crumbs": own_crumbs(own, _title(own)),
        "tabs": own_tabs(own, "reviewing:write_review"),
        "why_returned": review.why_returned if review else "",
        "stands": _how_far(own),
        "go_on": GO_ON,
    }
    return form_page(
        request,
        "reviewing/write_review.html",
        form,
        shown,
        perform=lambda: services.write_review(
            actor, own, form.entry(), seen=form.seen_at(), now=clock.now()
        ),
        told=lambda _done: _("Saved."),
        seen_at=lambda _done: reverse(
            f"reviewing:{'submit_review' if goes_on else 'write_review'}", args=[own.pk]
        ),
    )


@require_http_methods(["GET", "POST"])
@login_required
def submit_review(request: HttpRequest, assignment: int) -> HttpResponse:
    """What the review lacks, what it comes to, and the button that submits it."""
    actor = actor_of(request)
    own = queries.assignment_to_review(actor, assignment)
    if request.method == "POST":
        services.submit_review(actor, own, now=clock.now())
        messages.success(request, _("Your review is submitted."))
        return redirect("reviewing:list_own_reviews")
    written = reverse("reviewing:write_review", args=[own.pk])
    lacking = services.lacking_of(own)
    criteria = queries.criteria_of(own.seat.stage)
    caption = _("Your scores and what they come to")
    context = {
        "title": _("Submit your review of “%(title)s”") % {"title": _title(own)},
        "lede": _lede(own),
        "crumbs": own_crumbs(own, _title(own)),
        "lacking": [
            (one.refusal.as_text(formats.spoken), f"{written}#criterion-{one.criterion}")
            for one in lacking
        ],
        "table": scores_table(caption, criteria, queries.remarks_in(queries.review_of(own))),
        "is_ready": not lacking,
        "cancel_url": written,
    }
    return render_page(request, "reviewing/submit_review.html", context)


@require_POST
@login_required
def reopen_review(request: HttpRequest, assignment: int) -> HttpResponse:
    """Take a submitted review up again."""
    actor = actor_of(request)
    own = queries.assignment_to_review(actor, assignment)
    services.reopen_review(actor, own, now=clock.now())
    messages.success(request, _("You can change your review. Submit it anew, so that it counts."))
    return redirect("reviewing:write_review", own.pk)


# ---------------------------------------------------------------------------------------- leaves


def _asked(actor: Actor) -> tuple[Action, ...]:
    """Where the reader answers what they are asked, with how much waits."""
    waiting = queries.panel_invitations_to(actor).count()
    label = (
        ngettext("%(count)s invitation to a panel", "%(count)s invitations to panels", waiting)
        % {"count": formats.number(waiting)}
        if waiting
        else _("Panels that you are asked to")
    )
    url = reverse("reviewing:list_panel_invitations")
    return (Action(label, url, is_primary=bool(waiting)),)


def _own_row(one: Assignment, *, is_late_now: bool) -> Row:
    stage = one.seat.stage
    title = named_for_panel(stage, one.application, getattr(one, "title", ""))
    return Row(
        (
            Cell(title, reverse("reviewing:read_application", args=[one.pk])),
            Cell(f"{stage.competition.code}, {formats.local_name(stage)}"),
            Cell(deadline_text(stage)),
            progress_cell(
                queries.progress_in(one),
                url=reverse("reviewing:write_review", args=[one.pk]),
                is_late=is_late_now,
            ),
        )
    )


def _panels_table(seats: list[PanelSeat]) -> Table | None:
    if not seats:
        return None
    return Table(
        _("Panels that you chair"),
        (
            Column("stage", _("Stage")),
            Column("competition", _("Competition")),
            Column("until", _("Until")),
        ),
        tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.stage),
                        reverse("reviewing:show_panel_work", args=[one.stage_id]),
                    ),
                    Cell(one.stage.competition.code),
                    Cell(deadline_text(one.stage)),
                )
            )
            for one in seats
        ),
        is_stacked=True,
    )


def _title(own: Assignment) -> str:
    content: dict[str, Any] = queries.submission_reviewed(own).content
    title = title_in(content)
    return named_for_panel(own.seat.stage, own.application, title)


def _lede(own: Assignment) -> str:
    stage = own.seat.stage
    said = {
        "number": own.application.number,
        "code": stage.competition.code,
        "stage": formats.local_name(stage),
        "moment": deadline_text(stage),
    }
    return _("Application %(number)s of %(code)s. “%(stage)s” is reviewed until %(moment)s.") % said


def _reading_actions(own: Assignment) -> tuple[Action, ...]:
    review = queries.review_of(own)
    url = reverse("reviewing:write_review", args=[own.pk])
    is_open = queries.judging_of(own.seat.stage).is_open
    if is_open and (review is None or review.state != rules.SUBMITTED):
        return (Action(_("Write the review"), url, is_primary=True),)
    return (Action(_("Read your review"), url),)


def _initial(review: Review | None) -> dict[str, Any]:
    said = {
        "seen": review.revision if review else 0,
        "window": secrets.token_hex(WINDOW_BYTES),
        "summary": review.summary if review else "",
        "confidential": review.confidential if review else "",
    }
    return said | initial_of_review(queries.remarks_in(review))


def _how_far(own: Assignment) -> str:
    remarks = queries.remarks_in(queries.review_of(own))
    scored = sum(1 for one in remarks.values() if one.score is not None)
    total = own.seat.stage.criteria.count()
    said = {"scored": scored, "total": total}
    return _("%(scored)s of %(total)s criteria scored.") % said


def _show_own(request: HttpRequest, own: Assignment) -> HttpResponse:
    """The review as it was submitted, or as it stood when the reviewing was closed."""
    stage, review = own.seat.stage, queries.review_of(own)
    criteria, remarks = queries.criteria_of(stage), queries.remarks_in(review)
    is_open = queries.judging_of(stage).is_open
    reopen = reverse("reviewing:reopen_review", args=[own.pk])
    actions = (Action(_("Change your review"), reopen, is_post=True),) if is_open else ()
    moment = moment_in(stage.competition.zone, review.submitted_at if review else None)
    context = {
        "title": _title(own),
        "tag": progress_tag(queries.progress_in(own)),
        "lede": _("Submitted on %(moment)s.") % {"moment": moment}
        if review is not None and review.state == rules.SUBMITTED
        else _("The reviewing is closed, and this was not submitted."),
        "crumbs": own_crumbs(own, _title(own)),
        "tabs": own_tabs(own, "reviewing:write_review"),
        "actions": actions,
        "table": scores_table(_("Your scores and what they come to"), criteria, remarks),
        "remarks": [
            (formats.local_name(one), said.strengths, said.weaknesses)
            for one in criteria
            if (said := remarks.get(one.number)) is not None
        ],
        "summary": review.summary if review else "",
        "confidential": review.confidential if review else "",
    }
    return render_page(request, "reviewing/show_own_review.html", context)


def _saved_itself(
    request: HttpRequest, actor: Actor, own: Assignment, form: ReviewForm
) -> HttpResponse:
    """The line under the review that says whether it was saved, and the revision to write on."""
    saved, status, moment = None, status_of(form), clock.now()
    if form.is_valid():
        with errors_into_form(form) as outcome:
            saved = services.write_review(actor, own, form.entry(), seen=form.seen_at(), now=moment)
        status = outcome.status
    faults = [str(fault) for errors in form.errors.values() for fault in errors]
    stands = _how_far(queries.assignment_to_review(actor, own.pk)) if saved else ""
    context = {"saved": saved, "moment": moment, "faults": faults, "stands": stands}
    shown = status if status != HTTPStatus.OK else HTTPStatus.OK
    return render_page(request, "reviewing/review_saved.html", context, status=shown)
