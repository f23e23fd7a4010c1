"""The plan of the demonstration: who joins what and when, as plain values, before it is stored.

Everything follows from the seed and the scale. Members of a year are met exactly: those who stay,
plus as many new ones as the year's total wants. Money is spread over the institutes in force by
their published initial funding and split by largest remainder, so that parts sum to the total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from lineshaft.demonstration import calibration
from lineshaft.demonstration.calibration import FIRST_YEAR, KIND_SHARES, TOTALS, TOTALS_OF
from lineshaft.demonstration.names import organisation_names, place_name
from lineshaft.kernel.money import split_by_largest_remainder
from lineshaft.kernel.profile import JurisdictionProfile

SEED: Final = 20221001
MILLION_MINOR: Final = 100_000_000
"""A million of the currency in minor units."""

AWARD_ROUNDING_MINOR: Final = MILLION_MINOR
OBLIGATIONS_A_YEAR: Final = 4
IN_KIND: Final = (
    ("personnel", 52),
    ("equipment_loaned", 14),
    ("equipment_donated", 10),
    ("supplies", 12),
    ("space", 8),
    ("licence", 4),
)


@dataclass(frozen=True, slots=True)
class InstitutePlan:
    """What the plan needs to know of an institute; money in minor units."""

    key: str
    agency: str
    established_on: date
    ended_on: date | None
    federal_minor: int
    nonfederal_minor: int


@dataclass(frozen=True, slots=True)
class OrganisationPlan:
    """An organisation to register; `number` tells them apart within the plan."""

    number: int
    name: str
    kind: str
    place: str
    region: str


@dataclass(frozen=True, slots=True)
class MembershipPlan:
    """An agreement of an organisation with an institute over `[starts_on, ends_on)`."""

    organisation: int
    institute: str
    tier: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class AgreementPlan:
    """A cooperative agreement and what the agency authorises under it."""

    number: str
    institute: str
    agency: str
    starts_on: date
    ends_on: date
    federal_minor: int


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """A drawdown of part of an obligation."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ObligationPlan:
    """An obligation under an agreement, with its drawdowns in order of date."""

    agreement: str
    on: date
    amount_minor: int
    draws: tuple[DrawPlan, ...]


@dataclass(frozen=True, slots=True)
class ContributionPlan:
    """A contribution; `state` is what it has come to: recorded, accepted or refused."""

    agreement: str
    institute: str
    organisation: int
    kind: str
    on: date
    amount_minor: int
    state: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole demonstration at one scale."""

    organisations: tuple[OrganisationPlan, ...]
    memberships: tuple[MembershipPlan, ...]
    agreements: tuple[AgreementPlan, ...]
    obligations: tuple[ObligationPlan, ...]
    contributions: tuple[ContributionPlan, ...]


def make_plan(
    profile: JurisdictionProfile,
    institutes: Sequence[InstitutePlan],
    regions: Sequence[str],
    *,
    scale: int,
) -> Plan:
    """The plan for these institutes at that scale; the same values give the same plan."""
    random = Random(SEED)
    members = _Members(random, profile, institutes, regions, scale)
    members.grow()
    money = _Money(random, profile, institutes, members.memberships, scale)
    money.spread()
    return Plan(
        tuple(members.organisations),
        tuple(members.memberships),
        tuple(money.agreements),
        tuple(money.obligations),
        tuple(money.contributions),
    )


class _Members:
    """Grows the membership year by year to the published totals."""

    def __init__(
        self,
        random: Random,
        profile: JurisdictionProfile,
        institutes: Sequence[InstitutePlan],
        regions: Sequence[str],
        scale: int,
    ) -> None:
        self.random = random
        self.profile = profile
        self.institutes = institutes
        self.regions = regions
        self.scale = scale
        self.organisations: list[OrganisationPlan] = []
        self.memberships: list[MembershipPlan] = []
        taken: set[str] = set()
        self._names = {kind: organisation_names(random, kind, taken) for kind in KIND_SHARES}
        self._kinds = list(KIND_SHARES)
        self._kind_counts = dict.fromkeys(KIND_SHARES, 0)

    def grow(self) -> None:
        """Fill both lists."""
        standing: list[int] = []
        kind_of: dict[int, str] = {}
        leaving_on: dict[int, date] = {}
        joined: dict[int, list[tuple[str, date]]] = {}
        for totals in TOTALS:
            wanted = totals.members * self.scale
            for _new in range(max(0, wanted - len(standing))):
                organisation = self._register()
                kind_of[organisation.number] = organisation.kind
                standing.append(organisation.number)
                joined[organisation.number] = self._institutes_of(totals.year)
            is_last = totals is TOTALS[-1]
            leavers = 0 if is_last else self._leavers(totals.year, len(standing))
            self.random.shuffle(standing)
            for number in standing[:leavers]:
                leaving_on[number] = self._day_of(totals.year, not_before=joined[number][-1][1])
                self._kind_counts[kind_of[number]] -= 1
            standing = standing[leavers:]
        self._agree(kind_of, joined, leaving_on)

    def _leavers(self, year: int, standing: int) -> int:
        """Churn, and as many more as the next year's total is smaller."""
        churn = standing * calibration.CHURN_BP // 10_000
        shrinks_by = standing - TOTALS_OF[year + 1].members * self.scale
        return max(churn, shrinks_by)

    def _register(self) -> OrganisationPlan:
        shares = KIND_SHARES
        kind = min(self._kinds, key=lambda name: self._kind_counts[name] / shares[name])
        self._kind_counts[kind] += 1
        organisation = OrganisationPlan(
            number=len(self.organisations),
            name=next(self._names[kind]),
            kind=kind,
            place=place_name(self.random),
            region=self.random.choice(self.regions),
        )
        self.organisations.append(organisation)
        return organisation

    def _institutes_of(self, year: int) -> list[tuple[str, date]]:
        open_then = in_force(self.profile, self.institutes, year)
        weights = [_size(institute) for institute in open_then]
        count = 2 if self.random.randrange(10_000) < calibration.SECOND_MEMBERSHIP_BP else 1
        chosen: dict[str, date] = {}
        for institute in self.random.choices(open_then, weights, k=count):
            chosen[institute.key] = self._day_of(year, not_before=institute.established_on)
        return sorted(chosen.items(), key=lambda pair: pair[1])

    def _day_of(self, year: int, *, not_before: date) -> date:
        period = self.profile.fiscal_year(year)
        first = max(period.starts_on, not_before) + timedelta(days=1)
        # The year's last day is left free, so that who joins late can still leave in the year.
        last = period.ends_on - timedelta(days=2)
        return first + timedelta(days=self.random.randrange(max(1, (last - first).days + 1)))

    def _agree(
        self,
        kind_of: dict[int, str],
        joined: dict[int, list[tuple[str, date]]],
        leaving_on: dict[int, date],
    ) -> None:
        for number, chosen in joined.items():
            for institute, starts_on in chosen:
                self.memberships.append(
                    MembershipPlan(
                        number,
                        institute,
                        calibration.TIER_OF_KIND[kind_of[number]],
                        starts_on,
                        leaving_on.get(number),
                    )
                )


class _Money:
    """Spreads each year's federal and non-federal money over institutes, agreements and members."""

    def __init__(
        self,
        random: Random,
        profile: JurisdictionProfile,
        institutes: Sequence[InstitutePlan],
        memberships: Sequence[MembershipPlan],
        scale: int,
    ) -> None:
        self.random = random
        self.profile = profile
        self.institutes = institutes
        self.memberships = memberships
        self.scale = scale
        self.agreements: list[AgreementPlan] = []
        self.obligations: list[ObligationPlan] = []
        self.contributions: list[ContributionPlan] = []
        self._members_of: dict[str, list[MembershipPlan]] = {}
        for membership in memberships:
            self._members_of.setdefault(membership.institute, []).append(membership)

    def spread(self) -> None:
        """Fill the three lists."""
        federal = self._federal_by_year()
        self._agree(federal)
        for (key, year), amount in federal.items():
            self._obligate(key, year, amount)
        for totals in TOTALS:
            self._contribute(totals, federal)

    def _federal_by_year(self) -> dict[tuple[str, int], int]:
        amounts: dict[tuple[str, int], int] = {}
        for totals in TOTALS:
            open_then = in_force(self.profile, self.institutes, totals.year)
            weights = [institute.federal_minor for institute in open_then]
            total = totals.federal_musd * MILLION_MINOR * self.scale
            parts = split_by_largest_remainder(total, weights)
            for institute, part in zip(open_then, parts, strict=True):
                amounts[institute.key, totals.year] = part
        return amounts

    def _terms(self, institute: InstitutePlan) -> list[tuple[date, date]]:
        """The first five years, and the five that follow, as agreements run."""
        first = institute.established_on
        second = date(first.year + 5, first.month, 1)
        return [(first, second), (second, date(second.year + 7, second.month, 1))]

    def _agree(self, federal: dict[tuple[str, int], int]) -> None:
        for institute in self.institutes:
            for order, (starts_on, ends_on) in enumerate(self._terms(institute), 1):
                awarded = sum(
                    amount
                    for (key, year), amount in federal.items()
                    if key == institute.key
                    and starts_on <= self._reference_day(institute, year) < ends_on
                )
                if awarded:
                    rounded = -(-awarded // AWARD_ROUNDING_MINOR) * AWARD_ROUNDING_MINOR
                    self.agreements.append(
                        AgreementPlan(
                            f"DEMO-{institute.key}-{order}",
                            institute.key,
                            institute.agency,
                            starts_on,
                            ends_on,
                            rounded,
                        )
                    )

    def _reference_day(self, institute: InstitutePlan, year: int) -> date:
        """The day of the year by which it is told under which agreement the year's money runs."""
        last = self.profile.fiscal_year(year).ends_on - timedelta(days=1)
        return max(institute.established_on, last)

    def _agreement_of(self, key: str, year: int) -> AgreementPlan:
        institute = next(item for item in self.institutes if item.key == key)
        day = self._reference_day(institute, year)
        return next(
            agreement
            for agreement in self.agreements
            if agreement.institute == key and agreement.starts_on <= day < agreement.ends_on
        )

    def _obligate(self, key: str, year: int, amount: int) -> None:
        agreement = self._agreement_of(key, year)
        weights = [self.random.randrange(2, 10) for _part in range(OBLIGATIONS_A_YEAR)]
        for part in split_by_largest_remainder(amount, weights):
            on = self._day(year, agreement.starts_on)
            self.obligations.append(
                ObligationPlan(agreement.number, on, part, self._draws(part, on, year))
            )

    def _draws(self, amount: int, on: date, year: int) -> tuple[DrawPlan, ...]:
        last = self.profile.fiscal_year(year + 1).ends_on - timedelta(days=1)
        if year == TOTALS[-1].year:
            last = self.profile.fiscal_year(year).ends_on - timedelta(days=1)
        count = self.random.randrange(1, 6)
        drawn = amount * self.random.randrange(86, 100) // 100
        parts = split_by_largest_remainder(
            drawn, [self.random.randrange(1, 9) for _i in range(count)]
        )
        days = sorted(self.random.randrange(max(1, (last - on).days + 1)) for _i in range(count))
        return tuple(
            DrawPlan(on + timedelta(days=day), part)
            for day, part in zip(days, parts, strict=True)
            if part
        )

    def _contribute(
        self, totals: calibration.YearTotals, federal: dict[tuple[str, int], int]
    ) -> None:
        open_then = in_force(self.profile, self.institutes, totals.year)
        weights = [
            federal[institute.key, totals.year]
            * institute.nonfederal_minor
            // institute.federal_minor
            for institute in open_then
        ]
        total = totals.nonfederal_musd * MILLION_MINOR * self.scale
        amounts = split_by_largest_remainder(total, weights)
        counts = split_by_largest_remainder(totals.contributions * self.scale, weights)
        is_demonstrated = totals.year == calibration.DEMONSTRATION_YEAR
        for institute, amount, count in zip(open_then, amounts, counts, strict=True):
            agreement = self._agreement_of(institute.key, totals.year)
            self._contribute_to(agreement, totals.year, amount, max(1, count))
            if is_demonstrated:
                self._leave_open(agreement, totals.year, amount, max(1, count))

    def _contribute_to(self, agreement: AgreementPlan, year: int, total: int, count: int) -> None:
        weights = [int(self.random.lognormvariate(0.0, 1.1) * 1000) + 1 for _part in range(count)]
        cash_left = total * calibration.CASH_BP // 10_000
        givers = self._givers(agreement.institute, year)
        for amount in split_by_largest_remainder(total, weights):
            is_cash = cash_left >= amount and self.random.randrange(10_000) < 5000
            cash_left -= amount if is_cash else 0
            self._add(
                agreement,
                year,
                givers=givers,
                amount=amount,
                kind="cash" if is_cash else "",
                state="accepted",
            )

    def _leave_open(self, agreement: AgreementPlan, year: int, total: int, count: int) -> None:
        """Contributions of the year that wait for acceptance, and some that were refused."""
        givers = self._givers(agreement.institute, year)
        for share, state in (
            (calibration.PENDING_BP, "recorded"),
            (calibration.REFUSED_BP, "refused"),
        ):
            for _each in range(max(1, count * share // 10_000)):
                amount = max(1, total // count * self.random.randrange(40, 180) // 100)
                self._add(agreement, year, givers=givers, amount=amount, kind="", state=state)

    def _add(
        self,
        agreement: AgreementPlan,
        year: int,
        *,
        givers: Sequence[MembershipPlan],
        amount: int,
        kind: str,
        state: str,
    ) -> None:
        giver = self.random.choice(givers)
        names, weights = zip(*IN_KIND, strict=True)
        self.contributions.append(
            ContributionPlan(
                agreement=agreement.number,
                institute=agreement.institute,
                organisation=giver.organisation,
                kind=kind or self.random.choices(names, weights)[0],
                on=self._day(year, max(agreement.starts_on, giver.starts_on)),
                amount_minor=amount,
                state=state,
            )
        )

    def _givers(self, institute: str, year: int) -> list[MembershipPlan]:
        """Members of the institute in the year, in the order in which they joined."""
        period = self.profile.fiscal_year(year)
        return [
            membership
            for membership in self._members_of[institute]
            if membership.starts_on < period.ends_on
            and (membership.ends_on is None or membership.ends_on > period.starts_on)
        ]

    def _day(self, year: int, not_before: date) -> date:
        period = self.profile.fiscal_year(year)
        first = max(period.starts_on, not_before)
        return first + timedelta(days=self.random.randrange(max(1, (period.ends_on - first).days)))


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


def _size(institute: InstitutePlan) -> int:
    return institute.federal_minor + institute.nonfederal_minor
