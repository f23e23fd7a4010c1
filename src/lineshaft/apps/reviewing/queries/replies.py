"""Reads of replies: what was released to a team, what it replies, who reads that.

The remarks on an application are read by those of its team who read all of it. A reply is read by
its team, and, once its stage is over, by the reviewers of the application and by whoever runs the
competition; by nobody else.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import (
    Application,
    ApplicationPartner,
    Competition,
    Stage,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.queries import (
    NO_APPLICATION,
    applications_judged,
    current_stage,
    may_read_submissions,
    open_to,
    seat_of,
)
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Assignment, RemarkRelease, Reply, ReplySubmission
from lineshaft.apps.reviewing.queries.judging import assignment_to_review, hides_applicants
from lineshaft.apps.reviewing.queries.reviews import review_of
from lineshaft.kernel.competitions import StageKind
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_REPLY = gettext_noop("There is no such reply, or none that you may see.")


def reply_stages(competition: Competition) -> list[Stage]:
    """The stages of the competition in which applicants reply, in their order."""
    return [one for one in competition.stages.all() if one.stage_kind is StageKind.REPLY]


def reply_stage_open(competition: Competition) -> Stage | None:
    """The stage in which applicants reply now; None where none is."""
    stage = current_stage(competition)
    refused = rules.refuse_reply_call(competition.state, stage.stage_kind if stage else None)
    return None if refused else stage


def reply_stage_to_show(competition: Competition) -> Stage | None:
    """The stage of reply that is open, or else the last one that has begun."""
    begun = [one for one in reply_stages(competition) if one.began_at is not None]
    return reply_stage_open(competition) or (begun[-1] if begun else None)


def stage_replied_to(stage: Stage) -> Stage:
    """The stage of review to whose remarks a stage of reply answers: the last one before it. No
    competition opens without one.
    """
    rows = Stage.objects.filter(
        competition_id=stage.competition_id, kind=StageKind.REVIEW, number__lt=stage.number
    )
    return rows.order_by("-number")[0]


def require_whole(actor: Actor, application: Application) -> None:
    """Return for somebody of the team who reads all of the application; raises NotFound."""
    if not rules.reads_whole(seat_of(actor, application).parts):
        raise NotFound(NO_APPLICATION, code="no_application")


def release_to(application: Application, stage: Stage) -> RemarkRelease | None:
    """What was released to the team of the application at that stage of reply."""
    return RemarkRelease.objects.filter(application=application, stage=stage).first()


def reply_draft(application: Application, stage: Stage) -> Reply:
    """The reply of the team as it stands, unsaved where nothing is written yet."""
    rows = Reply.objects.select_related("file", "stage").prefetch_related("submissions")
    found = rows.filter(application=application, stage=stage).first()
    return found or Reply(application=application, stage=stage)


def whole_readers(application_ids: Collection[int]) -> list[TeamMember]:
    """Those of the teams of these applications who have a user and read all of theirs."""
    members = TeamMember.objects.filter(
        application__in=application_ids, user__isnull=False, joined_at__isnull=False
    )
    shares = {
        (application, organisation): open_parts
        for application, organisation, open_parts in ApplicationPartner.objects.filter(
            application__in=application_ids
        ).values_list("application_id", "organisation_id", "shares")
    }
    return [
        one
        for one in members.select_related("user", "application").order_by("pk")
        if rules.reads_whole(
            competition_rules.parts_open_to(
                one.role,
                None
                if one.organisation_id in {None, one.application.lead_id}
                else shares.get((one.application_id, one.organisation_id or 0), []),
            )
        )
    ]


def replies_due(actor: Actor, *, now: datetime) -> QuerySet[RemarkRelease]:
    """What was released to teams that the actor leads and is open to a reply that was not handed in
    yet, what closes first ahead.
    """
    led = TeamMember.objects.filter(
        application=OuterRef("application"),
        user_id=actor.own_id,
        role=competition_rules.TeamRole.LEAD,
        joined_at__isnull=False,
    )
    handed_in = ReplySubmission.objects.filter(
        reply__application=OuterRef("application"), reply__stage=OuterRef("stage")
    )
    return (
        RemarkRelease.objects.filter(
            Exists(led),
            ~Exists(handed_in),
            application__competition__state=competition_rules.IN_REVIEW,
            application__competition__stage_number=F("stage__number"),
            stage__ends_at__gt=now,
        )
        .exclude(application__state=competition_rules.APPLICATION_WITHDRAWN)
        .select_related("application__competition", "stage")
        .order_by("stage__ends_at", "pk")
    )


def applications_unreleased(actor: Actor, stage: Stage) -> QuerySet[Submission]:
    """What is judged and was released to no team yet at that stage of reply, as far as it is open
    to the actor.
    """
    released = RemarkRelease.objects.filter(application=OuterRef("application"), stage=stage)
    rows = applications_judged(actor, stage).defer("content")
    return rows.exclude(Exists(released))


def releases_among(stage: Stage, judged: QuerySet[Submission]) -> QuerySet[RemarkRelease]:
    """What was released at that stage of reply of the applications that are judged."""
    rows = RemarkRelease.objects.filter(stage=stage)
    return rows.filter(application__in=judged.order_by().values("application"))


def releases_of(
    replies: Collection[ReplySubmission],
) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """The remarks that these replies answer, by application and stage of reply."""
    rows = RemarkRelease.objects.filter(
        application__in=[one.reply.application_id for one in replies],
        stage__in=[one.reply.stage_id for one in replies],
    )
    return {(one.application_id, one.stage_id): one.remarks for one in rows}


def released_ids(stage: Stage, application_ids: Collection[int]) -> frozenset[int]:
    """Those of the applications whose remarks were released at that stage of reply."""
    rows = RemarkRelease.objects.filter(stage=stage, application__in=application_ids)
    return frozenset(rows.values_list("application_id", flat=True))


def replies_over() -> QuerySet[ReplySubmission]:
    """What was last handed in at each stage of reply that is over, of applications that are not
    withdrawn. A stage that was cut short because the competition was cancelled stays sealed.
    """
    later = ReplySubmission.objects.filter(reply=OuterRef("reply"), number__gt=OuterRef("number"))
    return (
        ReplySubmission.objects.filter(reply__stage__ended_at__isnull=False)
        .exclude(reply__application__state=competition_rules.APPLICATION_WITHDRAWN)
        .exclude(
            reply__application__competition__state=competition_rules.CANCELLED,
            reply__stage__ended_at__lt=F("reply__stage__ends_at"),
        )
        .exclude(Exists(later))
        .select_related("reply__application__lead", "reply__stage", "file")
        .order_by("reply__stage__number", "reply__application__number")
    )


def replies_visible_to(actor: Actor, competition: Competition) -> QuerySet[ReplySubmission]:
    """The replies of a competition at stages that are over, for whoever runs it, as far as their
    applications are open to the actor.
    """
    if not may_read_submissions(actor, competition):
        return ReplySubmission.objects.none()
    rows = replies_over().filter(reply__application__competition=competition)
    return open_to(actor, rows, "reply__application")


def reply_by_id(actor: Actor, competition: Competition, pk: int) -> ReplySubmission:
    """One of them; raises NotFound."""
    return _one(replies_visible_to(actor, competition), pk)


def reply_of(application: Application, stage: Stage) -> ReplySubmission | None:
    """What the application replied to the remarks of that stage of review, once the stage of reply
    is over; None before, and where there is no reply. Whoever asks has asked who may read it.
    """
    later = replies_over().filter(
        reply__application=application, reply__stage__number__gt=stage.number
    )
    found = later.first()  # where it answers a later stage, so does each one after it
    if found is None or stage_replied_to(found.reply.stage).pk != stage.pk:
        return None
    return found


def reply_to_reviewer(
    actor: Actor, assignment_id: int
) -> tuple[Assignment, ReplySubmission | None]:
    """An assignment of the actor's own with what is replied to the remarks of its stage, once that
    is over; raises NotFound where they do not review it.
    """
    assignment = assignment_to_review(actor, assignment_id)
    return assignment, reply_of(assignment.application, assignment.seat.stage)


def own_remarks(assignment: Assignment, released: Collection[Mapping[str, Any]]) -> frozenset[int]:
    """The numbers of those released remarks that the reviewer of the assignment made."""
    review = review_of(assignment)
    said = {
        (one.criterion.name, one.strengths, one.weaknesses)
        for one in (review.scores.all() if review else ())
        if one.strengths or one.weaknesses
    }
    return rules.own_remarks(released, said)


def replied_document(actor: Actor, assignment_id: int, pk: int) -> ReplySubmission:
    """That reply where it has a document that the reviewer may open; raises NotFound, also where
    they are not told who applies, since a document may name them anywhere.
    """
    assignment, reply = reply_to_reviewer(actor, assignment_id)
    is_hidden = hides_applicants(assignment.seat.stage)
    if reply is None or reply.pk != pk or reply.file is None or is_hidden:
        raise NotFound(_NO_REPLY, code="no_reply")
    return reply


def _one(rows: QuerySet[ReplySubmission], pk: int) -> ReplySubmission:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_REPLY, code="no_reply")
    return found
