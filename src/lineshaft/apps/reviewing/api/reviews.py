"""The API of reviews: a reviewer's own, and those of a stage for whoever runs the competition.

Scores are whole numbers from 1 to 5; a weighted score is in basis points of a step: 3.75 is 37,500.
"""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import Assignment, Review
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

type StageNumber = Annotated[int, Field(ge=1, le=32_767)]
router = Router(tags=["reviewing"])


class ReviewRemarksOut(Schema):
    """What a review says on one criterion; `score` is null until it is given."""

    criterion: int
    name: str
    weight_bp: int
    score: int | None
    strengths: str
    weaknesses: str


class ReviewAssignmentOut(Schema):
    """An application that the caller reviews; `state` is not_begun, draft, returned or submitted.

    `title` is null in a stage whose reviewers are not told who applies.
    """

    id: int
    opportunity_id: str
    stage: int
    application_number: int
    title: str | None
    ends_at: datetime | None
    state: str
    submitted_at: datetime | None


class ReviewAssignmentDetailOut(ReviewAssignmentOut):
    """The same with what of the application is open to the caller, and their review of it.

    `phase` is alone, discussion or closed; `revision` is to be sent with the next writing.
    """

    phase: str
    parts: dict[str, Any]
    remarks: list[ReviewRemarksOut]
    summary: str
    confidential: str
    why_returned: str
    revision: int
    lacking: list[str]


class ReviewRemarksIn(Schema):
    """What a review says on one criterion, which is named by its number."""

    criterion: int
    score: int | None = None
    strengths: str = ""
    weaknesses: str = ""


class ReviewIn(Schema):
    """A review; criteria that are not named stay as they were, and so do texts that are null.
    `seen` is the revision that was read, or null for no such care.
    """

    remarks: list[ReviewRemarksIn] = Field(default_factory=list)
    summary: str | None = None
    confidential: str | None = None
    seen: int | None = None


class StageReviewOut(Schema):
    """A review of a stage as whoever runs the competition reads it; `weighted_bp` and what it says
    are there once it is submitted.
    """

    id: int
    application_number: int
    title: str
    reviewer: str
    state: str
    submitted_at: datetime | None
    is_late: bool
    weighted_bp: int | None


@router.get(
    "/reviews",
    response=PageOf[ReviewAssignmentOut],
    operation_id="list_own_reviews",
    summary="What one has to review",
)
def list_own_reviews(
    request: HttpRequest, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The applications that the caller is assigned to."""
    rows = queries.own_assignments(actor_of(request), is_local=False)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    return {**page, "items": [ReviewAssignmentOut(**_listed(one)) for one in page["items"]]}


@router.get(
    "/reviews/{assignment_id}",
    response=ReviewAssignmentDetailOut,
    operation_id="read_application",
    summary="An application under review",
)
def read_application(request: HttpRequest, assignment_id: RowId) -> ReviewAssignmentDetailOut:
    """The application as far as it is open to its reviewer, with the caller's review."""
    return _detail(queries.assignment_to_review(actor_of(request), assignment_id))


@router.post(
    "/reviews/{assignment_id}",
    response=ReviewAssignmentDetailOut,
    operation_id="write_review",
    summary="Write a review",
)
def write_review(request: HttpRequest, assignment_id: RowId, payload: ReviewIn) -> HttpResponse:
    """The review as it stands."""
    actor = actor_of(request)

    def perform() -> ReviewAssignmentDetailOut:
        own = queries.assignment_to_review(actor, assignment_id)
        seen = None if payload.seen is None else services.Seen(payload.seen)
        services.write_review(actor, own, _entry(payload), seen=seen, now=clock.now())
        return _detail(queries.assignment_to_review(actor, assignment_id))

    return idempotent(request, "write_review", perform)


@router.post(
    "/reviews/{assignment_id}/submit",
    response=ReviewAssignmentDetailOut,
    operation_id="submit_review",
    summary="Submit a review",
)
def submit_review(request: HttpRequest, assignment_id: RowId) -> HttpResponse:
    """The review as it was submitted."""
    actor = actor_of(request)

    def perform() -> ReviewAssignmentDetailOut:
        own = queries.assignment_to_review(actor, assignment_id)
        services.submit_review(actor, own, now=clock.now())
        return _detail(queries.assignment_to_review(actor, assignment_id))

    return idempotent(request, "submit_review", perform)


@router.get(
    "/opportunities/{key}/stages/{number}/reviews",
    response=PageOf[StageReviewOut],
    operation_id="show_stage_reviews",
    summary="The reviews of a stage",
)
def show_stage_reviews(
    request: HttpRequest,
    key: str,
    number: StageNumber,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Every assignment of the stage with how far its review is."""
    actor, now = actor_of(request), clock.now()
    stage = queries.stage_run_by(actor, key, number)
    rows = queries.reviews_listed(actor, stage, now=now)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("pk",))
    found: list[Assignment] = page["items"]
    ids = [one.application_id for one in found]
    titles = queries.titles_judged(stage, ids, is_local=False)
    reviews = [review.pk for one in found if (review := queries.review_of(one)) is not None]
    scores = queries.scores_by_review(stage, reviews)
    outlines = queries.outlines_of(queries.criteria_of(stage))
    items = []
    for one in found:
        one.seat.stage = stage
        review = queries.review_of(one)
        given = scores.get(review.pk) if review is not None else None
        weighted_bp = rules.weighted_bp(outlines, given) if given is not None else None
        title = titles.get(one.application_id, "")
        items.append(_of_stage(one, title, weighted_bp, now=now))
    return {**page, "items": items}


# ---------------------------------------------------------------------------------------- leaves


def _entry(payload: ReviewIn) -> services.ReviewEntry:
    return services.ReviewEntry(
        {
            one.criterion: rules.Remarks(one.score, one.strengths, one.weaknesses)
            for one in payload.remarks
        },
        payload.summary,
        payload.confidential,
    )


def _listed(one: Assignment) -> dict[str, Any]:
    stage = one.seat.stage
    return {
        "id": one.pk,
        "opportunity_id": stage.competition.key,
        "stage": stage.number,
        "application_number": one.application.number,
        "title": None if queries.hides_applicants(stage) else getattr(one, "title", None),
        "ends_at": stage.ends_at,
        "state": queries.progress_in(one),
        "submitted_at": _submitted_at(queries.review_of(one)),
    }


def _detail(own: Assignment) -> ReviewAssignmentDetailOut:
    stage, review = own.seat.stage, queries.review_of(own)
    content = queries.content_read(own, queries.submission_reviewed(own), services.masks())
    remarks = queries.remarks_in(review)
    return ReviewAssignmentDetailOut(
        **_listed(own) | {"title": content[competition_rules.TERMS]["title"]},
        phase=queries.judging_of(stage).phase,
        parts=content,
        remarks=[
            ReviewRemarksOut(
                criterion=one.number,
                name=one.name,
                weight_bp=one.weight_bp,
                score=said.score,
                strengths=said.strengths,
                weaknesses=said.weaknesses,
            )
            for one in queries.criteria_of(stage)
            for said in (remarks.get(one.number, rules.Remarks()),)
        ],
        summary=review.summary if review else "",
        confidential=review.confidential if review else "",
        why_returned=review.why_returned if review else "",
        revision=review.revision if review else 0,
        lacking=[one.refusal.as_text() for one in services.lacking_of(own)],
    )


def _of_stage(
    one: Assignment, title: str, weighted_bp: int | None, *, now: datetime
) -> StageReviewOut:
    return StageReviewOut(
        id=one.pk,
        application_number=one.application.number,
        title=title,
        reviewer=one.seat.reviewer.person.name,
        state=queries.progress_in(one),
        submitted_at=_submitted_at(queries.review_of(one)),
        is_late=queries.is_late(one, now=now),
        weighted_bp=weighted_bp,
    )


def _submitted_at(review: Review | None) -> datetime | None:
    return review.submitted_at if review and review.state == rules.SUBMITTED else None
