"""Spans of days, half-open: the first day belongs to a span, the last named day does not.

Invariant: a span holds at least one day.  A span without an end is open and holds every later day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.text import Day, gettext_noop

_ENDS_BEFORE_START = gettext_noop(
    "The end (%(ends_on)s) must be later than the start (%(starts_on)s)."
)


_NOT_PLAUSIBLE = gettext_noop(
    "%(day)s is not a day that this network can have. Write a day from %(first)s to %(last)s."
)
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
"""The days that a record can have: beyond them stands a mistyped year."""


def months_on(day: date, months: int) -> date:
    """The same day so many months later; the last of its month where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return day.replace(year=day.year + years, month=month + 1, day=min(day.day, last))


def years_on(day: date, years: int) -> date:
    """The same day so many years later; the first of March where there is no such day."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `starts_on` up to, and without, `ends_on`; open where `ends_on` is None."""

    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on <= self.starts_on:
            raise ValueError(f"a span must end after it starts: {self.starts_on} .. {self.ends_on}")

    @property
    def is_open(self) -> bool:
        return self.ends_on is None

    @property
    def days(self) -> int | None:
        """The number of days, or None where the span is open."""
        return None if self.ends_on is None else (self.ends_on - self.starts_on).days

    def contains(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def covers(self, other: "Span") -> bool:
        """Return whether every day of the other span lies in this one."""
        return self.intersection(other) == other

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two spans share a day; spans that only touch do not."""
        return self.intersection(other) is not None

    def intersection(self, other: "Span") -> "Span | None":
        """Return the days that both spans hold, or None where they share none."""
        starts_on = max(self.starts_on, other.starts_on)
        ends = [end for end in (self.ends_on, other.ends_on) if end is not None]
        ends_on = min(ends, default=None)
        if ends_on is not None and ends_on <= starts_on:
            return None
        return Span(starts_on, ends_on)


def check_day(day: date | None, *, name: str, row: int | None = None) -> FieldError | None:
    """Return the fault of an entered day that can only be a mistyped year, or None."""
    if day is None or FIRST_DAY <= day <= LAST_DAY:
        return None
    return FieldError(
        name,
        row=row,
        message=_NOT_PLAUSIBLE,
        params={"day": Day(day), "first": Day(FIRST_DAY), "last": Day(LAST_DAY)},
    )


def check_span(
    starts_on: date, ends_on: date | None, *, name: str = "ends_on", row: int | None = None
) -> FieldError | None:
    """Return the fault of an entered pair of days, or None when they make a plausible span."""
    fault = check_day(starts_on, name="starts_on", row=row) or check_day(
        ends_on, name=name, row=row
    )
    if fault is not None:
        return fault
    if ends_on is None or ends_on > starts_on:
        return None
    return FieldError(
        name,
        row=row,
        message=_ENDS_BEFORE_START,
        params={"starts_on": Day(starts_on), "ends_on": Day(ends_on)},
    )
