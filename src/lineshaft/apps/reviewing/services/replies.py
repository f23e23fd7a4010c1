"""Releasing what reviewers said, and replying to it.

What is released is what the submitted reviews say at that moment, without names and without what
was meant for whoever runs the competition alone; it is never changed. A reply is handed in as it
stands at a moment of the server's clock; handing in again before the deadline puts a later one
beside it. The trail names who did what to which application, without its content.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.queries import (
    NO_APPLICATION,
    applications_visible_to,
    competitions_visible_to,
    runner_keys_of,
    seat_of,
)
from lineshaft.apps.competitions.services import (
    NO_COMPETITION,
    TOO_LONG,
    content_digest,
    count_pages,
    moment_in,
    plain,
    refuse_late_at,
)
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import RemarkRelease, Reply, ReplySubmission
from lineshaft.apps.reviewing.queries import (
    CriterionRemarks,
    applications_unreleased,
    release_to,
    reply_draft,
    reply_stage_open,
    review_remarks_among,
    stage_replied_to,
    whole_readers,
)
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.rules import MediaType, media_type_of, safe_name
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

PURPOSE: Final = "reply_document"

_NO_REMARK: Final = gettext_noop("There is no remark %(number)s. Reply to one of those released.")


def release_remarks(actor: Actor, competition: Competition, *, now: datetime) -> int:
    """Release what reviewers said to each team that was not told yet, as far as its application is
    open to the actor; returns to how many.

    Their people who read all of the application are told by mail. Raises Refused while no stage of
    reply is open, after its deadline by the competition's policy, and where nothing is left.
    """
    with transaction.atomic():
        held = _held_competition(actor, competition, "release_remarks")
        stage = _open_stage(held, now=now)
        found = _remarks_left(actor, stage)
        refuse_if(rules.refuse_releasing(len(found)))
        RemarkRelease.objects.bulk_create(
            RemarkRelease(
                application_id=one.application_id,
                stage=stage,
                remarks=remarks,
                released_at=now,
                released_by=actor.label,
            )
            for one, remarks in found
        )
        record_event(actor, "release_remarks", held, now=now, changes={"stage": stage.number})
        _tell_teams(stage, [one.application_id for one, _remarks in found], now=now)
    return len(found)


def write_reply(
    actor: Actor,
    application: Application,
    texts: Mapping[int, str],
    *,
    seen: int | None = None,
    now: datetime,
) -> Reply:
    """Write the texts of a reply, by the number of the remark, 0 for the reply as a whole; those
    that are not named stay. `seen` is the revision that was read, or None for no such care.

    Raises Stale where somebody else wrote in it since.
    """
    said = {number: plain(text) for number, text in texts.items()}
    with transaction.atomic():
        row = _held_reply(actor, application, "write_reply", now=now)
        if faults := _faults_of(said, _numbers_of(row)):
            raise Invalid(faults)
        if seen is not None and not _follows(actor, row, seen):
            raise Stale
        stands = {**row.texts, **{str(number): text for number, text in said.items()}}
        kept = {number: text for number, text in sorted(stands.items()) if text}
        if kept == row.texts:
            return row
        row.texts = kept
        _write(actor, row, "write_reply", now=now)
    return row


def attach_reply_document(
    actor: Actor, application: Application, content: BinaryIO, *, name: str, now: datetime
) -> Reply:
    """Attach the reply as a PDF, in the place of the one before; `now` is when it had wholly
    arrived.
    """
    is_pdf = media_type_of(content, name) is MediaType.PDF
    pages = count_pages(content) if is_pdf else None
    with transaction.atomic():
        row = _held_reply(actor, application, "attach_reply_document", now=now)
        # Where the stage sets no limit, the pages are still counted: a reply is one document.
        most = row.stage.page_limit or competition_rules.PAGES_MAX
        refuse_if(competition_rules.refuse_pages(safe_name(name), pages, most=most, is_pdf=is_pdf))
        row.file = store_file(
            actor,
            content,
            name=name,
            now=now,
            level=SharingLevel.RESTRICTED,
            purpose=PURPOSE,
            is_sealed=True,
        )
        row.pages = pages
        _write(actor, row, "attach_reply_document", now=now)
    return row


def remove_reply_document(actor: Actor, application: Application, *, now: datetime) -> Reply:
    """Take the document off the reply; what was handed in before still holds it."""
    with transaction.atomic():
        row = _held_reply(actor, application, "remove_reply_document", now=now)
        if row.file is None:
            raise NotFound(NO_APPLICATION, code="no_document")
        row.file, row.pages = None, None
        _write(actor, row, "remove_reply_document", now=now)
    return row


def submit_reply(actor: Actor, application: Application, *, now: datetime) -> ReplySubmission:
    """Hand in the reply as it stands.

    Raises Refused after the deadline by the competition's policy, for a reply that is empty or
    longer than the stage allows, and where nothing has changed since it was last handed in.
    """
    permit(actor, rules.PERMISSIONS["submit_reply"])
    with transaction.atomic():
        # Before the application: the stage then ends before or after, not meanwhile.
        Competition.objects.select_for_update(of=("self",)).get(pk=application.competition_id)
        row = _held_reply(actor, application, "submit_reply", now=now)
        words = sum(rules.words_of(text) for text in row.texts.values())
        refuse_if(rules.refuse_empty_reply(words=words, has_document=row.file is not None))
        refuse_if(rules.refuse_long_reply(words, row.pages or 0, row.stage.page_limit))
        content = _content_of(row)
        digest = content_digest(content)
        last = row.submissions.order_by("number").last() if row.pk else None
        is_same = last is not None and last.digest == digest
        refuse_if(rules.refuse_same_reply(last.number if last and is_same else 0))
        made = ReplySubmission.objects.create(
            reply=row,
            number=last.number + 1 if last else 1,
            content=content,
            digest=digest,
            file=row.file,
            submitted_at=now,
            submitted_by=actor.label,
            is_late=row.stage.ends_at is not None
            and competition_rules.is_late(row.stage.ends_at, now=now),
        )
        said = {"stage": row.stage.number, "version": made.number, "sha256": digest}
        record_event(actor, "submit_reply", row.application, now=now, changes=said)
    return made


def may_reply(actor: Actor, application: Application, verb: str) -> bool:
    """Whether the actor does that to a reply of a team that they are on, whatever the state."""
    seat = seat_of(actor, application)
    does = seat.leads if verb == "submit_reply" else competition_rules.may_write(seat.role)
    return does and rules.reads_whole(seat.parts)


# ----------------------------------------------------------------------------------------- leaves


def _held_competition(actor: Actor, competition: Competition, verb: str) -> Competition:
    """The competition behind its lock, if the actor may do that to it."""
    rows = Competition.objects.select_for_update(of=("self",)).select_related("institute")
    row = rows.filter(pk=competition.pk).first()
    if row is None or not competitions_visible_to(actor).filter(pk=row.pk).exists():
        raise NotFound(NO_COMPETITION, code="no_competition")
    institute, agencies = runner_keys_of(row)
    permit(actor, rules.PERMISSIONS[verb], institute=institute, agencies=agencies)
    return row


def _open_stage(competition: Competition, *, now: datetime) -> Stage:
    """The stage in which applicants reply now; raises Refused where none is, or it is too late."""
    stage = reply_stage_open(competition)
    if stage is None:
        refuse_if(rules.refuse_reply_call(competition.state, None))
    assert stage is not None  # noqa: S101 -- the rule has refused that
    stage.competition = competition
    refuse_late_at(competition, stage, now=now)
    return stage


def _remarks_left(actor: Actor, stage: Stage) -> list[tuple[Submission, list[dict[str, Any]]]]:
    """What is left to release, of applications of which anything was said."""
    left = list(applications_unreleased(actor, stage))
    said = review_remarks_among([one.application_id for one in left], stage_replied_to(stage))
    return [
        (one, _released(said[one.application_id])) for one in left if one.application_id in said
    ]


def _released(remarks: Iterable[CriterionRemarks]) -> list[dict[str, Any]]:
    """Remarks as they are released: numbered, reviewers by a number alone."""
    return [
        {
            "number": number,
            "reviewer": one.reviewer,
            "criterion": one.criterion.name,
            "criterion_zh": one.criterion.name_zh,
            "strengths": one.strengths,
            "weaknesses": one.weaknesses,
        }
        for number, one in enumerate(remarks, 1)
    ]


def _held_reply(actor: Actor, application: Application, verb: str, *, now: datetime) -> Reply:
    """The reply behind the lock of its application, if the actor may do that to it now.

    Raises NotFound for a stranger to the application and for who reads only parts of it.
    """
    permit(actor, rules.PERMISSIONS[verb])
    rows = Application.objects.select_for_update(of=("self",))
    held = rows.select_related("competition__institute", "lead").filter(pk=application.pk).first()
    if held is None or not applications_visible_to(actor).filter(pk=held.pk).exists():
        raise NotFound(NO_APPLICATION, code="no_application")
    if not rules.reads_whole(seat_of(actor, held).parts):
        raise NotFound(NO_APPLICATION, code="no_application")
    if not may_reply(actor, held, verb):
        raise NotPermitted(
            rules.PERMISSIONS[verb].sentence, code="not_permitted", params={"verb": verb}
        )
    stage = _open_stage(held.competition, now=now)
    is_withdrawn = held.state == competition_rules.APPLICATION_WITHDRAWN
    has_remarks = release_to(held, stage) is not None
    refuse_if(rules.refuse_replying(is_withdrawn=is_withdrawn, has_remarks=has_remarks))
    row = reply_draft(held, stage)
    row.application, row.stage = held, stage
    return row


def _numbers_of(row: Reply) -> frozenset[int]:
    """The numbers under which something can be replied."""
    release = release_to(row.application, row.stage)
    remarks = release.remarks if release else []
    return frozenset({rules.WHOLE, *(one["number"] for one in remarks)})


def _faults_of(said: Mapping[int, str], numbers: frozenset[int]) -> list[FieldError]:
    faults = []
    for number, text in said.items():
        name = text_field(number)
        if number not in numbers:
            faults.append(FieldError(name, message=_NO_REMARK, params={"number": number}))
        elif len(text) > rules.REPLY_MAX:
            faults.append(FieldError(name, message=TOO_LONG, params={"most": rules.REPLY_MAX}))
    return faults


def text_field(number: int) -> str:
    """What the field of a text is called in a form."""
    return f"text-{number}"


def _follows(actor: Actor, row: Reply, seen: int) -> bool:
    """Whether nobody but the actor has written since that revision: a text that saves itself may
    be sent before the answer to the one before has come.
    """
    if seen == row.revision:
        return True
    is_own = actor.user_id is not None and row.changed_by_user_id == actor.user_id
    return is_own and row.others_revision <= seen < row.revision


def _write(actor: Actor, row: Reply, verb: str, *, now: datetime) -> None:
    if row.changed_by_user_id != actor.user_id:
        row.others_revision, row.changed_by_user_id = row.revision, actor.user_id
    row.changed_at, row.changed_by = now, actor.label
    row.revision += 1
    row.save()
    record_event(actor, verb, row.application, now=now, changes={"stage": row.stage.number})


def _content_of(row: Reply) -> dict[str, Any]:
    """The reply as plain values, the same for the same entries."""
    document = None
    if row.file is not None:
        document = {"name": row.file.name, "sha256": row.file.sha256, "pages": row.pages}
    return {"texts": row.texts, "document": document}


def _tell_teams(stage: Stage, application_ids: list[int], *, now: datetime) -> None:
    """A message to everybody who reads all of one of these applications, each in their language;
    what was said stands in no mail.
    """
    competition = stage.competition
    for member in whole_readers(application_ids):
        user = member.user
        if user is None or not user.email or member.application.is_demonstration:
            continue
        path = reverse("reviewing:show_remarks", args=[member.application_id])
        with override(user.language or None):
            said = {
                "code": competition.code,
                "title": member.application.title,
                "moment": moment_in(competition.zone, stage.ends_at),
                "address": settings.ORIGIN + path,
            }
            send_mail_later(
                user.email,
                _("What reviewers say of your application to %(code)s") % said,
                _(
                    "Reviewers have judged “%(title)s”. Read what they say, and reply until"
                    " %(moment)s: %(address)s\n\nThe server's clock decides. Without a reply the"
                    " application goes on as it is."
                )
                % said,
                now=now,
                about=member.application,
                is_sealed=True,
            )
