"""Outlooks as files: the numbers of the pages, for whoever may read the pages."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from lineshaft.apps.insight.tests.factories import MILLION, YEAR, make_snapshot, signed_in
from lineshaft.apps.insight.tests.test_outlooks import (
    ALL,
    OUTLOOK,
    VALUES,
    money_of,
)
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db


def rows_of(client: Client, path: str) -> list[dict[str, Any]]:
    return list(json.loads(client.get(path).getvalue())["rows"])


def test_outlook_of_an_institute_has_recorded_and_forecast_years(manager: Client) -> None:
    make_snapshot(VALUES)
    assert f'href="{OUTLOOK}export.csv"' in manager.get(OUTLOOK).content.decode()
    rows = rows_of(manager, f"{OUTLOOK}export.json")
    years = [int(row["fiscal_year"]) for row in rows]
    assert years == list(range(years[0], years[-1] + 1))
    recorded = [row for row in rows if not row["is_forecast"]]
    assert int(recorded[-1]["fiscal_year"]) == YEAR
    ahead = rows[len(recorded) :]
    assert all(Decimal(row["own_low"] or 0) <= Decimal(row["own"]) for row in ahead)
    moved = rows_of(manager, f"{OUTLOOK}export.json?services=10000000")
    assert Decimal(moved[-1]["own"]) > Decimal(ahead[-1]["own"])
    assert moved[0] == rows[0]


def test_outlooks_of_all_are_those_of_the_page(manager: Client, officer: Client) -> None:
    make_snapshot({**VALUES, **money_of("lift", base=777 * MILLION, cash=MILLION)})
    assert f'href="{ALL}export.json"' in officer.get(ALL).content.decode()
    assert {row["institute"] for row in rows_of(officer, f"{ALL}export.json")} == {
        "america-makes",
        "lift",
    }
    assert [row["institute"] for row in rows_of(manager, f"{ALL}export.json")] == ["america-makes"]
    assert b"america-makes" in officer.get(f"{ALL}export.csv").getvalue()


@pytest.mark.parametrize("path", [f"{OUTLOOK}export.csv", f"{ALL}export.csv"])
def test_file_is_for_those_who_may_read_the_page(manager: Client, path: str) -> None:
    make_snapshot(VALUES)
    assert Client().get(path).status_code == 404
    member = signed_in(Role.MEMBER, ScopeKind.ORGANISATION, "1")
    assert member.get(path).status_code == 404
    assert manager.get(path.replace(".csv", ".exe")).status_code == 404


@pytest.mark.parametrize("path", [f"{OUTLOOK}export.csv", f"{ALL}export.csv"])
def test_file_of_nothing_recorded_is_unknown(officer: Client, path: str) -> None:
    assert officer.get(path).status_code == 404
