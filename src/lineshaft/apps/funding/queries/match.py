"""How federal and non-federal money of an institute compare, read live from the ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import AgreementSponsor, Contribution, DaySum
from lineshaft.apps.funding.queries.counted import (
    DRAWN_SUMS,
    OBLIGATED_SUMS,
    OF_DAYS,
    accepted_of,
    drawn_minor,
    in_scope,
    obligated_minor,
)
from lineshaft.apps.funding.rules import (
    AgreementState,
    ContributionState,
    MatchStanding,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.network.rules import RecipientKind
from lineshaft.kernel.jurisdiction import JurisdictionProfile, MatchingRule, MatchingSubject
from lineshaft.kernel.periods import FiscalPeriod


@dataclass(frozen=True, slots=True)
class MatchPosition:
    """What an institute has from the agencies and from others, and how that stands under the rule.

    Amounts are minor units of `currency`, of transfers and contributions dated in the period;
    `period` None is from the first day to the last. `rule` None: no matching rule binds.
    """

    period: FiscalPeriod | None
    currency: str
    obligated_minor: int
    drawn_minor: int
    cash_minor: int
    in_kind_minor: int
    rule: MatchingRule | None

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
    def standing(self) -> MatchStanding:
        """How the position stands under the rule that binds it."""
        return rules.match_standing(self.obligated_minor, self.nonfederal_minor, self.rule)

    @property
    def missing_minor(self) -> int:
        """What is still wanted to meet the rule, zero where it is met or none binds."""
        if self.rule is None:
            return 0
        return max(0, self.rule.nonfederal_needed(self.obligated_minor) - self.nonfederal_minor)


def match_position(
    institute: str, period: FiscalPeriod | None = None, *, today: date
) -> MatchPosition:
    """How the institute stands now, read live from the ledger; its totals are public.

    Of several agencies' rules the strictest counts, as in force on the period's last day, or on
    `today` where the period is still running or None.
    """
    return _position(institute, period, _rule_for(institute, period, today))


def match_overview(
    institute: str, *, today: date
) -> tuple[MatchPosition, tuple[MatchPosition, ...]]:
    """The position of all years together, and that of each, oldest first, from one reading."""
    profile = profile_in_use()
    agencies, subject = _agency_keys(institute), matching_subject(institute)
    sums: dict[int, dict[str, int]] = {}
    for measure, days in _sums_by_day(institute, profile.currency).items():
        for day, amount_minor in days:
            year = sums.setdefault(profile.fiscal_year_of(day).year, {})
            year[measure] = year.get(measure, 0) + amount_minor

    def position(
        period: FiscalPeriod | None, moved: Iterable[Mapping[str, int]], on: date
    ) -> MatchPosition:
        totals = Counter[str]()
        for one in moved:
            totals.update(one)
        return MatchPosition(
            period=period,
            currency=profile.currency,
            obligated_minor=totals["obligated"],
            drawn_minor=totals["drawn"],
            cash_minor=totals["cash"],
            in_kind_minor=totals["in_kind"],
            rule=_strictest_rule(profile, agencies, on, subject),
        )

    periods = [profile.fiscal_year(year) for year in sorted(sums)]
    years = tuple(
        position(period, [sums[period.year]], min(period.last_day, today)) for period in periods
    )
    return position(None, sums.values(), today), years


def _position(
    institute: str, period: FiscalPeriod | None, rule: MatchingRule | None
) -> MatchPosition:
    currency = profile_in_use().currency
    moved = DaySum.objects.filter(OBLIGATED_SUMS | DRAWN_SUMS, agreement__currency=currency)
    federal = in_scope(moved, period, institute).aggregate(
        obligated=Sum(obligated_minor(OF_DAYS)), drawn=Sum(drawn_minor(OF_DAYS))
    )
    accepted = in_scope(
        Contribution.objects.filter(currency=currency, state=ContributionState.ACCEPTED),
        period,
        institute,
    ).aggregate(
        cash=Sum("accepted_minor", filter=Q(is_cash=True)),
        in_kind=Sum("accepted_minor", filter=Q(is_cash=False)),
    )
    return MatchPosition(
        period=period,
        currency=currency,
        obligated_minor=federal["obligated"] or 0,
        drawn_minor=federal["drawn"] or 0,
        cash_minor=accepted["cash"] or 0,
        in_kind_minor=accepted["in_kind"] or 0,
        rule=rule,
    )


def _sums_by_day(institute: str, currency: str) -> dict[str, list[tuple[date, int]]]:
    """For each measure the sums by day: as many rows as days, however many records.

    Plain columns, since SQLite would call back into Python for each row to cut a date.
    """
    transfers = (
        DaySum.objects.filter(
            OBLIGATED_SUMS | DRAWN_SUMS,
            agreement__institute__key=institute,
            agreement__currency=currency,
        )
        .order_by("occurred_on")
        .values("occurred_on")
        .annotate(obligated=Sum(obligated_minor(OF_DAYS)), drawn=Sum(drawn_minor(OF_DAYS)))
    )
    of_institute = Contribution.objects.filter(
        agreement__institute__key=institute, currency=currency
    )
    contributions = (
        accepted_of(of_institute, is_cash=None)
        .order_by("occurred_on", "is_cash")
        .values("occurred_on", "is_cash")
        .annotate(counted=Sum("accepted_minor"))
    )
    sums: dict[str, list[tuple[date, int]]] = {
        "obligated": [],
        "drawn": [],
        "cash": [],
        "in_kind": [],
    }
    for row in transfers:
        sums["obligated"].append((row["occurred_on"], row["obligated"]))
        sums["drawn"].append((row["occurred_on"], row["drawn"]))
    for part in contributions:
        sums["cash" if part["is_cash"] else "in_kind"].append(
            (part["occurred_on"], part["counted"])
        )
    return sums


def _rule_for(institute: str, period: FiscalPeriod | None, today: date) -> MatchingRule | None:
    on = today if period is None else min(period.last_day, today)
    subject = matching_subject(institute)
    return _strictest_rule(profile_in_use(), _agency_keys(institute), on, subject)


def matching_subject(institute: str) -> MatchingSubject:
    """Whose money a matching rule is about: an institute's, or an extension centre's."""
    is_centre = Institute.objects.filter(
        key=institute, kind=RecipientKind.EXTENSION_CENTRE
    ).exists()
    return MatchingSubject.EXTENSION_CENTRE if is_centre else MatchingSubject.INSTITUTE


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
