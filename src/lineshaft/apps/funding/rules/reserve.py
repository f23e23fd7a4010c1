"""When the performance reserve is released: on assessed performance, by a decision on record.

Source: the network's preliminary design (N-04): a part of the federal money is held back and goes
to institutes that perform well.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Day, gettext_noop

RESERVE: Final = Citation(
    "National Network for Manufacturing Innovation: A Preliminary Design, January 2013, section on "
    "funding"
)


class Rating(StrEnum):
    """How an institute's performance was assessed against its standards."""

    EXCEEDS = "exceeds"
    MEETS = "meets"
    BELOW = "below"


def performance_earns(rating: Rating) -> Refusal | None:
    """Refuse to release the reserve to an institute that is below its standards."""
    if rating is not Rating.BELOW:
        return None
    return Refusal(
        "performance_below",
        gettext_noop(
            "The reserve is released to institutes that meet or exceed their standards. Keep it "
            "held back, or authorise money for another purpose."
        ),
        RESERVE,
    )


def assessment_given(assessment: str) -> Refusal | None:
    """Refuse a release that does not say what was assessed."""
    if assessment.strip():
        return None
    return Refusal(
        "assessment_missing",
        gettext_noop("Say what was assessed, against which standards, and what was found."),
        RESERVE,
    )


def assessed_before(assessed: Span, occurred_on: date) -> Refusal | None:
    """Refuse to release the reserve for a time that is not over."""
    if assessed.ends_on is not None and assessed.ends_on <= occurred_on:
        return None
    return Refusal(
        "assessment_ahead",
        gettext_noop(
            "The time assessed has to be over on %(occurred_on)s, the day of the release."
        ),
        RESERVE,
        {"occurred_on": Day(occurred_on)},
    )
