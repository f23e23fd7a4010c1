"""The federal financial report as a browser and another system ask for it."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding import queries
from lineshaft.apps.funding.models import (
    FinancialReport,
    IndirectRate,
)
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import MILLION
from lineshaft.apps.funding.tests.test_financial_reports import a_year, certify
from lineshaft.plumbing.actor import Actor

database = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path


def signed_in(client: Client, actor: Actor) -> Client:
    factories.sponsorship()
    client.force_login(factories.granted(actor))
    return client


@database
def test_report_takes_the_same_queries_for_any_number_of_transfers(client: Client) -> None:
    under = a_year()
    signed_in(client, factories.finance())
    url = reverse("funding:show_financial_report", args=[under.pk])
    asked = {"period_end": "2022-03-31"}
    client.get(url, asked)
    counts = []
    for place in range(2):
        with CaptureQueriesContext(connection) as queried:
            answer = client.get(url, asked)
        counts.append(len(queried))
        for more in range(3):
            factories.cost(under, 1, name=f"{place} {more}")
    assert counts == [14, 14]
    assert answer.context["title"] == "Through Mar 31, 2022, $25.97 of $50 is unobligated"


@database
@pytest.mark.parametrize("count", [1, 3])
def test_line_takes_the_same_queries_at_any_length(client: Client, count: int) -> None:
    under = factories.agreement()
    factories.authorised(under, MILLION)
    for place in range(count):
        factories.payment(factories.cost(under, 100, name=str(place)), 60)
    signed_in(client, factories.finance())
    url = reverse("funding:show_report_line", args=[under.pk, "b"])
    asked = {"period_end": "2022-03-31"}
    client.get(url, asked)
    with CaptureQueriesContext(connection) as queried:
        answer = client.get(url, asked)
    assert len(answer.context["table"].rows) == count
    assert len(queried) == 17
    assert answer.context["title"] == f"Line 10b: ${0.60 * count:.2f}"


@database
def test_finance_certifies_on_the_page_and_opens_a_line_to_its_receipt(client: Client) -> None:
    under = a_year()
    signed_in(client, factories.finance())
    asked = "?period_end=2022-03-31&term=quarterly&basis=accrual"
    url = reverse("funding:certify_report", args=[under.pk]) + asked
    form = client.get(url).context["form"]
    body = {"seen_digest": form.initial["seen_digest"], "remarks": "as usual"}
    assert client.post(url, body).status_code == 422
    done = client.post(url, body | {"is_confirmed": "on"}, follow=True)
    report = FinancialReport.objects.get()
    assert done.context["title"] == "Certified through Mar 31, 2022: $26 unobligated"
    line = client.get(reverse("funding:show_report_line", args=[under.pk, "b"]) + asked)
    costs = [row.cells[-1] for row in line.context["table"].rows]
    receipt = client.get(str(costs[0].url)).content.decode()
    assert "receipt 1" in receipt
    assert client.get(reverse("funding:show_report_line", args=[under.pk, "c"])).status_code == 404
    page = client.get(reverse("funding:show_financial_report", args=[under.pk]))
    assert len(page.context["certified_table"].rows) == 1
    again = client.get(url)
    assert "reason" in again.context["form"].fields
    document = queries.documents_of(report)[1].file
    printed = client.get(document.get_absolute_url())
    assert b"".join(printed)[:5] == b"%PDF-"
    printed.close()


@database
def test_finance_records_an_indirect_rate_on_the_page(client: Client) -> None:
    under = a_year()
    signed_in(client, factories.finance())
    url = reverse("funding:record_indirect_rate", args=[under.pk])
    body = {
        "rate_type": "final",
        "rate_bp": "26.5",
        "starts_on": "2021-10-01",
        "ends_on": "2022-10-01",
        "reference": "letter",
    }
    client.post(url, body)
    assert IndirectRate.objects.get().rate_bp == 2_650
    assert client.post(url, body).status_code == 409
    assert client.get(url).status_code == 200


@database
def test_report_over_the_api() -> None:
    under = a_year()
    report = certify(under)
    client = signed_in(Client(), factories.finance())
    path = f"/api/v1/agreements/{under.pk}/financial-report"
    shown = client.get(f"{path}?period_end=2022-03-31&basis=cash").json()
    assert (shown["lines"]["e"], shown["lines"]["f"], shown["basis"]) == (1_400, 1_000, "cash")
    counted = client.get(f"{path}/lines/b?period_end=2022-03-31").json()["items"]
    assert sum(one["counted_minor"] for one in counted) == 1_400
    assert client.get(f"{path}/lines/h").status_code == 404
    listed = client.get(f"/api/v1/financial-reports?agreement_id={under.pk}").json()["items"]
    assert [(one["id"], one["edition"]) for one in listed] == [(report.pk, 1)]
    one = client.get(f"/api/v1/financial-reports/{report.pk}").json()
    assert (one["content"]["lines"]["h"], one["superseded_by_id"]) == (2_600, None)
    assert Client().get(path).status_code == 404
    assert Client().get(f"/api/v1/financial-reports/{report.pk}").status_code == 404
