"""Budget, amendments, waivers, reserve, renewal, close-out and rules, as another system asks."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _today(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.IS_DEMONSTRATION = True
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: NOW)


def signed_in(actor: Actor) -> Client:
    factories.sponsorship(agency_key="DOE")
    client = Client()
    client.force_login(factories.granted(actor))
    return client


def agency() -> Client:
    return signed_in(factories.sponsor("DOE"))


def manager() -> Client:
    return signed_in(factories.manager())


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/v1{path}", body, content_type="application/json")


def of_energy() -> Agreement:
    return factories.agreement("DE-1", agency_key="DOE")


def test_budget_is_planned_revised_and_read() -> None:
    under = of_energy()
    client = agency()
    body = {
        "starts_on": "2021-10-01",
        "ends_on": "2022-10-01",
        "lines": [{"category": "travel", "federal_minor": 500, "nonfederal_minor": 300}],
    }
    path = f"/agreements/{under.pk}/budget"
    planned = post(client, path, body).json()
    assert (planned["number"], planned["lines"][0]["category"]) == (1, "travel")
    assert post(manager(), path, body).status_code == 403
    assert post(client, path, body).status_code == 409
    body["lines"] = [{"category": "equipment", "federal_minor": 700}]
    revise = f"/budget-periods/{planned['id']}/revise"
    assert post(client, revise, body | {"reason": "a press"}).status_code == 200
    (position,) = Client().get(f"/api/v1{path}").json()
    assert (position["planned_federal_minor"], position["left_minor"]) == (700, 700)
    assert position["period"]["lines"] == [
        {"category": "equipment", "federal_minor": 700, "nonfederal_minor": 0}
    ]
    assert post(client, "/budget-periods/999999/revise", body | {"reason": "x"}).status_code == 404


def test_amendment_is_proposed_executed_and_withdrawn() -> None:
    under = of_energy()
    path = f"/agreements/{under.pk}/amendments"
    body = {
        "kind": "incremental_funding",
        "effective_on": "2022-06-01",
        "reason": "SECRET",
        "added_federal_minor": MILLION,
        "agency": "DOE",
    }
    proposed = post(manager(), path, body).json()
    assert (proposed["state"], proposed["agency"]) == ("proposed", "DOE")
    assert Client().get(f"/api/v1{path}").json()["items"] == []
    done = post(agency(), f"/amendments/{proposed['id']}/execute", {}).json()
    assert done["before"]["federal_total_minor"] == 70 * MILLION
    assert done["after"]["federal_total_minor"] == 71 * MILLION
    answer = Client().get(f"/api/v1{path}")
    assert [one["state"] for one in answer.json()["items"]] == ["executed"]
    assert "SECRET" not in answer.content.decode()
    second = post(manager(), path, body).json()
    withdrawn = post(manager(), f"/amendments/{second['id']}/withdraw", {"reason": "no"})
    assert withdrawn.json()["state"] == "withdrawn"


def test_termination_is_the_last_of_the_amendments_and_no_record_beside_them() -> None:
    under = of_energy()
    path = f"/agreements/{under.pk}/amendments"
    body = {
        "kind": "scope",
        "effective_on": "2022-06-01",
        "reason": "SECRET",
        "new_title": "Robots",
    }
    first = post(manager(), path, body).json()
    post(agency(), f"/amendments/{first['id']}/execute", {})
    services.terminate_agreement(SYSTEM, under.pk, reason="SECRET", today=TODAY, now=NOW)
    answer = Client().get(f"/api/v1{path}")
    (only,) = answer.json()["items"]
    ended = answer.json()["termination"]
    told = [(one["id"], one["number"], one["kind"], one["citation"]) for one in (only, ended)]
    assert told == [
        (first["id"], 1, "scope", "2 CFR 200.308(f)(1)"),
        (None, None, "termination", "2 CFR 200.340"),
    ]
    assert ended["after"] == {"state": "terminated"}
    assert "SECRET" not in answer.content.decode()
    part = Client().get(f"/api/v1{path}", {"limit": 1}).json()
    assert [one["id"] for one in part["items"]] == [first["id"]]
    assert part["termination"] == ended


def test_waiver_is_requested_and_decided() -> None:
    under = of_energy()
    path = f"/agreements/{under.pk}/waivers"
    body = {
        "rule_id": "L-040",
        "ground": "equipment",
        "starts_on": "2021-10-01",
        "ends_on": "2026-10-01",
        "reason": "SECRET",
        "excluded_minor": MILLION,
    }
    first, second = (post(manager(), path, body).json() for _ in range(2))
    assert Client().get(f"/api/v1{path}").json()["items"] == []
    why = {"reason": "agreed"}
    assert post(agency(), f"/waivers/{first['id']}/grant", why).json()["state"] == "granted"
    assert post(agency(), f"/waivers/{second['id']}/deny", why).json()["state"] == "denied"
    revoked = post(agency(), f"/waivers/{first['id']}/revoke", why).json()
    assert (revoked["state"], revoked["revoked_on"]) == ("revoked", "2022-06-01")
    answer = Client().get(f"/api/v1{path}")
    assert [one["id"] for one in answer.json()["items"]] == [first["id"]]
    assert "SECRET" not in answer.content.decode()
    refused = post(manager(), path, body | {"ground": "emergency"})
    assert (refused.status_code, refused.json()["citation"]) == (409, "15 U.S.C. 278s(e)(7)(A)")


def test_reserve_is_held_back_and_released() -> None:
    under = of_energy()
    factories.authorised(under, 10 * MILLION)
    moved = {
        "amount_minor": MILLION,
        "currency": "USD",
        "occurred_on": IN_TERM.isoformat(),
        "agency": "DOE",
    }
    path = f"/agreements/{under.pk}/reserve"
    held = post(agency(), path, moved | {"id": str(new_id())})
    assert held.json()["code"] == "withhold"
    sent = {
        "id": str(new_id()),
        "assessed_from": "2021-10-01",
        "assessed_before": "2022-03-01",
        "rating": "meets",
        "assessment": "met",
    }
    for _ in range(2):
        released = post(agency(), f"{path}/releases", moved | sent)
        assert (released.status_code, released.json()["id"]) == (200, sent["id"])
    assert factories.balances(under)["award"] == (10 * MILLION, 0)


def test_renewal_goes_its_way() -> None:
    under = of_energy()
    client = agency()
    path = f"/agreements/{under.pk}/renewal"
    assert Client().get(f"/api/v1{path}").json() is None
    on = {"on": "2022-03-01"}
    renewal = post(client, path, on).json()
    found = {"on": "2022-03-02", "deficiencies": "SECRET"}
    notified = post(client, f"/renewals/{renewal['id']}/deficiencies", found).json()
    assert (notified["state"], notified["cure_ends_on"]) == ("cure_period", "2023-03-02")
    early = {"on": "2022-06-01", "progress": "none"}
    refused = post(client, f"/renewals/{renewal['id']}/ineligible", early)
    assert refused.json()["code"] == "cure_year_runs"
    body = {
        "on": "2022-06-01",
        "progress": "remedied",
        "number": "DE-2",
        "signed_on": "2022-06-01",
        "starts_on": "2026-10-01",
        "ends_on": "2031-10-01",
        "federal_total_minor": 10 * MILLION,
    }
    longer = post(client, f"/renewals/{renewal['id']}/grant", body | {"ends_on": "2032-10-01"})
    assert longer.json()["code"] == "renewal_longer"
    following = post(client, f"/renewals/{renewal['id']}/grant", body).json()
    assert (following["number"], following["state"]) == ("DE-2", "draft")
    answer = Client().get(f"/api/v1{path}")
    assert answer.json()["renewed_by_id"] == following["id"]
    assert "SECRET" not in answer.content.decode()


def test_ineligible_is_found_after_the_year(monkeypatch: pytest.MonkeyPatch) -> None:
    under = of_energy()
    renewal = services.open_renewal_review(SYSTEM, under.pk, on=IN_TERM, today=TODAY, now=NOW)
    services.notify_deficiencies(
        SYSTEM, renewal.pk, deficiencies="none", on=IN_TERM, today=TODAY, now=NOW
    )
    monkeypatch.setattr(clock, "today", lambda: date(2023, 3, 1))
    found = {"on": "2023-03-01", "progress": "none"}
    answer = post(agency(), f"/renewals/{renewal.pk}/ineligible", found)
    assert answer.json()["state"] == "ineligible"


def test_closeout_is_read_done_and_opened_again() -> None:
    under = of_energy()
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    path = f"/agreements/{under.pk}/closeout"
    lines = Client().get(f"/api/v1{path}").json()
    assert (len(lines), lines[0]["due_on"]) == (7, "2022-09-28")
    sent = {"done_on": TODAY.isoformat(), "record": "letter 7"}
    done = post(manager(), f"{path}/property_report/complete", sent).json()
    assert [one["item"] for one in done if one["done_on"]] == ["property_report"]
    again = post(agency(), f"{path}/property_report/reopen", {"reason": "x"}).json()
    assert [one["item"] for one in again if one["done_on"]] == []


def test_rules_are_read_as_they_are_and_as_imagined() -> None:
    under = of_energy()
    factories.obligation(under, 10 * MILLION)
    factories.contribution(under, amount_minor=10 * MILLION, is_accepted=True)
    shown = Client().get(f"/api/v1/agreements/{under.pk}/rules").json()
    found = {(one["kind"], one["rule"]): one["standing"] for one in shown}
    assert found["matching", "L-040"] == "met"
    url = "/api/v1/rules/imagined?kind=matching&rule=L-040&share_bp=6000"
    (one,) = Client().get(url).json()
    assert (one["standing"], one["needed_minor"]) == ("not_met", 5 * MILLION)


@pytest.mark.parametrize("count", [1, 3])
def test_imagined_network_takes_the_same_queries_for_any_agreements(count: int) -> None:
    for place in range(count):
        factories.authorised(factories.agreement(f"DE-{place}", agency_key="DOE"))
    with CaptureQueriesContext(connection) as queries:
        Client().get("/api/v1/rules/imagined?kind=matching&rule=L-040")
    assert len(queries) == 8
