"""Where a yearly series goes: a damped trend, its interval, and how well it did on the past.

Method: Holt's linear trend with damping, level and trend smoothed by fixed constants, since a
handful of years is too few to fit them on. The damping lets a trend fade, so that a forecast many
years ahead does not run off. An interval is taken from the errors that the same method makes on the
recorded years, forecast from each year in which enough years were known (rolling origin): each
error is divided by the root of its horizon, the wanted share of them lies below the half-width for
one year, and the half-width grows with the root of the horizon again.

*Source:* E. S. Gardner and E. McKenzie, "Forecasting trends in time series", Management Science 31
(1985), 1237-1246 (the method); R. J. Hyndman and G. Athanasopoulos, "Forecasting: principles and
practice", 3rd edition (2021), 8.2 (a damping between 0.8 and 0.98) and 5.10 (rolling origin);
J. Lei and others, "Distribution-free predictive inference for regression", JASA 113 (2018),
1094-1111 (the rank that a share of held-out errors wants). The constants and the root of the
horizon are this program's own choice. Errors of one series overlap, so the share is a promise that
the back-test checks and no theorem gives.

Invariants: amounts go in and come out as whole minor units; no forecast is below zero; a sum of
series is forecast as the sum of their forecasts. Floating point stays within this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isqrt
from typing import Final

LEVEL_SMOOTHING: Final = 0.5
TREND_SMOOTHING: Final = 0.3
DAMPING: Final = 0.85
INTERVAL_BP: Final = 8_000
"""The share of outcomes that an interval is made to hold: four in five."""

FEWEST_YEARS: Final = 3
"""From so many recorded years on, the back-test forecasts the next ones."""

FEWEST_ERRORS: Final = 4
"""Of fewer errors the wanted share has no rank: four is the least for four in five."""

WHOLE_BP: Final = 10_000
_SQUARE: Final = 10**6  # precision of a root taken in whole numbers


@dataclass(frozen=True, slots=True)
class BackTest:
    """What the method would have forecast from each recorded year, against what came.

    `mean_error` is the mean absolute error in minor units, `error_bp` the sum of absolute errors
    over the sum of what came (None where nothing came). `intervals` counts the forecasts that had
    an interval from errors known by then, `covered` those whose outcome lay in it.
    """

    forecasts: int
    mean_error: int
    error_bp: int | None
    intervals: int
    covered: int

    @property
    def coverage_bp(self) -> int | None:
        """The share of intervals that held the outcome; None where there were none."""
        return self.covered * WHOLE_BP // self.intervals if self.intervals else None


@dataclass(frozen=True, slots=True)
class _Trial:
    """One forecast of the back-test: `origin` years were known, `ahead` more was asked for."""

    origin: int
    ahead: int
    forecast: int
    outcome: int

    @property
    def error(self) -> int:
        return abs(self.forecast - self.outcome)

    @property
    def yearly_error(self) -> int:
        """The error as it would be one year ahead."""
        return self.error * _SQUARE // isqrt(self.ahead * _SQUARE**2)


def damped_trend(amounts: Sequence[int], years: int) -> tuple[int, ...]:
    """The next `years` amounts of a yearly series, rounded half up, none below zero.

    One amount goes on as it is; of none nothing comes.
    """
    if not amounts:
        return (0,) * years
    level, trend = float(amounts[0]), 0.0
    if len(amounts) > 1:
        trend = float(amounts[1] - amounts[0])
    for amount in amounts[1:]:
        expected = level + DAMPING * trend
        moved = LEVEL_SMOOTHING * amount + (1 - LEVEL_SMOOTHING) * expected
        trend = TREND_SMOOTHING * (moved - level) + (1 - TREND_SMOOTHING) * DAMPING * trend
        level = moved
    found, damped = [], 0.0
    for ahead in range(1, years + 1):
        damped += DAMPING**ahead
        found.append(max(0, int(level + damped * trend + 0.5)))
    return tuple(found)


def half_width(series: Sequence[Sequence[int]]) -> int | None:
    """Half of the interval one year ahead for the sum of these series, in minor units.

    None where the recorded years give fewer errors than the wanted share has a rank for.
    """
    return _half_width([trial.yearly_error for trial in _trials(series)])


def widened(half: int, ahead: int) -> int:
    """The half-width so many years ahead, rounded up."""
    return -(-half * isqrt(ahead * _SQUARE**2) // _SQUARE)


def back_test(series: Sequence[Sequence[int]]) -> BackTest:
    """How the method did on the recorded years, for the sum of series of equal length.

    An interval of the test is made from errors alone that were known in the year it starts from.
    """
    trials = _trials(series)
    covered, intervals = 0, 0
    for trial in trials:
        known = [one.yearly_error for one in trials if one.origin + one.ahead <= trial.origin]
        half = _half_width(known)
        if half is not None:
            intervals += 1
            covered += trial.error <= widened(half, trial.ahead)
    errors = sum(trial.error for trial in trials)
    came = sum(trial.outcome for trial in trials)
    return BackTest(
        forecasts=len(trials),
        mean_error=errors // len(trials) if trials else 0,
        error_bp=errors * WHOLE_BP // came if came else None,
        intervals=intervals,
        covered=covered,
    )


def _trials(series: Sequence[Sequence[int]]) -> list[_Trial]:
    """Every forecast from every year with enough years before it, in order of the years."""
    length = len(series[0]) if series else 0
    return [
        _Trial(
            origin,
            ahead,
            sum(forecast[ahead - 1] for forecast in forecasts),
            sum(one[origin + ahead - 1] for one in series),
        )
        for origin in range(FEWEST_YEARS, length)
        for forecasts in [[damped_trend(one[:origin], length - origin) for one in series]]
        for ahead in range(1, length - origin + 1)
    ]


def _half_width(errors: Sequence[int]) -> int | None:
    if len(errors) < FEWEST_ERRORS:
        return None
    rank = ceil((len(errors) + 1) * INTERVAL_BP / WHOLE_BP)
    return sorted(errors)[rank - 1]
