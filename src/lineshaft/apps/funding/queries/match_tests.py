"""What the tests of match read of agreements, in as many queries for one as for all of them.

What is promised to an agreement is read by those who oversee it, and so is anything foreseen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Agreement,
    BudgetPeriod,
    Commitment,
    Contribution,
    ContributionSum,
    DaySum,
    Transfer,
)
from lineshaft.apps.funding.queries.commitments import left_minor_of
from lineshaft.apps.funding.queries.counted import (
    DRAWN,
    DRAWN_SUMS,
    OBLIGATED,
    OBLIGATED_SUMS,
    drawn_minor,
    obligated_minor,
)
from lineshaft.apps.funding.queries.match import MatchPosition, read_institute
from lineshaft.apps.funding.queries.money import money_of
from lineshaft.apps.funding.queries.standing import facts_with, subject_of, waivers_of
from lineshaft.apps.funding.queries.visible import (
    agreements_visible_to,
    contributions_visible_to,
    overseen_q,
    sponsors_of,
    transfers_visible_to,
)
from lineshaft.apps.funding.rules import (
    AgreementState,
    ContributionState,
    DayMoney,
    Lifted,
    MatchBooks,
    MatchStatus,
    MatchTest,
    PlannedMoney,
    Promise,
    RuleTest,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.kernel.periods import FiscalPeriod
from lineshaft.kernel.spans import Span
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

ACCEPTED = Q(state=ContributionState.ACCEPTED)
OTHER = Q(is_federal_origin=True, state__in=[ContributionState.RECORDED, ContributionState.REFUSED])
"""Federal money beside the award: no cost share, and so never accepted, but money all the same."""


@dataclass(frozen=True, slots=True)
class AgreementTest:
    """One agreement under one rule of a test."""

    agreement: Agreement
    result: RuleTest

    @property
    def lacking(self) -> Money:
        """What the test lacks where it fails, or would first fail."""
        return Money(self.result.lacking_minor, self.agreement.currency)


def foreseen_ids(actor: Actor, institute: str) -> frozenset[int]:
    """The institute's agreements of which the actor reads what is foreseen; one query."""
    of_institute = Agreement.objects.filter(institute__key=institute).order_by()
    if not actor.is_network_staff:
        of_institute = of_institute.filter(overseen_q(actor))
    return frozenset(of_institute.values_list("pk", flat=True))


def foresees(actor: Actor, agreement: Agreement) -> bool:
    """Whether the actor reads what is promised to the agreement, and so what is foreseen of it."""
    if actor.is_network_staff:
        return True
    if actor.is_anonymous:
        return False
    return Agreement.objects.filter(overseen_q(actor), pk=agreement.pk).exists()


def agreements_foreseen_by(actor: Actor) -> QuerySet[Agreement]:
    """The signed agreements of which the actor reads what is foreseen, by institute."""
    agreements = agreements_visible_to(actor).exclude(state=AgreementState.DRAFT)
    if not actor.is_network_staff:
        agreements = agreements.filter(overseen_q(actor))
    return agreements.prefetch_related(sponsors_of("sponsors")).order_by(
        "institute__key", "starts_on", "pk"
    )


def may_read_match_tests(actor: Actor) -> bool:
    """Whether there can be any agreement of which the actor reads what is foreseen."""
    return (
        actor.is_network_staff
        or bool(actor.own_institute_keys)
        or bool(actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY))
    )


def match_tests_of(agreements: Sequence[Agreement], *, today: date) -> list[AgreementTest]:
    """Every agreement under each rule of the three tests, in the order of the agreements.

    Each agreement comes with its sponsors and its institute.
    """
    return _tests(agreements, match_books(agreements, today=today), today)


@dataclass(frozen=True, slots=True)
class InstituteMatch:
    """How an institute stands in all and year by year, and each of its agreements by itself."""

    whole: MatchPosition
    years: tuple[MatchPosition, ...]
    tests: list[AgreementTest]


def institute_match(
    institute: Institute, agreements: Sequence[Agreement], *, today: date
) -> InstituteMatch:
    """The institute's position, and the tests of those of its agreements, from one reading."""
    read = read_institute(institute.key, subject_of(institute.kind))
    plan = _plan([one.pk for one in agreements])
    cuts = dict.fromkeys(read.ids, frozenset[date]()) | _cuts(agreements, plan, today)
    money = money_of(cuts, read.profile)
    books = _books(agreements, money, plan, read.waivers)
    return InstituteMatch(*read.overview(money, today), _tests(agreements, books, today))


def _tests(
    agreements: Sequence[Agreement], books: Mapping[int, MatchBooks], today: date
) -> list[AgreementTest]:
    profile = profile_in_use()
    return [
        AgreementTest(agreement, result)
        for agreement in agreements
        for result in rules.match_tests(profile, books[agreement.pk], today)
    ]


def network_match_tests(
    actor: Actor,
    *,
    today: date,
    agency: str = "",
    institute: str = "",
    test: str = "",
    status: str = "",
) -> list[AgreementTest]:
    """The tests of every agreement that the actor oversees, foreseen breaches first.

    `agency` is any sponsor's key.
    """
    agreements = agreements_foreseen_by(actor)
    if agency:
        agreements = agreements.filter(sponsors__agency__key=agency)
    if institute:
        agreements = agreements.filter(institute__key=institute)
    found = [
        one
        for one in match_tests_of(list(agreements), today=today)
        if (not test or one.result.read.test == MatchTest(test))
        and (not status or one.result.status == MatchStatus(status))
    ]
    return sorted(found, key=lambda one: rules.match_urgency(one.result))


def breaches_ahead(actor: Actor, *, today: date) -> tuple[AgreementTest, ...]:
    """The first breach foreseen within the horizon of each agreement, for who runs it.

    These are the institute's staff and the officers of its sponsors; nobody else is asked for. Of
    two rules broken on one day the one that binds by law is told.
    """
    if not (actor.own_institute_keys or actor.scope_ids(Role.AGENCY_SPONSOR, ScopeKind.AGENCY)):
        return ()
    until = today + timedelta(days=rules.HORIZON_DAYS)
    agreements = (
        agreements_visible_to(actor)
        .filter(overseen_q(actor), state=AgreementState.ACTIVE)
        .prefetch_related(sponsors_of("sponsors"))
    )
    first: dict[int, AgreementTest] = {}
    tests = match_tests_of(list(agreements), today=today)
    for one in sorted(tests, key=lambda one: rules.match_urgency(one.result)):
        breach = one.result.breach
        if (
            one.result.is_pressing
            and one.result.status is MatchStatus.AT_RISK
            and breach is not None
            and breach.on <= until
        ):
            first.setdefault(one.agreement.pk, one)
    return tuple(first.values())


def match_books(agreements: Sequence[Agreement], *, today: date) -> dict[int, MatchBooks]:
    """What the tests read of each agreement on that day; twelve queries for any number."""
    ids = [one.pk for one in agreements]
    plan = _plan(ids)
    money = money_of(_cuts(agreements, plan, today), profile_in_use())
    return _books(agreements, money, plan, waivers_of(ids))


def _cuts(
    agreements: Sequence[Agreement], plan: Mapping[int, list[PlannedMoney]], today: date
) -> dict[int, frozenset[date]]:
    """For each agreement the days between which its money may be taken together."""
    ends = {
        rule.authority.in_force.ends_on
        for rule in profile_in_use().matching_rules
        if rule.authority.in_force.ends_on is not None
    }
    return {
        one.pk: rules.spells(one.starts_on, plan.get(one.pk, ()), ends, today) for one in agreements
    }


def _books(
    agreements: Sequence[Agreement],
    money: Mapping[int, tuple[DayMoney, ...]],
    plan: Mapping[int, list[PlannedMoney]],
    waivers: Mapping[int, Mapping[str, tuple[Lifted, ...]]],
) -> dict[int, MatchBooks]:
    facts = facts_with(agreements, money, waivers)
    promises = _promises([one.pk for one in agreements])
    return {
        one.pk: MatchBooks(
            facts=facts[one.pk],
            days=money.get(one.pk, ()),
            promises=tuple(promises.get(one.pk, ())),
            plan=tuple(plan.get(one.pk, ())),
            is_running=one.state == AgreementState.ACTIVE,
        )
        for one in agreements
    }


def match_transfers(
    actor: Actor, agreement: Agreement, period: FiscalPeriod | None, *, counted: str
) -> QuerySet[Transfer]:
    """The visible transfers that a test counts as `federal`, or those of the money `drawn`.

    Each with its `counted_minor`.
    """
    moved, amount = (DRAWN, drawn_minor()) if counted == "drawn" else (OBLIGATED, obligated_minor())
    visible = transfers_visible_to(actor).filter(moved, agreement=agreement)
    return _in(period, visible).annotate(counted_minor=amount)


def match_contributions(
    actor: Actor, agreement: Agreement, period: FiscalPeriod | None, *, with_other: bool
) -> QuerySet[Contribution]:
    """The visible contributions that a test counts, each with its `counted_minor`.

    Of federal money that never is accepted what was claimed counts; `with_other` is for leverage.
    """
    counted = ACCEPTED | OTHER if with_other else ACCEPTED
    return _in(
        period, contributions_visible_to(actor).filter(counted, agreement=agreement)
    ).annotate(
        counted_minor=Case(When(ACCEPTED, then=F("accepted_minor")), default=F("claimed_minor"))
    )


def count_match_records(agreement: Agreement, period: FiscalPeriod | None, *, counted: str) -> int:
    """How many records stand behind a number of a test, whoever asks."""
    if counted in {"federal", "drawn"}:
        moved = DRAWN_SUMS if counted == "drawn" else OBLIGATED_SUMS
        days = _in(period, DaySum.objects.filter(moved, agreement=agreement))
        found: int = days.aggregate(all=Coalesce(Sum("transfers"), 0))["all"]
        return found
    sums = _in(period, ContributionSum.objects.filter(agreement=agreement))
    if counted != "other":
        sums = sums.filter(is_other=False)
    brought: int = sums.aggregate(all=Coalesce(Sum("contributions"), 0))["all"]
    return brought


def _in[M: (Transfer, Contribution, DaySum, ContributionSum)](
    period: FiscalPeriod | None, records: QuerySet[M]
) -> QuerySet[M]:
    if period is None:
        return records
    return records.filter(occurred_on__gte=period.starts_on, occurred_on__lt=period.ends_on)


def _promises(ids: Sequence[int]) -> dict[int, list[Promise]]:
    """For each agreement what is left of its commitments."""
    commitments = list(Commitment.objects.filter(agreement__in=ids).order_by("due_on", "pk"))
    left = left_minor_of(commitments)
    found: dict[int, list[Promise]] = defaultdict(list)
    for one in commitments:
        if left[one.pk]:
            found[one.agreement_id].append(Promise(one.due_on, left[one.pk]))
    return found


def _plan(ids: Sequence[int]) -> dict[int, list[PlannedMoney]]:
    """For each agreement its budget periods, with what they plan in all."""
    found: dict[int, list[PlannedMoney]] = defaultdict(list)
    periods = (
        BudgetPeriod.objects.filter(agreement__in=ids)
        .annotate(federal=Sum("lines__federal_minor"), other=Sum("lines__nonfederal_minor"))
        .order_by("agreement_id", "starts_on")
    )
    for one in periods:
        found[one.agreement_id].append(
            PlannedMoney(Span(one.starts_on, one.ends_on), one.federal or 0, one.other or 0)
        )
    return found
