"""Several sponsors of one agreement, as a browser and another system sign and move their money."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from lineshaft.apps.funding.models import Account, Agreement, AgreementSponsor
from lineshaft.apps.funding.rules import AccountKind
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION
from lineshaft.apps.funding.tests.test_sponsors import shared
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db]

KEY = "america-makes"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(actor: Actor) -> Client:
    factories.sponsorship()
    client = Client()
    client.force_login(factories.granted(actor))
    return client


def terms(**given: str) -> dict[str, str]:
    return {
        "number": "W911-9",
        "agency": "DOD",
        "signed_on": "2021-09-20",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "federal_total_minor": "10,000,000",
    } | given


def movement(amount: str, agency: str) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "agency_id": factories.agency(agency).pk,
        "amount_minor": amount,
        "occurred_on": IN_TERM.isoformat(),
    }


def parts() -> dict[str, int]:
    return dict(AgreementSponsor.objects.values_list("agency__key", "federal_total_minor"))


def test_form_signs_with_co_sponsors() -> None:
    factories.agency("DOE")
    factories.agency("NSF")
    client = signed_in(factories.sponsor())
    sent = terms(
        co_sponsor_1="DOE", co_part_1="3,000,000", co_sponsor_3="NSF", co_part_3="1,000,000"
    )
    answer = client.post(reverse("funding:sign_agreement", args=[KEY]), sent)
    assert answer.status_code == 302
    assert parts() == {"DOD": 6 * MILLION, "DOE": 3 * MILLION, "NSF": MILLION}


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        pytest.param({"co_sponsor_1": "DOE"}, 422, "co_part_1", id="no part"),
        pytest.param({"co_part_2": "5"}, 422, "co_sponsor_2", id="no agency"),
        pytest.param({"co_sponsor_1": "DOE", "co_part_1": "x"}, 422, "co_part_1", id="no amount"),
        pytest.param(
            {"co_sponsor_1": "DOE", "co_part_1": "10,000,000"}, 409, "__all__", id="leaves nothing"
        ),
    ],
)
def test_form_keeps_what_is_wrong_with_a_co_sponsor(
    given: dict[str, str], status: int, field: str
) -> None:
    factories.agency("DOE")
    client = signed_in(factories.sponsor())
    answer = client.post(reverse("funding:sign_agreement", args=[KEY]), terms(**given))
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, [field])
    assert Agreement.objects.count() == 0


def test_page_shows_each_sponsors_part_to_the_public() -> None:
    under = shared()
    table = Client().get(under.get_absolute_url()).context["sponsors_table"]
    assert [[cell.text for cell in row.cells[:2]] for row in table.rows] == [
        ["DOD", "$6,000,000"],
        ["DOE", "$4,000,000"],
    ]
    alone = factories.agreement("W911-1")
    assert Client().get(alone.get_absolute_url()).context["sponsors_table"] is None


def test_co_sponsor_is_offered_its_own_money_alone_and_the_lead_all() -> None:
    under = shared()
    url = reverse("funding:authorise_funds", args=[under.pk])
    found = {}
    for key in ("DOD", "DOE"):
        form = signed_in(factories.sponsor(key)).get(url).context["form"]
        found[key] = [label for _pk, label in form.fields["agency_id"].choices]
    assert found == {"DOD": ["DOD", "DOE"], "DOE": ["DOE"]}


def test_co_sponsor_authorises_by_the_form_and_ends_nothing() -> None:
    under = shared()
    client = signed_in(factories.sponsor("DOE"))
    url = reverse("funding:authorise_funds", args=[under.pk])
    assert client.post(url, movement("4,000,000", "DOE")).status_code == 302
    assert client.post(url, movement("1", "DOD")).status_code == 422
    award = Account.objects.get(agreement=under, kind=AccountKind.AWARD, agency__key="DOE")
    assert award.balance_minor == 4 * MILLION
    assert client.get(reverse("funding:end_agreement", args=[under.pk])).status_code == 403


def test_api_signs_with_co_sponsors_and_moves_each_ones_money() -> None:
    factories.agency("DOE")
    client = signed_in(factories.sponsor())
    body: dict[str, Any] = {
        "institute": KEY,
        "agency": "DOD",
        "number": "W911-9",
        "currency": "USD",
        "signed_on": "2021-09-20",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "federal_total_minor": 10 * MILLION,
        "co_sponsors": [{"agency": "DOE", "federal_total_minor": 4 * MILLION}],
    }
    factories.institute()
    signed = client.post("/api/v1/agreements", body, content_type="application/json").json()
    assert signed["sponsors"] == [
        {"agency": "DOD", "federal_total_minor": 6 * MILLION},
        {"agency": "DOE", "federal_total_minor": 4 * MILLION},
    ]
    url = f"/api/v1/agreements/{signed['id']}"
    client.post(f"{url}/activate", {}, content_type="application/json")
    sent = {
        "id": str(new_id()),
        "agency": "DOE",
        "amount_minor": MILLION,
        "currency": "USD",
        "occurred_on": IN_TERM.isoformat(),
    }
    answer = client.post(f"{url}/authorisations", sent, content_type="application/json")
    assert answer.status_code == 200
    batch = {
        "transfers": [
            sent | {"id": str(new_id()), "agreement_id": signed["id"], "code": "obligate"}
        ]
    }
    posted = client.post("/api/v1/transfers/batch", batch, content_type="application/json")
    assert posted.json() == {"recorded": 1, "unchanged": 0}
    unknown = {"transfers": [batch["transfers"][0] | {"agency": "NONE"}]}
    refused = client.post("/api/v1/transfers/batch", unknown, content_type="application/json")
    assert refused.status_code == 404
    accounts = client.get(url).json()["accounts"]
    awards = {one["agency"]: one["credits_posted"] for one in accounts if one["kind"] == "award"}
    assert awards == {"DOD": 0, "DOE": MILLION}
