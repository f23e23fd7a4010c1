"""The planned course of an agreement's federal money by fiscal year beside what was drawn.

A budget period's plan falls on fiscal years by days; an agreement without budget plans what it has
obligated, and the rest of its federal total evenly over the days that are left.

Source: the design's falling profile (law: N-02, L-042).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from lineshaft.apps.funding.rules.foreseen import MatchBooks, Portion, federal_portions
from lineshaft.apps.funding.rules.match import nonfederal_share_bp
from lineshaft.apps.funding.rules.standing import Standing, shape_of
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.jurisdiction import FundingProfile, JurisdictionProfile, MatchingSubject
from lineshaft.kernel.periods import FiscalPeriod


@dataclass(frozen=True, slots=True)
class ProfileYear:
    """One fiscal year of an agreement: planned, and what happened; minor units."""

    period: FiscalPeriod
    planned_federal_minor: int
    planned_nonfederal_minor: int
    drawn_minor: int
    accepted_minor: int
    is_over: bool

    @property
    def planned_share_bp(self) -> int | None:
        """The federal part of what is planned; None where no budget plans money of others."""
        if not self.planned_nonfederal_minor:
            return None
        return _federal_share_bp(self.planned_federal_minor, self.planned_nonfederal_minor)

    @property
    def actual_share_bp(self) -> int | None:
        """The federal part of what was drawn and accepted."""
        return _federal_share_bp(self.drawn_minor, self.accepted_minor)


@dataclass(frozen=True, slots=True)
class Shape:
    """Whether planned and drawn money fall as a funding profile says, with the years that decided.

    What is planned is tested in every year, what was drawn in those that are over.
    """

    entry: FundingProfile
    planned: Standing
    planned_year: int | None
    drawn: Standing
    drawn_year: int | None


def profile_years(
    profile: JurisdictionProfile, books: MatchBooks, today: date
) -> tuple[ProfileYear, ...]:
    """Every fiscal year of the term, and each other one in which money moved, in order."""
    planned = _planned_by_year(profile, books, today)
    drawn, accepted = Counter[int](), Counter[int]()
    for one in books.days:
        year = profile.fiscal_year_of(one.day).year
        drawn[year] += one.drawn_minor
        accepted[year] += one.nonfederal_minor
    years = {*planned, *drawn, *_years_of_term(profile, books)}
    return tuple(
        ProfileYear(
            period := profile.fiscal_year(year),
            *planned.get(year, (0, 0)),
            drawn[year],
            accepted[year],
            period.is_over(today),
        )
        for year in sorted(years)
    )


def shapes_of(
    profile: JurisdictionProfile, books: MatchBooks, years: tuple[ProfileYear, ...]
) -> tuple[Shape, ...]:
    """The years under each funding profile that was in force when the agreement was signed.

    An institute's alone: no profile is meant for an extension centre.
    """
    facts = books.facts
    if facts.subject is not MatchingSubject.INSTITUTE:
        return ()
    entries = {
        entry.id: entry
        for key in facts.agency_keys
        for entry in profile.funding_profiles_in_force(facts.signed_on, key)
    }
    first = profile.fiscal_year_of(facts.term.starts_on).year
    planned = {one.period.year: one.planned_federal_minor for one in years}
    drawn = {one.period.year: one.drawn_minor for one in years}
    over = [one.period.year for one in years if one.is_over]
    return tuple(
        Shape(
            entry, *shape_of(planned, entry, first, planned), *shape_of(drawn, entry, first, over)
        )
        for entry in entries.values()
    )


def _planned_by_year(
    profile: JurisdictionProfile, books: MatchBooks, today: date
) -> Mapping[int, tuple[int, int]]:
    found: dict[int, list[int]] = {}
    if books.plan:
        for one in books.plan:
            for place, amount in enumerate((one.federal_minor, one.nonfederal_minor)):
                _spread(profile, Portion((one.span,), amount), place, found)
    else:
        for day in books.days:
            year = profile.fiscal_year_of(day.day).year
            found.setdefault(year, [0, 0])[0] += day.federal_minor
        for portion in federal_portions(books, today):
            _spread(profile, portion, 0, found)
    return {year: (federal, other) for year, (federal, other) in found.items()}


def _spread(
    profile: JurisdictionProfile, portion: Portion, place: int, found: dict[int, list[int]]
) -> None:
    """Add what of the portion comes in each fiscal year; the parts sum to the whole."""
    last = max((one.ends_on or one.starts_on) for one in portion.spans) - timedelta(days=1)
    period = profile.fiscal_year_of(min(one.starts_on for one in portion.spans))
    before = 0
    while period.starts_on <= last:
        through = portion.through(period.last_day)
        found.setdefault(period.year, [0, 0])[place] += through - before
        before, period = through, profile.fiscal_year(period.year + 1)


def _years_of_term(profile: JurisdictionProfile, books: MatchBooks) -> range:
    first = profile.fiscal_year_of(books.facts.term.starts_on).year
    return range(first, profile.fiscal_year_of(books.last_day).year + 1)


def _federal_share_bp(federal_minor: int, other_minor: int) -> int | None:
    other_bp = nonfederal_share_bp(federal_minor, other_minor)
    return None if other_bp is None else BASIS_POINTS - other_bp
