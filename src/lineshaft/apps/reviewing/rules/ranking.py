"""What reviewing decides of the ranked list: who stands where, and on whose word it rests.

How good an application is once the severity of its reviewers is taken out is worked out by
`engines.judging.calibration`; this says how it is told. Values are told to four decimals of a step
of the scale, and applications with the same estimate share a rank.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Citation

PLACES: Final = Decimal("0.0001")

SURE_BP: Final = 9_500
"""Two applications are told apart where one is the better with so much probability."""

MODEL_SOURCES: Final = (
    Citation("C. R. Henderson, Biometrics 31 (1975), 423-447", "https://doi.org/10.2307/2529430"),
    Citation(
        "H. D. Patterson and R. Thompson, Biometrika 58 (1971), 545-554",
        "https://doi.org/10.1093/biomet/58.3.545",
    ),
)
"""Of the model: best linear unbiased prediction, with variances by restricted likelihood."""


def told(value: float) -> Decimal:
    """A value of the model as it is told."""
    return Decimal(value).quantize(PLACES, ROUND_HALF_EVEN)


def score_of(weighted_bp: int) -> Decimal:
    """A weighted score in basis points on the scale of the criteria."""
    return Decimal(weighted_bp) / BASIS_POINTS


def ranks_of(estimates: Sequence[Decimal]) -> list[int]:
    """The rank of each down a list ordered from the best on; equal ones share theirs."""
    ranks: list[int] = []
    for place, estimate in enumerate(estimates):
        is_same = place > 0 and estimate == estimates[place - 1]
        ranks.append(ranks[-1] if is_same else place + 1)
    return ranks


def numbered(keys: Iterable[int]) -> list[int]:
    """The same keys numbered from 1 in the order in which they first come."""
    numbers: dict[int, int] = {}
    return [numbers.setdefault(key, len(numbers) + 1) for key in keys]
