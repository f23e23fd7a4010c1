"""Reads of the ranked list of a stage: who stands where, how surely, and on whose reviews.

The model runs over the reviews of the applications that the reader may see and over no others: an
application that a conflict closes to somebody moves no number of their list, and their ranks count
no other. So two people who run one competition can read slightly different estimates; that tells
less than a list whose numbers follow from a row that is missing in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from lineshaft.apps.competitions.models import Application, Criterion, Stage, Submission
from lineshaft.apps.competitions.queries import NO_APPLICATION, applications_judged
from lineshaft.apps.competitions.rules import TERMS
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Consensus, Review, Reviewer, ReviewScore
from lineshaft.apps.reviewing.queries.reviews import consensus_of, reviews_counted
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor

if TYPE_CHECKING:
    from lineshaft.engines.judging.calibration import Calibrated

type Scored = tuple[int, int, int]
"""The number of an application, the id of a reviewer, and the score in basis points of a step."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An application in the ranked list; scores are on the scale of the criteria.

    `spread` is None of a single review. In a `group` the first cannot be told from any other.
    `beats_next` is how probably it is better than the next of the list, from 0 to 1, None for the
    last. `joined` numbers the sets of applications that no chain of shared reviewers joins.
    """

    submission: Submission
    rank: int
    group: int
    reviews: int
    mean: Decimal
    spread: Decimal | None
    estimate: Decimal
    low: Decimal
    high: Decimal
    beats_next: Decimal | None
    joined: int
    consensus: Decimal | None

    @property
    def application(self) -> Application:
        return self.submission.application


@dataclass(frozen=True, slots=True)
class Severity:
    """By how much a reviewer scores higher than others would, with its interval."""

    reviewer_id: int
    reviews: int
    leniency: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranked list of a stage, by one criterion or by all, as one reader sees it.

    `unreviewed` are the applications without a submitted review. The shares are of all variance:
    what lies in applications, in the severity of reviewers, and in chance.
    """

    rows: tuple[Ranked, ...]
    unreviewed: tuple[Submission, ...]
    severities: tuple[Severity, ...]
    application_share: Decimal
    reviewer_share: Decimal
    chance_share: Decimal

    @property
    def reviews(self) -> int:
        """How many reviews are counted."""
        return sum(row.reviews for row in self.rows)

    @property
    def applications(self) -> int:
        """How many applications are judged, with a review or without."""
        return len(self.rows) + len(self.unreviewed)

    @property
    def joined(self) -> tuple[tuple[Ranked, ...], ...]:
        """The sets of applications that no chain of shared reviewers joins."""
        sets: dict[int, list[Ranked]] = {}
        for row in self.rows:
            sets.setdefault(row.joined, []).append(row)
        return tuple(tuple(one) for one in sets.values())


def ranking_of(actor: Actor, stage: Stage, criterion: Criterion | None = None) -> Ranking:
    """The ranked list of what a stage judges, as far as it is open to the actor, for whoever runs
    the competition; empty for anybody else.
    """
    judged = {
        one.application.number: one
        for one in applications_judged(actor, stage).defer("content", "application__abstract")
    }
    found = _scored(actor, stage, judged.values(), criterion)
    if not found:
        nothing = Decimal(0)
        return Ranking((), _by_number(judged), (), nothing, nothing, nothing)
    calibrated = _calibrated(found)
    consensus = {} if criterion else consensus_of(stage)
    rows = _ranked(calibrated, judged, consensus)
    seen = {row.application.number for row in rows}
    return Ranking(
        rows,
        _by_number({number: one for number, one in judged.items() if number not in seen}),
        tuple(
            Severity(
                int(one.reviewer),
                one.reviews,
                rules.told(one.leniency),
                rules.told(one.low),
                rules.told(one.high),
            )
            for one in calibrated.reviewers
        ),
        rules.told(calibrated.application_share),
        rules.told(calibrated.reviewer_share),
        rules.told(calibrated.chance_share),
    )


def titles_of(submissions: Iterable[Submission]) -> dict[int, tuple[str, str]]:
    """The title of each as it was handed in, in both languages, by the submission's id: what is
    written in the workspace since is sealed.
    """
    terms = KeyTransform(TERMS, "content")
    rows = Submission.objects.filter(pk__in=[one.pk for one in submissions]).annotate(
        title=KeyTextTransform("title", terms), title_zh=KeyTextTransform("title_zh", terms)
    )
    return {
        pk: (title or "", title_zh or "")
        for pk, title, title_zh in rows.values_list("pk", "title", "title_zh")
    }


def reviewer_names(reviewer_ids: Iterable[int]) -> dict[int, str]:
    """The names of these reviewers, for whoever runs the competition."""
    rows = Reviewer.objects.filter(pk__in=list(reviewer_ids))
    return dict(rows.values_list("pk", "person__name"))


def ranked_by_number(ranking: Ranking, number: int) -> Ranked:
    """The application of that number in the list; raises NotFound."""
    for row in ranking.rows:
        if row.application.number == number:
            return row
    raise NotFound(NO_APPLICATION, code="no_application")


def reviews_behind(actor: Actor, stage: Stage, row: Ranked) -> QuerySet[Review]:
    """The reviews that a row of the list counts, with their scores and who wrote them."""
    scores = ReviewScore.objects.select_related("criterion").order_by("criterion__number")
    rows = reviews_counted(actor, stage).filter(assignment__application=row.application)
    return (
        rows.select_related("assignment__seat__reviewer__person")
        .prefetch_related(Prefetch("scores", scores))
        .order_by("pk")
    )


# ----------------------------------------------------------------------------------------- leaves


def _by_number(judged: Mapping[int, Submission]) -> tuple[Submission, ...]:
    return tuple(judged[number] for number in sorted(judged))


def _scored(
    actor: Actor, stage: Stage, judged: Iterable[Submission], criterion: Criterion | None
) -> tuple[Scored, ...]:
    """The scores of the applications that are judged, in an order of their own."""
    numbers = {one.application_id: one.application.number for one in judged}
    counted: QuerySet[Any] = reviews_counted(actor, stage)
    found: Iterable[tuple[Any, ...]]
    if criterion is None:
        found = counted.values_list(
            "assignment__application_id", "assignment__seat__reviewer_id", "weighted_bp"
        )
    else:
        found = ReviewScore.objects.filter(
            review__in=counted.values("pk"), criterion=criterion
        ).values_list(
            "review__assignment__application_id",
            "review__assignment__seat__reviewer_id",
            "score",
        )
    step = 1 if criterion is None else BASIS_POINTS
    return tuple(
        sorted(
            (numbers[application], reviewer, score * step)
            for application, reviewer, score in found
            if application in numbers and score is not None
        )
    )


@lru_cache(maxsize=16)
def _calibrated(scored: tuple[Scored, ...]) -> "Calibrated":
    """What the model makes of these scores; kept for the next who asks of the same ones."""
    from lineshaft.engines.judging import calibration  # noqa: PLC0415 -- loads much; only when asked

    # Names are numbers of one width, so that equal estimates stand in the order of the numbers.
    return calibration.calibrate(
        calibration.Review(f"{number:010}", f"{reviewer:010}", score / BASIS_POINTS)
        for number, reviewer, score in scored
    )


def _ranked(
    calibrated: "Calibrated", judged: Mapping[int, Submission], consensus: Mapping[int, Consensus]
) -> tuple[Ranked, ...]:
    estimates = calibrated.applications
    ranks = rules.ranks_of([rules.told(one.estimate) for one in estimates])
    joined = rules.numbered(one.joined for one in estimates)
    rows = []
    for one, rank, number in zip(estimates, ranks, joined, strict=True):
        submission = judged[int(one.application)]
        agreed = getattr(consensus.get(submission.application_id), "weighted_bp", None)
        rows.append(
            Ranked(
                submission,
                rank,
                one.group,
                one.reviews,
                rules.told(one.mean),
                None if one.spread is None else rules.told(one.spread),
                rules.told(one.estimate),
                rules.told(one.low),
                rules.told(one.high),
                None if one.beats_next is None else rules.told(one.beats_next),
                number,
                None if agreed is None else rules.score_of(agreed),
            )
        )
    return tuple(rows)
