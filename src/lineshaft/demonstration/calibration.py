"""What the generated records add up to, and where each total comes from.

Totals with a published source are met at scale 1; those between them are interpolated, for the
demonstration only. Money is in million units of the profile's currency.
"""

from dataclasses import dataclass
from typing import Final

PROFILE: Final = "us"
"""The jurisdiction whose institutes and published totals the generated records follow."""

DEMONSTRATION_YEAR: Final = 2022
FIRST_YEAR: Final = 2013


@dataclass(frozen=True, slots=True)
class YearTotals:
    """Network totals of a fiscal year; `is_published` tells sourced from interpolated money."""

    year: int
    members: int
    federal_musd: int
    nonfederal_musd: int
    contributions: int
    is_published: bool


TOTALS: Final = (
    YearTotals(2013, 90, 12, 9, 120, is_published=False),
    YearTotals(2014, 210, 30, 27, 210, is_published=False),
    YearTotals(2015, 430, 70, 90, 420, is_published=False),
    # Members: FY2016 annual report, as summarised by ncmep.org; ratio about 2:1.
    YearTotals(2016, 830, 118, 230, 760, is_published=False),
    # Members: FY2017 annual report summary.
    YearTotals(2017, 1291, 150, 290, 980, is_published=False),
    # 1,937 members; 183 M$ base and 304 M$ other: ssti.org on the FY2018 report.
    YearTotals(2018, 1937, 183, 304, 1150, is_published=True),
    # 1,920 members and 488 M$ in all: asme.org; the split is interpolated.
    YearTotals(2019, 1920, 163, 325, 1200, is_published=False),
    # 2,013 members recollected, 425 M$ in all recollected; the split is interpolated.
    YearTotals(2020, 2013, 132, 293, 1250, is_published=False),
    # about 2,300 members, 127 M$ base, 354 M$ other: highlights report 2022.
    YearTotals(2021, 2300, 127, 354, 1400, is_published=True),
    # over 2,500 members and 307 M$: programme plan 2024; 109 = 416 - 307.
    YearTotals(2022, 2512, 109, 307, 4812, is_published=True),
)
TOTALS_OF: Final = {totals.year: totals for totals in TOTALS}

KIND_SHARES: Final = {
    # Industry 63 % of members, 72 % of it small: FY2021 highlights; the rest is interpolated.
    "industry_large": 444,
    "industry_sme": 1000,
    "start_up": 139,
    "university": 330,
    "community_college": 223,
    "federal_laboratory": 24,
    "ffrdc": 12,
    "state_or_local_government": 90,
    "training_body": 60,
    "cluster_body": 70,
    "association": 56,
    "federal_centre": 10,
    "non_profit": 54,
}
"""Members of each kind, at scale 1 in the demonstration year: 2,512 in all."""

CHURN_BP: Final = 400
"""Basis points of a year's members whose agreement ends in the year."""

SECOND_MEMBERSHIP_BP: Final = 1800
"""Basis points of organisations that join a second institute."""

CASH_BP: Final = 4200
"""Basis points of accepted contributions by value that are cash."""

PENDING_BP: Final = 250
"""Basis points of the demonstration year's contributions that wait to be accepted."""

REFUSED_BP: Final = 120
"""Basis points of the demonstration year's contributions that were refused."""

TIER_OF_KIND: Final = {
    "industry_large": "industry",
    "industry_sme": "sme",
    "start_up": "start_up",
    "university": "academic",
    "community_college": "community_college",
    "federal_laboratory": "government",
    "ffrdc": "government",
    "state_or_local_government": "government",
    "training_body": "academic",
    "cluster_body": "non_profit",
    "association": "non_profit",
    "federal_centre": "government",
    "non_profit": "non_profit",
}
