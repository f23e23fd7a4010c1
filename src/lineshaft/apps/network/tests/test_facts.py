from datetime import date
from typing import Any

import pytest
from django.db import connection

from lineshaft.apps.network.facts import FACTS
from lineshaft.apps.network.tests.factories import (
    make_institute,
    make_institute_date,
    make_organisation,
    make_person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]

TABLES = {table.name: table for table in FACTS}


def rows_of(name: str) -> list[dict[str, Any]]:
    table = TABLES[name]
    with connection.cursor() as cursor:
        cursor.execute(table.sql)
        found = [column[0] for column in cursor.description]
        assert found == list(table.column_names)
        return [dict(zip(found, row, strict=True)) for row in cursor.fetchall()]


def test_institutes_give_status_place_and_lead_agency() -> None:
    make_institute(sponsors=["DOD", "DOE"])
    row = rows_of("institutes")[0]
    assert (row["institute"], row["status"], row["lead_agency"], row["state"]) == (
        "america-makes",
        "active",
        "DOD",
        "OH",
    )
    assert float(row["latitude"]) == pytest.approx(41.0998)


def test_institute_dates_give_day_and_precision() -> None:
    make_institute_date(make_institute(), precision="month")
    row = rows_of("institute_dates")[0]
    assert str(row["occurred_on"]) == str(date(2012, 8, 16))
    assert (row["kind"], row["edition"], row["precision"]) == ("established", "today", "month")


def test_organisations_carry_no_name_of_anybody() -> None:
    make_person("Ada Example", organisation=make_organisation("Ada's Gears", region=""))
    row = rows_of("organisations")[0]
    assert (row["kind"], row["state"], row["ownership_country"]) == ("industry_sme", None, None)
    assert "Ada" not in str(row)
