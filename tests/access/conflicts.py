"""Two people with a tie, an unwanted reviewer and a conflict, for the table of addresses."""

from datetime import UTC, datetime
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Conflict
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Person
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")


def conflicting(users: dict[str, User]) -> dict[str, object]:
    """What the addresses of conflicts and ties name; the application is the member company's."""
    person = Person.objects.get(user=users["member_company"])
    other = Person.objects.get(user=users["university_researcher"])
    terms = network.TieTerms("co_author", 2020, "a paper")
    tie = network.record_person_tie(SYSTEM, person, other, terms, now=NOW)
    call = Competition.objects.get(code="2022-DOD-1")
    made = Application.objects.get(competition=call)
    row = competitions.UnwantedRow("Bo Rival", "A rival")
    unwanted = competitions.name_unwanted_reviewer(SYSTEM, made, row, now=NOW)
    competitions.watch_people(SYSTEM, call, [other], now=NOW)
    conflict = Conflict.objects.earliest("pk")
    of_application = ("name_unwanted_reviewer", "remove_unwanted_reviewer")
    of_person = ("show_person", "record_person_tie", "end_person_tie")
    return {
        **{f"competitions:{name}:pk": made.pk for name in of_application},
        **{f"network:{name}:pk": person.pk for name in of_person},
        **{f"competitions:{name}:pk": conflict.pk for name in ("show_conflict", "decide_conflict")},
        "competitions:remove_unwanted_reviewer:unwanted": unwanted.pk,
        "network:end_person_tie:tie": tie.pk,
        "person_id": person.pk,
        "tie_id": tie.pk,
        "conflict_id": conflict.pk,
    }
