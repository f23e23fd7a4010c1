"""How the demonstration's contributions are valued: records that come to the amount, to the cent.

A rate of at most 100.00 for one unit, units of four decimals: a step of units is then less than a
cent, so that every amount can be met exactly, and totals stay as they are planned.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lineshaft.apps.funding.rules import Valuation
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.jurisdiction import CostShareKind, ValuationMethod

PAY: Final = ((4_250, 2_200), (5_875, 2_800), (6_640, 3_100), (7_120, 2_800))
"""Hourly pay in minor units with fringe benefits in basis points; own figures."""

RENTS: Final = (2_400, 5_150, 8_800)
"""Minor units for an hour of a machine, or a month of a square metre; own figures."""

_STEP: Final = Decimal("0.0001")
_RECORDS: Final = "Records of the contributor (demonstration)"


def valuation_of(kind: CostShareKind, amount_minor: int) -> Valuation:
    """A valuation of the kind that is worth the amount exactly; the same amount gives the same."""
    match kind.method:
        case ValuationMethod.RATE:
            rate_minor, fringe_bp = PAY[amount_minor % len(PAY)]
            return Valuation(
                units=_units(amount_minor, rate_minor, fringe_bp),
                rate_minor=rate_minor,
                fringe_bp=fringe_bp,
                basis_of_value=_RECORDS,
            )
        case ValuationMethod.RENTAL:
            rate_minor = RENTS[amount_minor % len(RENTS)]
            return Valuation(
                units=_units(amount_minor, rate_minor, 0),
                rate_minor=rate_minor,
                basis_of_value=_RECORDS,
                appraisal="Appraisal (demonstration)" if kind.wants_appraisal else "",
            )
        case ValuationMethod.MARKET:
            return Valuation(market_value_minor=amount_minor, basis_of_value=_RECORDS)
        case _:
            return Valuation()


def _units(amount_minor: int, rate_minor: int, fringe_bp: int) -> Decimal:
    with_fringe = Decimal(rate_minor * (BASIS_POINTS + fringe_bp)) / BASIS_POINTS
    return (amount_minor / with_fringe).quantize(_STEP, rounding=ROUND_HALF_UP)
