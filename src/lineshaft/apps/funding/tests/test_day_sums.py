"""Sums of days: they say what a scan of the transfers says, whatever is posted."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.models import (
    Agreement,
    Contribution,
    ContributionSum,
    ContributorSum,
    DaySum,
    Transfer,
)
from lineshaft.apps.funding.queries.counted import (
    DRAWN,
    DRAWN_SUMS,
    OBLIGATED,
    OBLIGATED_SUMS,
    OF_DAYS,
)
from lineshaft.apps.funding.rules import CODES, DayMoney, LineAccounts, MatchBooks, TransferCode
from lineshaft.apps.funding.services.day_sums import take_back_accepted
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.books import ENTRIES, Book, Entry
from lineshaft.apps.funding.tests.factories import MILLION, NOW, STARTS_ON, SYSTEM, TODAY
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import IncomeMethodKey
from lineshaft.plumbing import triggers
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate, paginate_days

BOOKS = st.lists(
    st.tuples(
        st.sampled_from(sorted(ENTRIES)),
        st.integers(min_value=1, max_value=60),
        st.integers(min_value=0, max_value=30),
    ),
    max_size=25,
)


def test_ways_are_distinct_and_leave_no_code_out() -> None:
    assert len(set(rules.WAYS)) == len(rules.WAYS)
    assert {way.code for way in rules.WAYS} == set(TransferCode)
    assert {way.corrects for way in rules.WAYS} - {None} == {
        code for code in TransferCode if rules.correctable(CODES[code].kind, code) is None
    }


def test_line_over_no_account_counts_no_way() -> None:
    assert rules.ways_counted(LineAccounts()) == ()


def _scanned(transfers: QuerySet[Transfer]) -> dict[tuple[object, ...], tuple[int, int]]:
    """Number and amount by day and way, from the transfers one by one."""
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    for one in transfers.select_related("debit_account", "credit_account", "corrects"):
        corrected = one.corrects.code if one.corrects else ""
        key = (
            one.occurred_on,
            one.code,
            corrected,
            one.debit_account.kind,
            one.credit_account.kind,
        )
        number, amount_minor = found.get(key, (0, 0))
        found[key] = number + 1, amount_minor + one.amount_minor
    return found


def _stored() -> dict[tuple[object, ...], tuple[int, int]]:
    columns = ("occurred_on", "code", "corrects_code", "debit_kind", "credit_kind")
    return {
        tuple(key): (number, amount_minor)
        for *key, number, amount_minor in DaySum.objects.values_list(
            *columns, "transfers", "amount_minor"
        )
    }


def _assert_contributions_are_counted(under: Agreement) -> None:
    """The sums of contributions and contributors say what these say, one by one."""
    days: dict[tuple[object, ...], list[int]] = {}
    givers: Counter[tuple[object, ...]] = Counter()
    for one in Contribution.objects.filter(agreement=under):
        is_other = one.is_federal_origin and one.state in {"recorded", "refused"}
        if is_other or one.state == "accepted":
            counted = days.setdefault((one.occurred_on, one.is_cash, is_other), [0, 0])
            counted[0] += 1
            counted[1] += one.claimed_minor if is_other else one.accepted_minor
        if one.state == "accepted":
            givers[one.organisation_id, one.is_cash] += one.accepted_minor
    kept = ContributionSum.objects.filter(agreement=under, contributions__gt=0)
    assert {
        key[:3]: [*key[3:]]
        for key in kept.values_list(
            "occurred_on", "is_cash", "is_other", "contributions", "amount_minor"
        )
    } == days
    assert {
        (giver, is_cash): amount
        for giver, is_cash, amount in ContributorSum.objects.filter(agreement=under).values_list(
            "organisation_id", "is_cash", "amount_minor"
        )
    } == givers
    assert queries.count_contributions(institute=under.institute.key) == sum(
        number for (_day, _cash, is_other), (number, _amount) in days.items() if not is_other
    )


def _by_days(books: MatchBooks, under: Agreement) -> MatchBooks:
    """The same books with every day by itself, read from the records."""
    days: dict[date, dict[str, int]] = {}
    moved = Transfer.objects.filter(OBLIGATED | DRAWN, agreement=under).annotate(
        federal=queries.obligated_minor(), drawn=queries.drawn_minor()
    )
    for row in moved.values("occurred_on", "federal", "drawn"):
        day = days.setdefault(row["occurred_on"], Counter())
        day["federal_minor"] += row["federal"]
        day["drawn_minor"] += row["drawn"]
    for one in Contribution.objects.filter(agreement=under):
        is_other = one.is_federal_origin and one.state != "withdrawn"
        if not is_other and one.state != "accepted":
            continue
        day = days.setdefault(one.occurred_on, Counter())
        day["nonfederal_minor"] += one.accepted_minor
        day["cash_minor"] += one.accepted_minor if one.is_cash else 0
        day["other_minor"] += one.claimed_minor if is_other else 0
    return replace(books, days=tuple(DayMoney(day, **days[day]) for day in sorted(days)))


def _assert_tests_read_as_by_days(under: Agreement, today: date) -> None:
    """What is taken together between cuts gives what each day by itself gives."""
    profile = profile_in_use()
    agreement = queries.agreement_by_id(SYSTEM, under.pk)
    books = queries.match_books([agreement], today=today)[under.pk]
    by_days = _by_days(books, under)
    assert rules.match_tests(profile, books, today) == rules.match_tests(profile, by_days, today)
    years = rules.profile_years(profile, books, today)
    assert [one for one in years if one.drawn_minor or one.accepted_minor] == [
        one
        for one in rules.profile_years(profile, by_days, today)
        if one.drawn_minor or one.accepted_minor
    ]
    whole, _years = queries.match_overview(under.institute.key, today=today)
    assert queries.institute_match(under.institute, [agreement], today=today).whole == whole
    assert (whole.obligated_minor, whole.drawn_minor, whole.cash_minor, whole.in_kind_minor) == (
        sum(one.federal_minor for one in by_days.days),
        sum(one.drawn_minor for one in by_days.days),
        sum(one.cash_minor for one in by_days.days),
        sum(one.in_kind_minor for one in by_days.days),
    )


def _assert_pages_show_what_may_be_seen(actor: Actor, under: Agreement) -> None:
    """The list by days is the list as it would be counted row by row, page for page."""
    plain = queries.transfers_visible_to(actor).filter(agreement=under)
    days = queries.days_of_transfers(actor, under, {})
    assert days == sorted(Counter(one.occurred_on for one in plain).items(), reverse=True)
    for number in range(1, len(plain) // 3 + 2):
        request = RequestFactory().get("/", {"page": number})
        expected = paginate(request, plain, 3)
        listed = queries.transfers_of(actor, under, {})
        assert paginate_days(request, listed, days, 3) == expected


@pytest.mark.django_db
@pytest.mark.database
@settings(
    max_examples=settings().max_examples // 8,  # each writes a book of its own
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(entries=BOOKS, method=st.sampled_from(IncomeMethodKey))
def test_sums_of_a_random_book_say_what_its_transfers_say(
    entries: list[Entry], method: str
) -> None:
    with transaction.atomic():
        book = Book(method)
        for entry in entries:
            book.post(entry)
        transfers = Transfer.objects.filter(agreement=book.under)
        assert _stored() == _scanned(transfers)
        known = {
            (way.code, way.corrects or "", way.debit, way.credit): way.is_public
            for way in rules.WAYS
        }
        assert {key[1:] for key in _stored()} <= known.keys()
        for figure, of_transfers, of_days in (
            (queries.obligated_minor, OBLIGATED, OBLIGATED_SUMS),
            (queries.drawn_minor, DRAWN, DRAWN_SUMS),
        ):
            scanned = transfers.filter(of_transfers).aggregate(sum=Sum(figure()))
            kept = DaySum.objects.filter(of_days).aggregate(sum=Sum(figure(OF_DAYS)))
            assert kept == scanned
        assert queries.count_obligations(None, book.under.institute.key) == (
            transfers.filter(OBLIGATED).count()
        )
        _assert_contributions_are_counted(book.under)
        for after in (5, 45, 400):
            _assert_tests_read_as_by_days(book.under, STARTS_ON + timedelta(days=after))
        for actor in (factories.officer(), factories.finance(), Actor.public()):
            _assert_pages_show_what_may_be_seen(actor, book.under)
        transaction.set_rollback(rollback=True)


@pytest.mark.django_db
@pytest.mark.database
def test_money_of_federal_origin_counts_until_it_is_withdrawn() -> None:
    under = factories.agreement()
    agency = factories.organisation("Other Agency")
    for name in ("kept", "refused", "withdrawn"):
        claim = factories.claim(under, agency, name=name, is_federal_origin=True, amount_minor=7)
        services.record_contribution(SYSTEM, claim, now=NOW)
    refused, withdrawn = (
        factories.claim(under, agency, name=name).id for name in ("refused", "withdrawn")
    )
    services.refuse_contribution(SYSTEM, refused, reason="federal", today=TODAY, now=NOW)
    services.withdraw_contribution(SYSTEM, withdrawn, reason="mistake", today=TODAY, now=NOW)
    _assert_contributions_are_counted(under)
    assert queries.count_match_records(under, None, counted="other") == 2
    assert queries.count_match_records(under, None, counted="nonfederal") == 0
    assert services.verify_ledger() == []


@pytest.mark.django_db
@pytest.mark.database
def test_correction_of_an_acceptance_leaves_less_of_the_day_and_of_its_contributor() -> None:
    under = factories.agreement()
    given = factories.contribution(under, factories.organisation("Works"), is_accepted=True)
    old = Transfer.objects.get(code="accept")
    services.correct_transfer(
        SYSTEM,
        old,
        id=factories.transfer_id("correction"),
        amount_minor=3,
        occurred_on=TODAY,
        reason="counted too much",
        now=NOW,
    )
    kept = ContributionSum.objects.get()
    assert (kept.contributions, kept.amount_minor) == (1, given.claimed_minor - 3)
    assert str(kept) == f"{given.occurred_on}: {kept.amount_minor}"
    giver = ContributorSum.objects.get()
    assert str(giver) == f"{given.organisation_id}: {kept.amount_minor}"
    _assert_contributions_are_counted(under)


@pytest.mark.django_db
def test_sum_that_is_not_kept_is_not_taken_from() -> None:
    under = factories.agreement()
    given = factories.contribution(under, is_accepted=True)
    with triggers.lifted():
        ContributorSum.objects.all().delete()
        ContributionSum.objects.all().delete()
    with pytest.raises(RuntimeError, match="funding_contributionsum has no sum of"):
        take_back_accepted(given, 1)


@pytest.mark.django_db
def test_contributor_pages_through_federal_money_and_its_own_contributions() -> None:
    under = factories.agreement()
    factories.drawdown(factories.obligation(under), MILLION)
    own, other = factories.organisation("Own Works"), factories.organisation("Other Works")
    for contributor in (own, other):
        factories.contribution(under, contributor, name=contributor.name, is_accepted=True)
    factories.cost(under, 100)
    member = factories.member("america-makes", own)
    _assert_pages_show_what_may_be_seen(member, under)
    assert sum(count for _day, count in queries.days_of_transfers(member, under, {})) == 5
    narrowed = {"code": "draw"}
    assert sum(n for _day, n in queries.days_of_transfers(member, under, narrowed)) == 1
    assert [one.code for one in queries.transfers_of(member, under, narrowed)] == ["draw"]
