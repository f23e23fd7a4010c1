"""A verb that is broken off leaves nothing behind, wherever that is; and no verb is left out."""

import inspect

import pytest

from tests.crash.lab import Lab
from tests.crash.not_verbs import NOT_VERBS
from tests.crash.verbs import MODULES, VERBS


def services_of_actors() -> set[str]:
    """Every public service that begins with an actor, as `app.name`."""
    return {
        f"{label}.{name}"
        for label, module in MODULES.items()
        for name, service in vars(module).items()
        if inspect.isfunction(service)
        and not name.startswith("_")
        and service.__module__.startswith(module.__name__)
        and next(iter(inspect.signature(service).parameters), "") == "actor"
    }


def test_every_service_of_an_actor_is_listed_here() -> None:
    listed = {name.partition("/")[0] for name in VERBS}  # behind a stroke stands another case
    assert services_of_actors() == listed | NOT_VERBS.keys()


@pytest.mark.long  # on PostgreSQL too in `make test-all`, and there at each statement
def test_verb_broken_off_leaves_nothing_behind(lab: Lab) -> None:
    found = lab.interrupt_verbs(is_thorough=False)
    assert (found["faults"], found["problems"]) == ([], [])
    assert [name for name, times in found["broken"].items() if not times] == []


@pytest.mark.long
@pytest.mark.database
@pytest.mark.slow
def test_verb_broken_off_at_each_statement_leaves_nothing_behind(lab: Lab) -> None:
    found = lab.interrupt_verbs(is_thorough=True)
    assert (found["faults"], found["problems"]) == ([], [])
