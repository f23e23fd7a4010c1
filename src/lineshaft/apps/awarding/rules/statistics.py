"""What the statistics of a competition count: days of stages, applications, loads, outcomes.

Days are whole ones, rounded. A stage that is not over has none; an application is counted once the
call to which it was handed in is over, and not before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Citation

TIMES_TRACKED: Final = Citation("GAO-25-107369", "https://www.gao.gov/products/gao-25-107369")
"""Recommends that agencies track how long their reviews take."""

_DAY: Final = timedelta(days=1)
_TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage was planned to take, and when it began and ended; None while it did not."""

    number: int
    name: str
    planned_days: int
    began_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def real_days(self) -> int | None:
        """How long it took; None while it is not over."""
        return days_between(self.began_at, self.ended_at)

    @property
    def over_days(self) -> int | None:
        """By how much it took longer than planned; less than 0 where it was shorter."""
        real = self.real_days
        return None if real is None else real - self.planned_days


@dataclass(frozen=True, slots=True)
class CallCount:
    """How many applications were handed in at a call that is over, and how many of them late."""

    number: int
    name: str
    handed_in: int
    late: int


@dataclass(frozen=True, slots=True)
class StageLoad:
    """How many applications each reviewer of a stage has, and how many reviews are submitted, and
    in time: before the stage was planned to end.
    """

    number: int
    name: str
    loads: tuple[int, ...]
    submitted: int
    in_time: int

    @property
    def assigned(self) -> int:
        return sum(self.loads)

    @property
    def mean(self) -> Decimal | None:
        """Applications for each reviewer, to a tenth; None without reviewers."""
        return mean_of(self.loads)


@dataclass(frozen=True, slots=True)
class GroupCount:
    """How many applications of a group were handed in, and how many of them were selected."""

    key: str
    handed_in: int
    selected: int


class LeadSize(StrEnum):
    """How large the lead is, by its kind."""

    SMALL = "small"
    LARGE = "large"
    NO_FIRM = "no_firm"


def size_of(*, is_firm: bool, is_sme: bool) -> LeadSize:
    """The size of a lead of such a kind."""
    if not is_firm:
        return LeadSize.NO_FIRM
    return LeadSize.SMALL if is_sme else LeadSize.LARGE


def days_between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole days, rounded; None where one of the moments has not come."""
    return None if start is None or end is None else round((end - start) / _DAY)


def mean_of(loads: Sequence[int]) -> Decimal | None:
    """The mean to a tenth; None of nothing."""
    return (Decimal(sum(loads)) / len(loads)).quantize(_TENTH) if loads else None


def spread_of(loads: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """How many reviewers have how many applications, from the least to the most."""
    return tuple((load, loads.count(load)) for load in sorted(set(loads)))


def longest_over(stages: Sequence[StageTime]) -> StageTime | None:
    """The stage that exceeded its plan by most; None where none did."""
    late = [one for one in stages if (one.over_days or 0) > 0]
    return max(late, key=lambda one: one.over_days or 0, default=None)
