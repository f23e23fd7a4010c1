"""Fiscal periods: years of twelve months that start where the jurisdiction says.

Invariant: every day lies in exactly one period, and each period starts on the day on which the one
before it ends (half-open).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from lineshaft.kernel.spans import Span

MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class FiscalPeriod:
    """One fiscal year: from `starts_on` up to, and without, `ends_on`."""

    year: int
    starts_on: date
    ends_on: date

    @property
    def label(self) -> str:
        return f"FY{self.year}"

    @property
    def label_zh(self) -> str:
        return f"{self.year}财年"

    @property
    def span(self) -> Span:
        return Span(self.starts_on, self.ends_on)

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period; for people, who count it in."""
        return self.ends_on - timedelta(days=1)

    def label_in(self, language: str) -> str:
        """Return the label in a language; every Chinese variant has the Chinese form."""
        return self.label_zh if language.lower().startswith("zh") else self.label

    def contains(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_on

    def is_over(self, today: date) -> bool:
        """Return whether it is over: from the day after its last one on."""
        return self.ends_on <= today


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """The rule of a jurisdiction's fiscal years.

    A year takes the number of the calendar year in which it ends, or, where `is_named_by_start`, in
    which it starts.
    """

    start_month: int
    is_named_by_start: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= MONTHS_PER_YEAR:
            raise ValueError(f"a fiscal year starts in month 1 to 12, not {self.start_month}")

    def period(self, year: int) -> FiscalPeriod:
        """Return the fiscal year of that number; raises ValueError outside what a calendar can
        hold.
        """
        starts_in = year - self._years_ahead
        return FiscalPeriod(
            year, date(starts_in, self.start_month, 1), date(starts_in + 1, self.start_month, 1)
        )

    def period_of(self, day: date) -> FiscalPeriod:
        """Return the fiscal year in which the day lies."""
        starts_in = day.year if day.month >= self.start_month else day.year - 1
        return self.period(starts_in + self._years_ahead)

    @property
    def _years_ahead(self) -> int:
        """How far the year's number is ahead of the calendar year in which it starts."""
        return 0 if self.is_named_by_start or self.start_month == 1 else 1
