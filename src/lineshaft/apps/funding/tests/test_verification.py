"""What `verify_ledger` finds, and that it stands in the way of nobody who writes."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Account, Contribution, DaySum, Hold, Transfer
from lineshaft.apps.funding.services import verification
from lineshaft.apps.funding.tests import factories
from lineshaft.plumbing import triggers


def _filled_ledger() -> None:
    agreement = factories.agreement()
    factories.drawdown(factories.obligation(agreement), 400)
    factories.contribution(agreement, name="one", is_accepted=True)
    factories.contribution(agreement, name="two", kind="space")


def _raise_amount() -> None:
    Transfer.objects.filter(code="draw").update(amount_minor=401)


def _raise_balance() -> None:
    Account.objects.filter(kind="cash").update(credits_posted=F("credits_posted") + 1)


def _raise_day() -> None:
    DaySum.objects.filter(code="draw").update(amount_minor=F("amount_minor") + 1)


def _raise_day_count() -> None:
    DaySum.objects.filter(code="accept").update(transfers=F("transfers") + 1)


def _delete_day() -> None:
    DaySum.objects.filter(code="accept").delete()


def _raise_hold() -> None:
    Hold.objects.filter(transfer__code="obligate").update(remaining_minor=F("remaining_minor") + 1)


def _raise_accepted() -> None:
    Contribution.objects.filter(state="accepted").update(
        claimed_minor=F("claimed_minor") + 1, accepted_minor=F("accepted_minor") + 1
    )


def _change_state() -> None:
    Contribution.objects.filter(state="recorded").update(state="refused")


def _swap_accounts() -> None:
    draw = Transfer.objects.get(code="draw")
    Transfer.objects.filter(pk=draw.pk).update(
        debit_account_id=draw.credit_account_id, credit_account_id=draw.debit_account_id
    )


def _stray_hold() -> None:
    Hold.objects.create(transfer=Transfer.objects.get(code="authorise"), remaining_minor=5)


def _delete_contribution_settlement() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM funding_transfer WHERE code = 'accept'")


@pytest.mark.parametrize(
    ("corrupt", "found"),
    [
        pytest.param(_raise_amount, {"account", "day", "pending"}, id="amount"),
        pytest.param(_raise_balance, {"account"}, id="balance"),
        pytest.param(_raise_day, {"day"}, id="day"),
        pytest.param(_raise_day_count, {"day"}, id="day's count"),
        pytest.param(_delete_day, {"day"}, id="day deleted"),
        pytest.param(_raise_hold, {"pending"}, id="hold"),
        pytest.param(
            _raise_accepted, {"contribution", "contributor", "account", "day"}, id="accepted"
        ),
        pytest.param(_change_state, {"contribution"}, id="state"),
        pytest.param(_swap_accounts, {"account", "day", "transfer"}, id="accounts"),
        pytest.param(_stray_hold, {"hold"}, id="stray hold"),
        pytest.param(
            _delete_contribution_settlement,
            {"account", "day", "pending", "contribution"},
            id="deleted",
        ),
    ],
)
@pytest.mark.database
@pytest.mark.django_db
def test_verify_ledger_finds_what_was_changed_behind_its_back(
    corrupt: Callable[[], None], found: set[str]
) -> None:
    _filled_ledger()
    assert services.verify_ledger() == []
    with connection.cursor() as cursor:
        cursor.execute(_DEFERRED_NOW[connection.vendor])
    with triggers.lifted():
        corrupt()
        problems = services.verify_ledger()
        assert {problem.where.split()[0] for problem in problems} == found
        assert all(str(problem) for problem in problems)


@pytest.mark.database
@pytest.mark.django_db
def test_verify_ledger_reports_no_more_of_each_comparison_than_it_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _filled_ledger()
    monkeypatch.setattr(verification, "PROBLEMS_MAX", 2)
    with connection.cursor() as cursor:
        cursor.execute(_DEFERRED_NOW[connection.vendor])
    with triggers.lifted():
        DaySum.objects.update(amount_minor=F("amount_minor") + 1)
        Hold.objects.update(remaining_minor=F("remaining_minor") + 1)
        problems = services.verify_ledger()
    found = Counter(problem.where.split()[0] for problem in problems)
    assert (found["day"], found["pending"]) == (2, 2)
    assert (DaySum.objects.count(), Hold.objects.count()) > (2, 2)


@pytest.mark.django_db(transaction=True)
def test_others_may_write_while_sqlite_s_ledger_is_verified() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    _filled_ledger()
    asked: list[str] = []

    def write_beside(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        asked.append(sql)
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as beside:
            beside.execute("BEGIN IMMEDIATE")
            beside.rollback()
        return execute(sql, *others)

    with connection.execute_wrapper(write_beside):
        assert services.verify_ledger() == []
    assert len(asked) > 1


_DEFERRED_NOW = {
    "postgresql": "SET CONSTRAINTS ALL IMMEDIATE",
    "sqlite": "SELECT 1",
}
"""PostgreSQL drops no trigger of a table whose checks still wait for the end of the transaction."""
