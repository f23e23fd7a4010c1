"""Economics of an institute: where its income and cost go, and how long its money lasts.

Plain values in and out, no Django, no clock. `project` answers; its method stands in `trend`, what
it takes for granted in `standing`.
"""

from lineshaft.engines.economics.standing import (
    DUES,
    MONTHS,
    PARTNERS,
    SERVICES,
    SOON_MONTHS,
    YEARS_BEYOND,
    Books,
    Expected,
    ExpectedYear,
    Levers,
    Projection,
    Reason,
    Stream,
    Verdict,
    coverage_bp,
    diversity,
    project,
)
from lineshaft.engines.economics.trend import INTERVAL_BP, BackTest

__all__ = [
    "DUES",
    "INTERVAL_BP",
    "MONTHS",
    "PARTNERS",
    "SERVICES",
    "SOON_MONTHS",
    "YEARS_BEYOND",
    "BackTest",
    "Books",
    "Expected",
    "ExpectedYear",
    "Levers",
    "Projection",
    "Reason",
    "Stream",
    "Verdict",
    "coverage_bp",
    "diversity",
    "project",
]
