import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import PolicyAttestation, PolicyPosition
from lineshaft.apps.governance.rules import PositionKind
from lineshaft.apps.governance.tests.factories import NOW, SYSTEM, make_adopted, revise
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.tests.factories import make_institute
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

POLICY = "/api/v1/policies/sharing-test-beds"


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


@pytest.fixture
def institute() -> Institute:
    return make_institute("mxd", name="MxD")


@pytest.fixture
def manager(institute: Institute) -> Client:
    user = make_user()
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, institute.key)
    client = Client()
    client.force_login(user)
    return client


def post(client: Client, address: str, **content: Any) -> Any:
    return client.post(
        f"{POLICY}/{address}", data=json.dumps(content), content_type="application/json"
    )


def test_policies_are_told_with_their_standings(client: Client, manager: Client) -> None:
    version = make_adopted()
    revise(version)
    (policy,) = client.get("/api/v1/policies").json()["items"]
    assert (policy["key"], policy["version"], policy["draft"]) == ("sharing-test-beds", 1, None)
    assert policy["institutes"] == [
        {
            "institute": "mxd",
            "standing": "silent",
            "version": None,
            "stated_on": None,
            "reason": None,
        }
    ]
    assert manager.get(POLICY).json()["draft"] == 2
    assert [one["number"] for one in client.get(f"{POLICY}/versions").json()["items"]] == [1]
    assert [one["number"] for one in manager.get(f"{POLICY}/versions").json()["items"]] == [2, 1]
    assert client.get("/api/v1/policies/none").status_code == 404


def test_position_and_attestation_are_made(manager: Client) -> None:
    version = make_adopted()
    services.state_position(SYSTEM, version, institute="mxd", kind=PositionKind.ADOPTS, now=NOW)
    answer = post(
        manager, "positions", institute="mxd", version=1, position="deviates", reason="rented"
    )
    assert answer.status_code == 200
    assert answer.json()["position"] == "deviates"
    assert PolicyPosition.objects.latest("pk").reason == "rented"
    answer = post(manager, "attestations", institute="mxd", fiscal_year=2022, is_kept=True)
    assert answer.json()["version"] == 1
    assert PolicyAttestation.objects.count() == 1
    attested = manager.get(f"{POLICY}/attestations").json()["items"]
    assert [one["fiscal_year"] for one in attested] == [2022]


def test_deviation_without_reason_is_a_problem(manager: Client, client: Client) -> None:
    make_adopted()
    answer = post(manager, "positions", institute="mxd", version=1, position="deviates")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_reason")
    answer = post(client, "positions", institute="mxd", version=1, position="adopts")
    assert answer.status_code in {401, 403}
    assert not PolicyPosition.objects.exists()
