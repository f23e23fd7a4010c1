from typing import Any

import pytest
from django.test import Client

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.models import ReportEdition
from lineshaft.apps.insight.tests.factories import (
    MILLION,
    SYSTEM,
    YEAR,
    attest_all,
    make_draft,
    make_published,
    make_snapshot,
)
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db
API = "/api/v1"


def _client(role: Role, kind: ScopeKind = ScopeKind.NETWORK, scope_id: str = "") -> Client:
    user = make_user()
    make_grant(user, role, kind, scope_id)
    client = Client()
    client.force_login(user)
    return client


def _post(client: Client, path: str, content: dict[str, Any] | None = None) -> Any:
    return client.post(f"{API}{path}", content or {}, content_type="application/json")


def test_figures_are_listed_by_period_and_institute() -> None:
    make_published()
    client = Client()
    everything = client.get(f"{API}/figures").json()
    values = {one["id"]: one["value"] for one in everything["items"]}
    assert values["funding.match_ratio"] == 1.6
    assert values["funding.federal_obligated"] == 15_000_000
    own = client.get(f"{API}/figures?institute=lift&period={YEAR}").json()
    assert {one["institute"] for one in own["items"]} == {"lift"}
    assert client.get(f"{API}/figures?period=1999").status_code == 404


def test_figures_before_a_report_are_not_there() -> None:
    make_draft()
    assert Client().get(f"{API}/figures").status_code == 404
    assert _client(Role.PROGRAMME_OFFICER).get(f"{API}/figures").status_code == 200


def test_figure_has_its_definition_query_and_values() -> None:
    make_published()
    found = Client().get(f"{API}/figures/funding.match_ratio").json()
    assert found["numerator"] == 24 * MILLION
    assert [(one["institute"], one["value"]) for one in found["values"]] == [
        ("", 1.6),
        ("america-makes", 2),
        ("lift", 0.8),
    ]
    assert "money_years" in found["query"]
    assert Client().get(f"{API}/figures/funding.nothing").status_code == 404


def test_reports_are_listed_and_shown_as_stored() -> None:
    edition = make_published()
    listed = Client().get(f"{API}/reports").json()
    assert [(one["fiscal_year"], one["state"]) for one in listed["items"]] == [(YEAR, "published")]
    assert listed["items"][0]["sha256"] == edition.sha256
    shown = Client().get(f"{API}/reports/{YEAR}")
    assert list(shown.json()) == ["period", "as_of", "snapshot", "figures"]
    assert Client().get(f"{API}/reports/{YEAR}?edition=2").status_code == 404


def test_verbs_of_a_report_are_each_their_persons_alone() -> None:
    make_snapshot()
    office = _client(Role.PROGRAMME_OFFICER)
    manager = _client(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes")
    assert _post(manager, f"/reports/{YEAR}/open").status_code == 403
    assert _post(office, f"/reports/{YEAR}/open").status_code == 201
    part = manager.get(f"{API}/reports/{YEAR}/parts/america-makes").json()
    assert manager.get(f"{API}/reports/{YEAR}/parts/lift").status_code == 404
    attest = f"/reports/{YEAR}/parts/america-makes/attest"
    assert _post(office, attest, {"seen_digest": part["digest"]}).status_code == 403
    assert _post(manager, attest, {"seen_digest": "0" * 64}).status_code == 409
    assert _post(manager, attest, {"seen_digest": part["digest"]}).json()["state"] == "attested"
    refused = _post(office, f"/reports/{YEAR}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "parts_not_attested")
    withdraw = f"/reports/{YEAR}/parts/america-makes/withdraw"
    assert _post(manager, withdraw, {"reason": "A slip"}).json()["state"] == "draft"
    attest_all(ReportEdition.objects.get())
    assert _post(office, f"/reports/{YEAR}/publish").json()["state"] == "published"
    assert _post(manager, f"/reports/{YEAR}/restate", {"reason": "Why"}).status_code == 403
    restated = _post(office, f"/reports/{YEAR}/restate", {"reason": "Why"})
    assert (restated.status_code, restated.json()["number"]) == (201, 2)
    assert queries.edition_to_read(SYSTEM, YEAR, number=1).is_restated


def test_snapshot_is_queued_for_those_who_may() -> None:
    manager = _client(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes")
    assert _post(manager, "/snapshots").status_code == 202
    assert _post(Client(), "/snapshots").status_code == 401
