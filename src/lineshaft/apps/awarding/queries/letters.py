"""Reads of letters: those that whoever runs a competition looks at, those that a team receives."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import LetterSending, SelectionLetter, SelectionRecord
from lineshaft.apps.competitions.models import Application, Competition, Criterion, Stage
from lineshaft.apps.competitions.queries import (
    application_by_id,
    may_read_submissions,
    open_to,
    seat_of,
)
from lineshaft.apps.competitions.rules import PARTS
from lineshaft.apps.reviewing.models import Review, ReviewScore
from lineshaft.apps.reviewing.rules import SUBMITTED
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_LETTER: Final = gettext_noop("There is no such letter, or none that you may see.")


@dataclass(frozen=True, slots=True)
class Addressed:
    """An application with what was decided, its letters by kind and language, and what was sent."""

    record: SelectionRecord
    letters: dict[tuple[str, str], SelectionLetter]
    sent: dict[str, LetterSending]

    @property
    def application(self) -> Application:
        """The application that the letters are about."""
        return self.record.application

    def is_printed(self, kind: rules.LetterKind, languages: Sequence[str]) -> bool:
        """Whether letters of that kind are printed in each language."""
        return all((kind, language) in self.letters for language in languages)


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """How a criterion was scored by all reviewers together; `mean` to two places."""

    criterion: Criterion
    mean: float
    least: int
    most: int
    reviews: int


def addressed_of(actor: Actor, competition: Competition) -> list[Addressed]:
    """The applications on which was decided, as far as they are open to whoever runs the
    competition, by number; raises NotFound for anybody else.
    """
    return _addressed(list(_records(actor, competition).order_by("application__number")))


def addressed_in(actor: Actor, competition: Competition, pk: int) -> Addressed:
    """The one of them that is about that application; raises NotFound."""
    for one in _addressed(list(_records(actor, competition).filter(application=pk))):
        return one
    raise NotFound(NO_LETTER, code="no_letter")


def letters_to(actor: Actor, pk: int) -> tuple[Application, Addressed | None]:
    """The actor's own application with the letters that were sent to its team; None before.

    Letters are for whom all of the application is open: its lead, and partners to whom it shares
    every part. Raises NotFound for anybody else.
    """
    application = application_by_id(actor, pk)
    if not seat_of(actor, application).parts.issuperset(PARTS):
        raise NotFound(NO_LETTER, code="no_letter")
    record = SelectionRecord.objects.filter(application=application).select_related("stage").first()
    if record is None:
        return application, None
    record.application = application
    (found,) = _addressed([record])
    if not found.sent:
        return application, None
    letters = {key: one for key, one in found.letters.items() if key[0] in found.sent}
    return application, Addressed(record, letters, found.sent)


def letter_in(addressed: Addressed | None, kind: str, language: str) -> SelectionLetter:
    """That letter; raises NotFound."""
    letter = addressed.letters.get((kind, language)) if addressed else None
    if letter is None:
        raise NotFound(NO_LETTER, code="no_letter")
    return letter


def stage_debriefed(application: Application) -> Stage | None:
    """The last stage in which reviews of the application were submitted: for one that did not go
    on, the stage after which it ended; None where nobody reviewed it.
    """
    reviewed = Review.objects.filter(
        assignment__application=application,
        assignment__removed_at__isnull=True,
        state=SUBMITTED,
    )
    stages = Stage.objects.filter(pk__in=reviewed.values("assignment__seat__stage"))
    return stages.order_by("-number").first()


def score_ranges_of(application: Application, stage: Stage) -> tuple[ScoreRange, ...]:
    """How each criterion of the stage was scored for the application, without anybody's name."""
    scores = ReviewScore.objects.filter(
        review__assignment__application=application,
        review__assignment__seat__stage=stage,
        review__assignment__removed_at__isnull=True,
        review__state=SUBMITTED,
        score__isnull=False,
    )
    given: dict[int, list[int]] = defaultdict(list)
    criteria: dict[int, Criterion] = {}
    for one in scores.select_related("criterion").order_by("criterion__number"):
        criteria[one.criterion_id] = one.criterion
        given[one.criterion_id].append(one.score or 0)
    return tuple(
        ScoreRange(
            criterion,
            round(sum(given[pk]) / len(given[pk]), 2),
            min(given[pk]),
            max(given[pk]),
            len(given[pk]),
        )
        for pk, criterion in criteria.items()
    )


def _records(actor: Actor, competition: Competition) -> QuerySet[SelectionRecord]:
    if not may_read_submissions(actor, competition):
        raise NotFound(NO_LETTER, code="no_letter")
    rows = SelectionRecord.objects.filter(application__competition=competition)
    return open_to(actor, rows).select_related("application__lead", "stage")


def _addressed(records: list[SelectionRecord]) -> list[Addressed]:
    ids = [one.application_id for one in records]
    letters: dict[int, dict[tuple[str, str], SelectionLetter]] = defaultdict(dict)
    for letter in SelectionLetter.objects.filter(application__in=ids).select_related("file"):
        letters[letter.application_id][letter.kind, letter.language] = letter
    sent: dict[int, dict[str, LetterSending]] = defaultdict(dict)
    for sending in LetterSending.objects.filter(application__in=ids):
        sent[sending.application_id][sending.kind] = sending
    return [
        Addressed(one, letters[one.application_id], sent[one.application_id]) for one in records
    ]
