"""What competitions decide of topics that overlap.

The law wants the focus of an institute not to duplicate another's substantially. The program shows
what is alike, ranked and with its passages; that something is a duplicate is a person's decision,
and nothing is refused by likeness alone.
"""

from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import gettext_noop

NO_DUPLICATE: Final = Citation(
    "15 U.S.C. 278s(e)(4)(A)(ii)",
    "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title15-section278s",
)

OVERLAPS_SHOWN_MAX: Final = 20
"""So many are shown of each kind, the nearest first."""

LIKENESS_LEAST_BP: Final = 500
"""Likeness below which something is shown only where it works in the same technology area."""

AREA_BP: Final = 1_000
"""What the same technology area adds to a likeness."""

WHOLE_BP: Final = 10_000


class OverlapOf(StrEnum):
    """With what a topic overlaps."""

    INSTITUTE = "institute"
    COMPETITION = "competition"
    AWARD = "award"
    APPLICATION = "application"


class TopicJudgementKind(StrEnum):
    """What a person made of an overlap."""

    DUPLICATE = "duplicate"
    DISTINCT = "distinct"
    UNCLEAR = "unclear"


_NO_REASON: Final = gettext_noop("Say why. Whoever reads this later has to be able to follow it.")


def overlap_score_bp(likeness_bp: int, share_bp: int, *, shares_area: bool) -> int:
    """How near two topics are: the larger of the likeness of their words and the share of the
    topic that stands in passages of both, and a tenth of the whole for the same technology area.
    """
    return min(WHOLE_BP, max(likeness_bp, share_bp) + (AREA_BP if shares_area else 0))


def is_overlap_shown(likeness_bp: int, share_bp: int, *, shares_area: bool) -> bool:
    """Whether a person should look at it at all."""
    return shares_area or max(likeness_bp, share_bp) >= LIKENESS_LEAST_BP


def refuse_judging_overlap(reason: str) -> Refusal | None:
    """Why an overlap can't be judged for that reason, or None."""
    return None if reason else Refusal("no_reason_of_judgement", _NO_REASON, NO_DUPLICATE)
