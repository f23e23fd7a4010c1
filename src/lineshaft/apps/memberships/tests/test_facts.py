import pytest
from django.db import connection

from lineshaft.apps.memberships.facts import FACTS
from lineshaft.apps.memberships.tests.factories import make_agreement

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_member_agreements_give_span_and_tier() -> None:
    agreement = make_agreement()
    (table,) = FACTS
    with connection.cursor() as cursor:
        cursor.execute(table.sql)
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
    assert names == list(table.column_names)
    assert (row["member_agreement_id"], row["organisation"], row["institute"]) == (
        agreement.pk,
        agreement.organisation_id,
        "america-makes",
    )
    assert (row["tier"], str(row["starts_on"]), row["ends_on"]) == ("sme", "2022-01-01", None)
