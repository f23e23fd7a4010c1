"""The special cases of the demonstration, each at one agreement, and how institutes differ.

No case says anything of a real institute: every agreement is numbered DEMO, every page is marked,
and what was terminated is an institute that does not exist and says so in its name.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from lineshaft.demonstration.values import MILLION_MINOR, InstitutePlan


@dataclass(frozen=True, slots=True)
class Character:
    """What makes an institute's money its own.

    `own_thousands` is its own income in the demonstration year, `own_first_bp` what part of that it
    had in its first year; `keep_bp` what at most a year keeps of the federal money of the year
    before, once that falls; `left_bp` what part of the plan for the years to come its running award
    holds; `years` how long a term of it is; `mix` names the streams of its income.
    """

    own_thousands: int
    own_first_bp: int = 2_000
    keep_bp: int = 9_300
    left_bp: int = 10_000
    years: int = 5
    mix: str = "services"


CHARACTERS: Final = {
    "america-makes": Character(9_600, 10_000, keep_bp=7_400, years=6, mix="dues"),
    "mxd": Character(5_100, keep_bp=7_400, years=6, mix="services"),
    "lift": Character(1_900, 3_500, keep_bp=9_000, left_bp=6_000, mix="contracts"),
    "poweramerica": Character(1_400, 4_000, mix="dues"),
    "iacmi": Character(5_200, 1_500, left_bp=4_000, mix="contracts"),
    "aim-photonics": Character(6_800, mix="services"),
    "nextflex": Character(4_600, 1_200, mix="services"),
    "affoa": Character(2_200, mix="dues"),
    "cesmii": Character(2_600, mix="licences"),
    "rapid": Character(1_700, mix="dues"),
    "niimbl": Character(3_400, keep_bp=9_500, mix="contracts"),
    "biofabusa": Character(2_900, keep_bp=9_500, mix="services"),
    "arm": Character(4_100, 1_000, keep_bp=7_800, mix="licences"),
    "remade": Character(900, 5_000, left_bp=7_000, years=7, mix="dues"),
    "cymanii": Character(400, 5_000, years=7, mix="dues"),
    "biomade": Character(1_500, 4_000, years=7, mix="contracts"),
}
"""The program's own figures; no institute has published what it earns by stream."""

MIXES: Final = {
    "dues": (("dues", 64), ("services", 20), ("endowment", 9), ("donations", 7)),
    "services": (("services", 46), ("dues", 30), ("contract_research", 18), ("licences", 6)),
    "contracts": (("contract_research", 48), ("dues", 24), ("scale_up", 18), ("other", 10)),
    "licences": (("licences", 28), ("services", 32), ("dues", 28), ("prizes", 12)),
}
"""Streams of own income of the profile, with their weights."""

WAIVED: Final = "DEMO-cymanii-1"
"""Beside 70 there are 41: a share of 36.9 % falls short of one half, but for a waiver."""

WAIVER_SHARE_BP: Final = 3_600
WAIVER_GROUND: Final = "workforce_development"
BREACH: Final = "DEMO-poweramerica-2"
"""Its match still suffices, and will not at the pace of the last year."""

SHARED: Final = "DEMO-america-makes-2"
"""Several agencies give it, so that the law of one of them binds it."""

MATCHES_BP: Final = {
    WAIVED: (5_857, 5_857),  # 41 over 70, rounded down
    BREACH: (15_000, 9_500, 5_200),
    SHARED: (11_500, 11_500, 11_500, 11_500),
}
"""Non-federal over federal money, in basis points, of the years of agreements that are cases."""

PARTS: Final = {SHARED: (("DOE", 2_000), ("NASA", 1_000))}
"""What agencies beside the lead give, in basis points."""

CURED: Final = "DEMO-remade-1"
"""Its review failed in the demonstration year; the year to cure runs."""

CURE_OPENED_ON: Final = date(2022, 3, 1)
CURE_NOTIFIED_ON: Final = date(2022, 7, 1)

PROPOSED: Final = "DEMO-nextflex-2"
"""Under which an obligation waits for a second person of the agency."""

PROPOSED_ON: Final = date(2022, 10, 3)

INVENTED: Final = InstitutePlan(
    "demonstration-institute",
    "DOC",
    date(2020, 10, 5),
    date(2021, 9, 15),
    28 * MILLION_MINOR,
    71 * MILLION_MINOR,
)
"""An institute that does not exist, terminated within a year of its five, its targets met.

*Source* of the pattern alone: SMART USA, 285 M$ for five years, ended for convenience after one.
"""

INVENTED_NAME: Final = "Demonstration Institute (invented)"
INVENTED_NAME_ZH: Final = "示范创新中心（虚构）"
INVENTED_SOURCE: Final = "Demonstration: this institute does not exist"
INVENTED_MEMBERS: Final = 24
TERMINATED: Final = "DEMO-demonstration-institute-1"

INCOME_METHODS: Final = {
    "DEMO-nextflex-2": "addition",
    "DEMO-iacmi-2": "deduction",
    "DEMO-arm-2": "cost_sharing",
}
"""The agreements with programme income, and how each uses it."""

REPORTED: Final = (
    ("DEMO-nextflex-2", 2021),
    ("DEMO-nextflex-2", 2022),
    ("DEMO-iacmi-2", 2022),
)
"""Agreements with a certified financial report through the end of that fiscal year."""


def character_of(key: str) -> Character:
    """How the institute differs; the invented one earns nothing."""
    return CHARACTERS.get(key, Character(0, keep_bp=10_000))
