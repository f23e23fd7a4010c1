"""The program's only clock.

Everything that needs the time takes it as an argument; only the edges (views, API, tasks,
commands) ask this module, so that a test or a re-run can state the moment it means.
"""

from datetime import UTC, date, datetime, timedelta


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 -- the one place that reads the clock


def today() -> date:
    """The present day in UTC, the day by which grants and agreements are in force."""
    return now().date()


def seconds_from(moment: datetime, seconds: float) -> datetime:
    """The moment that lies `seconds` after `moment` (before it, when negative)."""
    return moment + timedelta(seconds=seconds)
