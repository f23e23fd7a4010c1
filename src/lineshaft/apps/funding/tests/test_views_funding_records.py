"""Every number of an institute's funding tab opens to the records that it counts."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import MILLION
from lineshaft.apps.funding.tests.test_views import signed_in

pytestmark = pytest.mark.django_db
KEY = "america-makes"


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def address(counted: str, **asked: int) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return reverse("funding:list_funding_records", args=[KEY, counted]) + (query and f"?{query}")


def books(count: int = 1) -> None:
    agreement = factories.agreement()
    obligation = factories.obligation(agreement, 10 * MILLION)
    for place in range(count):
        factories.drawdown(obligation, MILLION, name=str(place))
        for kind in ("cash", "supplies"):
            name = f"{kind} {place}"
            factories.contribution(
                agreement, factories.organisation(name), name=name, kind=kind, is_accepted=True
            )


@pytest.mark.parametrize(
    ("counted", "title"),
    [
        ("obligated", "1 record behind the federal money obligated of America-Makes, all years"),
        ("drawn", "2 records behind the federal money drawn of America-Makes, all years"),
        ("cash", "2 records behind the cash contributions accepted of America-Makes, all years"),
        ("in-kind", "2 records behind the in-kind contributions accepted of America-Makes, all"),
    ],
)
def test_number_opens_to_its_records(client: Client, counted: str, title: str) -> None:
    books(2)
    signed_in(client, factories.finance())
    tab = client.get(reverse("funding:show_funding", args=[KEY])).content.decode()
    assert f'href="{address(counted)}"' in tab
    assert f'href="{address(counted, fiscal_year=2022)}"' in tab
    page = client.get(address(counted))
    assert page.context["title"].startswith(title)
    assert page.context["withheld"] == 0
    assert len(page.context["table"].rows) == int(title[0])
    year = client.get(address(counted, fiscal_year=2022)).context["title"]
    assert year == re.sub(", all.*", ", FY2022", title)
    assert client.get(address(counted, fiscal_year=2019)).context["title"].startswith("0 records")


def test_public_reads_the_federal_money_and_how_many_contributions_are_withheld(
    client: Client,
) -> None:
    books()
    assert client.get(address("drawn")).context["withheld"] == 0
    page = client.get(address("cash"))
    assert (page.context["withheld"], page.context["table"].rows) == (1, ())
    assert "1 record is counted and withheld" in page.content.decode()


def test_address_of_no_number_is_unknown(client: Client) -> None:
    books()
    assert client.get(address("everything")).status_code == 404
    assert client.get(address("cash", fiscal_year=99999)).context["title"].endswith("all years")


@pytest.mark.parametrize("count", [1, 3])
def test_records_take_the_same_queries_at_any_length(client: Client, count: int) -> None:
    books(count)
    signed_in(client, factories.finance())
    found = {}
    for counted in ("drawn", "cash"):
        client.get(address(counted))
        with CaptureQueriesContext(connection) as captured:
            client.get(address(counted))
        found[counted] = len(captured)
    assert found == {"drawn": 10, "cash": 10}
