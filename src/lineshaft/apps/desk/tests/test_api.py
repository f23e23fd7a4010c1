"""Jobs, imports and the audit trail over the API: what the pages show, to whom they show it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.exchange.models import ImportBatch
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.jobs.services import enqueue
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

NOW = datetime(2022, 6, 1, 12, tzinfo=UTC)
DIGEST = "0" * 64


@pytest.fixture(autouse=True)
def _demonstration(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True


def signed_in(
    role: Role, kind: ScopeKind = ScopeKind.NETWORK, scope: str = ""
) -> tuple[Client, User]:
    user = make_user(str(role))
    make_grant(user, role, kind, scope)
    client = Client()
    client.force_login(user)
    return client, user


def items(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/v1/{path}").json()["items"]
    return found


def make_job(user: User, number: int = 0) -> str:
    return str(enqueue(Actor(user.pk, user.name), "take_snapshot", {"n": number}, now=NOW).pk)


def make_import(user: User) -> str:
    source, _new = StoredFile.objects.get_or_create(
        sha256=DIGEST, defaults={"size_bytes": 1, "name": "a.csv", "uploaded_at": NOW}
    )
    batch = ImportBatch.objects.create(
        kind="organisations",
        source=source,
        is_dry_run=True,
        state="refused",
        requested_by=user,
        actor_label=user.name,
        requested_at=NOW,
        errors=[
            {
                "row": 2,
                "column": "name",
                "value": "",
                "message": "Nothing stands here.",
                "remedy": "",
                "params": {},
            }
        ],
    )
    return str(batch.pk)


def make_event(institute: str = "") -> int:
    event = record_event(
        Actor.system("x"), "sign_agreement", ("a.b", "1"), now=NOW, institute=institute
    )
    return event.pk


def test_job_is_asked_for_by_whoever_wanted_it_and_by_staff() -> None:
    owner, user = signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    other, _user = signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    staff, _user = signed_in(Role.AUDITOR)
    job = make_job(user)
    assert owner.get(f"/api/v1/jobs/{job}").json()["state"] == "queued"
    assert [len(items(one, "jobs")) for one in (owner, other, staff, Client())] == [1, 0, 1, 0]
    assert [one.get(f"/api/v1/jobs/{job}").status_code for one in (other, Client())] == [404, 404]


def test_import_tells_its_faults_to_whoever_ran_it() -> None:
    owner, user = signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    other, _user = signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    batch = make_import(user)
    assert owner.get(f"/api/v1/imports/{batch}").json()["errors"] == [
        {"row": 2, "column": "name", "value": "", "message": "Nothing stands here."}
    ]
    assert [len(items(one, "imports")) for one in (owner, other, Client())] == [1, 0, 0]
    assert other.get(f"/api/v1/imports/{batch}").status_code == 404


def test_audit_trail_shows_the_own_institutes_events_alone() -> None:
    manager, _user = signed_in(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "lift")
    staff, _user = signed_in(Role.AUDITOR)
    own, foreign = make_event("lift"), make_event("mxd")
    assert [one["id"] for one in items(manager, "audit-events")] == [own]
    assert [one["id"] for one in items(staff, "audit-events")] == [foreign, own]
    assert [one["id"] for one in items(staff, "audit-events?institute=lift")] == [own]
    assert items(staff, "audit-events?since=2022-06-02") == []
    assert items(Client(), "audit-events") == []
    assert manager.get(f"/api/v1/audit-events/{own}").json()["verb"] == "sign_agreement"
    assert manager.get(f"/api/v1/audit-events/{foreign}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", ["jobs", "imports", "audit-events"])
def test_list_costs_the_same_for_any_length_and_pages(
    count: int, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, user = signed_in(Role.PROGRAMME_OFFICER)
    for number in range(count):
        make_job(user, number)
        make_import(user)
        make_event()
    client.get("/api/v1/me")
    # session, user, grants, organisations, the rows; of the trail what is closed to the reader
    with django_assert_num_queries(6 if path == "audit-events" else 5):
        assert len(items(client, path)) >= count
    first = client.get(f"/api/v1/{path}?limit=1").json()
    if count > 1:
        rest = items(client, f"{path}?cursor={first['next_cursor']}")
        assert first["items"][0]["id"] not in [one["id"] for one in rest]
