import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db


@pytest.fixture
def mxd() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def manager(mxd: Institute, settings: Settings) -> Client:
    settings.IS_DEMONSTRATION = True
    client, user = Client(), make_user()
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, mxd.key)
    client.force_login(user)
    return client


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(
        f"/api/v1{path}", json.dumps(body), content_type="application/json", headers=headers
    )


@pytest.mark.parametrize("number", [1, 3])
def test_list_members_takes_one_query_and_leaks_nothing(
    client: Client, mxd: Institute, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _place in range(number):
        make_agreement(institute=mxd)
    hidden = make_agreement(make_organisation(level=SharingLevel.RESTRICTED), mxd)
    with django_assert_num_queries(1):
        items = client.get("/api/v1/members", {"institute": "mxd"}).json()["items"]
    assert len(items) == number
    assert {item["tier"] for item in items} == {None}
    assert client.get(f"/api/v1/members/{hidden.pk}").status_code == 404


def test_list_members_by_organisation_and_day(client: Client, mxd: Institute) -> None:
    agreement = make_agreement(institute=mxd, ends_on=date(2022, 7, 1))
    make_agreement(institute=mxd)

    def ids(**params: str | int) -> list[int]:
        answer = client.get("/api/v1/members", params)
        return [item["id"] for item in answer.json()["items"]]

    of_it = {"organisation": agreement.organisation_id}
    assert ids(**of_it, on="2022-06-30") == [agreement.pk]
    assert ids(**of_it, on="2022-07-01") == []


def test_show_member_gives_the_tier_to_the_institutes_staff(
    manager: Client, mxd: Institute
) -> None:
    agreement = make_agreement(institute=mxd)
    body = manager.get(f"/api/v1/members/{agreement.pk}").json()
    assert (body["tier"], body["institute"]) == ("sme", "mxd")


def test_admit_member_once_for_its_key(manager: Client) -> None:
    body = {
        "organisation_id": make_organisation("Gears").pk,
        "institute": "mxd",
        "tier": "sme",
        "starts_on": "2022-01-01",
    }
    key = {"Idempotency-Key": "k1"}
    answers = [post(manager, "/members", body, **key) for _time in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["organisation"] == "Gears"
    assert MemberAgreement.objects.count() == 1
    assert post(manager, "/members", body | {"tier": "diamond"}).status_code == 422
    assert post(Client(), "/members", body).status_code == 401


def test_end_membership_by_its_manager(
    manager: Client, mxd: Institute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    agreement = make_agreement(institute=mxd)
    path = f"/members/{agreement.pk}/end"
    body = {"ends_on": "2022-12-01", "reason": "left"}
    assert post(Client(), path, body).status_code == 401
    assert post(manager, path, body).json()["ends_on"] == "2022-12-01"
    for change, code in (({}, "ended_already"), ({"reason": "term_ended"}, "term_runs")):
        answer = post(manager, path, body | change)
        assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_admit_member_names_no_organisation_that_the_manager_may_not_see(
    manager: Client, mxd: Institute
) -> None:
    hidden = make_organisation(
        "Hidden Works", level=SharingLevel.RESTRICTED, ownership_country="CN", kind="university"
    )
    body = {"institute": mxd.key, "tier": "sme", "starts_on": "2022-01-01"}
    answers = [
        post(manager, "/members", body | {"organisation_id": pk}) for pk in (hidden.pk, 999_999)
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json() == answers[1].json()
    assert not MemberAgreement.objects.exists()


def test_admit_member_with_an_endless_waiver_or_number_is_invalid(
    manager: Client, mxd: Institute
) -> None:
    body = {
        "organisation_id": make_organisation().pk,
        "institute": mxd.key,
        "tier": "sme",
        "starts_on": "2022-01-01",
    }
    for change in ({"waiver_reference": "W" * 201}, {"organisation_id": 10**30}):
        assert post(manager, "/members", body | change).status_code == 422
    assert not MemberAgreement.objects.exists()
