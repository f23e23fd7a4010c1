"""Reads of the ranked list of a stage: who stands where, how surely, and on whose reviews.

The model runs over the reviews of the applications that the reader may see and over no others: an
application that a conflict closes to somebody moves no number of their list, and their ranks count
no other. So two people who run one competition can read slightly different estimates; that tells
less than a list whose numbers follow from a row that is missing in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Prefetch, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from lineshaft.apps.competitions.models import Criterion, Stage, Submission
from lineshaft.apps.competitions.queries import NO_APPLICATION, applications_judged
from lineshaft.apps.competitions.rules import TERMS
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Review, Reviewer, ReviewScore
from lineshaft.apps.reviewing.queries.reviews import consensus_of, reviews_counted
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor

if TYPE_CHECKING:
    from lineshaft.engines.judging.calibration import Estimate

AT_ONCE: Final = 1_000
"""So many are asked for at once: a database takes so many values and not many more."""

type Scored = tuple[int, int, int]
"""The number of an application, the id of a reviewer, and the score in basis points of a step."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An application in the ranked list, by its keys; scores are on the scale of the criteria.

    `spread` is None of a single review. In a `group` the first cannot be told from any other.
    `beats_next` is how probably it is better than the next of the list, from 0 to 1, None for the
    last. `joined` numbers the sets of applications that no chain of shared reviewers joins.
    """

    number: int
    application_id: int
    submission_id: int
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

    `unreviewed` are the ids of what applications handed in that have no submitted review, by their
    numbers. The shares are of all variance:
    what lies in applications, in the severity of reviewers, and in chance.
    """

    rows: tuple[Ranked, ...]
    unreviewed: tuple[int, ...]
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
    rows = applications_judged(actor, stage).values_list(
        "application__number", "application_id", "pk"
    )
    judged = {number: (application, submission) for number, application, submission in rows}
    found = _scored(actor, stage, judged, criterion)
    if not found:
        nothing = Decimal(0)
        return Ranking((), _unreviewed(judged, ()), (), nothing, nothing, nothing)
    estimated = _estimated(found)
    agreed = {} if criterion else _agreed(stage)
    ranked = tuple(
        replace(
            one,
            application_id=judged[one.number][0],
            submission_id=judged[one.number][1],
            consensus=agreed.get(judged[one.number][0]),
        )
        for one in estimated.rows
    )
    return replace(estimated, rows=ranked, unreviewed=_unreviewed(judged, ranked))


def submissions_shown(ids: Iterable[int]) -> dict[int, Submission]:
    """What was handed in, by its ids, with `title` and `title_zh` as they were then: what is
    written in the workspace since is sealed.
    """
    terms = KeyTransform(TERMS, "content")
    rows = (
        Submission.objects.select_related("application__lead")
        .defer("content", "application__abstract", "application__abstract_zh")
        .annotate(
            title=KeyTextTransform("title", terms), title_zh=KeyTextTransform("title_zh", terms)
        )
    )
    return {
        one.pk: one
        for some in batched(ids, AT_ONCE, strict=False)
        for one in rows.filter(pk__in=some)
    }


def reviewer_names(reviewer_ids: Iterable[int]) -> dict[int, str]:
    """The names of these reviewers, for whoever runs the competition."""
    rows = Reviewer.objects.filter(pk__in=list(reviewer_ids))
    return dict(rows.values_list("pk", "person__name"))


def ranked_by_number(ranking: Ranking, number: int) -> Ranked:
    """The application of that number in the list; raises NotFound."""
    for row in ranking.rows:
        if row.number == number:
            return row
    raise NotFound(NO_APPLICATION, code="no_application")


def reviews_behind(actor: Actor, stage: Stage, row: Ranked) -> QuerySet[Review]:
    """The reviews that a row of the list counts, with their scores and who wrote them."""
    scores = ReviewScore.objects.select_related("criterion").order_by("criterion__number")
    rows = reviews_counted(actor, stage).filter(assignment__application=row.application_id)
    return (
        rows.select_related("assignment__seat__reviewer__person")
        .prefetch_related(Prefetch("scores", scores))
        .order_by("pk")
    )


# ----------------------------------------------------------------------------------------- leaves


def _unreviewed(judged: Mapping[int, tuple[int, int]], ranked: Iterable[Ranked]) -> tuple[int, ...]:
    missing = judged.keys() - {row.number for row in ranked}
    return tuple(judged[number][1] for number in sorted(missing))


def _agreed(stage: Stage) -> dict[int, Decimal]:
    """The score of the consensus that counts, by application."""
    scores = {
        application: getattr(one, "weighted_bp", None)
        for application, one in consensus_of(stage).items()
    }
    return {pk: rules.score_of(score) for pk, score in scores.items() if score is not None}


def _scored(
    actor: Actor,
    stage: Stage,
    judged: Mapping[int, tuple[int, int]],
    criterion: Criterion | None,
) -> tuple[Scored, ...]:
    """The scores of the applications that are judged, in an order of their own."""
    numbers = {application: number for number, (application, _pk) in judged.items()}
    counted: QuerySet[Any] = reviews_counted(actor, stage).order_by()
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
def _estimated(scored: tuple[Scored, ...]) -> Ranking:
    """What the model makes of these scores, without the keys of what is judged; kept for the next
    who asks of the same ones.
    """
    from lineshaft.engines.judging import calibration  # noqa: PLC0415 -- loads much; only when asked

    # Names are numbers of one width, so that equal estimates stand in the order of the numbers.
    calibrated = calibration.calibrate(
        calibration.Review(f"{number:010}", f"{reviewer:010}", score / BASIS_POINTS)
        for number, reviewer, score in scored
    )
    return Ranking(
        _ranked(calibrated.applications),
        (),
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


def _ranked(estimates: Sequence["Estimate"]) -> tuple[Ranked, ...]:
    ranks = rules.ranks_of([rules.told(one.estimate) for one in estimates])
    joined = rules.numbered(one.joined for one in estimates)
    return tuple(
        Ranked(
            number=int(one.application),
            application_id=0,
            submission_id=0,
            rank=rank,
            group=one.group,
            reviews=one.reviews,
            mean=rules.told(one.mean),
            spread=None if one.spread is None else rules.told(one.spread),
            estimate=rules.told(one.estimate),
            low=rules.told(one.low),
            high=rules.told(one.high),
            beats_next=None if one.beats_next is None else rules.told(one.beats_next),
            joined=place,
            consensus=None,
        )
        for one, rank, place in zip(estimates, ranks, joined, strict=True)
    )
