"""What the terms of a tier may say, and from which day."""

from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Day, gettext_noop


class RateClass(StrEnum):
    """At what rate a member books equipment."""

    FREE = "free"
    REDUCED = "reduced"
    MEMBER = "member"
    FULL = "full"


DUES_MAX_MINOR: Final = 10**12
"""A slip above: no membership costs ten thousand million a year."""

NUMBER_MAX: Final = 1_000
"""Seats, votes, months and days of a tier beyond this are slips."""

_NOT_LATER: Final = gettext_noop(
    "Terms of this tier hold from %(last)s on. New ones begin later than that; what held stays."
)


def refuse_terms_day(in_force_on: date, last: date | None) -> Refusal | None:
    """Why terms can't begin on that day after those that began on `last`, or None."""
    if last is None or in_force_on > last:
        return None
    return Refusal("not_later", _NOT_LATER, params={"last": Day(last)})
