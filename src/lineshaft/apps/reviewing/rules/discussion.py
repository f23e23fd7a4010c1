"""What reviewing decides of the discussion of an application, and of the panel's consensus."""

from collections.abc import Collection
from typing import Final

from lineshaft.apps.reviewing.rules.reviews import Phase
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

POST_MAX: Final = 5_000
CONSENSUS_MAX: Final = 10_000

_NOT_OPEN: Final = gettext_noop(
    "The discussion of “%(stage)s” is not open. Whoever runs the competition opens it."
)
_OWN_FIRST: Final = gettext_noop(
    "Submit your own review of this application first: then you read the others' and discuss them."
)
_TAKEN_BACK: Final = gettext_noop("This remark is taken back already.")
_STRANGERS: Final = gettext_noop(
    "Only who submitted a review of this application can agree to the consensus on it."
)
_NOBODY: Final = gettext_noop("Name at least one reviewer who agreed.")


def refuse_discussing(phase: Phase, stage: str) -> Refusal | None:
    """Why nothing is said in the discussion in that phase, or None."""
    if phase is Phase.DISCUSSION:
        return None
    return Refusal("discussion_not_open", _NOT_OPEN, params={"stage": stage})


def refuse_speaking(*, owes_review: bool) -> Refusal | None:
    """Why somebody who owes a review of the application does not speak of it, or None."""
    return Refusal("own_review_first", _OWN_FIRST) if owes_review else None


def refuse_withdrawing_remark(*, is_withdrawn: bool) -> Refusal | None:
    """Why a remark can't be taken back, or None."""
    return Refusal("remark_withdrawn", _TAKEN_BACK) if is_withdrawn else None


def refuse_agreed(seats: Collection[int], reviewed: Collection[int]) -> Refusal | None:
    """Why these seats can't be said to have agreed, or None; `reviewed` are the seats whose review
    of the application is submitted.
    """
    if not seats:
        return Refusal("nobody_agreed", _NOBODY)
    return None if set(seats) <= set(reviewed) else Refusal("strangers_agreed", _STRANGERS)
