"""What awarding decides of letters: when they are printed and sent, and who reads them.

A decision letter says how an application came out; a debrief says how it was judged, without
anybody's name and without any other application. Neither leaves before the decision, a debrief not
before the results are published.
"""

from enum import StrEnum
from typing import Final

from lineshaft.apps.competitions.rules import DECIDED, OPENNESS, PUBLISHED, RUNNERS
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.permit import Permission

_NOT_DECIDED: Final = gettext_noop("Letters are printed once the competition is decided.")
_NOT_PUBLISHED: Final = gettext_noop("Debriefs are sent once the results are published.")
_NOT_PRINTED: Final = gettext_noop(
    "%(missing)s letters are not printed yet. Print them, and look at them before they leave."
)
_ALL_SENT: Final = gettext_noop("All of them have been sent already.")


LETTERS_PERMISSIONS: Final = tuple(
    Permission(
        verb,
        gettext_noop("Whoever runs the competition has its letters printed, and sends them."),
        roles=RUNNERS,
    )
    for verb in ("make_selection_letters", "print_letters", "send_letters")
)


class LetterKind(StrEnum):
    """What a letter is about: the decision on an application, or how it was judged."""

    DECISION = "decision"
    DEBRIEF = "debrief"


STATES: Final = {
    LetterKind.DECISION: frozenset({DECIDED, PUBLISHED}),
    LetterKind.DEBRIEF: frozenset({PUBLISHED}),
}
"""States of a competition in which letters of a kind are sent."""


def refuse_printing(state: str) -> Refusal | None:
    """Why no letter can be printed while the competition stands so, or None."""
    if state in STATES[LetterKind.DECISION]:
        return None
    return Refusal("not_decided", _NOT_DECIDED, OPENNESS)


def refuse_sending(kind: LetterKind, state: str, *, missing: int, unsent: int) -> Refusal | None:
    """Why letters of that kind can't be sent, or None; so many are not printed, or not sent."""
    refusal = refuse_printing(state)
    if refusal is not None:
        return refusal
    if state not in STATES[kind]:
        return Refusal("not_published", _NOT_PUBLISHED, OPENNESS)
    if missing:
        return Refusal("not_printed", _NOT_PRINTED, params={"missing": missing})
    return None if unsent else Refusal("all_sent", _ALL_SENT)
