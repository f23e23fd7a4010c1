"""The sponsors' money: agreements, what is authorised and obligated, and drawn month by month.

Each year's network total is spread over the institutes in force so that an institute's money is
larger at the start and falls from its third year on (the design's rule N-02), and split by largest
remainder, so that parts sum to the total. An agreement that runs beyond the demonstration year
holds money for the years to come.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from lineshaft.demonstration import cases
from lineshaft.demonstration.calibration import DEMONSTRATION_YEAR, FIRST_YEAR, TOTALS
from lineshaft.demonstration.values import (
    MILLION_MINOR,
    AgreementPlan,
    AuthorisationPlan,
    DrawPlan,
    InstitutePlan,
    ObligationPlan,
)
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.money import split_by_largest_remainder
from lineshaft.kernel.profile import JurisdictionProfile

AWARD_ROUNDING_MINOR: Final = MILLION_MINOR
STAGE_WEIGHTS: Final = (70, 100, 95, 85, 75, 65, 58, 52, 46, 42, 38)
"""How an institute's yearly money goes by its age in fiscal years, before it is held to fall."""

FALLS_AFTER_YEARS: Final = 2
HALF_YEAR_DAYS: Final = 182
SHORT_YEAR_DAYS: Final = 100
"""A year of fewer days under an agreement has one obligation; others have two."""

DRAW_DAY: Final = 25
_HALF_YEAR_MONTHS: Final = 6
_TITLES: Final = {
    cases.WAIVED: "Demonstration: a waiver of the matching rule",
    cases.BREACH: "Demonstration: a match that falls behind",
    cases.CURED: "Demonstration: a review that failed, and a year to cure",
    cases.TERMINATED: "Demonstration: an award terminated in its first year",
    **dict.fromkeys(cases.PARTS, "Demonstration: an award of several agencies"),
}


class Awards:
    """Agreements and their federal money, year by year."""

    def __init__(
        self,
        random: Random,
        profile: JurisdictionProfile,
        institutes: Sequence[InstitutePlan],
        scale: int,
    ) -> None:
        self.random = random
        self.profile = profile
        self.institutes = {one.key: one for one in institutes}
        self.scale = scale
        self.last_day = profile.fiscal_year(DEMONSTRATION_YEAR).last_day
        self.federal = _federal_by_year(profile, institutes, scale)
        self.terms = {one.key: list(_terms(one)) for one in institutes}
        self.agreements: list[AgreementPlan] = []
        self.planned: dict[str, dict[int, int]] = {}
        self.authorisations: list[AuthorisationPlan] = []
        self.obligations: list[ObligationPlan] = []

    def spread(self) -> None:
        """Fill the lists."""
        for key in self.institutes:
            self._agree(key)
        for (key, year), amount in self.federal.items():
            self._fund(self.agreement_of(key, year), year, amount)
        for one in self.agreements:
            self._authorise_next(one)

    def agreement_of(self, key: str, year: int) -> AgreementPlan:
        """The agreement under which the institute's money of the year runs."""
        order = self._order_of(key, year)
        number = _number(key, order)
        return next(one for one in self.agreements if one.number == number)

    def days_of(self, agreement: AgreementPlan, year: int) -> tuple[date, date]:
        """The first day of the year under the agreement, and the first after the last."""
        period = self.profile.fiscal_year(year)
        institute = self.institutes[agreement.institute]
        ends_on = min(agreement.ends_on, institute.ended_on or agreement.ends_on)
        return max(period.starts_on, agreement.starts_on), min(period.ends_on, ends_on)

    def _order_of(self, key: str, year: int) -> int:
        """Which of the institute's terms holds the middle of the year, or its first day."""
        middle = self.profile.fiscal_year(year).starts_on + timedelta(days=HALF_YEAR_DAYS)
        day = max(self.institutes[key].established_on, middle)
        return next(
            order
            for order, (starts_on, ends_on) in enumerate(self.terms[key], 1)
            if starts_on <= day < ends_on
        )

    def _agree(self, key: str) -> None:
        years = [year for (one, year) in self.federal if one == key]
        for order, (starts_on, ends_on) in enumerate(self.terms[key], 1):
            number = _number(key, order)
            planned = {
                year: self.federal[key, year]
                for year in years
                if self._order_of(key, year) == order
            }
            if not planned:
                continue
            planned |= self._to_come(key, planned, ends_on)
            total = -(-sum(planned.values()) // AWARD_ROUNDING_MINOR) * AWARD_ROUNDING_MINOR
            self.planned[number] = planned
            self.agreements.append(
                AgreementPlan(
                    number,
                    key,
                    self.institutes[key].agency,
                    starts_on,
                    ends_on,
                    total,
                    parts=tuple(
                        (agency, total * share_bp // BASIS_POINTS)
                        for agency, share_bp in cases.PARTS.get(number, ())
                    ),
                    renews=_number(key, order - 1) if order > 1 else "",
                    title=_TITLES.get(number, ""),
                )
            )

    def _to_come(self, key: str, planned: Mapping[int, int], ends_on: date) -> dict[int, int]:
        """What a running award plans for the years after those that it has had, falling on."""
        if ends_on <= self.last_day:
            return {}
        character = cases.character_of(key)
        before = max(planned)
        last = self.profile.fiscal_year_of(ends_on - timedelta(days=1)).year
        left = planned[before] * character.left_bp // BASIS_POINTS
        to_come = {}
        for year in range(before + 1, last + 1):
            left = left * character.keep_bp // BASIS_POINTS
            to_come[year] = left
        return to_come

    def _fund(self, agreement: AgreementPlan, year: int, amount: int) -> None:
        starts_on, ends_on = self.days_of(agreement, year)
        shares = _shares(agreement, amount)
        for sponsor, part in shares:
            self.authorisations.append(
                AuthorisationPlan(agreement.number, starts_on, part, sponsor)
            )
        span = (ends_on - starts_on).days
        times = 2 if span >= SHORT_YEAR_DAYS else 1
        step = span // times
        months = step // 30 if times > 1 else _HALF_YEAR_MONTHS
        offset = self.random.randrange(4, 20)
        days = [starts_on + timedelta(days=offset + step * place) for place in range(times)]
        weights = [self.random.randrange(45, 56) for _day in days]
        for sponsor, part in shares:
            halves = split_by_largest_remainder(part, weights)
            for day, half in zip(days, halves, strict=True):
                self._obligate(agreement, day, half, sponsor, months)

    def _obligate(
        self, agreement: AgreementPlan, on: date, amount: int, sponsor: str, months: int
    ) -> None:
        ended_on = self.institutes[agreement.institute].ended_on
        last = min(agreement.ends_on - timedelta(days=1), self.last_day)
        if ended_on is not None:
            last = min(last, ended_on - timedelta(days=1))
        days = [day for day in _months_after(on, months) if day <= last] or [on]
        is_closing = agreement.ends_on <= self.last_day
        drawn = amount if is_closing else amount * len(days) // months
        weights = [self.random.randrange(7, 14) for _day in days]
        parts = split_by_largest_remainder(drawn, weights)
        draws = tuple(DrawPlan(*pair) for pair in zip(days, parts, strict=True) if pair[1])
        self.obligations.append(
            ObligationPlan(agreement.number, on, amount, draws, sponsor, ended_on)
        )

    def _authorise_next(self, agreement: AgreementPlan) -> None:
        """A running award has the first year to come at its disposal."""
        amount = self.planned[agreement.number].get(DEMONSTRATION_YEAR + 1, 0)
        if amount and self.institutes[agreement.institute].ended_on is None:
            for sponsor, part in _shares(agreement, amount):
                self.authorisations.append(
                    AuthorisationPlan(agreement.number, self.last_day, part, sponsor)
                )


def in_force(
    profile: JurisdictionProfile, institutes: Sequence[InstitutePlan], year: int
) -> list[InstitutePlan]:
    """The institutes that stand for at least a month of the fiscal year, in their given order."""
    period = profile.fiscal_year(year)
    month = timedelta(days=30)
    return [
        institute
        for institute in institutes
        if institute.established_on + month < period.ends_on
        and (institute.ended_on is None or institute.ended_on > period.starts_on)
        and period.year >= FIRST_YEAR
    ]


def _federal_by_year(
    profile: JurisdictionProfile, institutes: Sequence[InstitutePlan], scale: int
) -> dict[tuple[str, int], int]:
    amounts: dict[tuple[str, int], int] = {}
    for totals in TOTALS:
        open_then = in_force(profile, institutes, totals.year)
        ages = {
            one.key: totals.year - profile.fiscal_year_of(one.established_on).year
            for one in open_then
        }
        weights = {
            one.key: one.federal_minor // MILLION_MINOR * STAGE_WEIGHTS[ages[one.key]]
            for one in open_then
        }
        most = {
            key: amounts[key, totals.year - 1] * cases.character_of(key).keep_bp // BASIS_POINTS
            for key, age in ages.items()
            if age >= FALLS_AFTER_YEARS
        }
        total = totals.federal_musd * MILLION_MINOR * scale
        for key, part in _within(total, weights, most).items():
            amounts[key, totals.year] = part
    return amounts


def _within(total: int, weights: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """The total by weight, where no part goes beyond its most; what is cut goes to the others."""
    found: dict[str, int] = {}
    while True:
        free = {key: weight for key, weight in weights.items() if key not in found}
        parts = split_by_largest_remainder(total - sum(found.values()), list(free.values()))
        split = dict(zip(free, parts, strict=True))
        beyond = {key: most[key] for key, part in split.items() if part > most.get(key, part)}
        if not beyond:
            return {key: (found | split)[key] for key in weights}
        found |= beyond


def _terms(institute: InstitutePlan) -> Iterator[tuple[date, date]]:
    """A first term and one that renews it, no longer than the first."""
    years = cases.character_of(institute.key).years
    first = institute.established_on
    second, third = (first.replace(year=first.year + times * years) for times in (1, 2))
    yield first, second
    yield second, third


def _number(key: str, order: int) -> str:
    return f"DEMO-{key}-{order}"


def _shares(agreement: AgreementPlan, amount: int) -> list[tuple[str, int]]:
    """The amount by sponsor in proportion to what each gives; the leading agency has no name."""
    lead = agreement.federal_minor - sum(part for _agency, part in agreement.parts)
    names = ["", *(agency for agency, _part in agreement.parts)]
    weights = [lead, *(part for _agency, part in agreement.parts)]
    return list(zip(names, split_by_largest_remainder(amount, weights), strict=True))


def _months_after(on: date, months: int) -> Iterator[date]:
    """A day in each of the months that follow."""
    for ahead in range(1, months + 1):
        place = on.year * 12 + on.month - 1 + ahead
        yield date(place // 12, place % 12 + 1, DRAW_DAY)
