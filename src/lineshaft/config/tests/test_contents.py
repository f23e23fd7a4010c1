from typing import Any

import pytest
from django.db import connection

from lineshaft.config.contents import (
    BEGIN_VERB,
    END_VERB,
    Contents,
    Holds,
    contents_of,
    load_into_empty,
)
from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.audit.services import record_event

pytestmark = pytest.mark.django_db


def note(actor: Actor, verb: str) -> None:
    subject = ("demonstration", "year")
    record_event(actor, verb, subject, changes={"scale": 3}, now=clock.now())


def begun(actor: Actor) -> None:
    note(actor, BEGIN_VERB)


def loaded(actor: Actor) -> None:
    note(actor, BEGIN_VERB)
    note(actor, END_VERB)


def in_use(_actor: Actor) -> None:
    make_user()


def test_contents_of_an_empty_database(system: Actor) -> None:
    assert contents_of(system) == Contents(Holds.NOTHING)


def test_contents_with_a_user_is_a_network(system: Actor) -> None:
    in_use(system)
    assert contents_of(system) == Contents(Holds.NETWORK)


def test_contents_with_an_event_of_something_else_is_a_network(system: Actor) -> None:
    record_event(system, "load_demonstration", ("other.thing", "1"), now=clock.now())
    assert contents_of(system) == Contents(Holds.NETWORK)


def test_contents_between_begin_and_end_is_a_part(system: Actor) -> None:
    begun(system)
    assert contents_of(system) == Contents(Holds.PART_OF_DEMONSTRATION)


def test_contents_after_the_end_knows_the_scale(system: Actor) -> None:
    loaded(system)
    assert contents_of(system) == Contents(Holds.DEMONSTRATION, 3)


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (in_use, "a network in use: no demonstration is loaded into it"),
        (loaded, "is loaded already, at scale 3"),
        (begun, "was interrupted. Remove the database"),
    ],
)
def test_load_into_what_is_not_empty_is_refused(system: Actor, fill: object, words: str) -> None:
    assert callable(fill)
    fill(system)
    before = AuditEvent.objects.count()
    with pytest.raises(Unavailable) as refused:
        load_into_empty(system, scale=1, report=lambda _done, _total, _note: None)
    assert words in refused.value.as_text()
    assert AuditEvent.objects.count() == before


def test_an_interrupted_load_names_the_database(system: Actor) -> None:
    begun(system)
    with pytest.raises(Unavailable) as refused:
        load_into_empty(system, scale=1, report=lambda _done, _total, _note: None)
    assert refused.value.params == {"database": connection.settings_dict["NAME"]}


def test_load_for_another_jurisdiction_is_refused_before_anything_is_written(
    system: Actor, settings: Any
) -> None:
    settings.PROFILE = "cn"
    with pytest.raises(Unavailable) as refused:
        load_into_empty(system, scale=1, report=lambda _done, _total, _note: None)
    assert "is written for the profile “us”" in refused.value.as_text()
    assert contents_of(system) == Contents(Holds.NOTHING)
