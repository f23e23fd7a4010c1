"""What reviewing decides of reviews: their states, what a whole one is, who reads whose, when.

A stage is judged in phases. While everybody judges alone nobody but who runs the competition reads
another's review. In the discussion whoever has submitted reads what others submitted on the same
application. Once it is closed nothing is written any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow

DRAFT: Final = "draft"
SUBMITTED: Final = "submitted"
RETURNED: Final = "returned"

REMARK_MAX: Final = 10_000
WHY_MAX: Final = 1_000
WINDOW_MAX: Final = 32
REMINDER_DAYS: Final = (7, 3, 1)
"""So many days before the deadline whoever still has to review something is told."""


class Phase(StrEnum):
    """Where the judging of a stage stands: everybody alone, together, or closed."""

    ALONE = "alone"
    DISCUSSION = "discussion"
    CLOSED = "closed"


class Progress(StrEnum):
    """How far the review of an assignment is."""

    NOT_BEGUN = "not_begun"
    DRAFT = DRAFT
    RETURNED = RETURNED
    SUBMITTED = SUBMITTED


REVIEW: Final = Workflow(
    "Review",
    DRAFT,
    (
        Transition("write_review", frozenset({DRAFT}), DRAFT),
        Transition("write_review", frozenset({RETURNED}), RETURNED),
        Transition("submit_review", frozenset({DRAFT, RETURNED}), SUBMITTED),
        Transition("return_review", frozenset({SUBMITTED}), RETURNED),
        Transition("reopen_review", frozenset({SUBMITTED}), DRAFT),
    ),
)
STAGE_PHASE: Final = Workflow(
    "StagePhase",
    Phase.ALONE,
    (
        Transition("open_discussion", frozenset({Phase.ALONE}), Phase.DISCUSSION),
        Transition("close_reviewing", frozenset({Phase.ALONE, Phase.DISCUSSION}), Phase.CLOSED),
    ),
    final=frozenset({Phase.CLOSED}),
)

_CLOSED: Final = gettext_noop(
    "The reviewing of “%(stage)s” is closed. What was submitted stays on record as it is."
)
_NO_SCORE: Final = gettext_noop("Score “%(criterion)s”.")
_NO_REMARK: Final = gettext_noop("Name a strength or a weakness of “%(criterion)s”.")
_NO_SUMMARY: Final = gettext_noop("Write the summary.")
_MISSING: Final = gettext_noop(
    "%(missing)s of the reviews of “%(stage)s” are not submitted. Wait for them, or say why it goes"
    " on without them."
)
_SCALE: Final = gettext_noop("A score is a whole number from %(least)s to %(most)s.")
_NO_CRITERION: Final = gettext_noop("The stage has no criterion %(number)s.")


@dataclass(frozen=True, slots=True)
class CriterionOutline:
    """A criterion as the rules see it; the weights of a stage sum to 10,000 basis points."""

    number: int
    name: str
    weight_bp: int


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a review says on one criterion; `score` is None until it is given."""

    score: int | None = None
    strengths: str = ""
    weaknesses: str = ""


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a review lacks; `criterion` is the number of the one it belongs to, 0 for the whole."""

    criterion: int
    refusal: Refusal


def lacking_in(
    criteria: Sequence[CriterionOutline], remarks: Mapping[int, Remarks], summary: str
) -> tuple[Lacking, ...]:
    """What keeps a review from being submitted, in the order of the form; nothing for a whole one.

    Each criterion is scored and has a strength or a weakness, and there is a summary.
    """
    found = []
    for one in criteria:
        said = remarks.get(one.number, Remarks())
        named = {"criterion": one.name}
        if said.score is None:
            found.append(Lacking(one.number, Refusal("no_score", _NO_SCORE, params=named)))
        if not said.strengths and not said.weaknesses:
            found.append(Lacking(one.number, Refusal("no_remark", _NO_REMARK, params=named)))
    if not summary:
        found.append(Lacking(0, Refusal("no_summary", _NO_SUMMARY)))
    return tuple(found)


def faults_of_scores(
    scores: Mapping[int, int | None], criteria: Sequence[CriterionOutline], field: str
) -> list[FieldError]:
    """What is wrong with scores by number of criterion, as faults of the fields `field`-number."""
    known = {one.number for one in criteria}
    faults = []
    for number, score in scores.items():
        name = field_name(field, number)
        if number not in known:
            faults.append(FieldError(name, message=_NO_CRITERION, params={"number": number}))
        elif score is not None and not SCORE_LEAST <= score <= SCORE_MOST:
            params = {"least": SCORE_LEAST, "most": SCORE_MOST}
            faults.append(FieldError(name, message=_SCALE, params=params))
    return faults


def field_name(field: str, number: int) -> str:
    """What the field of a criterion is called in a form."""
    return f"{field}-{number}"


def weighted_bp(
    criteria: Sequence[CriterionOutline], scores: Mapping[int, int | None]
) -> int | None:
    """The score of a whole review in basis points of a step: 3.75 is 37,500; None where a criterion
    is not scored.
    """
    found = [(one.weight_bp, scores.get(one.number)) for one in criteria]
    given = [weight * score for weight, score in found if score is not None]
    return sum(given) if found and len(given) == len(found) else None


def hundredths_of(score_bp: int) -> int:
    """A score in hundredths of a step, rounded half up: 37,549 is 375."""
    per_hundredth = BASIS_POINTS // 100
    return (score_bp + per_hundredth // 2) // per_hundredth


def refuse_closed(phase: Phase, stage: str) -> Refusal | None:
    """Why nothing is written in that phase any more, or None."""
    if phase is not Phase.CLOSED:
        return None
    return Refusal("reviewing_closed", _CLOSED, params={"stage": stage})


def refuse_going_on(missing: int, stage: str, *, why: str) -> Refusal | None:
    """Why the judging does not go on while so many reviews are missing, or None."""
    if not missing or why:
        return None
    return Refusal("reviews_missing", _MISSING, params={"missing": missing, "stage": stage})


def reads_others(phase: Phase, *, was_discussed: bool, has_submitted: bool) -> bool:
    """Whether somebody on the panel reads what others submitted: in the discussion, and after it,
    once they have submitted what they owe themselves.
    """
    return phase is not Phase.ALONE and was_discussed and has_submitted


def is_late(
    ends_at: datetime | None, submitted_at: datetime | None, *, is_submitted: bool, now: datetime
) -> bool:
    """Whether a review came after the deadline of its stage, or is still missing then."""
    if ends_at is None:
        return False
    came_at = submitted_at if is_submitted and submitted_at else now
    return came_at >= ends_at


def is_reminder_day(ends_on: date, today: date) -> bool:
    """Whether reviewers are told today of what they have still to submit."""
    return (ends_on - today).days in REMINDER_DAYS
