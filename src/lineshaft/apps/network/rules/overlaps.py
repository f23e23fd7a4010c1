"""Two awards that overlap: what was found, and what somebody decided of it.

Invariants: a machine only finds; it decides nothing and refuses nobody. Every decision is a
person's, with a reason, and can be taken up again. What was found points into the texts that were
compared, so that both can be read side by side.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from lineshaft.apps.network.rules.awards import ABSTRACT_LENGTH_MAX
from lineshaft.apps.network.rules.lookalikes import REASON_LENGTH_MAX, WHOLE_BP
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow

type Passage = tuple[int, int, int, int]
"""A run of characters that two texts share: its begin and end in the one, and in the other; the
ends are excluded."""

CHECK_LEAST_BP: Final = 3000
"""Likeness from which a check of a text shows an award. Whoever asks reads for themselves, so it is
half of what brings a pair before those who decide."""

CHECK_SHOWN_MAX: Final = 20

CHANGED_SHARE_MAX: Final = 10
"""Where more than one award in so many is new or changed, all are compared anew: it is faster, and
what was a common phrase before may be none now, or the other way round."""

PASSAGES_MAX: Final = 1000
"""Passages of one overlap that are kept; two texts of 20,000 characters rarely share more."""


class OverlapKind(StrEnum):
    """What an overlap looks like, by its evidence."""

    SAME_WORK = "same_work"
    CONTINUATION = "continuation"
    COLLABORATION = "collaboration"
    BOILERPLATE = "boilerplate"


class OverlapScope(StrEnum):
    """Which awards are compared."""

    ALL = "all"
    """Every award with every other."""
    CHANGED = "changed"
    """Those that are new or were corrected since, with every other."""


class OverlapState(StrEnum):
    """What became of an overlap."""

    FOUND = "found"
    SAME_WORK = "same_work"
    CONTINUATION = "continuation"
    COLLABORATION = "collaboration"
    KEPT_APART = "kept_apart"


DECIDED: Final = frozenset(OverlapState) - {OverlapState.FOUND}
_FOUND: Final = frozenset({OverlapState.FOUND})
OVERLAP_WORKFLOW: Final = Workflow(
    "award_overlap",
    OverlapState.FOUND,
    (
        Transition("confirm_same_work", _FOUND, OverlapState.SAME_WORK),
        Transition("confirm_continuation", _FOUND, OverlapState.CONTINUATION),
        Transition("confirm_collaboration", _FOUND, OverlapState.COLLABORATION),
        Transition("keep_awards_apart", _FOUND, OverlapState.KEPT_APART),
        Transition("reopen_overlap", DECIDED, OverlapState.FOUND),
    ),
)

NOT_FOR_READER: Final = gettext_noop(
    "Overlaps of awards are for the programme office, and for the sponsors of either award."
)
_ONE_AWARD: Final = gettext_noop("These are one award. An overlap is of two.")
_NO_SUCH_PASSAGE: Final = gettext_noop(
    "A passage from %(start)s to %(end)s does not lie in a text of %(length)s characters. Compare "
    "the texts as they stand now."
)
_NO_REASON: Final = gettext_noop(
    "Say why, in at most %(most)s characters: what shows that it is the same work, or is not."
)
_NOTHING_TO_CHECK: Final = gettext_noop(
    "Write a title or a text to be looked for among the awards of other agencies."
)
_LONG_TEXT: Final = gettext_noop(
    "The text has %(found)s characters; at most %(most)s are compared. Take its abstract, or its "
    "most telling part."
)
_MANY_PASSAGES: Final = gettext_noop("An overlap has at most %(most)s passages.")


def basis_points(share: float) -> int:
    """A share from 0 to 1 in basis points, rounded."""
    return round(share * WHOLE_BP)


def refuse_overlap(
    first: int, second: int, passages: Sequence[Passage], *, lengths: tuple[int, int]
) -> Refusal | None:
    """Why this can't be what two awards share, or None; `lengths` are those of their texts."""
    if first == second:
        return Refusal("one_award", _ONE_AWARD)
    if len(passages) > PASSAGES_MAX:
        return Refusal("many_passages", _MANY_PASSAGES, params={"most": PASSAGES_MAX})
    for passage in passages:
        for place, length in enumerate(lengths):
            start, end = passage[2 * place], passage[2 * place + 1]
            if not 0 <= start < end <= length:
                params = {"start": start, "end": end, "length": length}
                return Refusal("no_such_passage", _NO_SUCH_PASSAGE, params=params)
    return None


def refuse_check(title: str, text: str) -> Refusal | None:
    """Why these can't be looked for among the awards, or None."""
    if not title.strip() and not text.strip():
        return Refusal("nothing_to_check", _NOTHING_TO_CHECK)
    if len(text) > ABSTRACT_LENGTH_MAX:
        params = {"found": len(text), "most": ABSTRACT_LENGTH_MAX}
        return Refusal("long_text", _LONG_TEXT, params=params)
    return None


def refuse_overlap_reason(why: str) -> Refusal | None:
    """Why a decision on an overlap can't stand without a reason, or None."""
    if 0 < len(why.strip()) <= REASON_LENGTH_MAX:
        return None
    return Refusal("no_overlap_reason", _NO_REASON, params={"most": REASON_LENGTH_MAX})
