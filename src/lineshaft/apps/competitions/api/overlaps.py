"""The API of what a topic overlaps with, for whoever runs the competition and for the team.

Nearness and shares are basis points; names stand as they were first written.
"""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import TopicJudgement
from lineshaft.apps.competitions.services import TopicOverlap
from lineshaft.apps.network.models import Institute
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import RowId, actor_of, idempotent

router = Router(tags=["competitions"])


class TopicPassageOut(Schema):
    """A run of characters that the topic and the other text share; the ends are excluded."""

    topic_start: int
    topic_end: int
    other_start: int
    other_end: int


class TopicJudgementOut(Schema):
    """What somebody made of an overlap; a later judgement stands beside it."""

    id: int
    of: rules.OverlapOf
    other: int
    name: str
    judgement: rules.TopicJudgementKind
    reason: str
    judged_by: str
    judged_at: datetime


class TopicOverlapOut(Schema):
    """Something with which a topic overlaps: `other` is its id, of an application that of the
    application. `judgement` is the last one, null where there is none or the caller judges none.
    """

    of: rules.OverlapOf
    other: int
    name: str
    text: str
    nearness_bp: int
    likeness_bp: int
    share_bp: int
    is_same_area: bool
    passages: list[TopicPassageOut]
    judgement: TopicJudgementOut | None


class TopicOverlapsOut(Schema):
    """The topic as it was compared, and what overlaps with it, the nearest first."""

    topic: str
    overlaps: list[TopicOverlapOut]


class TopicJudgementIn(Schema):
    """What the caller makes of an overlap; `seen` is the id of the judgement that was read, 0 for
    none, or null for no such care.
    """

    of: rules.OverlapOf
    other: RowId
    judgement: rules.TopicJudgementKind
    reason: str
    seen: int | None = None


@router.get(
    "/opportunities/{key}/submissions/{submission_id}/overlaps",
    response=TopicOverlapsOut,
    operation_id="show_topic_overlaps",
    summary="What a topic that was handed in overlaps with",
)
def show_topic_overlaps(request: HttpRequest, key: str, submission_id: RowId) -> TopicOverlapsOut:
    """Institutes, running competitions, awards of other agencies and other applications that are
    open to the caller, who runs the competition; twenty of each kind at most.
    """
    actor = actor_of(request)
    shown = queries.competition_by_key(actor, key)
    one = queries.submission_by_id(actor, shown, submission_id)
    found = services.topic_overlaps(actor, one, now=clock.now())
    may_judge = queries.may_run(actor, "judge_topic_overlap", shown)
    return _overlaps(services.topic_of_submission(one).text, found, may_judge=may_judge)


@router.post(
    "/opportunities/{key}/submissions/{submission_id}/overlaps/judge",
    response=TopicJudgementOut,
    operation_id="judge_topic_overlap",
    summary="Judge whether a topic duplicates something",
)
def judge_topic_overlap(
    request: HttpRequest, key: str, submission_id: RowId, payload: TopicJudgementIn
) -> HttpResponse:
    """The judgement, which stays; refused as stale where somebody judged since."""
    actor = actor_of(request)

    def perform() -> TopicJudgementOut:
        one = queries.submission_to_judge(
            actor, queries.competition_by_key(actor, key), submission_id
        )
        terms = services.JudgementTerms(
            payload.of, payload.other, payload.judgement, payload.reason
        )
        made = services.judge_topic_overlap(actor, one, terms, seen=payload.seen, now=clock.now())
        return _judgement(made)

    return idempotent(request, "judge_topic_overlap", perform)


@router.get(
    "/competition-applications/{application_id}/overlaps",
    response=TopicOverlapsOut,
    operation_id="show_own_overlaps",
    summary="What the topic of one's own application overlaps with",
)
def show_own_overlaps(request: HttpRequest, application_id: RowId) -> TopicOverlapsOut:
    """Of what everybody may read, and without what others judged of it."""
    actor = actor_of(request)
    application = queries.application_by_id(actor, application_id)
    found = services.public_overlaps(actor, application, now=clock.now())
    topic = services.topic_of_application(actor, application)
    return _overlaps(topic.text, found, may_judge=False)


# ---------------------------------------------------------------------------------------- leaves


def _overlaps(topic: str, found: Sequence[TopicOverlap], *, may_judge: bool) -> TopicOverlapsOut:
    return TopicOverlapsOut(
        topic=topic, overlaps=[_overlap(one, may_judge=may_judge) for one in found]
    )


def _overlap(one: TopicOverlap, *, may_judge: bool) -> TopicOverlapOut:
    return TopicOverlapOut(
        of=one.of,
        other=one.other_id,
        name=one.other.name if isinstance(one.other, Institute) else one.name,
        text=one.text,
        nearness_bp=one.score_bp,
        likeness_bp=one.likeness_bp,
        share_bp=one.share_bp,
        is_same_area=one.shares_area,
        passages=[
            TopicPassageOut(
                topic_start=each[0], topic_end=each[1], other_start=each[2], other_end=each[3]
            )
            for each in one.passages
        ],
        judgement=_judgement(one.judgement) if may_judge and one.judgement else None,
    )


def _judgement(one: TopicJudgement) -> TopicJudgementOut:
    return TopicJudgementOut(
        id=one.pk,
        of=rules.OverlapOf(one.of),
        other=one.other_id,
        name=one.other_name,
        judgement=rules.TopicJudgementKind(one.judgement),
        reason=one.reason,
        judged_by=one.judged_by,
        judged_at=one.judged_at,
    )
