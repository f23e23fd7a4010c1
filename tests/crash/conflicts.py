"""Of the verbs that are broken off: those of conflicts of interest, and of ties between people.

They work on the competition of applications, while its call is open and once it is over.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Conflict,
    UnwantedReviewer,
)
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Person, PersonTie
from lineshaft.plumbing.actor import Actor
from tests.crash.applying import CODE
from tests.crash.competing import WHY
from tests.crash.scenarios import ACTOR, NOW

SYSTEM: Final = Actor.system("crash")
TERMS: Final = network.TieTerms("co_author", 2020, "a paper")


def _competition() -> Competition:
    return Competition.objects.get(code=CODE)


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _person(name: str) -> Person:
    found = Person.objects.filter(name=name).first()
    return found or Person.objects.create(name=name, email=f"{name.lower()}@tied.example")


def _people() -> None:
    for name in ("Tied", "Other"):
        _person(name)


def _tie(kind: str) -> object:
    terms = network.TieTerms(kind, 2020, "a paper")
    return network.record_person_tie(ACTOR, _person("Tied"), _person("Other"), terms, now=NOW)


def _list() -> object:
    row = network.TieRow("tied@tied.example", "other@tied.example", TERMS)
    return network.record_person_ties(ACTOR, [row], now=NOW)


def _name(name: str) -> UnwantedReviewer:
    row = competitions.UnwantedRow(name, WHY)
    return competitions.name_unwanted_reviewer(ACTOR, _application(), row, now=NOW)


def _close() -> None:
    """Hand in, watch somebody, and end the call."""
    competition = _competition()
    competitions.submit_application(ACTOR, _application(), now=NOW)
    competitions.watch_people(SYSTEM, competition, [_person("Judge")], now=NOW)
    ends_at = competition.stages.get(number=1).ends_at
    assert ends_at is not None
    competitions.begin_review(SYSTEM, competition, now=ends_at + timedelta(minutes=1))


def _declare() -> Conflict:
    return competitions.declare_conflict(
        ACTOR,
        _application(),
        kind="financial",
        evidence=WHY,
        person=_person("Judge"),
        now=NOW,
    )


CONFLICT_VERBS: Final[dict[str, Callable[[], object]]] = {
    "network.record_person_tie": lambda: _tie("advisor"),
    "network.record_person_ties": _list,
    "network.end_person_tie": lambda: network.end_person_tie(
        ACTOR, PersonTie.objects.earliest("pk"), year_to=NOW.year, now=NOW
    ),
    "competitions.name_unwanted_reviewer": lambda: _name("First"),
    "competitions.remove_unwanted_reviewer": lambda: competitions.remove_unwanted_reviewer(
        ACTOR, _application(), UnwantedReviewer.objects.earliest("pk"), now=NOW
    ),
    "competitions.check_conflicts": lambda: competitions.check_conflicts(
        ACTOR, _competition(), now=NOW
    ),
    "competitions.declare_conflict": _declare,
    "competitions.decide_conflict": lambda: competitions.decide_conflict(
        ACTOR, Conflict.objects.get(), "waiver", reason=WHY, now=NOW
    ),
}

BEFORE_CONFLICTS: Final[dict[str, Callable[[], object]]] = {
    "network.record_person_tie": _people,
    "competitions.declare_conflict": _close,
}
"""What has to happen before."""
