"""What stands around every request: errors in one shape, HEAD, and text that can be stored."""

import json
from typing import Any

import pytest
from django.test import Client

from lineshaft.apps.network import queries
from lineshaft.plumbing.access.models import ApiToken
from lineshaft.plumbing.access.tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("DELETE", "/api/v1/agencies", 405, "method_not_allowed"),
        ("GET", "/api/v1/agencies?limit=x", 422, "invalid"),
    ],
)
def test_every_error_of_the_api_is_a_problem(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client.generic(method, path)
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert ("Allow" in answer.headers) is (status == 405)


def test_crash_of_the_api_is_a_problem_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash() -> None:
        raise RuntimeError

    monkeypatch.setattr(queries, "agencies", crash)
    answer = Client(raise_request_exception=False).get("/api/v1/agencies")
    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")


def test_foreign_host_is_a_problem_of_the_api(client: Client) -> None:
    answer = client.get("/api/v1/agencies", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("path", ["/", "/institutes/", "/reports/", "/api/v1/agencies"])
def test_head_is_answered_as_get_is(client: Client, path: str) -> None:
    got, headed = client.get(path), client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"") == (200, b"")


@pytest.mark.parametrize("path", ["/topics/{}/", "/organisations/{}/"])
@pytest.mark.database
def test_number_beyond_any_key_names_nothing(client: Client, path: str) -> None:
    for number in (2**63 - 1, 2**63, 10**25):
        assert client.get(path.format(number)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/opportunities", "/topics", "/institutes", "/organisations", "/outside-awards"]
)
@pytest.mark.database
def test_words_too_long_to_be_compared_are_refused_by_the_api(client: Client, path: str) -> None:
    assert client.get(f"/api/v1{path}?q={'x' * 50}").status_code == 200
    answer = client.get(f"/api/v1{path}?q={'x' * 60_000}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    "path",
    ["/search/?q=%00", "/api/v1/search?text=%00", "/api/v1/agencies?a=%00"],
)
@pytest.mark.database
def test_nul_in_an_address_is_refused(client: Client, path: str) -> None:
    assert client.get(path).status_code == 422


@pytest.mark.database
def test_nul_in_a_form_is_refused_and_stores_nothing(client: Client) -> None:
    client.force_login(make_user())
    answer = client.post("/access/tokens/create/", {"name": "a\0b", "days": "1"})
    assert (answer.status_code, "cannot be stored" in answer.content.decode()) == (422, True)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
@pytest.mark.database
def test_text_that_cannot_be_stored_is_refused_by_the_api(client: Client, text: str) -> None:
    user = make_user()
    client.force_login(user)
    body: dict[str, Any] = {"name": text, "kind": "university", "region": "OH"}
    answer = client.post("/api/v1/organisations", json.dumps(body), "application/json")
    assert (answer.status_code, "cannot be stored" in answer.json()["detail"]) == (422, True)


@pytest.mark.parametrize("year", ["0", "1", "-5", "10000", "99999", "9" * 20])
def test_year_outside_the_calendar_is_a_problem(client: Client, year: str) -> None:
    answer = client.get(f"/api/v1/institutes/nextflex/match?fiscal_year={year}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
