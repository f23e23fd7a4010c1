"""What network decides of ties between people: which kinds there are, and when one counts."""

from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import gettext_noop

TIE_TEXT_MAX: Final = 300
TIE_YEAR_FIRST: Final = 1950

_WITH_ONESELF: Final = gettext_noop("A tie joins two people. Name somebody else.")
_RECORDED: Final = gettext_noop("%(person)s and %(other)s are tied by this already.")
_NO_YEAR: Final = gettext_noop("A year lies between %(first)s and %(last)s.")
_BACKWARDS: Final = gettext_noop("This is before the year in which the tie began.")
_ENDED: Final = gettext_noop("The tie ended in %(year)s already.")


class PersonTieKind(StrEnum):
    """What ties two people."""

    CO_AUTHOR = "co_author"
    ADVISOR = "advisor"
    SHARED_PROJECT = "shared_project"
    OTHER = "other"


def refuse_tie(*, person: str, other: str, is_same: bool, is_recorded: bool) -> Refusal | None:
    """Why these two can't be tied by that, or None."""
    if is_same:
        return Refusal("tie_with_oneself", _WITH_ONESELF)
    if is_recorded:
        return Refusal("tie_recorded", _RECORDED, params={"person": person, "other": other})
    return None


def refuse_ending_tie(year_to: int | None) -> Refusal | None:
    """Why a tie can't be ended, or None."""
    if year_to is None:
        return None
    return Refusal("tie_ended", _ENDED, params={"year": str(year_to)})


def faults_of_years(year_from: int, year_to: int | None, *, last: int) -> list[FieldError]:
    """What is wrong with the years of a tie; `last` is the present one."""
    faults = [
        FieldError(name, message=_NO_YEAR, params={"first": TIE_YEAR_FIRST, "last": last})
        for name, year in (("year_from", year_from), ("year_to", year_to))
        if year is not None and not TIE_YEAR_FIRST <= year <= last
    ]
    if not faults and year_to is not None and year_to < year_from:
        faults.append(FieldError("year_to", message=_BACKWARDS))
    return faults
