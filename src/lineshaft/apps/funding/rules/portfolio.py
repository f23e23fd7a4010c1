"""How money of an agreement is divided between its sponsors, and a plan between days.

Every division adds up to the whole, to the minor unit; the figures of the portfolio divide in the
same way, so that a figure and the records behind it agree.
"""

from collections.abc import Sequence
from datetime import date

from lineshaft.kernel.money import split_by_largest_remainder


def agency_share_minor(amount_minor: int, parts: Sequence[tuple[str, int]], agency: str) -> int:
    """What of an amount falls to an agency; all of it where `agency` is empty.

    `parts` are the sponsors' keys with their parts of the agreement. Zero for an agency that does
    not sponsor it.
    """
    if not agency:
        return amount_minor
    ordered = sorted(parts)
    shares = split_by_largest_remainder(amount_minor, [part for _key, part in ordered])
    return sum(share for (key, _part), share in zip(ordered, shares, strict=True) if key == agency)


def planned_minor(amount_minor: int, *, planned: tuple[date, date], span: tuple[date, date]) -> int:
    """What of an amount planned for one span of days falls into another, by days.

    Both spans leave out their last day. Rounded down as days pass, so that spans that join add up.
    """
    starts_on, ends_on = planned
    days = (ends_on - starts_on).days
    before = min(max((span[0] - starts_on).days, 0), days)
    through = min(max((span[1] - starts_on).days, before), days)
    return amount_minor * through // days - amount_minor * before // days
