import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, connection
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from ninja import NinjaAPI

from lineshaft.kernel.errors import (
    FieldError,
    Invalid,
    LineshaftError,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    TooLarge,
    Unavailable,
)
from lineshaft.kernel.refusals import Citation, Refusal
from lineshaft.plumbing.access.models import IdempotencyRecord, User
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import idempotent, install_problem_handlers, paged, problem_of

pytestmark = pytest.mark.django_db


def post(key: str, user: User, body: object = "x") -> HttpRequest:
    request = RequestFactory().post(
        "/api/v1/things",
        data=json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key} if key else {},
    )
    request.actor = make_actor(user_id=user.pk)  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotPermitted(), 403),
        (NotFound(), 404),
        (Refused(Refusal("rule", "No.", Citation("15 U.S.C. 278s(e)(7)(A)"))), 409),
        (Stale(), 409),
        (Invalid([FieldError("amount", row=3, column="Amount")]), 422),
        (TooLarge(), 413),
        (Unavailable(), 503),
    ],
)
def test_problem_of_each_error_has_its_status_and_shape(error: LineshaftError, status: int) -> None:
    response = problem_of(error)
    body = json.loads(response.content)
    assert (response.status_code, response["Content-Type"]) == (
        status,
        "application/problem+json",
    )
    assert (body["status"], body["code"], body["citation"]) == (status, error.code, error.citation)
    assert bool(body["errors"]) is isinstance(error, Invalid)


@pytest.mark.database
def test_paged_walks_every_row_once_in_one_query_a_page() -> None:
    users = [make_user(name) for name in ("B", "A", "C", "A", "B")]
    seen: list[User] = []
    cursor: str | None = None
    for _page in range(3):
        with CaptureQueriesContext(connection) as queries:
            page = paged(User.objects.all(), cursor=cursor, limit=2, order_by=("-name", "pk"))
        assert len(queries) == 1
        seen += page["items"]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == sorted(users, key=lambda user: (-ord(user.name), user.pk))


def cursor_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    ("cursor", "order_by"),
    [
        pytest.param("nonsense", ["pk"], id="no base64"),
        pytest.param("e30", ["pk"], id="an object"),
        pytest.param("W" * 2000, ["pk"], id="too long"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 90_000).decode(), ["pk"], id="deep"),
        pytest.param(cursor_of(1, 2, 3), ["pk"], id="too many values"),
        pytest.param(cursor_of([]), ["pk"], id="a list as value"),
        pytest.param(cursor_of(None), ["pk"], id="null"),
        pytest.param(cursor_of(*[True]), ["pk"], id="true"),
        pytest.param(cursor_of("x"), ["pk"], id="text for a number"),
        pytest.param(cursor_of(10**30), ["pk"], id="number beyond the column"),
        pytest.param(cursor_of("a\0", 1), ["name", "pk"], id="NUL in a text"),
        pytest.param(cursor_of("\ud800", 1), ["name", "pk"], id="half a character"),
        pytest.param(cursor_of("2022-13-45", 1), ["-date_joined", "pk"], id="no date"),
    ],
)
@pytest.mark.database
def test_paged_with_a_foreign_cursor_is_invalid(cursor: str, order_by: list[str]) -> None:
    with pytest.raises(Invalid, match="no cursor of this list"):
        paged(User.objects.all(), cursor=cursor, limit=2, order_by=order_by)


@pytest.mark.parametrize("error", [OverflowError("int too large"), DataError("out of range")])
def test_value_larger_than_a_column_holds_is_a_problem_and_not_a_crash(error: Exception) -> None:
    api = NinjaAPI(urls_namespace="test_rest")
    install_problem_handlers(api)
    answer = api.on_exception(RequestFactory().get("/"), error)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "out_of_range")


@pytest.mark.parametrize("limit", [0, 501])
def test_paged_beyond_the_limits_is_invalid(limit: int) -> None:
    with pytest.raises(Invalid, match="from 1 to 500"):
        paged(User.objects.all(), cursor=None, limit=limit)


def counter() -> tuple[list[int], Callable[[], dict[str, Any]]]:
    calls: list[int] = []

    def perform() -> dict[str, Any]:
        calls.append(1)
        return {"id": len(calls)}

    return calls, perform


@pytest.mark.database
def test_idempotent_with_the_same_key_performs_once_and_answers_alike() -> None:
    user = make_user()
    calls, perform = counter()
    first = idempotent(post("k1", user), "make", perform, status=201)
    second = idempotent(post("k1", user), "make", perform, status=201)
    assert len(calls) == 1
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second["Idempotent-Replay"] == "true"


def test_idempotent_with_the_key_of_another_request_is_invalid() -> None:
    user = make_user()
    _calls, perform = counter()
    idempotent(post("k1", user), "make", perform)
    with pytest.raises(Invalid, match="used for another request"):
        idempotent(post("k1", user, body="other"), "make", perform)


def test_idempotent_is_kept_apart_by_user_and_without_a_key_not_at_all() -> None:
    calls, perform = counter()
    idempotent(post("k1", make_user()), "make", perform)
    idempotent(post("k1", make_user()), "make", perform)
    idempotent(post("", make_user()), "make", perform)
    assert len(calls) == 3
    assert IdempotencyRecord.objects.count() == 2


def test_idempotent_that_is_refused_stores_nothing_and_can_be_repeated() -> None:
    user = make_user()

    def refuse() -> object:
        raise NotFound

    with pytest.raises(NotFound):
        idempotent(post("k1", user), "make", refuse)
    calls, perform = counter()
    idempotent(post("k1", user), "make", perform)
    assert len(calls) == 1


def test_idempotent_with_an_endless_key_is_invalid() -> None:
    with pytest.raises(Invalid, match="at most 100 characters"):
        idempotent(post("k" * 101, make_user()), "make", lambda: None)


def test_actor_public_is_who_asks_without_a_session() -> None:
    assert Actor.public().is_anonymous is True
