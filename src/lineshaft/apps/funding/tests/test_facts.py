"""What analytics reads is what the ledger holds."""

import re
from typing import Any

import pytest
from django.db import connection

from lineshaft.apps.funding import facts, queries, services
from lineshaft.apps.funding.models import Transfer
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def records(name: str) -> list[dict[str, Any]]:
    table = next(table for table in facts.FACTS if table.name == name)
    with connection.cursor() as cursor:
        cursor.execute(table.sql)
        assert tuple(column[0] for column in cursor.description or ()) == table.column_names
        return [dict(zip(table.column_names, row, strict=True)) for row in cursor.fetchall()]


def test_facts_sum_to_what_the_pages_say() -> None:
    agreement = factories.agreement()
    factories.agreement("DRAFT", is_active=False)
    drawn = factories.drawdown(factories.obligation(agreement), 6 * MILLION)
    for code, amount_minor in (("return", 5), ("correct", 7)):
        if code == "return":
            services.return_funds(
                SYSTEM,
                agreement,
                id=factories.transfer_id(code),
                amount_minor=amount_minor,
                currency="USD",
                occurred_on=IN_TERM,
                now=NOW,
            )
        else:
            services.correct_transfer(
                SYSTEM,
                Transfer.objects.get(pk=drawn.pk),
                id=factories.transfer_id(code),
                amount_minor=amount_minor,
                occurred_on=IN_TERM,
                reason="Wrong",
                now=NOW,
            )
    factories.contribution(agreement, is_accepted=True)
    factories.contribution(agreement, name="open", kind="space")
    position = queries.match_position("america-makes", today=TODAY)
    transfers, contributions = records("transfers"), records("contributions")
    assert [one["number"] for one in records("agreements")] == ["W911-1"]
    assert sum(one["obligated_minor"] for one in transfers) == position.obligated_minor
    assert sum(one["drawn_minor"] for one in transfers) == position.drawn_minor
    assert {(one["is_cash"], one["accepted_minor"]) for one in contributions} == {
        (1, position.cash_minor),
        (0, 0),
    }
    assert len(transfers) == Transfer.objects.count()


def test_facts_name_no_person() -> None:
    names = {column.name for table in facts.FACTS for column in table.columns}
    assert not {name for name in names if re.search(r"user|person|recorded_by|label", name)}
