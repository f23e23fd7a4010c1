"""Every operation of the API, asked with what its document allows and with what it forbids.

Requests are generated from the OpenAPI document, in an order that is the same in every run. No
answer is a fault of the program; a good one conforms to the document, and every other is a problem
as RFC 9457 has it. Half of the addresses name what there is, so that more than 404 is asked for.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
import requests
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from lineshaft.config.api import api
from tests.access.test_access_table import SPACES_OF_API, modules_of_operations, value
from tests.access.world import World, make_world

EXAMPLES: Final = 3
"""Requests of each kind for one operation."""

GOOD_LEAST: Final = 60
"""So many operations give some good answer, or conforming to the document would be tried by few."""

WHO: Final = "programme_officer"
"""Sees most and may do most."""

PROBLEM: Final = "application/problem+json"
PROBLEM_MEMBERS: Final = {"type", "title", "status", "code"}
KEY: Final = "Idempotency-Key"

type Case = schemathesis.Case[Any]


def asked(client: Client, case: Case) -> schemathesis.Response:
    """The answer; what the request has changed is taken back."""
    given_by_case = case.as_transport_kwargs(base_url="http://testserver")
    request = requests.Request(**given_by_case).prepare()
    sent = {name: str(text) for name, text in request.headers.items()}
    response: Any
    with transaction.atomic():
        response = client.generic(
            request.method or "GET",
            request.path_url,
            data=request.body or b"",
            content_type=sent.pop("Content-Type", "application/json"),
            headers={**sent, KEY: "fuzz"},
        )
        content = response.getvalue()
        transaction.set_rollback(True)
    return schemathesis.Response(
        status_code=response.status_code,
        headers={name: [text] for name, text in response.items()},
        content=content,
        request=request,
        elapsed=0.0,
        verify=False,
    )


def check(case: Case, answer: schemathesis.Response) -> None:
    """No fault; conforming where it is good; else a problem that says what is wrong."""
    assert answer.status_code < 500, f"{case.method} {case.formatted_path}: {answer.status_code}"
    if answer.status_code < 300:
        checks = [content_type_conformance, response_schema_conformance]
        case.validate_response(answer, checks=checks)
        return
    assert answer.headers["content-type"][0].split(";")[0] == PROBLEM
    said = answer.json()
    assert set(said) >= PROBLEM_MEMBERS
    assert said["status"] == answer.status_code


def addressed(world: World, case: Case) -> Case:
    """The same request of what there is."""
    owner = SPACES_OF_API.get(case.operation.path.split("/")[3], "api")
    module = modules_of_operations().get(case.operation.definition.raw["operationId"], "")
    case.path_parameters = {
        name: value(world, f"{owner}:", name, module) for name in case.path_parameters or {}
    }
    return case


def operations() -> Iterator[tuple[str, Any]]:
    schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        yield operation.definition.raw["operationId"], operation


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_api_answers_whatever_it_is_asked(settings: Settings, tmp_path: Path) -> None:
    settings.IS_DEMONSTRATION = True
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    settings.FILES_DIR = tmp_path / "files"
    world = make_world()
    client = Client()
    client.force_login(world.users[WHO])
    failed: dict[str, str] = {}
    good: set[str] = set()
    for name, operation in operations():
        for mode in GenerationMode:
            try:
                good |= fuzzed(world, client, name, operation, mode)
            except Unsatisfiable:
                if mode is not GenerationMode.NEGATIVE:  # some forbid nothing
                    failed[f"{name}, {mode}"] = "no request fits the document"
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 -- all faults are told
                failed[f"{name}, {mode}"] = f"{type(error).__name__}: {error}"[:2_000]
    assert failed == {}
    assert len(good) >= GOOD_LEAST


def fuzzed(
    world: World, client: Client, name: str, operation: Any, mode: GenerationMode
) -> set[str]:
    """Ask an operation; its name, if some answer was good."""
    good: set[str] = set()

    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode), is_known=st.booleans())
    def ask(case: Case, *, is_known: bool) -> None:
        answer = asked(client, addressed(world, case) if is_known else case)
        check(case, answer)
        if answer.status_code < 300:
            good.add(name)

    ask()
    return good
