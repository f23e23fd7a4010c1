"""How federal and non-federal money of an institute compare, read live from the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, AgreementSponsor
from lineshaft.apps.funding.queries.money import money_by_year
from lineshaft.apps.funding.queries.standing import subject_of, waivers_of
from lineshaft.apps.funding.rules import (
    AgreementState,
    DayMoney,
    Lifted,
    LiftedPart,
    LiftedRule,
    MatchStanding,
    lifted_rule,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MatchingRule, MatchingSubject
from lineshaft.kernel.periods import FiscalPeriod


@dataclass(frozen=True, slots=True)
class MatchPosition:
    """What an institute has from the agencies and from others, and how that stands under the rule.

    Amounts are minor units of `currency`, of transfers and contributions dated in the period;
    `period` None is from the first day to the last. `rule` None: no matching rule binds. `parts`
    are the federal money by agreement, each with the rule as the agreement's waivers leave it.
    """

    period: FiscalPeriod | None
    currency: str
    obligated_minor: int
    drawn_minor: int
    cash_minor: int
    in_kind_minor: int
    rule: MatchingRule | None
    parts: tuple[LiftedPart, ...] = ()

    @property
    def nonfederal_minor(self) -> int:
        """Accepted cost share, cash and in-kind."""
        return self.cash_minor + self.in_kind_minor

    @property
    def ratio(self) -> Decimal | None:
        """Non-federal over federal money obligated."""
        return rules.match_ratio(self.obligated_minor, self.nonfederal_minor)

    @property
    def share_bp(self) -> int | None:
        """The non-federal part of the whole."""
        return rules.nonfederal_share_bp(self.obligated_minor, self.nonfederal_minor)

    @property
    def needed_minor(self) -> int | None:
        """The non-federal money that meets the rule, waivers counted; None where none binds."""
        return None if self.rule is None else rules.nonfederal_needed(self.parts)

    @property
    def is_waived(self) -> bool:
        """Whether a waiver lifts something of the rule."""
        if self.rule is None:
            return False
        whole = LiftedRule(self.rule.share_bp)
        return any(part.lifted != whole for part in self.parts)

    @property
    def standing(self) -> MatchStanding:
        """How the position stands under the rule that binds it."""
        return rules.match_standing(self.obligated_minor, self.nonfederal_minor, self.needed_minor)

    @property
    def missing_minor(self) -> int:
        """What is still wanted to meet the rule, zero where it is met or none binds."""
        return max(0, (self.needed_minor or 0) - self.nonfederal_minor)


def match_position(
    institute: str, period: FiscalPeriod | None = None, *, today: date
) -> MatchPosition:
    """How the institute stands now, read live from the ledger; its totals are public.

    Of several agencies' rules the strictest counts, as in force on the period's last day, or on
    `today` where the period is still running or None, and as the waivers in force on that day
    leave it of each agreement's money.
    """
    read = read_institute(institute, matching_subject(institute))
    money = money_by_year(read.ids, read.profile)
    if period is None:
        return read.position(None, money, today)
    within = {pk: [one for one in of if period.contains(one.day)] for pk, of in money.items()}
    return read.position(period, within, min(period.last_day, today))


def match_overview(
    institute: str, *, today: date
) -> tuple[MatchPosition, tuple[MatchPosition, ...]]:
    """The position of all years together, and that of each, oldest first, from one reading."""
    read = read_institute(institute, matching_subject(institute))
    return read.overview(money_by_year(read.ids, read.profile), today)


@dataclass(frozen=True, slots=True)
class InstituteRead:
    """What is read once of an institute: whose rules bind it, and what waivers lift of them.

    `ids` are its agreements in the network's currency, of which alone the money is summed.
    """

    profile: JurisdictionProfile
    agencies: tuple[str, ...]
    subject: MatchingSubject
    ids: tuple[int, ...]
    waivers: Mapping[int, Mapping[str, tuple[Lifted, ...]]]

    def overview(
        self, money: Mapping[int, tuple[DayMoney, ...]], today: date
    ) -> tuple[MatchPosition, tuple[MatchPosition, ...]]:
        """The position of all years together, and that of each, oldest first."""
        by_year: dict[int, dict[int, list[DayMoney]]] = defaultdict(lambda: defaultdict(list))
        for pk in self.ids:
            for one in money.get(pk, ()):
                by_year[self.profile.fiscal_year_of(one.day).year][pk].append(one)
        periods = [self.profile.fiscal_year(year) for year in sorted(by_year)]
        years = tuple(
            self.position(period, by_year[period.year], min(period.last_day, today))
            for period in periods
        )
        return self.position(None, money, today), years

    def position(
        self, period: FiscalPeriod | None, money: Mapping[int, Sequence[DayMoney]], on: date
    ) -> MatchPosition:
        """The position of what moved, under the rule as it stands on that day."""
        totals, obligated = Counter[str](), Counter[int]()
        for pk in self.ids:
            for one in money.get(pk, ()):
                obligated[pk] += one.federal_minor
                totals["drawn"] += one.drawn_minor
                totals["cash"] += one.cash_minor
                totals["in_kind"] += one.in_kind_minor
        rule = _strictest_rule(self.profile, self.agencies, on, self.subject)
        return MatchPosition(
            period=period,
            currency=self.profile.currency,
            obligated_minor=obligated.total(),
            drawn_minor=totals["drawn"],
            cash_minor=totals["cash"],
            in_kind_minor=totals["in_kind"],
            rule=rule,
            parts=self._parts(rule, obligated, on) if rule else (),
        )

    def _parts(
        self, rule: MatchingRule, obligated: Mapping[int, int], on: date
    ) -> tuple[LiftedPart, ...]:
        """The money of agreements with a waiver each by itself, and all the rest as one."""
        rest = sum(amount for pk, amount in obligated.items() if pk not in self.waivers)
        return (
            LiftedPart(rest, LiftedRule(rule.share_bp)),
            *(
                LiftedPart(amount, lifted_rule(rule, self.waivers[pk].get(rule.id, ()), on))
                for pk, amount in sorted(obligated.items())
                if pk in self.waivers
            ),
        )


def read_institute(key: str, subject: MatchingSubject) -> InstituteRead:
    """What the positions of an institute are read with; three queries."""
    profile = profile_in_use()
    agreements = dict(
        Agreement.objects.filter(institute__key=key).order_by("pk").values_list("pk", "currency")
    )
    return InstituteRead(
        profile,
        _agency_keys(key),
        subject,
        tuple(pk for pk, currency in agreements.items() if currency == profile.currency),
        waivers_of(agreements),
    )


def matching_subject(institute: str) -> MatchingSubject:
    """Whose money a matching rule is about: an institute's, or an extension centre's."""
    kind = Institute.objects.filter(key=institute).values_list("kind", flat=True).first()
    return subject_of(kind or "")


def _agency_keys(institute: str) -> tuple[str, ...]:
    return tuple(
        AgreementSponsor.objects.filter(agreement__institute__key=institute)
        .exclude(agreement__state=AgreementState.DRAFT)
        .order_by("agency__key")
        .values_list("agency__key", flat=True)
        .distinct()
    )


def _strictest_rule(
    profile: JurisdictionProfile, agency_keys: Iterable[str], on: date, subject: MatchingSubject
) -> MatchingRule | None:
    return rules.strictest(
        rule
        for key in agency_keys
        for rule in profile.matching_rules_in_force(on, key, subject=subject)
    )
