"""Fiscal periods: every day in exactly one, half-open, named as the jurisdiction names them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.kernel.periods import FiscalPeriod, FiscalYear

years = st.builds(FiscalYear, st.integers(1, 12), is_named_by_start=st.booleans())
days = st.dates(date(4, 1, 1), date(9997, 12, 31))


@given(rule=years, day=days)
def test_every_day_lies_in_exactly_one_period(rule: FiscalYear, day: date) -> None:
    period = rule.period_of(day)
    around = [rule.period(period.year + step) for step in (-1, 0, 1)]
    assert [entry.contains(day) for entry in around] == [False, True, False]
    assert around[1] == period


@given(rule=years, year=st.integers(3, 9990))
def test_period_ends_where_the_next_begins(rule: FiscalYear, year: int) -> None:
    period = rule.period(year)
    assert period.ends_on == rule.period(year + 1).starts_on
    assert period.contains(period.starts_on)
    assert not period.contains(period.ends_on)
    assert period.last_day == period.ends_on - timedelta(days=1)
    assert period.span.contains(period.last_day)
    assert rule.period_of(period.last_day) == period


@pytest.mark.parametrize(
    ("rule", "starts_on", "ends_on"),
    [
        (FiscalYear(10), date(2021, 10, 1), date(2022, 10, 1)),
        (FiscalYear(1), date(2022, 1, 1), date(2023, 1, 1)),
        (FiscalYear(4, is_named_by_start=True), date(2022, 4, 1), date(2023, 4, 1)),
        (FiscalYear(1, is_named_by_start=True), date(2022, 1, 1), date(2023, 1, 1)),
    ],
    ids=["october", "calendar", "named-by-start", "calendar-by-start"],
)
def test_fiscal_year_2022_is(rule: FiscalYear, starts_on: date, ends_on: date) -> None:
    assert rule.period(2022) == FiscalPeriod(2022, starts_on, ends_on)


def test_period_is_named_in_the_reader_s_language() -> None:
    period = FiscalYear(10).period(2022)
    assert period.label_in("en") == period.label == "FY2022"
    assert period.label_in("zh-hans") == period.label_zh == "2022财年"


@pytest.mark.parametrize("month", [0, 13, -1])
def test_fiscal_year_from_no_month_is_a_mistake(month: int) -> None:
    with pytest.raises(ValueError, match="month 1 to 12"):
        FiscalYear(month)
