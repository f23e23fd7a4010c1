"""The API of replies: releasing remarks, a team's own, and what was handed in once it is opened."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.queries import (
    application_by_id,
    competition_by_key,
    may_read_submissions,
)
from lineshaft.apps.reviewing import queries, services
from lineshaft.apps.reviewing.models import ReplySubmission
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import (
    LIMIT_DEFAULT,
    PageOf,
    RowId,
    actor_of,
    idempotent,
    paged,
)

router = Router(tags=["reviewing"])


class RemarkOut(Schema):
    """What a reviewer, who goes by a number, says on a criterion."""

    number: int
    reviewer: int
    criterion: str
    strengths: str
    weaknesses: str


class ReplyTextOut(Schema):
    """A text of a reply, to the remark of that number; 0 is the reply as a whole."""

    number: int
    text: str


class RemarksOut(Schema):
    """What was released to a team, until when it can reply, and its reply as it stands."""

    application: int
    stage: int | None
    ends_at: datetime | None
    remarks: list[RemarkOut]
    revision: int
    texts: list[ReplyTextOut]


class ReplyTextIn(Schema):
    """A text to write, to the remark of that number; 0 is the reply as a whole."""

    number: int
    text: str


class ReplyIn(Schema):
    """Texts of a reply; `seen` is the revision that was read, or null."""

    texts: list[ReplyTextIn] = Field(default_factory=list)
    seen: int | None = None


class ReplyOut(Schema):
    """A reply as it was handed in: `sha256` is that of its content."""

    id: int
    application: int
    stage: int
    version: int
    texts: list[ReplyTextOut]
    has_document: bool
    submitted_at: datetime
    is_late: bool
    sha256: str


class RemarksReleasedOut(Schema):
    """To how many teams remarks were released."""

    released: int


@router.post(
    "/opportunities/{key}/remarks/release",
    response=RemarksReleasedOut,
    operation_id="release_remarks",
    summary="Release the remarks of reviewers",
)
def release_remarks(request: HttpRequest, key: str) -> HttpResponse:
    """To how many teams that were not told yet."""
    actor = actor_of(request)

    def perform() -> RemarksReleasedOut:
        competition = competition_by_key(actor, key)
        done = services.release_remarks(actor, competition, now=clock.now())
        return RemarksReleasedOut(released=done)

    return idempotent(request, "release_remarks", perform)


@router.get(
    "/opportunities/{key}/replies",
    response=PageOf[ReplyOut],
    operation_id="list_replies",
    summary="What applicants replied",
)
def list_replies(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The replies at stages that are over, for whoever runs the competition."""
    actor = actor_of(request)
    competition = competition_by_key(actor, key)
    if not may_read_submissions(actor, competition):
        raise NotFound(code="no_replies")
    rows = queries.replies_visible_to(actor, competition)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [_reply(one) for one in page["items"]]}


@router.get(
    "/competition-applications/{application_id}/remarks",
    response=RemarksOut,
    operation_id="show_remarks",
    summary="What reviewers say of an application",
)
def show_remarks(request: HttpRequest, application_id: RowId) -> RemarksOut:
    """What was released to the team, for its people who read all of the application."""
    actor = actor_of(request)
    application = application_by_id(actor, application_id)
    queries.require_whole(actor, application)
    return _remarks(application)


@router.post(
    "/competition-applications/{application_id}/reply",
    response=RemarksOut,
    operation_id="write_reply",
    summary="Write a reply",
)
def write_reply(request: HttpRequest, application_id: RowId, payload: ReplyIn) -> HttpResponse:
    """The reply as it stands; texts that were not sent stay."""
    actor = actor_of(request)

    def perform() -> RemarksOut:
        application = application_by_id(actor, application_id)
        texts = {one.number: one.text for one in payload.texts}
        services.write_reply(actor, application, texts, seen=payload.seen, now=clock.now())
        return _remarks(application)

    return idempotent(request, "write_reply", perform)


@router.post(
    "/competition-applications/{application_id}/reply/submit",
    response=ReplyOut,
    operation_id="submit_reply",
    summary="Hand a reply in",
)
def submit_reply(request: HttpRequest, application_id: RowId) -> HttpResponse:
    """What was handed in, with its digest."""
    actor = actor_of(request)

    def perform() -> ReplyOut:
        application = application_by_id(actor, application_id)
        return _reply(services.submit_reply(actor, application, now=clock.now()))

    return idempotent(request, "submit_reply", perform)


def _remarks(application: Application) -> RemarksOut:
    stage = queries.reply_stage_to_show(application.competition)
    release = queries.release_to(application, stage) if stage else None
    draft = queries.reply_draft(application, stage) if stage else None
    remarks = release.remarks if release else []
    names = ("number", "reviewer", "criterion", "strengths", "weaknesses")
    return RemarksOut(
        application=application.pk,
        stage=stage.number if stage else None,
        ends_at=stage.ends_at if stage else None,
        remarks=[RemarkOut(**{name: one[name] for name in names}) for one in remarks],
        revision=draft.revision if draft else 0,
        texts=_texts(draft.texts if draft else {}),
    )


def _reply(one: ReplySubmission) -> ReplyOut:
    return ReplyOut(
        id=one.pk,
        application=one.reply.application_id,
        stage=one.reply.stage.number,
        version=one.number,
        texts=_texts(one.content["texts"]),
        has_document=one.file_id is not None,
        submitted_at=one.submitted_at,
        is_late=one.is_late,
        sha256=one.digest,
    )


def _texts(texts: dict[str, str]) -> list[ReplyTextOut]:
    rows = sorted((int(number), text) for number, text in texts.items())
    return [ReplyTextOut(number=number, text=text) for number, text in rows]
