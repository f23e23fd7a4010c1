"""What awarding decides of the parts that several agencies give: whose part can be named, and what
each agency gives in each year.

How large a part can be is decided by the rules of an agreement, which an award does not repeat.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import product
from typing import Final

from lineshaft.kernel.errors import FieldError
from lineshaft.kernel.money import split_by_largest_remainder
from lineshaft.kernel.text import gettext_noop

_NOT_SHARED: Final = gettext_noop(
    "Only the agreement of an institute has parts of several agencies. Leave out the part of"
    " %(agency)s."
)
_LEADS: Final = gettext_noop(
    "%(agency)s leads the competition and gives what the others do not. Leave its part out."
)
_NOT_BESIDE: Final = gettext_noop(
    "%(agency)s does not sponsor the competition beside the agency that leads it. Leave its part"
    " out."
)
_NEGATIVE: Final = gettext_noop(
    "The part of %(agency)s is less than nothing. Write an amount, or nothing where it gives none."
)


def part_field(agency: str) -> str:
    """The name of the field that says which part the agency of that key gives."""
    return f"co_sponsors-{agency}"


def faults_of_parts(
    parts: Mapping[str, int], *, lead: str, beside: Collection[str], is_shared: bool
) -> list[FieldError]:
    """One fault for each part that cannot be given, by keys of agencies: of the one that leads, of
    those beside it, or of neither. `is_shared` says whether the award has an agreement to share.
    """
    return [
        FieldError(part_field(key), message=fault, params={"agency": key})
        for key, minor in parts.items()
        if (fault := _fault_of(key, minor, lead=lead, beside=beside, is_shared=is_shared))
    ]


def given_by_year(parts: Sequence[int], years: Sequence[int]) -> list[list[int]]:
    """What each part gives in each year: a row for each part, in it an amount for each year.

    Each row sums to its part, each year to what it plans, and each amount is its proportion rounded
    up or down. Each year is split by largest remainder; where a part then gives a unit too many in
    all its years and another too few, units change hands within years until the parts are kept.
    Raises ValueError where the years do not sum to what the parts do.

    Source: controlled rounding of a table with both margins, after Causey, Cox and Ernst,
    "Applications of transportation theory to statistical problems" (1985).
    """
    if sum(parts) != sum(years):
        raise ValueError("the years do not sum to what the parts sum to")
    columns = [split_by_largest_remainder(year, parts) for year in years]
    rows = [[column[place] for column in columns] for place in range(len(parts))]
    while any(sum(row) > part for row, part in zip(rows, parts, strict=True)):
        for giver, taker, year in _chain(rows, parts, years):
            rows[giver][year] -= 1
            rows[taker][year] += 1
    return rows


# ---------------------------------------------------------------------------------------- leaves


def _fault_of(
    key: str, minor: int, *, lead: str, beside: Collection[str], is_shared: bool
) -> str | None:
    if not is_shared:
        return _NOT_SHARED if minor else None
    if key == lead:
        return _LEADS
    if key not in beside:
        return _NOT_BESIDE
    return _NEGATIVE if minor < 0 else None


def _chain(
    rows: Sequence[Sequence[int]], parts: Sequence[int], years: Sequence[int]
) -> list[tuple[int, int, int]]:
    """By which steps, as (giver, taker, year), a unit comes from a part that gives too much in all
    to one that gives too little: each from an amount rounded up to one rounded down.

    There is such a way while a part gives too much, since a table with all sums right and every
    amount rounded up or down exists; what tells it from this one leads along it.
    """
    total = sum(parts)
    begun = [place for place, row in enumerate(rows) if sum(row) > parts[place]]
    came: dict[int, tuple[int, int]] = {}
    waiting = list(begun)
    asked = 0
    while sum(rows[giver := waiting[asked]]) >= parts[giver]:
        asked += 1
        for taker, year in product(range(len(parts)), range(len(years))):
            is_up = rows[giver][year] * total > parts[giver] * years[year]
            is_down = rows[taker][year] * total < parts[taker] * years[year]
            if is_up and is_down and taker not in came and taker not in begun:
                came[taker] = (giver, year)
                waiting.append(taker)
    steps, taker = [], giver
    while taker in came:
        giver, year = came[taker]
        steps.append((giver, taker, year))
        taker = giver
    return steps
