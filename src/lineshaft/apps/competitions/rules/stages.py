"""What competitions decide of stages: their order, their dates, their criteria.

Stages follow one another without a gap. Each is planned to take so many days, and ends at the
competition's closing time in the competition's own time zone, so that a deadline stays at the same
hour of the clock when summer time begins or ends in between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST, StageKind
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import gettext_noop

SUBMITTED: Final = frozenset({StageKind.SUBMISSION, StageKind.REPLY})
"""Stages in which the applicant hands something in."""

JUDGED: Final = frozenset({StageKind.REVIEW, StageKind.VISIT, StageKind.ANALYSIS})
"""Stages in which applications are judged, and so can have criteria."""

IN_REVIEW_KINDS: Final = JUDGED | {StageKind.REPLY}

STAGES_MAX: Final = 12
CRITERIA_MAX: Final = 12
DAYS_MAX: Final = 730
PAGES_MAX: Final = 1_000
REVIEWERS_MAX: Final = 50
NAME_MAX: Final = 120
TEXT_MAX: Final = 2_000

ANNOUNCED_CRITERIA: Final = Citation("2 CFR 200.204(b), 200.205: criteria and their weights")

_NO_SUBMISSION: Final = gettext_noop("Begin with a stage in which applications are handed in.")
_NO_JUDGING: Final = gettext_noop("Add a stage in which applications are judged.")
_NO_SELECTION: Final = gettext_noop("End with one stage of selection, after all others.")
_REPLY_TO_NOTHING: Final = gettext_noop("“%(stage)s” needs a review before it to reply to.")
_NO_CRITERIA: Final = gettext_noop(
    "“%(stage)s” has no criteria. Whoever applies has to know by what they are judged."
)
_NOT_WHOLE: Final = gettext_noop(
    "The weights of “%(stage)s” sum to %(sum)s per cent. They have to sum to 100."
)
_WEIGHTS: Final = gettext_noop("The weights sum to %(sum)s per cent. They have to sum to 100.")
_WEIGHT_RANGE: Final = gettext_noop("A weight is more than 0 and at most 100 per cent.")
_TWICE: Final = gettext_noop("“%(name)s” stands here twice.")
_MANY: Final = gettext_noop("There are more than %(most)s. Leave some out.")
_NO_NAME: Final = gettext_noop("Write the name.")
_SCORE: Final = gettext_noop("Scores go from %(least)s to %(most)s.")
_NOT_JUDGED: Final = gettext_noop("“%(stage)s” judges nothing, so it has no criteria.")
_BEGUN: Final = gettext_noop(
    "“%(stage)s” has begun. What is asked of those who took part in it stays as it was."
)
_OVER: Final = gettext_noop(
    "“%(stage)s” is over, and what was handed in is open. Its deadline stays as it was."
)
_NO_DEADLINE: Final = gettext_noop("“%(stage)s” has no deadline: nothing is handed in there.")
_NOT_LATER: Final = gettext_noop("The new deadline comes after the one that stands, %(ends_at)s.")
_IN_PAST: Final = gettext_noop("The new deadline lies in the past. Choose a later one.")


@dataclass(frozen=True, slots=True)
class StageOutline:
    """A stage as the rules see it."""

    name: str
    kind: StageKind
    weights_bp: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """When a stage is to begin and to end, in UTC."""

    starts_at: datetime
    ends_at: datetime


def lay_out(opens_at: datetime, zone: str, closing: time, days: Iterable[int]) -> tuple[Laid, ...]:
    """The stages of so many days each, one behind the other, from the opening on.

    Each ends at the closing time, as the clocks of the zone show it, of its last day.
    """
    place = ZoneInfo(zone)
    laid = []
    starts_at, day = opens_at, opens_at.astimezone(place).date()
    for length in days:
        day += timedelta(days=length)
        ends_at = datetime.combine(day, closing, tzinfo=place).astimezone(UTC)
        laid.append(Laid(starts_at, ends_at))
        starts_at = ends_at
    return tuple(laid)


def faults_of_order(stages: Sequence[StageOutline]) -> tuple[Refusal, ...]:
    """What keeps these stages from being a competition; nothing where they are one."""
    kinds = [stage.kind for stage in stages]
    faults = []
    if not kinds or kinds[0] is not StageKind.SUBMISSION:
        faults.append(Refusal("no_submission", _NO_SUBMISSION))
    if not JUDGED & set(kinds):
        faults.append(Refusal("no_judging", _NO_JUDGING))
    if kinds.count(StageKind.SELECTION) != 1 or kinds[-1] is not StageKind.SELECTION:
        faults.append(Refusal("no_selection", _NO_SELECTION))
    for place, stage in enumerate(stages):
        named = {"stage": stage.name}
        if stage.kind is StageKind.REPLY and StageKind.REVIEW not in kinds[:place]:
            faults.append(Refusal("reply_to_nothing", _REPLY_TO_NOTHING, params=named))
        if stage.kind is StageKind.REVIEW and not stage.weights_bp:
            faults.append(Refusal("no_criteria", _NO_CRITERIA, ANNOUNCED_CRITERIA, named))
        if stage.weights_bp and sum(stage.weights_bp) != BASIS_POINTS:
            params = {**named, "sum": percent_of(sum(stage.weights_bp))}
            faults.append(Refusal("weights", _NOT_WHOLE, ANNOUNCED_CRITERIA, params))
    return tuple(faults)


def faults_of_criteria(names: Sequence[str], weights_bp: Sequence[int]) -> list[FieldError]:
    """What is wrong with the criteria of one stage, as faults of the field `criteria`."""
    faults = []
    if len(names) > CRITERIA_MAX:
        faults.append(FieldError("criteria", message=_MANY, params={"most": CRITERIA_MAX}))
    if not all(name.strip() for name in names):
        faults.append(FieldError("criteria", message=_NO_NAME))
    folded = [name.strip().casefold() for name in names]
    faults += [
        FieldError("criteria", message=_TWICE, params={"name": name})
        for place, name in enumerate(names)
        if folded.index(name.strip().casefold()) < place
    ]
    if not all(0 < weight <= BASIS_POINTS for weight in weights_bp):
        faults.append(FieldError("criteria", message=_WEIGHT_RANGE))
    elif weights_bp and sum(weights_bp) != BASIS_POINTS:
        params = {"sum": percent_of(sum(weights_bp))}
        faults.append(FieldError("criteria", message=_WEIGHTS, params=params))
    return faults


def fault_of_score(score: int) -> FieldError | None:
    """Why that is no score, or None."""
    if SCORE_LEAST <= score <= SCORE_MOST:
        return None
    return FieldError("score", message=_SCORE, params={"least": SCORE_LEAST, "most": SCORE_MOST})


def refuse_criteria(name: str, kind: StageKind) -> Refusal | None:
    """Why a stage of that kind has no criteria, or None."""
    if kind in JUDGED:
        return None
    return Refusal("stage_not_judged", _NOT_JUDGED, params={"stage": name})


def refuse_changing_stage(name: str, *, has_begun: bool) -> Refusal | None:
    """Why a stage can't be changed any more, or None."""
    if not has_begun:
        return None
    return Refusal("stage_begun", _BEGUN, ANNOUNCED_CRITERIA, {"stage": name})


def refuse_extending(
    name: str, kind: StageKind, *, ends_at: datetime, until: datetime, now: datetime
) -> Refusal | None:
    """Why the deadline of a stage can't be put off until then, or None."""
    if kind not in SUBMITTED:
        return Refusal("no_deadline", _NO_DEADLINE, params={"stage": name})
    if until <= ends_at:
        return Refusal("not_later", _NOT_LATER, params={"ends_at": f"{ends_at:%Y-%m-%d %H:%M} UTC"})
    if until <= now:
        return Refusal("in_the_past", _IN_PAST)
    return None


def refuse_extending_over(name: str, *, is_over: bool) -> Refusal | None:
    """Why the deadline of a stage that is over can't be put off, or None."""
    return Refusal("stage_over", _OVER, params={"stage": name}) if is_over else None


def percent_of(weight_bp: int) -> str:
    """Basis points as a percentage without needless zeros: 1250 is `12.5`."""
    whole, rest = divmod(weight_bp, BASIS_POINTS // 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)
