"""What a promise of cost share must say, what is left of it, and how it stands on a day."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from lineshaft.apps.funding.rules.own_income import not_before_records
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Day, gettext_noop


class CommitmentStanding(StrEnum):
    """How a promise stands on a day."""

    KEPT = "kept"
    OPEN = "open"
    OVERDUE = "overdue"
    RELEASED = "released"


def commitment_dates(
    promised_on: date, due_on: date, *, starts_on: date, ends_on: date
) -> Refusal | None:
    """Refuse a promise of another age, due before it was made, or outside the award's term."""
    refusal = not_before_records(promised_on)
    if refusal is not None:
        return refusal
    if promised_on <= due_on and starts_on <= due_on < ends_on:
        return None
    return Refusal(
        "commitment_dates",
        gettext_noop(
            "A promise is due after it was made, and within the agreement, which runs from "
            "%(starts_on)s up to %(ends_on)s."
        ),
        params={"starts_on": Day(starts_on), "ends_on": Day(ends_on)},
    )


def letter_given(reference: str) -> Refusal | None:
    """Refuse a promise without the paper that makes it."""
    if reference.strip():
        return None
    return Refusal(
        "letter_missing", gettext_noop("Name the letter or contract in which it was promised.")
    )


def something_left(left_minor: int) -> Refusal | None:
    """Refuse to release a promise of which nothing is left."""
    if left_minor > 0:
        return None
    return Refusal("nothing_left", gettext_noop("Nothing is left of this promise."))


def left_of(promised_minor: Sequence[int], brought_minor: int) -> tuple[int, ...]:
    """What is left of each of a contributor's promises, in their order.

    What was brought keeps the earliest promise first, and what goes beyond all of them is nobody's.
    """
    left: list[int] = []
    for amount_minor in promised_minor:
        kept = min(amount_minor, brought_minor)
        brought_minor -= kept
        left.append(amount_minor - kept)
    return tuple(left)


def commitment_standing(
    left_minor: int, released_minor: int, due_on: date, today: date
) -> CommitmentStanding:
    """How a promise stands: due through its last day, kept when nothing of it is left."""
    if left_minor > 0:
        return CommitmentStanding.OPEN if today <= due_on else CommitmentStanding.OVERDUE
    return CommitmentStanding.RELEASED if released_minor else CommitmentStanding.KEPT


def release_reason_given(reason: str) -> Refusal | None:
    """Refuse to release a promise without saying why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the promise is no longer expected."))
