"""What awarding decides of awards: when one can be opened, and what becomes of its money.

An award is opened from an application that was selected, once. For an institute it drafts the
agreement with its budget by year and the obligations that it foresees of each agency; the money
moves only once the agreement is signed and active, under the rules of the ledger.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from lineshaft.apps.competitions.rules import (
    MONTHS_A_YEAR,
    OPENNESS,
    PUBLISHED,
    RUNNERS,
    Source,
)
from lineshaft.apps.funding.rules import AgreementState
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.ids import derived_id
from lineshaft.kernel.money import split_by_largest_remainder
from lineshaft.kernel.spans import months_on
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.permit import Permission

CONDITIONS_MAX: Final = 4_000
AGREEMENT: Final = Citation("2 CFR 200.201, 200.211: the award and what it says")

_NOT_PUBLISHED: Final = gettext_noop(
    "An award is opened once the results are published: its institute and its agreement are read by"
    " everybody. Publish the results first."
)
_NO_TERM: Final = gettext_noop("The application names no term. Ask its team for one.")
_NO_AGENCY: Final = gettext_noop("The competition names no agency that leads it.")
_NO_BUDGET: Final = gettext_noop(
    "The budget that was handed in asks for no federal money, so that the award cannot be spread"
    " over its years."
)
_NOT_ACTIVE: Final = gettext_noop(
    "Money is obligated once the agreement is active. Sign it and activate it first."
)

AWARDS_PERMISSIONS: Final = (
    Permission(
        "open_agreement",
        gettext_noop(
            "Whoever runs the competition opens its awards; the agreement of an institute is"
            " drafted by the agency that pays."
        ),
        roles=RUNNERS,
    ),
    Permission(
        "obligate_award",
        gettext_noop("The agency that pays obligates the money of an award."),
        roles=RUNNERS,
    ),
)


class ObligationState(StrEnum):
    """How far a foreseen obligation is; once proposed it waits for a second person."""

    FORESEEN = "foreseen"
    PROPOSED = "proposed"
    OBLIGATED = "obligated"


@dataclass(frozen=True, slots=True)
class YearPlan:
    """What an award plans in one of its years: days `[starts_on, ends_on)`, minor units by category
    as (federal, other).
    """

    year: int
    starts_on: date
    ends_on: date
    lines: tuple[tuple[str, int, int], ...]

    @property
    def federal_minor(self) -> int:
        """The federal money of the year."""
        return sum(federal for _category, federal, _other in self.lines)


def refuse_award(state: str) -> Refusal | None:
    """Why no award can be opened while the competition stands so, or None."""
    return None if state == PUBLISHED else Refusal("not_published", _NOT_PUBLISHED, OPENNESS)


def refuse_agreement(
    *, term_months: int | None, has_agency: bool, federal_minor: int
) -> Refusal | None:
    """Why no agreement can be drafted from what was handed in, or None."""
    if not term_months:
        return Refusal("no_term", _NO_TERM, AGREEMENT)
    if not has_agency:
        return Refusal("no_agency", _NO_AGENCY, AGREEMENT)
    return None if federal_minor else Refusal("no_federal_budget", _NO_BUDGET, AGREEMENT)


def refuse_obligating(state: str) -> Refusal | None:
    """Why nothing can be obligated under an agreement in that state, or None."""
    return None if state == AgreementState.ACTIVE else Refusal("not_active", _NOT_ACTIVE)


def transfer_of(first: UUID, dead: Collection[UUID]) -> UUID:
    """The id under which a foreseen obligation stands in the ledger, or is booked next.

    It is `first` until what was proposed under it was rejected or withdrawn, and so is among the
    `dead`; each further attempt has an id of its own, since the ledger keeps that of a dead one.
    """
    found, attempt = first, 1
    while found in dead:
        attempt += 1
        found = derived_id("awarding.obligation", first, attempt)
    return found


def match_of(amount_minor: int, *, asked_minor: int, others_minor: int) -> int:
    """What others bring to an award of that amount: their share of the budget, rounded up."""
    return -(-others_minor * amount_minor // asked_minor)


def years_planned(
    lines: Sequence[tuple[str, str, int, int]],
    *,
    amount_minor: int,
    starts_on: date,
    term_months: int,
) -> tuple[YearPlan, ...]:
    """The budget handed in, as (source, category, year, minor), scaled to the amount awarded.

    Both the federal money and that of others keep their proportions; by largest remainder the
    federal parts sum to the amount.
    """
    federal = {(year, key): 0 for _source, key, year, _minor in lines}
    others = dict(federal)
    for source, key, year, minor in lines:
        side = federal if source == Source.FEDERAL else others
        side[year, key] += minor
    asked, brought = sum(federal.values()), sum(others.values())
    matched = match_of(amount_minor, asked_minor=asked, others_minor=brought)
    given = _scaled(federal, amount_minor)
    added = _scaled(others, matched)
    years = -(-term_months // MONTHS_A_YEAR)
    ends_on = months_on(starts_on, term_months)
    found = []
    for year in range(1, years + 1):
        begins = months_on(starts_on, MONTHS_A_YEAR * (year - 1))
        ends = min(months_on(starts_on, MONTHS_A_YEAR * year), ends_on)
        own = tuple(
            (key, given[at, key], added[at, key])
            for at, key in sorted(federal)
            if min(at, years) == year and (given[at, key] or added[at, key])
        )
        found.append(YearPlan(year, begins, ends, _merged(own)))
    return tuple(found)


def _scaled(parts: Mapping[tuple[int, str], int], total: int) -> dict[tuple[int, str], int]:
    places = sorted(parts)
    amounts = split_by_largest_remainder(total, [parts[place] for place in places])
    return dict(zip(places, amounts, strict=True))


def _merged(lines: Sequence[tuple[str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    """One line for each category: what lies behind the term counts in its last year."""
    sums: dict[str, tuple[int, int]] = {}
    for key, federal, other in lines:
        before = sums.get(key, (0, 0))
        sums[key] = (before[0] + federal, before[1] + other)
    return tuple((key, federal, other) for key, (federal, other) in sums.items())
