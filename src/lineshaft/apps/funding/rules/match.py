"""How federal and non-federal money compare: the ratio, the share, and the rule on it.

A ratio is rounded once, at the end; a test against a rule is made by cross-multiplication, never on
a rounded number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Final

from lineshaft.apps.funding.rules.waivers import LiftedRule
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.jurisdiction import MatchingRule

FIRST_FISCAL_YEAR: Final = 1990
LAST_FISCAL_YEAR: Final = 2200
"""The fiscal years that can be asked for."""


class MatchStanding(StrEnum):
    """How an institute stands under the rule on its non-federal share."""

    PASSES = "passes"
    BELOW = "below"
    NOT_BOUND = "not_bound"
    NO_MONEY = "no_money"


@dataclass(frozen=True, slots=True)
class LiftedPart:
    """The federal money of one agreement, and the rule as its waivers leave it."""

    federal_minor: int
    lifted: LiftedRule


def match_ratio(federal_minor: int, nonfederal_minor: int) -> Decimal | None:
    """Non-federal over federal money, to two places, halves up; None without federal money."""
    if federal_minor <= 0:
        return None
    ratio = Decimal(nonfederal_minor) / Decimal(federal_minor)
    return ratio.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def nonfederal_share_bp(federal_minor: int, nonfederal_minor: int) -> int | None:
    """The non-federal part of the whole in basis points, rounded half up; None of nothing."""
    whole = federal_minor + nonfederal_minor
    if whole <= 0:
        return None
    return (nonfederal_minor * BASIS_POINTS * 2 + whole) // (2 * whole)


def match_standing(
    federal_minor: int, nonfederal_minor: int, needed_minor: int | None
) -> MatchStanding:
    """How the amounts stand beside what the rule that binds them needs; None: no rule binds.

    Source: 15 U.S.C. 278s(e)(7)(A), 50 % or more of the total made available (L-040), as the
    profile states it.
    """
    if federal_minor + nonfederal_minor <= 0:
        return MatchStanding.NO_MONEY
    if needed_minor is None:
        return MatchStanding.NOT_BOUND
    return MatchStanding.PASSES if nonfederal_minor >= needed_minor else MatchStanding.BELOW


def nonfederal_needed(parts: Iterable[LiftedPart]) -> int:
    """The least non-federal money that meets the rule beside all parts together, rounded up once.

    Where no waiver lifts anything, the same as the rule asks of the whole.
    """
    return ceil(
        sum(
            (
                Fraction(
                    part.lifted.federal_counted(part.federal_minor) * part.lifted.share_bp,
                    BASIS_POINTS - part.lifted.share_bp,
                )
                for part in parts
            ),
            Fraction(0),
        )
    )


def strictest(matching_rules: Iterable[MatchingRule]) -> MatchingRule | None:
    """The rule that asks for the largest non-federal share, a statute before a design; or None."""
    return max(matching_rules, key=lambda rule: (rule.share_bp, rule.is_statutory), default=None)
