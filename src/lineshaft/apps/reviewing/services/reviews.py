"""Writing a review, submitting it, taking it up again, returning it.

A review is its reviewer's alone until it is submitted. What was submitted is kept as it was, each
time that it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from lineshaft.apps.competitions.models import Criterion, Stage
from lineshaft.apps.competitions.queries import may_read_submissions, open_to
from lineshaft.apps.competitions.services.record import faults_of_texts, plain
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, Review, ReviewScore, ReviewVersion
from lineshaft.apps.reviewing.queries import (
    NO_ASSIGNMENT,
    assignments_standing,
    criteria_of,
    judging_of,
    outlines_of,
    remarks_in,
    review_of,
    runs_judging,
    seat_of,
)
from lineshaft.apps.reviewing.rules import Lacking, Remarks
from lineshaft.apps.reviewing.services.record import (
    audit_review,
    held_own,
    held_stage,
    refuse_if_closed,
)
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Stale
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.services import send_mail_later
from lineshaft.plumbing.permit import permit
from lineshaft.web.formats import local_name


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """What a reviewer writes: remarks by number of criterion, the summary, a note to whoever runs
    the competition alone. A text that is None stays as it stands, as does a criterion without
    remarks.
    """

    remarks: Mapping[int, Remarks] = field(default_factory=dict)
    summary: str | None = None
    confidential: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Which revision of a review somebody wrote on, and in which window; windows that are not told
    apart by a name are all another one.
    """

    revision: int
    window: str = ""


def write_review(
    actor: Actor,
    assignment: Assignment,
    entry: ReviewEntry,
    *,
    seen: Seen | None = None,
    now: datetime,
) -> Review:
    """Write the review of an application that the actor is assigned to; it stays theirs alone.

    `seen` None asks for no care. Raises Stale where it was written in another window since, Refused
    once it is submitted or the reviewing is closed.
    """
    permit(actor, rules.PERMISSIONS["write_review"])
    with transaction.atomic():
        row = held_own(actor, assignment)
        refuse_if_closed(row.seat.stage)
        criteria = criteria_of(row.seat.stage)
        begun = review_of(row)
        review = begun or Review(assignment=row, changed_at=now)
        said = _plain(entry, review)
        if faults := _faults_of(said, criteria):
            raise Invalid(faults)
        refuse_if(rules.TRANSITIONS["Review"].check(review.state, "write_review"))
        if seen is not None and not _follows(review, seen):
            raise Stale
        if begun is not None and _stands(begun) == said:
            return begun
        _write(review, said, criteria, seen.window if seen else "", now=now)
        changes = {"assignment": row.pk, "revision": review.revision}
        audit_review(actor, "write_review", row.application, now=now, changes=changes)
    return review


def submit_review(actor: Actor, assignment: Assignment, *, now: datetime) -> Review:
    """Submit the review as it stands; from then on it counts.

    Raises Refused for the first thing that it lacks.
    """
    permit(actor, rules.PERMISSIONS["submit_review"])
    with transaction.atomic():
        held_stage(assignment.seat.stage)
        row = held_own(actor, assignment)
        refuse_if_closed(row.seat.stage)
        review = review_of(row) or Review(assignment=row, changed_at=now)
        workflow = rules.TRANSITIONS["Review"]
        refuse_if(workflow.check(review.state, "submit_review"))
        for lacking in lacking_of(row):
            refuse_if(lacking.refusal)
        review.state = workflow.target(review.state, "submit_review")
        review.submitted_at, review.why_returned = now, ""
        review.save(update_fields=["state", "submitted_at", "why_returned"])
        version = _keep(review, now=now)
        changes = {"assignment": row.pk, "version": version.number}
        audit_review(actor, "submit_review", row.application, now=now, changes=changes)
    return review


def reopen_review(actor: Actor, assignment: Assignment, *, now: datetime) -> Review:
    """Take a submitted review up again; until it is submitted anew it counts no more."""
    permit(actor, rules.PERMISSIONS["reopen_review"])
    with transaction.atomic():
        held_stage(assignment.seat.stage)
        row = held_own(actor, assignment)
        refuse_if_closed(row.seat.stage)
        review = _begun(row)
        _move(review, "reopen_review")
        changes = {"assignment": row.pk}
        audit_review(actor, "reopen_review", row.application, now=now, changes=changes)
    return review


def return_review(actor: Actor, assignment: Assignment, *, why: str, now: datetime) -> Review:
    """Give a submitted review back to its reviewer, who is told why; it counts no more until it is
    submitted anew.

    Whoever runs the competition returns one, and in the discussion the chair of the panel.
    """
    permit(actor, rules.PERMISSIONS["return_review"])
    reason = plain(why)
    if faults := faults_of_texts({"why": reason}, rules.WHY_MAX, required=True):
        raise Invalid(faults)
    with transaction.atomic():
        stage = held_stage(assignment.seat.stage)
        row = _held_to_return(actor, stage, assignment)
        refuse_if_closed(stage)
        review = _begun(row)
        _move(review, "return_review")
        review.why_returned = reason
        review.save(update_fields=["why_returned"])
        changes = {"assignment": row.pk}
        audit_review(actor, "return_review", row.application, now=now, changes=changes)
        _tell_returned(row, now=now)
    return review


def lacking_of(assignment: Assignment) -> tuple[Lacking, ...]:
    """What keeps the review of the assignment from being submitted, in the reader's language."""
    criteria = criteria_of(assignment.seat.stage)
    outlines = outlines_of(criteria, [local_name(one) for one in criteria])
    review = review_of(assignment)
    return rules.lacking_in(outlines, remarks_in(review), review.summary if review else "")


# ---------------------------------------------------------------------------------------- leaves


def _plain(entry: ReviewEntry, review: Review) -> ReviewEntry:
    """What is written as it is stored, with what stands for what it leaves out."""
    return ReviewEntry(
        {
            number: Remarks(one.score, plain(one.strengths), plain(one.weaknesses))
            for number, one in entry.remarks.items()
        },
        review.summary if entry.summary is None else plain(entry.summary),
        review.confidential if entry.confidential is None else plain(entry.confidential),
    )


def _faults_of(said: ReviewEntry, criteria: list[Criterion]) -> list[FieldError]:
    scores = {number: one.score for number, one in said.remarks.items()}
    faults = rules.faults_of_scores(scores, outlines_of(criteria), "score")
    texts = {"summary": said.summary or "", "confidential": said.confidential or ""}
    for number, one in said.remarks.items():
        texts[rules.field_name("strengths", number)] = one.strengths
        texts[rules.field_name("weaknesses", number)] = one.weaknesses
    return faults + faults_of_texts(texts, rules.REMARK_MAX)


def _follows(review: Review, seen: Seen) -> bool:
    """Whether nothing was written since in another window: one that saves itself may be sent before
    the answer to the one before has come.
    """
    if seen.revision == review.revision:
        return True
    is_own = bool(seen.window) and seen.window == review.window
    return is_own and review.others_revision <= seen.revision < review.revision


def _stands(review: Review) -> ReviewEntry:
    """The review as it stands, as it would be written; a criterion without a word is left out."""
    return ReviewEntry(remarks_in(review), review.summary, review.confidential)


def _write(
    review: Review, said: ReviewEntry, criteria: list[Criterion], window: str, *, now: datetime
) -> None:
    if not window or review.window != window:
        review.others_revision, review.window = review.revision, window
    review.summary, review.confidential = said.summary or "", said.confidential or ""
    review.changed_at, review.revision = now, review.revision + 1
    review.save()
    keys = {one.number: one.pk for one in criteria}
    ReviewScore.objects.bulk_create(
        (
            ReviewScore(
                review=review,
                criterion_id=keys[number],
                score=one.score,
                strengths=one.strengths,
                weaknesses=one.weaknesses,
            )
            for number, one in said.remarks.items()
        ),
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["score", "strengths", "weaknesses"],
    )


def _keep(review: Review, *, now: datetime) -> ReviewVersion:
    last = review.versions.order_by("number").last()
    content: dict[str, Any] = {
        "summary": review.summary,
        "remarks": [
            [number, one.score, one.strengths, one.weaknesses]
            for number, one in sorted(remarks_in(review).items())
        ],
    }
    return ReviewVersion.objects.create(
        review=review,
        number=last.number + 1 if last else 1,
        content=content,
        submitted_at=now,
    )


def _begun(assignment: Assignment) -> Review:
    review = review_of(assignment)
    if review is None:
        raise NotFound(NO_ASSIGNMENT, code="no_review")
    return review


def _move(review: Review, verb: str) -> None:
    workflow = rules.TRANSITIONS["Review"]
    refuse_if(workflow.check(review.state, verb))
    review.state = workflow.target(review.state, verb)
    review.save(update_fields=["state"])


def _held_to_return(actor: Actor, stage: Stage, assignment: Assignment) -> Assignment:
    """The assignment behind its lock for whoever may return its review.

    Raises NotFound for everybody who does not read it, NotPermitted for whoever reads alone.
    """
    rows = open_to(actor, assignments_standing(stage)).select_related("review")
    row = rows.select_for_update(of=("self",)).filter(pk=assignment.pk).first()
    seat = seat_of(actor, stage)
    chairs = seat is not None and seat.is_chair and judging_of(stage).was_discussed
    if row is None or not (chairs or may_read_submissions(actor, stage.competition)):
        raise NotFound(NO_ASSIGNMENT, code="no_assignment")
    if not chairs and not runs_judging(actor, stage):
        raise NotPermitted(rules.PERMISSIONS["return_review"].sentence)
    row.seat.stage = stage
    return row


def _tell_returned(assignment: Assignment, *, now: datetime) -> None:
    """A message to the reviewer, in their language; it says where, and not what."""
    user = assignment.seat.reviewer.person.user
    if user is None or not user.email or assignment.seat.reviewer.is_demonstration:
        return
    with override(user.language or None):
        said = {
            "code": assignment.seat.stage.competition.code,
            "number": assignment.application.number,
            "address": settings.ORIGIN + reverse("reviewing:write_review", args=[assignment.pk]),
        }
        send_mail_later(
            user.email,
            _("Your review of application %(number)s of %(code)s comes back to you") % said,
            _("Read why, and submit it anew: %(address)s") % said,
            now=now,
            about=assignment,
            is_sealed=True,
        )
