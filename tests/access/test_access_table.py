"""Every address and API operation, asked for by every persona: the answers stand in table.csv.

The table is reviewed like code: a change of who may see or do what shows as a changed cell. Write
it anew with `pytest tests/access --write-tables`, and read the difference.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from lineshaft.config import middleware
from lineshaft.config.actor import actor_of_request
from lineshaft.config.api import api
from lineshaft.demonstration.personas import PERSONAS
from lineshaft.plumbing.actor import Actor
from lineshaft.web import errors
from tests.access.world import World, make_world

TABLE = Path(__file__).with_name("table.csv")
WHO = ("public", *(persona.key for persona in PERSONAS))
DRAWN_QUICKLY = ("programme_officer", "institute_manager")
"""For whom the pages are drawn too in `make test`; in `make test-all` for everybody."""

UNNAMED_PREFIX = "accounts/social/"
"""Old addresses of allauth that redirect to the named ones."""

SIGNING_PREFIX = "accounts/"
"""Addresses that may sign the client out, so that each is asked by a new one."""

BRACE = re.compile(r"\{([a-z_]+)\}")
PLACE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
METHOD_NOT_ALLOWED = 405
"""Said by the view whoever asks, so it is asked once."""

SPACES_OF_API = {
    "applications": "applications",
    "appointments": "appointments",
    "award-overlaps": "award_overlaps",
    "bodies": "bodies",
    "delegations": "delegations",
    "invoices": "invoices",
    "directory": "directory",
    "needs": "needs",
    "competition-applications": "workspaces",
    "opportunities": "competitions",
    "members": "memberships",
    "organisation-pairs": "pairs",
    "organisations": "network",
    "outside-awards": "outside_awards",
    "participation": "memberships",
    "policies": "governance",
    "topics": "competitions",
}
"""The app or noun by whose name an argument of these operations is looked up."""

GROUP = re.compile(r"\(\?P<([a-z0-9]+)>[^)]*\)")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: its method, its route as declared, its name and the address asked for."""

    method: str
    route: str
    name: str
    address: str


def routes(
    resolver: URLResolver, prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Each route with its name and with the module of its view."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, f"{space}{entry.name or ''}", module_of(entry.callback)
        else:
            inner = f"{entry.namespace}:" if entry.namespace else space
            yield from routes(entry, route, inner)


def module_of(view: object) -> str:
    """The app and the module of a view or an operation, such as `reviewing/panels`."""
    parts = getattr(view, "__module__", "").split(".")
    return f"{parts[-3]}/{parts[-1]}" if len(parts) > 3 else ""


def value(world: World, name: str, argument: str, module: str) -> str:
    """What the argument is in that address; raises KeyError for one that the world does not name,
    since a key that is guessed is another one after other tests.
    """
    space = name.partition(":")[0]
    for key in (f"{name}:{argument}", f"{module}:{argument}", f"{space}:{argument}", argument):
        if key in world.arguments:
            return str(world.arguments[key])
    raise KeyError(name, argument)


def filled(world: World, name: str, places: re.Pattern[str], route: str, module: str) -> str:
    """The route with every argument replaced by its value."""
    parts = places.split(route)
    values = [value(world, name, argument, module) for argument in parts[1::2]]
    return "".join(text for pair in zip(parts[::2], [*values, ""], strict=True) for text in pair)


def modules_of_operations() -> dict[str, str]:
    """The module of each operation of the API by its id."""
    return {
        operation.operation_id or operation.view_func.__name__: module_of(operation.view_func)
        for _prefix, router in api._routers  # noqa: SLF001 -- the document does not name them
        for path in router.path_operations.values()
        for operation in path.operations
    }


def page_asks(world: World) -> Iterator[Ask]:
    seen: set[str] = set()
    for route, name, module in routes(get_resolver()):
        if route in seen:  # the first of an address is the one that answers
            continue
        seen.add(route)
        if name.startswith("api:") or route.startswith(UNNAMED_PREFIX):
            continue
        address = filled(world, name, PLACE, route, module)
        address = GROUP.sub("unknown", address).replace("^", "").replace("$", "")
        yield from (Ask(method, route, name, f"/{address}") for method in ("GET", "POST"))


def api_asks(world: World) -> Iterator[Ask]:
    modules = modules_of_operations()
    for route, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            name = f"api:{operation['operationId']}"
            owner = SPACES_OF_API.get(route.split("/")[3], "api")
            module = modules.get(operation["operationId"], "")
            address = filled(world, f"{owner}:", BRACE, route, module)
            yield Ask(method.upper(), route, name, address)
    yield Ask("GET", "/api/v1/openapi.json", "api:openapi-json", "/api/v1/openapi.json")
    yield Ask("GET", "/api/v1/docs", "api:openapi-view", "/api/v1/docs")


class PlainClient(Client):
    """Keeps no copy of each template's context, as the test client does for its assertions."""

    def request(self, **request: Any) -> Any:
        environ = self._base_environ(**request)  # type: ignore[attr-defined]  # no public name
        response = self.handler(environ)
        self.cookies.update(response.cookies)
        return response


def answer(client: Client, ask: Ask) -> int:
    """The status; what the request has changed is taken back.

    A stream is read to its end, which closes it. `close()` by hand would take the connection with
    it, in the middle of the transaction.
    """
    kind = (
        "application/json" if ask.name.startswith("api:") else "application/x-www-form-urlencoded"
    )
    body = "{}" if ask.name.startswith("api:") else ""
    response: Any
    with transaction.atomic():
        if ask.method == "GET":
            response = client.get(ask.address)
        else:
            response = client.post(ask.address, data=body, content_type=kind)
        for _chunk in response.streaming_content if response.streaming else ():
            pass
        transaction.set_rollback(True)
    status: int = response.status_code
    return status


@pytest.fixture
def _asked_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is the same in every answer to a persona is made once, and no refusal is drawn.

    Whatever a request changes is taken back, so a user and an actor stay who they are; what the
    page of an error shows is tested by its own tests, here its status counts.
    """
    users: dict[str, Any] = {}
    actors: dict[int, Actor] = {}

    def get_user(request: HttpRequest) -> Any:
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if key not in users:
            users[key] = auth_get_user(request)
        return users[key]

    def actor_once(request: HttpRequest, *, today: date) -> Actor:
        key = request.user.pk or 0
        if key not in actors:
            actors[key] = actor_of_request(request, today=today)
        return actors[key]

    auth_get_user = auth.get_user
    monkeypatch.setattr(auth, "get_user", get_user)
    monkeypatch.setattr(middleware, "actor_of_request", actor_once)
    monkeypatch.setattr(
        errors, "_page", lambda _request, kind, **_said: HttpResponse(status=kind.status)
    )


class Drawing:
    """Whether pages are drawn; else their status alone is asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_on = True
        render = Template.render

        def render_if_on(template: Template, *arguments: Any, **named: Any) -> str:
            return render(template, *arguments, **named) if self.is_on else ""

        monkeypatch.setattr(Template, "render", render_if_on)


def client_of(world: World, who: str) -> Client:
    client = PlainClient()
    if who != "public":
        client.force_login(world.users[who])
    return client


@pytest.mark.long
@pytest.mark.usefixtures("_asked_cheaply")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "drawn", [DRAWN_QUICKLY, pytest.param(WHO, marks=pytest.mark.slow)], ids=["two", "all"]
)
def test_answer_to_every_persona_is_the_one_in_the_table(
    drawn: tuple[str, ...],
    settings: Settings,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing = Drawing(monkeypatch)
    settings.IS_DEMONSTRATION = True
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    settings.FILES_DIR = tmp_path / "files"
    world = make_world()
    asks = [*page_asks(world), *api_asks(world)]
    found: dict[tuple[str, str, str], list[str]] = {
        (ask.method, ask.route, ask.name): [] for ask in asks
    }
    no_such_method: set[Ask] = set()
    for who in WHO:
        client = client_of(world, who)
        drawing.is_on = who in drawn
        for ask in asks:
            if ask.route.startswith(SIGNING_PREFIX):
                client = client_of(world, who)
            status = METHOD_NOT_ALLOWED if ask in no_such_method else answer(client, ask)
            if status == METHOD_NOT_ALLOWED:
                no_such_method.add(ask)
            found[ask.method, ask.route, ask.name].append(str(status))
    rows = [[*key, *statuses] for key, statuses in sorted(found.items(), key=lambda one: one[0][1])]
    head = ["method", "route", "name", *WHO]
    if request.config.getoption("--write-tables"):
        with TABLE.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *rows])
    with TABLE.open(newline="") as file:
        expected = list(csv.reader(file))
    assert [head, *rows] == expected
    assert [row for row in rows if "500" in row] == []
