"""What institutes earn beside the sponsors' money: own income by stream, and programme income.

Institutes differ: some earn nearly what they spend, others little. Own income grows in a straight
line from the first year, with some chance in it; dues that are fixed do not.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from lineshaft.demonstration import cases
from lineshaft.demonstration.awards import Awards
from lineshaft.demonstration.calibration import DEMONSTRATION_YEAR
from lineshaft.demonstration.cases import Character
from lineshaft.demonstration.values import (
    THOUSAND_MINOR,
    EarningPlan,
    OwnIncomePlan,
    UsePlan,
)
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.money import split_by_largest_remainder

QUARTERLY: Final = "dues"
PAYER: Final = "Members and customers (demonstration)"
EARNED_A_YEAR: Final = (("services", 40), ("contract_research", 130), ("services", 220))
"""Programme income of a year under an agreement: its stream, and how many days after the first."""

EARNED_THOUSANDS: Final = (60, 180)
COST_OF_EARNING_BP: Final = 800
USED_BP: Final = 7_000
USED_AFTER_DAYS: Final = 60
CHANCE_BP: Final = 500


def own_income(random: Random, awards: Awards) -> Iterator[OwnIncomePlan]:
    """Every institute's entries from its first year of money on."""
    for key in awards.institutes:
        character = cases.character_of(key)
        years = sorted(year for (one, year) in awards.federal if one == key)
        if not character.own_thousands:
            continue
        for year in years:
            total = _total(random, character, years, year) * awards.scale
            mix = cases.MIXES[character.mix]
            parts = split_by_largest_remainder(total, [weight for _stream, weight in mix])
            for (stream, _weight), part in zip(mix, parts, strict=True):
                yield from _entries(awards, key, stream, year, part)


def earnings(random: Random, awards: Awards) -> Iterator[tuple[EarningPlan, UsePlan]]:
    """Programme income of the agreements that have it, and what was spent of it."""
    for agreement in awards.agreements:
        if agreement.number not in cases.INCOME_METHODS:
            continue
        for year in sorted(awards.planned[agreement.number]):
            starts_on, ends_on = awards.days_of(agreement, year)
            for stream, after_days in EARNED_A_YEAR:
                on = starts_on + timedelta(days=after_days)
                used_on = on + timedelta(days=USED_AFTER_DAYS)
                if used_on >= min(ends_on, awards.last_day):
                    continue
                gross = random.randrange(*EARNED_THOUSANDS) * THOUSAND_MINOR * awards.scale
                cost = gross * COST_OF_EARNING_BP // BASIS_POINTS
                used = (gross - cost) * USED_BP // BASIS_POINTS
                yield (
                    EarningPlan(agreement.number, stream, on, gross, cost, PAYER),
                    UsePlan(agreement.number, "personnel", used_on, used),
                )


def _total(random: Random, character: Character, years: Sequence[int], year: int) -> int:
    """Own income of the year: a straight line up to the demonstration year."""
    full = character.own_thousands * THOUSAND_MINOR
    if character.own_first_bp == BASIS_POINTS:
        return full
    first, span = years[0], max(1, DEMONSTRATION_YEAR - years[0])
    grown = (BASIS_POINTS - character.own_first_bp) * (year - first) // span
    chance = random.randrange(BASIS_POINTS - CHANCE_BP, BASIS_POINTS + CHANCE_BP)
    return full * (character.own_first_bp + grown) // BASIS_POINTS * chance // BASIS_POINTS


def _entries(
    awards: Awards, key: str, stream: str, year: int, amount: int
) -> Iterator[OwnIncomePlan]:
    """Dues come by quarters, the rest twice a year, from the institute's first day on."""
    period = awards.profile.fiscal_year(year)
    first = max(period.starts_on, awards.institutes[key].established_on)
    times = 4 if stream == QUARTERLY else 2
    step = (period.ends_on - first).days // times
    for place, part in enumerate(split_by_largest_remainder(amount, [1] * times)):
        on: date = first + timedelta(days=step * place + step // 2)
        yield OwnIncomePlan(key, stream, on, part, PAYER)
