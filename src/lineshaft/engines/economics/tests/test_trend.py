from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.engines.economics.trend import BackTest, back_test, damped_trend, half_width, widened

AMOUNTS = st.lists(st.integers(0, 10**13), min_size=0, max_size=14)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        pytest.param([], (0, 0, 0), id="nothing-recorded"),
        pytest.param([700], (700, 700, 700), id="one-year-goes-on"),
        pytest.param([500, 500, 500, 500], (500, 500, 500), id="steady-stays"),
        pytest.param([0, 1000], (1667, 2297, 2833), id="rise-fades"),
        pytest.param([1000, 0], (0, 0, 0), id="never-below-zero"),
    ],
)
def test_damped_trend_goes_on_and_fades(amounts: Sequence[int], expected: tuple[int, ...]) -> None:
    assert damped_trend(amounts, 3) == expected


@given(AMOUNTS, st.integers(0, 30))
def test_damped_trend_gives_whole_amounts_none_below_zero(amounts: list[int], years: int) -> None:
    found = damped_trend(amounts, years)
    assert len(found) == years
    assert all(type(amount) is int and amount >= 0 for amount in found)


@given(st.integers(0, 10**13), st.integers(1, 14))
def test_damped_trend_of_a_steady_series_is_that_series(amount: int, years: int) -> None:
    assert damped_trend([amount] * years, 5) == (amount,) * 5


def test_half_width_wants_four_errors() -> None:
    assert half_width([[100, 120, 90, 130, 110]]) is None  # three errors
    assert half_width([[100, 120, 90, 130, 110, 150]]) is not None


@given(st.integers(0, 10**12), st.integers(1, 29))
def test_half_width_grows_with_the_horizon(half: int, ahead: int) -> None:
    assert widened(half, 1) == half
    assert widened(half, ahead) <= widened(half, ahead + 1)
    assert widened(half, 4) == 2 * half


def test_back_test_of_a_steady_series_finds_no_error() -> None:
    assert back_test([[100] * 9]) == BackTest(
        forecasts=21, mean_error=0, error_bp=0, intervals=6, covered=6
    )
    assert back_test([[100] * 9]).coverage_bp == 10_000


def test_back_test_counts_only_errors_known_at_the_time() -> None:
    """Flat for six years, then a jump that no interval of before could hold."""
    found = back_test([[100] * 6 + [1000]])
    assert found.forecasts == 10
    assert (found.intervals, found.covered) == (1, 0)
    assert found.coverage_bp == 0
    assert found.mean_error == 900 * 4 // 10
    assert found.error_bp == 900 * 4 * 10_000 // (6 * 100 + 4 * 1000)


@pytest.mark.parametrize("series", [[], [[]], [[1, 2, 3]]], ids=["no-series", "empty", "too-short"])
def test_back_test_of_too_few_years_says_nothing(series: list[list[int]]) -> None:
    assert back_test(series) == BackTest(0, 0, None, 0, 0)
    assert back_test(series).coverage_bp is None


def test_back_test_where_nothing_came_has_no_relative_error() -> None:
    assert back_test([[0] * 5]) == BackTest(3, 0, None, 0, 0)


@given(st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**10)), max_size=10))
def test_back_test_of_a_sum_forecasts_the_sum(years: list[tuple[int, int]]) -> None:
    first, second = [one for one, _ in years], [other for _, other in years]
    both, halves = back_test([first, second]), [back_test([first]), back_test([second])]
    assert both.forecasts == halves[0].forecasts == halves[1].forecasts
    assert both.mean_error <= sum(half.mean_error for half in halves) + 1
    assert both.covered <= both.intervals <= both.forecasts
