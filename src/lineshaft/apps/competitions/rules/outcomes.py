"""What competitions decide of who goes on after a judged stage.

A stage with a gate names its outcome for each application that it judged: with the gate `invited`
only who goes on takes part in what follows, with the gate `encouraged` everybody may, and is told
what was thought of it. An outcome is a draft until its applicants are told, and stands from then
on. The next stage begins once all are told.
"""

from enum import StrEnum
from typing import Final

from lineshaft.apps.competitions.rules.competitions import IN_REVIEW, NOTICE, OPEN, OPENNESS
from lineshaft.apps.competitions.rules.stages import JUDGED
from lineshaft.kernel.competitions import StageGate, StageKind
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

ADVICE_MAX: Final = 4_000


class StageResult(StrEnum):
    """How an application came out of a judged stage."""

    GOES_ON = "goes_on"
    ENDS_HERE = "ends_here"
    ENCOURAGED = "encouraged"
    DISCOURAGED = "discouraged"


RESULTS_OF: Final[dict[StageGate, tuple[StageResult, ...]]] = {
    StageGate.OPEN: (),
    StageGate.ENCOURAGED: (StageResult.ENCOURAGED, StageResult.DISCOURAGED),
    StageGate.INVITED: (StageResult.GOES_ON, StageResult.ENDS_HERE),
}
"""The outcomes that a gate knows; none where everybody goes on."""

AGAINST: Final = frozenset({StageResult.ENDS_HERE, StageResult.DISCOURAGED})
"""Outcomes that need a reason."""

_NO_GATE: Final = gettext_noop(
    "Everybody goes on after “%(stage)s”, so there is no outcome of it to decide."
)
_NOT_BEGUN: Final = gettext_noop("“%(stage)s” has not begun. Nothing is judged in it yet.")
_DECIDED_OVER: Final = gettext_noop("The selection has begun. Who went on to it stays as it was.")
_TOLD: Final = gettext_noop(
    "The applicants of number %(number)s were told what came of “%(stage)s”. That stands."
)
_UNDECIDED: Final = gettext_noop(
    "%(open)s applications of “%(stage)s” have no outcome yet. Decide on each of them first."
)
_ONE_UNDECIDED: Final = gettext_noop(
    "One application of “%(stage)s” has no outcome yet. Decide on it first."
)
_UNTOLD: Final = gettext_noop(
    "%(open)s applications of “%(stage)s” were not told yet whether they go on. Tell them first."
)
_ONE_UNTOLD: Final = gettext_noop(
    "One application of “%(stage)s” was not told yet whether it goes on. Tell it first."
)
_CLOSED: Final = gettext_noop(
    "Who goes on from “%(stage)s” is not settled for what is closed to you by a conflict of"
    " interest. Somebody else who runs the competition decides on that and tells it."
)
_NOTHING_TO_TELL: Final = gettext_noop("Every outcome of “%(stage)s” is told already.")
_NOT_INVITED: Final = gettext_noop(
    "Only who was invited after “%(stage)s” goes on, and this application was not. What was"
    " decided on it stands in its workspace."
)


def results_of(kind: StageKind, gate: StageGate) -> tuple[StageResult, ...]:
    """The outcomes that a stage decides between; none where it judges nothing or lets all on."""
    return RESULTS_OF[gate] if kind in JUDGED else ()


def is_gate_without_judging(kind: StageKind, gate: StageGate) -> bool:
    """Whether a stage is to let only some go on, and judges nothing by which to choose."""
    return gate is not StageGate.OPEN and kind not in JUDGED


def refuse_outcomes(
    name: str, results: tuple[StageResult, ...], *, state: str, has_begun: bool
) -> Refusal | None:
    """Why no outcome of that stage can be decided or told now, or None."""
    if not results:
        return Refusal("no_gate", _NO_GATE, NOTICE, {"stage": name})
    if not has_begun:
        return Refusal("stage_not_begun", _NOT_BEGUN, params={"stage": name})
    return None if state in {IN_REVIEW, OPEN} else Refusal("outcomes_over", _DECIDED_OVER, OPENNESS)


def refuse_deciding_anew(name: str, number: int, *, was_told: bool) -> Refusal | None:
    """Why the outcome of the application of that number can't be changed, or None."""
    if not was_told:
        return None
    return Refusal("outcome_told", _TOLD, OPENNESS, {"stage": name, "number": number})


def refuse_undecided(name: str, undecided: int) -> Refusal | None:
    """Why the outcomes of a stage can't be told while so many are open, or None."""
    return _refuse_open("outcomes_undecided", (_ONE_UNDECIDED, _UNDECIDED), name, undecided)


def refuse_nothing_to_tell(name: str, untold: int) -> Refusal | None:
    """Why there is nothing to tell, or None."""
    return None if untold else Refusal("nothing_to_tell", _NOTHING_TO_TELL, params={"stage": name})


def refuse_going_on(name: str, *, undecided: int, untold: int, is_settled: bool) -> Refusal | None:
    """Why the stage behind a gate can't begin, or None.

    The numbers are of what is open to whoever asks; `is_settled` says whether everything is told.
    """
    if found := refuse_undecided(name, undecided):
        return found
    if found := _refuse_open("outcomes_untold", (_ONE_UNTOLD, _UNTOLD), name, untold):
        return found
    return None if is_settled else Refusal("gate_closed", _CLOSED, OPENNESS, {"stage": name})


def refuse_uninvited(gate: str) -> Refusal | None:
    """Why an application can't go on past the stage of that name, or None for no name."""
    return Refusal("not_invited", _NOT_INVITED, NOTICE, {"stage": gate}) if gate else None


def _refuse_open(code: str, texts: tuple[str, str], name: str, count: int) -> Refusal | None:
    """That so many are open, in words for one and for several."""
    if not count:
        return None
    one, several = texts
    return Refusal(code, one if count == 1 else several, OPENNESS, {"stage": name, "open": count})
