"""How federal and non-federal money of an institute compare, read live from the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import Agreement, AgreementSponsor, Contribution, DaySum
from lineshaft.apps.funding.queries.counted import (
    DRAWN_SUMS,
    OBLIGATED_SUMS,
    OF_DAYS,
    accepted_of,
    drawn_minor,
    in_scope,
    obligated_minor,
)
from lineshaft.apps.funding.queries.standing import subject_of, waivers_of
from lineshaft.apps.funding.rules import (
    AgreementState,
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
    on = today if period is None else min(period.last_day, today)
    return _Institute(institute).position(period, _moved(institute, period), on)


def match_overview(
    institute: str, *, today: date
) -> tuple[MatchPosition, tuple[MatchPosition, ...]]:
    """The position of all years together, and that of each, oldest first, from one reading."""
    profile = profile_in_use()
    read = _Institute(institute)
    by_year: dict[int, list[DayMeasure]] = defaultdict(list)
    moved = _moved(institute, None)
    for one in moved:
        by_year[profile.fiscal_year_of(one.day).year].append(one)
    periods = [profile.fiscal_year(year) for year in sorted(by_year)]
    years = tuple(
        read.position(period, by_year[period.year], min(period.last_day, today))
        for period in periods
    )
    return read.position(None, moved, today), years


@dataclass(frozen=True, slots=True)
class DayMeasure:
    """What a day brought one agreement by one measure."""

    agreement_id: int
    day: date
    measure: str
    amount_minor: int


class _Institute:
    """What is read once of an institute: whose rules bind it, and what waivers lift of them."""

    def __init__(self, key: str) -> None:
        self.profile = profile_in_use()
        self.agencies, self.subject = _agency_keys(key), matching_subject(key)
        self.waivers: Mapping[int, Mapping[str, tuple[Lifted, ...]]] = waivers_of(
            Agreement.objects.filter(institute__key=key).order_by().values("pk")
        )

    def position(
        self, period: FiscalPeriod | None, moved: Iterable[DayMeasure], on: date
    ) -> MatchPosition:
        """The position of what moved, under the rule as it stands on that day."""
        totals, obligated = Counter[str](), Counter[int]()
        for one in moved:
            totals[one.measure] += one.amount_minor
            obligated[one.agreement_id] += one.amount_minor if one.measure == "obligated" else 0
        rule = _strictest_rule(self.profile, self.agencies, on, self.subject)
        return MatchPosition(
            period=period,
            currency=self.profile.currency,
            obligated_minor=totals["obligated"],
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


def _moved(institute: str, period: FiscalPeriod | None) -> list[DayMeasure]:
    """For each measure and agreement the sums by day: as many rows as days, not as records.

    Plain columns, since SQLite would call back into Python for each row to cut a date.
    """
    currency = profile_in_use().currency
    transfers = (
        in_scope(
            DaySum.objects.filter(OBLIGATED_SUMS | DRAWN_SUMS, agreement__currency=currency),
            period,
            institute,
        )
        .order_by("occurred_on")
        .values("agreement_id", "occurred_on")
        .annotate(obligated=Sum(obligated_minor(OF_DAYS)), drawn=Sum(drawn_minor(OF_DAYS)))
    )
    contributions = (
        in_scope(
            accepted_of(Contribution.objects.filter(currency=currency), is_cash=None),
            period,
            institute,
        )
        .order_by("occurred_on", "is_cash")
        .values("agreement_id", "occurred_on", "is_cash")
        .annotate(counted=Sum("accepted_minor"))
    )
    found = []
    for row in transfers:
        found += [
            DayMeasure(row["agreement_id"], row["occurred_on"], measure, row[measure])
            for measure in ("obligated", "drawn")
        ]
    for part in contributions:
        measure = "cash" if part["is_cash"] else "in_kind"
        found.append(
            DayMeasure(part["agreement_id"], part["occurred_on"], measure, part["counted"])
        )
    return found


def matching_subject(institute: str) -> MatchingSubject:
    """Whose money a matching rule is about: an institute's, or an extension centre's."""
    kind = Institute.objects.filter(key=institute).values_list("kind", flat=True).first()
    return subject_of(kind or "")


def _agency_keys(institute: str) -> list[str]:
    return list(
        AgreementSponsor.objects.filter(agreement__institute__key=institute)
        .exclude(agreement__state=AgreementState.DRAFT)
        .order_by("agency__key")
        .values_list("agency__key", flat=True)
        .distinct()
    )


def _strictest_rule(
    profile: JurisdictionProfile, agency_keys: list[str], on: date, subject: MatchingSubject
) -> MatchingRule | None:
    return rules.strictest(
        rule
        for key in agency_keys
        for rule in profile.matching_rules_in_force(on, key, subject=subject)
    )
