import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import Delegation, PolicyAttestation, PolicyPosition
from lineshaft.apps.governance.rules import PositionKind
from lineshaft.apps.governance.tests.factories import (
    NOW,
    SYSTEM,
    make_adopted,
    make_board,
    revise,
)
from lineshaft.apps.governance.tests.meetings import make_voter
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


def send(client: Client, address: str, **content: Any) -> Any:
    return client.post(
        f"/api/v1/{address}", data=json.dumps(content), content_type="application/json"
    )


def test_delegations_are_made_and_revoked(institute: Institute, manager: Client) -> None:
    board, ada = make_board(institute), make_voter("Ada")
    terms = {"verb": "call_meeting", "reason": "Secretary", "starts_on": "2022-09-01"}
    answer = send(manager, "delegations", **terms, person=" ADA@example.org", body=board.key)
    assert answer.status_code == 200
    made = answer.json()
    assert (made["person_id"], made["institute"], made["body"]) == (ada.pk, "mxd", board.key)
    assert (made["is_revoked"], made["is_upheld"]) == (False, True)
    by_role = send(manager, "delegations", **terms, role="institute_finance", institute="mxd")
    assert by_role.json()["role"] == "institute_finance"
    assert [one["id"] for one in manager.get("/api/v1/delegations").json()["items"]] == [
        by_role.json()["id"],
        made["id"],
    ]
    answer = send(manager, f"delegations/{made['id']}/revoke", why=" She left. ")
    assert (answer.status_code, answer.json()["is_revoked"]) == (200, True)
    assert Delegation.objects.get(pk=made["id"]).why_revoked == "She left."
    again = send(manager, f"delegations/{made['id']}/revoke", why="Again")
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("given", "status"),
    [
        pytest.param({"person": "ada@example.org"}, 403, id="over the network"),
        pytest.param({"person": "ada@example.org", "institute": "lift"}, 403, id="of another"),
        pytest.param({"person": "none@example.org", "institute": "lift"}, 403, id="asked first"),
        pytest.param({"person": "none@example.org", "institute": "mxd"}, 404, id="nobody"),
        pytest.param({"institute": "mxd"}, 409, id="to nobody"),
        pytest.param({"institute": "mxd", "role": "king"}, 409, id="no such role"),
        pytest.param({"institute": "none", "role": "institute_finance"}, 404, id="no institute"),
        pytest.param({"body": "none", "role": "institute_finance"}, 404, id="no body"),
        pytest.param(
            {"institute": "mxd", "role": "institute_finance", "up_to_minor": -1}, 422, id="negative"
        ),
        pytest.param(
            {"institute": "mxd", "role": "institute_finance", "up_to_minor": 10**30},
            422,
            id="far too much",
        ),
    ],
)
def test_delegations_are_refused_one_by_one(
    manager: Client, given: dict[str, object], status: int
) -> None:
    make_institute("lift", name="LIFT")
    make_voter("Ada")
    terms = {"verb": "call_meeting", "reason": "Secretary", "starts_on": "2022-09-01"}
    assert send(manager, "delegations", **terms, **given).status_code == status
    assert not Delegation.objects.exists()


def test_whoever_may_not_delegate_revokes_nothing(institute: Institute, manager: Client) -> None:
    terms = {"verb": "call_meeting", "reason": "Secretary", "starts_on": "2022-09-01"}
    made = send(manager, "delegations", **terms, role="institute_finance", institute="mxd").json()
    assert send(Client(), f"delegations/{made['id']}/revoke", why="x").status_code == 401
    member = Client()
    member.force_login(make_user("nobody@example.org"))
    assert send(member, f"delegations/{made['id']}/revoke", why="x").status_code == 404
    assert send(member, "delegations", **terms, role="institute_finance").status_code == 403
    assert Delegation.objects.get().revoked_at is None
