"""Spans: half-open days, so that neighbours touch and never overlap."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.spans import Span, check_span, months_on, years_on

days = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    starts_on = draw(days)
    length = draw(st.none() | st.integers(1, 4000))
    return Span(starts_on, None if length is None else starts_on + timedelta(days=length))


@given(one=spans(), other=spans(), day=days)
def test_intersection_holds_a_day_when_both_do(one: Span, other: Span, day: date) -> None:
    shared = one.intersection(other)
    assert (shared is not None and shared.contains(day)) is (
        one.contains(day) and other.contains(day)
    )


@given(one=spans(), other=spans())
def test_intersection_and_overlap_are_symmetric(one: Span, other: Span) -> None:
    assert one.intersection(other) == other.intersection(one)
    assert one.overlaps(other) is other.overlaps(one) is (one.intersection(other) is not None)


@given(span=spans())
def test_span_holds_its_first_day_and_not_its_end(span: Span) -> None:
    assert span.contains(span.starts_on)
    assert not span.contains(span.starts_on - timedelta(days=1))
    assert span.covers(span)
    if span.ends_on is None:
        assert span.is_open
        assert span.days is None
        assert span.contains(date.max)
        return
    assert not span.is_open
    assert not span.contains(span.ends_on)
    assert span.days == (span.ends_on - span.starts_on).days
    assert not span.overlaps(Span(span.ends_on))


def test_span_covers_what_lies_inside_it() -> None:
    year = Span(date(2022, 1, 1), date(2023, 1, 1))
    assert year.covers(Span(date(2022, 2, 1), date(2022, 3, 1)))
    assert not year.covers(Span(date(2022, 2, 1)))
    assert Span(date(2022, 1, 1)).covers(year)


@pytest.mark.parametrize("days_long", [0, -1])
def test_span_without_a_day_is_a_mistake(days_long: int) -> None:
    starts_on = date(2022, 1, 1)
    with pytest.raises(ValueError, match="end after it starts"):
        Span(starts_on, starts_on + timedelta(days=days_long))


def test_check_span_tells_the_fault_of_an_entered_pair() -> None:
    starts_on = date(2022, 1, 1)
    assert check_span(starts_on, None) is None
    assert check_span(starts_on, date(2022, 1, 2)) is None
    fault = check_span(starts_on, starts_on, name="until", row=4)
    assert isinstance(fault, FieldError)
    assert fault.as_located_text() == (
        "Row 4, until: The end (2022-01-01) must be later than the start (2022-01-01)."
    )


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "field"),
    [
        pytest.param(date(1, 1, 1), date(1, 1, 2), "starts_on", id="long ago"),
        pytest.param(date(2022, 1, 1), date(9999, 12, 31), "until", id="never"),
        pytest.param(date(9999, 12, 31), None, "starts_on", id="never, and open"),
    ],
)
def test_check_span_tells_a_mistyped_year(
    starts_on: date, ends_on: date | None, field: str
) -> None:
    fault = check_span(starts_on, ends_on, name="until")
    assert isinstance(fault, FieldError)
    assert fault.field == field
    assert "is not a day that this network can have" in fault.as_located_text()


def test_years_on_is_the_same_day_or_the_first_of_march() -> None:
    assert years_on(date(2024, 2, 29), 3) == date(2027, 3, 1)
    assert years_on(date(2024, 2, 28), 3) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2022, 1, 31), 1, date(2022, 2, 28)),
        (date(2022, 12, 15), 1, date(2023, 1, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2022, 5, 1), 0, date(2022, 5, 1)),
    ],
)
def test_months_on_stays_within_the_month(day: date, months: int, later: date) -> None:
    assert months_on(day, months) == later
