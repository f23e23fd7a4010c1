"""Pages of replies: to whom remarks were released and who replied, for whoever runs a competition;
one reply, for them and for the reviewers of its application.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from lineshaft.apps.competitions.models import Competition, Stage, Submission
from lineshaft.apps.competitions.queries import (
    applications_judged,
    competition_by_key,
    may_read_submissions,
)
from lineshaft.apps.competitions.services import moment_in, title_in
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, ReplySubmission
from lineshaft.apps.reviewing.views.ranking import (
    competition_crumbs,
    runs_competition,
)
from lineshaft.apps.reviewing.views.ranking_tables import title_of
from lineshaft.apps.reviewing.views.remarks import RemarkShown, remarks_apart, remarks_shown
from lineshaft.apps.reviewing.views.review_words import named_for_panel, own_crumbs
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Action, Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class ReplyShown:
    """A reply with the remarks that it answers, and where its document is opened, if it has one."""

    stage: str
    whole: str
    remarks: list[RemarkShown]
    document_url: str
    is_late: bool


@require_GET
@login_required
def list_replies(request: HttpRequest, key: str) -> HttpResponse:
    """To whom remarks were released, and once the stage is over, who replied."""
    actor = actor_of(request)
    competition = _competition(actor, key)
    stage = queries.reply_stage_to_show(competition)
    context: dict[str, Any] = {
        "crumbs": competition_crumbs(competition),
        "tabs": competition_tabs(key, "reviewing:list_replies"),
        "citation": rules.DISCLOSED,
    }
    if stage is None:
        has_any = bool(queries.reply_stages(competition))
        context["title"] = _("No stage of reply has begun")
        context["lede"] = (
            _("Remarks are released to the teams once it begins.")
            if has_any
            else _("None of the stages of this competition asks applicants for a reply.")
        )
        return render_page(request, "reviewing/list_replies.html", context)
    stage.competition = competition
    judged = applications_judged(actor, stage).defer("content")
    released = queries.releases_among(stage, judged).count()
    page = paginate(request, judged)
    context |= {
        "title": _("Remarks are released to %(released)s of %(count)s applications")
        % {"released": formats.number(released), "count": formats.number(page.total)},
        "lede": _lede(competition, stage),
        "actions": _actions(actor, competition),
        "table": _table(actor, competition, stage, page),
    }
    return render_page(request, "reviewing/list_replies.html", context)


@require_POST
@login_required
def release_remarks(request: HttpRequest, key: str) -> HttpResponse:
    """Release what reviewers said to the teams that were not told yet."""
    actor = actor_of(request)
    competition = _competition(actor, key)
    count = services.release_remarks(actor, competition, now=clock.now())
    told = ngettext(
        "The remarks on %(count)s application are released to its team.",
        "The remarks on %(count)s applications are released to their teams.",
        count,
    )
    messages.success(request, told % {"count": formats.number(count)})
    return redirect("reviewing:list_replies", key)


@require_GET
@login_required
def show_reply(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """A reply as it was handed in, for whoever runs the competition."""
    actor = actor_of(request)
    competition = _competition(actor, key)
    one = queries.reply_by_id(actor, competition, pk)
    listed = Crumb(_("Replies"), reverse("reviewing:list_replies", args=[key]))
    context = {
        "title": _("Reply for application %(number)s")
        % {"number": formats.number(one.reply.application.number)},
        "lede": _("Handed in on %(moment)s by %(who)s as version %(number)s.")
        % {
            "moment": moment_in(competition.zone, one.submitted_at),
            "who": formats.actor_name(one.submitted_by),
            "number": one.number,
        },
        "crumbs": (*competition_crumbs(competition), listed),
        "replies": [
            _reply_shown(
                one,
                reverse("reviewing:download_reply", args=[key, one.pk]),
                one.content["texts"],
                remarks_shown(_released(one), one.content["texts"]),
            )
        ],
    }
    return render_page(request, "reviewing/show_reply.html", context)


@require_GET
@login_required
def download_reply(request: HttpRequest, key: str, pk: int) -> FileResponse:
    """The document of a reply as it was handed in, for whoever runs the competition."""
    actor = actor_of(request)
    one = queries.reply_by_id(actor, _competition(actor, key), pk)
    return _document(actor, one)


@require_GET
@login_required
def read_reply(request: HttpRequest, assignment: int) -> HttpResponse:
    """The reply of an application, for somebody who reviews it, without whoever wrote it."""
    own, one = queries.reply_to_reviewer(actor_of(request), assignment)
    if one is None:
        context: dict[str, Any] = {
            "title": _("There is no reply to read"),
            "lede": _("A reply is read once its stage is over. Not every team replies."),
            "crumbs": own_crumbs(),
        }
        return render_page(request, "reviewing/show_reply.html", context)
    texts: dict[str, str] = one.content["texts"]
    submission = queries.submission_reviewed(own)
    title = title_in(submission.content)
    read = queries.texts_read(own, submission, services.masks(), tuple(texts.values()))
    said = dict(zip(texts, read, strict=True))
    is_withheld = one.file is not None and queries.hides_applicants(own.seat.stage)
    url = reverse("reviewing:download_reply_read", args=[assignment, one.pk])
    context = {
        "title": _("What the applicant replies"),
        "lede": _("To the remarks of its reviewers, as it was handed in."),
        "crumbs": own_crumbs(own, named_for_panel(own.seat.stage, own.application, title)),
        "replies": [
            _reply_shown(one, "" if is_withheld else url, said, _remarks_read(own, one, said))
        ],
        "is_withheld": is_withheld,
    }
    return render_page(request, "reviewing/show_reply.html", context)


@require_GET
@login_required
def download_reply_read(request: HttpRequest, assignment: int, pk: int) -> FileResponse:
    """The document of a reply, for somebody who reviews the application; its own name could tell
    whose it is, so it goes by another.
    """
    actor = actor_of(request)
    response = _document(actor, queries.replied_document(actor, assignment, pk))
    response["Content-Disposition"] = 'attachment; filename="reply.pdf"'
    return response


def reply_lines(own: Assignment, one: ReplySubmission) -> tuple[str, ...]:
    """The texts of a reply, each said to which remark it answers, for a page of its reviewer."""
    texts = one.content["texts"]
    whole = texts.get(str(rules.WHOLE), "")
    answered = [
        _("%(remark)s: %(reply)s") % {"remark": each.title, "reply": each.reply}
        for each in _remarks_read(own, one, texts)
        if each.reply
    ]
    return tuple([whole, *answered] if whole else answered)


# ----------------------------------------------------------------------------------------- leaves


def _competition(actor: Actor, key: str) -> Competition:
    competition = competition_by_key(actor, key)
    if not may_read_submissions(actor, competition):
        raise NotFound(code="no_replies")
    return competition


def _document(actor: Actor, one: ReplySubmission) -> FileResponse:
    if one.file is None:
        raise NotFound(code="no_document")
    return attachment(actor, one.file)


def _lede(competition: Competition, stage: Stage) -> str:
    said = {
        "stage": formats.local_name(stage),
        "moment": moment_in(competition.zone, stage.ends_at),
    }
    if stage.ended_at is None:
        return _("Replies come until %(moment)s, and stay sealed until “%(stage)s” is over.") % said
    return _("“%(stage)s” is over. Counted is what is open to you.") % said


def _actions(actor: Actor, competition: Competition) -> tuple[Action, ...]:
    """Releasing, while applicants reply, for whoever runs the competition."""
    if queries.reply_stage_open(competition) is None or not runs_competition(actor, competition):
        return ()
    url = reverse("reviewing:release_remarks", args=[competition.key])
    return (Action(_("Release the remarks"), url, is_post=True, is_primary=True),)


def _table(actor: Actor, competition: Competition, stage: Stage, page: Page[Submission]) -> Table:
    ids = [one.application_id for one in page]
    shown = queries.submissions_shown(one.pk for one in page)
    released = queries.released_ids(stage, ids)
    replies = {
        one.reply.application_id: one
        for one in queries.replies_visible_to(actor, competition).filter(
            reply__stage=stage, reply__application__in=ids
        )
    }
    rows = tuple(
        Row(
            (
                Cell(formats.number(one.application.number)),
                Cell(
                    title_of(shown[one.pk]),
                    reverse("competitions:show_submission", args=[competition.key, one.pk]),
                ),
                Cell(_("Released") if one.application_id in released else _("Not released")),
                _reply_cell(competition, stage, replies.get(one.application_id)),
            )
        )
        for one in page
    )
    return Table(
        _("Applications by number"),
        (
            Column("number", _("Number"), is_number=True),
            Column("title", _("Application")),
            Column("remarks", _("Remarks")),
            Column("reply", _("Reply")),
        ),
        rows,
        page=page,
        empty=_("No application that is open to you is judged."),
        is_stacked=True,
    )


def _reply_cell(competition: Competition, stage: Stage, one: ReplySubmission | None) -> Cell:
    if stage.ended_at is None:
        return Cell(_("Sealed"), tag="quiet")
    if one is None:
        return Cell(formats.MISSING)
    url = reverse("reviewing:show_reply", args=[competition.key, one.pk])
    moment = moment_in(competition.zone, one.submitted_at)
    return Cell(moment, url, note=_("Late") if one.is_late else "")


def _released(one: ReplySubmission) -> list[dict[str, Any]]:
    return queries.releases_of([one])[one.reply.application_id, one.reply.stage_id]


def _remarks_read(
    own: Assignment, one: ReplySubmission, texts: dict[str, str]
) -> list[RemarkShown]:
    """The remarks that a reply answers as a reviewer reads them: of a stage that was not discussed
    nobody reads what others say.
    """
    released = _released(one)
    if queries.reads_others(own):
        return remarks_shown(released, texts)
    return remarks_apart(released, texts, queries.own_remarks(own, released))


def _reply_shown(
    one: ReplySubmission, url: str, texts: dict[str, str], remarks: list[RemarkShown]
) -> ReplyShown:
    """A reply with the remarks that it answers; `url` is where a document is opened."""
    return ReplyShown(
        formats.local_name(one.reply.stage),
        texts.get(str(rules.WHOLE), ""),
        remarks,
        url if one.file else "",
        is_late=one.is_late,
    )
