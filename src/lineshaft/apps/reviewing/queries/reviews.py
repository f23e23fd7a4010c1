"""Reads of reviews: what counts, what may be told to applicants, what the panel came to."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Sum

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Application, Criterion, Stage
from lineshaft.apps.competitions.queries import may_read_submissions, open_to
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import (
    Assignment,
    Consensus,
    ConsensusScore,
    Review,
    ReviewScore,
)
from lineshaft.apps.reviewing.rules import Remarks
from lineshaft.plumbing.actor import Actor


@dataclass(frozen=True, slots=True)
class CriterionRemarks:
    """What one reviewer says on one criterion, without a name and without a score.

    `reviewer` counts from 1 within the application, and says nothing of who it is.
    """

    criterion: Criterion
    reviewer: int
    strengths: str
    weaknesses: str


def reviews_counted(actor: Actor, stage: Stage) -> QuerySet[Review]:
    """The submitted reviews of the stage whose assignment stands and whose application is still in
    and open to the actor, who runs the competition; each with `weighted_bp`, its score in basis
    points of a step.
    """
    may_read = may_read_submissions(actor, stage.competition)
    rows = Review.objects.filter(
        assignment__seat__stage=stage, assignment__removed_at__isnull=True, state=rules.SUBMITTED
    ).exclude(assignment__application__state=competition_rules.APPLICATION_WITHDRAWN)
    rows = open_to(actor, rows, "assignment__application")
    rows = rows.annotate(weighted_bp=weighted_of("pk")).order_by("pk")
    return rows if may_read else rows.none()


def weighted_of(review: str) -> Subquery:
    """The score of a review in basis points of a step; None where nothing is scored."""
    scores = ReviewScore.objects.filter(review=OuterRef(review), score__isnull=False)
    return Subquery(_weighted(scores.values("review").order_by()))


def review_remarks_of(application: Application, stage: Stage) -> tuple[CriterionRemarks, ...]:
    """What the submitted reviews of an application say on each criterion, for its applicants.

    Ordered by criterion; holds no name, no score and no confidential note. The order of reviewers
    is another one for each application, so that it does not tell who is who.
    """
    return review_remarks_among([application.pk], stage).get(application.pk, ())


def review_remarks_among(
    applications: Collection[int], stage: Stage
) -> dict[int, tuple[CriterionRemarks, ...]]:
    """The same of each of these applications of which anything is said, in two queries."""
    reviews = Review.objects.filter(
        assignment__seat__stage=stage,
        assignment__application__in=applications,
        assignment__removed_at__isnull=True,
        state=rules.SUBMITTED,
    ).values_list("assignment__application_id", "assignment_id", "pk")
    places: dict[int, tuple[int, int]] = {}
    counts: Counter[int] = Counter()
    for application, _assignment, pk in sorted(reviews, key=lambda one: _shuffled(*one[:2])):
        counts[application] += 1
        places[pk] = application, counts[application]
    found: dict[int, list[CriterionRemarks]] = {}
    for one in ReviewScore.objects.filter(review__in=places).select_related("criterion"):
        application, place = places[one.review_id]
        if one.strengths or one.weaknesses:
            said = CriterionRemarks(one.criterion, place, one.strengths, one.weaknesses)
            found.setdefault(application, []).append(said)
    return {
        application: tuple(sorted(said, key=lambda one: (one.criterion.number, one.reviewer)))
        for application, said in found.items()
    }


def consensus_of(stage: Stage) -> dict[int, Consensus]:
    """The consensus that counts, by application; each with `weighted_bp` and its scores at hand."""
    rows = consensuses_of(stage)
    return {one.application_id: one for one in rows}


def consensuses_of(stage: Stage) -> QuerySet[Consensus]:
    """Every consensus recorded in the stage, those that count last."""
    scores = ConsensusScore.objects.filter(consensus=OuterRef("pk"))
    weighted = Subquery(_weighted(scores.values("consensus").order_by()))
    rows = Consensus.objects.filter(stage=stage).annotate(weighted_bp=weighted)
    return rows.prefetch_related("scores__criterion", "agreed__reviewer__person").order_by("number")


def review_of(assignment: Assignment) -> Review | None:
    """The review of an assignment; None until it is begun."""
    return getattr(assignment, "review", None)


def progress_in(assignment: Assignment) -> rules.Progress:
    """How far the review of an assignment is."""
    review = review_of(assignment)
    return rules.Progress(review.state) if review else rules.Progress.NOT_BEGUN


def is_late(assignment: Assignment, *, now: datetime) -> bool:
    """Whether the review came after the deadline, or is missing behind it."""
    review, stage = review_of(assignment), assignment.seat.stage
    is_submitted = review is not None and review.state == rules.SUBMITTED
    submitted_at = review.submitted_at if review is not None else None
    moment = stage.ended_at or now
    return rules.is_late(stage.ends_at, submitted_at, is_submitted=is_submitted, now=moment)


def remarks_in(review: Review | None) -> dict[int, Remarks]:
    """What a review says, by number of criterion; nothing before it is begun."""
    is_begun = review is not None and review.pk is not None
    scores: Iterable[ReviewScore] = review.scores.all() if review and is_begun else ()
    return {
        one.criterion.number: Remarks(one.score, one.strengths, one.weaknesses) for one in scores
    }


# ---------------------------------------------------------------------------------------- leaves


def _weighted(scores: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The sum of scores by the weights of their criteria, of rows that are grouped already."""
    total = Sum(F("score") * F("criterion__weight_bp"), output_field=IntegerField())
    grouped: QuerySet[Any, Any] = scores.annotate(total=total).values("total")
    return grouped


def _shuffled(application: int, assignment: int) -> str:
    return hashlib.sha256(f"{application}:{assignment}".encode()).hexdigest()
