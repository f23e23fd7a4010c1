"""The API's document as reviewed: a change of it is seen in the difference of openapi.json."""

import json
from pathlib import Path

import pytest
from django.test import Client
from ninja import Schema

from lineshaft.config.api import api

SNAPSHOT = Path(__file__).with_name("openapi.json")


def test_openapi_document_is_the_one_under_review(request: pytest.FixtureRequest) -> None:
    found = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    found["info"]["version"] = ""  # the version of the program, which every release changes
    if request.config.getoption("--write-tables"):
        SNAPSHOT.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    assert found == json.loads(SNAPSHOT.read_text())


@pytest.mark.django_db
def test_openapi_document_is_built_once_and_served(client: Client) -> None:
    document = api.get_openapi_schema()
    assert api.get_openapi_schema() is document
    served = client.get("/api/v1/openapi.json").json()
    assert served == json.loads(json.dumps(document, default=str))


def test_openapi_document_is_version_3_1_and_names_every_operation_once() -> None:
    document = api.get_openapi_schema()
    names = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    assert document["openapi"].startswith("3.1")
    assert len(set(names)) == len(names)


def test_every_number_in_an_address_is_bounded() -> None:
    document = api.get_openapi_schema()
    unbounded = [
        f"{operation['operationId']}: {parameter['name']}"
        for operations in document["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        for kind in [parameter["schema"], *parameter["schema"].get("anyOf", [])]
        if kind.get("type") == "integer"
        and "maximum" not in kind
        and parameter["name"] != "limit"  # paged says itself how many rows a page has
    ]
    assert unbounded == []


def test_every_shape_has_a_name_of_its_own() -> None:
    """The document holds shapes by name: of two that bear one, it would show the last for both."""
    shapes: dict[str, set[str]] = {}
    waiting: list[type] = [Schema]
    for shape in waiting:  # grows as it goes
        waiting += shape.__subclasses__()
        if shape.__module__.startswith("lineshaft."):
            shapes.setdefault(shape.__name__, set()).add(shape.__module__)
    assert {name: modules for name, modules in shapes.items() if len(modules) > 1} == {}
