"""Sums of days: they say what a scan of the transfers says, whatever is posted."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet, Sum
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineshaft.apps.funding import migrations, queries, rules, services
from lineshaft.apps.funding.models import Agreement, DaySum, Transfer
from lineshaft.apps.funding.queries.counted import (
    DRAWN,
    DRAWN_SUMS,
    OBLIGATED,
    OBLIGATED_SUMS,
    OF_DAYS,
)
from lineshaft.apps.funding.rules import CODES, LineAccounts, TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.books import ENTRIES, Book, Entry
from lineshaft.apps.funding.tests.factories import MILLION, STARTS_ON
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
    max_examples=12,
    deadline=None,
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
        for actor in (factories.officer(), factories.finance(), Actor.public()):
            _assert_pages_show_what_may_be_seen(actor, book.under)
        transaction.set_rollback(rollback=True)


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


def _migration() -> Any:
    (name,) = (one.stem for one in Path(migrations.__path__[0]).glob("*_day_sums.py"))
    return import_module(f"{migrations.__name__}.{name}")


@pytest.mark.django_db
@pytest.mark.database
def test_migration_counts_the_transfers_that_stand() -> None:
    with transaction.atomic():
        book = Book("deduction")
        for what in sorted(ENTRIES):
            book.post((what, 20, 3))
        for amount_minor in range(1, 12):
            book.post(("correct", amount_minor, 5))
        kept = _stored()
    assert any(key[2] for key in kept)
    assert str(DaySum.objects.get(code="authorise", occurred_on=STARTS_ON)) == (
        "2021-10-01 authorise: 200"
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with triggers.lifted(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM funding_daysum")
        assert {problem.where.split()[0] for problem in services.verify_ledger()} == {"day"}
        cursor.execute(_migration().COUNT)
    assert _stored() == kept
    assert services.verify_ledger() == []
