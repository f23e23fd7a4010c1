import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.network.models import Organisation, PersonRole
from lineshaft.apps.network.tests.factories import (
    make_agency,
    make_institute,
    make_institute_date,
    make_institute_fact,
    make_institute_name,
    make_organisation,
    make_person,
    make_technology_area,
)
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

ROW = {"name": "Gears", "kind": "industry_sme", "city": "Akron", "region": "OH"}


@pytest.fixture
def officer(client: Client, settings: Settings) -> Client:
    settings.IS_DEMONSTRATION = True
    user = make_user()
    make_grant(user, Role.PROGRAMME_OFFICER)
    client.force_login(user)
    return client


@pytest.mark.parametrize("number", [1, 3])
def test_list_institutes_takes_three_queries(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(number):
        make_institute(f"institute-{place}")
    with django_assert_num_queries(3):
        items = client.get("/api/v1/institutes").json()["items"]
    assert len(items) == number
    assert (items[0]["sponsors"], items[0]["technology_areas"]) == (["DOD"], ["robotics"])
    assert items[0]["place"]["city"] == "Youngstown"


def test_show_institute_gives_every_fact_with_its_source(client: Client) -> None:
    institute = make_institute("mxd", name="MxD")
    make_institute_name(institute, "DMDII")
    make_institute_date(institute)
    make_institute_fact(institute, text="Digital manufacturing")
    body = client.get("/api/v1/institutes/mxd").json()
    assert [name["name"] for name in body["names"]] == ["DMDII"]
    assert [one["on"] for one in body["dates"]] == ["2012-08-16"]
    assert [(fact["text"], fact["source"]) for fact in body["facts"]] == [
        ("Digital manufacturing", "a source")
    ]
    assert client.get("/api/v1/institutes/none").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_list_organisations_takes_one_query_and_leaks_nothing(
    client: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _place in range(number):
        make_organisation()
    hidden = make_organisation("Hidden", level=SharingLevel.NETWORK)
    with django_assert_num_queries(1):
        items = client.get("/api/v1/organisations").json()["items"]
    assert [item["name"] for item in items].count("Hidden") == 0
    assert len(items) == number
    assert client.get(f"/api/v1/organisations/{hidden.pk}").status_code == 404


def test_lists_of_agencies_and_areas_name_what_is_above(client: Client) -> None:
    make_agency("NIST", parent=make_agency("DOC"))
    make_technology_area("additive", parent=make_technology_area("processes"))
    agencies = client.get("/api/v1/agencies").json()["items"]
    areas = client.get("/api/v1/technology-areas").json()["items"]
    assert [(one["key"], one["parent"]) for one in agencies] == [("DOC", None), ("NIST", "DOC")]
    assert [(one["key"], one["parent"]) for one in areas] == [
        ("additive", "processes"),
        ("processes", None),
    ]


def test_register_organisation_once_for_its_key(officer: Client) -> None:
    body = ROW | {
        "identifiers": [{"scheme": "uei", "value": "hj7ljz2k9c35"}],
        "aliases": ["Old Gears"],
        "designations": ["minority_business"],
        "latitude": 41.08,
        "longitude": -81.51,
    }
    answers = [
        officer.post(
            "/api/v1/organisations",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": "k1"},
        )
        for _time in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["identifiers"] == [{"scheme": "uei", "value": "HJ7LJZ2K9C35"}]
    assert answers[0].json()["aliases"] == ["Old Gears"]
    assert answers[0].json()["designations"] == ["minority_business"]
    assert Organisation.objects.count() == 1


def test_register_organisation_with_faults_or_without_role(officer: Client) -> None:
    def post(client: Client, **changes: object) -> tuple[int, object]:
        answer = client.post(
            "/api/v1/organisations", json.dumps(ROW | changes), content_type="application/json"
        )
        return answer.status_code, answer.json()["code"]

    assert post(officer, kind="factory") == (422, "invalid")
    assert post(Client()) == (401, "token")


PERSON = {"name": "Ada Example", "email": "ada@example.org"}


def manager_of(institute_key: str, settings: Settings) -> Client:
    settings.IS_DEMONSTRATION = True
    client, user = Client(), make_user()
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute_key)
    client.force_login(user)
    return client


def post(client: Client, path: str, body: Mapping[str, object], **headers: str) -> Any:
    return client.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def test_register_person_and_appoint_by_address(settings: Settings) -> None:
    make_institute("mxd")
    company = make_organisation()
    manager = manager_of("mxd", settings)
    body = PERSON | {"organisation_id": company.pk}
    first = post(manager, "/people", body, idempotency_key="a")
    again = post(manager, "/people", body, idempotency_key="a")
    assert first.json() == again.json()
    assert first.json()["organisation_id"] == company.pk
    assert post(manager, "/people", body).status_code == 422
    role = {"email": "ADA@example.org", "kind": "director", "starts_on": "2022-01-01"}
    answer = post(manager, "/institutes/mxd/appointments", role)
    assert answer.json() == {
        "id": PersonRole.objects.get().pk,
        "person_id": first.json()["id"],
        "institute": "mxd",
        "kind": "director",
        "starts_on": "2022-01-01",
        "ends_on": None,
    }
    assert post(manager, "/institutes/mxd/appointments", role).status_code == 409


def test_register_and_appoint_tell_strangers_nothing(settings: Settings, client: Client) -> None:
    make_institute("mxd")
    make_institute("lift")
    make_person(email="ada@example.org")
    hidden = make_organisation(level=SharingLevel.RESTRICTED)
    manager = manager_of("mxd", settings)
    unseen = post(manager, "/people", {"name": "B", "email": "", "organisation_id": hidden.pk})
    assert unseen.status_code == 404
    role = {"kind": "director", "starts_on": "2022-01-01"}
    answers = [
        post(asking, path, role | {"email": address}).status_code
        for asking, path in (
            (client, "/institutes/mxd/appointments"),
            (manager, "/institutes/lift/appointments"),
            (manager, "/institutes/mxd/appointments"),
        )
        for address in ("ada@example.org", "nobody@example.org", "")
    ]
    assert answers == [401, 401, 401, 403, 403, 403, 200, 404, 404]


def test_amend_organisation_changes_what_is_given_alone(officer: Client) -> None:
    stored = make_organisation("Gears", city="Akron")
    Organisation.objects.update(website="https://gears.example")
    answer = officer.post(
        f"/api/v1/organisations/{stored.pk}/amendments",
        json.dumps({"name": "Fine Gears", "website": None, "why": "renamed"}),
        "application/json",
    )
    body = answer.json()
    assert (answer.status_code, body["name"], body["city"]) == (200, "Fine Gears", "Akron")
    stored.refresh_from_db()
    assert (stored.website, body["aliases"]) == ("https://gears.example", ["Gears"])


def test_amend_organisation_is_not_for_everybody(client: Client, settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True
    client.force_login(make_user())
    stored = make_organisation("Gears")
    path = f"/api/v1/organisations/{stored.pk}/amendments"
    assert client.post(path, json.dumps({"name": "Mine"}), "application/json").status_code == 403
    stored.refresh_from_db()
    assert stored.name == "Gears"


def test_institute_goes_through_its_states(officer: Client) -> None:
    make_institute("mxd", status="proposed")

    def move(verb: str, on: str, **more: str) -> tuple[int, str]:
        body = json.dumps({"on": on, "source": "a notice", **more})
        answer = officer.post(f"/api/v1/institutes/mxd/{verb}", body, "application/json")
        said = answer.json()
        return answer.status_code, said["status"] if answer.status_code == 200 else said["code"]

    assert move("plan", "2020-01-01") == (200, "planned")
    assert move("establish", "2021-01-01") == (200, "active")
    assert move("plan", "2021-02-01")[0] == 409
    assert move("open-cure-period", "2024-01-01") == (200, "cure_period")
    assert move("close-cure-period", "2024-06-01") == (200, "active")
    assert move("terminate", "2025-01-01", ground="nonsense") == (422, "invalid")
