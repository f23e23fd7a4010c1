"""Every address and API operation of an app that is read, as its resolver and router name them, and
what an answer says: for tests of what is closed to somebody.

A world names what each argument is. One that leads to what is closed is wrapped in `Closed`; beside
it the same address is asked for with an id that does not exist, and both answers have to be alike.
An argument that the world does not name raises KeyError, so that a new address is not passed over.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from django.test import Client
from django.urls import get_resolver
from pypdf import PdfReader

from lineshaft.config.api import api
from tests.access.test_access_table import BRACE, PLACE, modules_of_operations, routes

ABSENT: Final = 2_000_000_000
"""An id that no row has."""

FORMS: Final = ("csv", "json", "xlsx")
"""The forms of every export."""

_DRAWN_ANEW: Final = re.compile(r'(value|nonce|content)="[^"]{20,}"')


@dataclass(frozen=True, slots=True)
class Closed:
    """The id of something that is closed."""

    pk: object


type Arguments = Mapping[str, object | Closed | Sequence[object]]
"""What arguments are: by `name:argument` those of one address, by `argument` those of the rest; of
several values each is asked for.
"""


@dataclass(frozen=True, slots=True)
class Door:
    """Something that is read: its name, its address, and, where it leads to what is closed, the
    same with ids that do not exist.
    """

    name: str
    address: str
    absent: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and all that an answer says, its headers among it."""

    status: int
    text: str


def doors_of(app: str, arguments: Arguments, queries: Mapping[str, str]) -> list[Door]:
    """Every page, export and operation of the app that answers to GET; `queries` are asked for of
    the addresses that they name beside those without.
    """
    found = [
        door
        for name, route, places in _routes_of(app)
        for door in _filled(name, route, places, arguments)
    ]
    asked = [
        Door(one.name, f"{one.address}?{queries[one.name]}", "")
        for one in found
        if one.name in queries
    ]
    assert queries.keys() <= {one.name for one in found}
    return [*found, *asked]


def answer_to(client: Client, address: str) -> Answer:
    """What somebody gets there, without its address and what is drawn anew for each asking."""
    response: Any = client.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    told_by = [response.headers.get(name, "") for name in ("Location", "Content-Disposition")]
    text = "\n".join([*told_by, _text_of(content)])
    path = address.partition("?")[0]
    return Answer(response.status_code, _DRAWN_ANEW.sub("", text.replace(path, "")))


def answers_to(client: Client, addresses: Iterable[str]) -> dict[str, Answer]:
    """What somebody gets at each of these addresses."""
    return {address: answer_to(client, address) for address in addresses}


def faults_of(client: Client, doors: Sequence[Door], words: Sequence[str]) -> list[str]:
    """Where any of these words is told, or what is closed from what does not exist."""
    faults = []
    absent = answers_to(client, {door.absent for door in doors if door.absent})
    for door in doors:
        given = answer_to(client, door.address)
        if given.status not in {200, 302, 403, 404, 405}:
            faults.append(f"{door.name} at {door.address}: {given.status}")
        faults += [f"{door.name} tells {word}" for word in words if word in given.text]
        if door.absent and given != absent[door.absent]:
            faults.append(f"{door.name} tells that there is one: {given.status}")
    return faults


def told(clients: Sequence[Client], doors: Sequence[Door], words: Sequence[str]) -> set[str]:
    """Which of these words are told to any of them at any door."""
    texts = [answer_to(client, one.address).text for client in clients for one in doors]
    return {word for word in words if any(word in text for text in texts)}


def _routes_of(app: str) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    """The name and the route of each address, once."""
    seen: set[str] = set()
    for route, name, _module in routes(get_resolver()):
        if name.startswith(f"{app}:") and route not in seen:
            seen.add(route)
            yield name.partition(":")[2], f"/{route}", PLACE
    modules = modules_of_operations()
    for route, operations in api.get_openapi_schema()["paths"].items():
        if "get" in operations:
            name = operations["get"]["operationId"]
            if modules[name].startswith(f"{app}/"):
                yield f"api {name}", route, BRACE


def _filled(name: str, route: str, places: re.Pattern[str], arguments: Arguments) -> Iterator[Door]:
    parts = places.split(route)
    values = [_values(name, argument, arguments) for argument in parts[1::2]]
    for chosen in product(*values):
        address, absent = (_joined(parts[::2], chosen, is_absent=it) for it in (False, True))
        yield Door(name, address, absent if absent != address else "")


def _values(name: str, argument: str, arguments: Arguments) -> Sequence[object]:
    """The values of an argument; raises KeyError where the world does not name it."""
    for key in (f"{name}:{argument}", argument):
        if key in arguments:
            found = arguments[key]
            return found if isinstance(found, tuple) else (found,)
    raise KeyError(name, argument)


def _joined(texts: Sequence[str], values: Sequence[object], *, is_absent: bool) -> str:
    said = [
        str(ABSENT if is_absent else one.pk) if isinstance(one, Closed) else str(one)
        for one in values
    ]
    return "".join(text for pair in zip(texts, [*said, ""], strict=True) for text in pair)


def _text_of(content: bytes) -> str:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            return "\n".join(file.read(name).decode(errors="replace") for name in file.namelist())
    if content.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(content)).pages
        return "\n".join(page.extract_text() for page in pages)
    return content.decode(errors="replace")
