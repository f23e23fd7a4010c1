"""The verbs of meetings, votes and delegations, in an order in which each is allowed; a part of
`verbs`.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Final

from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.models import (
    ActionItem,
    AgendaItem,
    Body,
    Delegation,
    Meeting,
    Motion,
)
from lineshaft.apps.governance.rules import Attending, Choice, MeetingForm
from lineshaft.apps.governance.services import Voter
from lineshaft.apps.network.models import Person
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from tests.crash.scenarios import ACTOR, NOW, TODAY

EMAIL: Final = "voter@example.org"
SECRET_VOTERS: Final = (0, 1, 2)


def _meeting(number: int = 1) -> Meeting:
    return Meeting.objects.get(number=number)


def _item(number: int = 1) -> AgendaItem:
    return AgendaItem.objects.get(meeting=_meeting(), number=number)


def _motion(number: int) -> Motion:
    return Motion.objects.get(number=number)


def _seated() -> Person:
    return Person.objects.get(name="Ada Example")


def _call() -> Meeting:
    terms = governance.MeetingTerms(MeetingForm.IN_PERSON, NOW, place="Room 1")
    agenda = (governance.Topic("Fees"),)
    return governance.call_meeting(ACTOR, Body.objects.get(), terms, agenda=agenda, now=NOW)


def _move() -> Motion:
    question = governance.Question("Fees are halved.")
    return governance.propose_motion(ACTOR, _item(), question, now=NOW)


def _candidate() -> None:
    Person.objects.get_or_create(name="Bo Candidate")


def _voter() -> None:
    """Who holds the seat gets a user, and the vote is open."""
    user, _is_new = User.objects.get_or_create(email=EMAIL, defaults={"name": "Voter"})
    Person.objects.filter(name="Ada Example").update(user=user)
    governance.open_vote(ACTOR, _motion(2), now=NOW)


def _cast() -> object:
    actor = Actor(user_id=User.objects.get(email=EMAIL).pk, label="Voter")
    return governance.cast_vote(actor, _motion(2), "1", now=NOW)


def _secret_motion() -> None:
    """A motion to vote on in secret, and three who can."""
    question = governance.Question("Who chairs", is_secret=True)
    governance.propose_motion(ACTOR, _item(), question, now=NOW)
    for number in SECRET_VOTERS:
        user, _is_new = User.objects.get_or_create(
            email=f"{number}.{EMAIL}", defaults={"name": f"Voter {number}"}
        )
        Person.objects.get_or_create(name=user.name, defaults={"user": user})


def _open_secret() -> object:
    people = Person.objects.filter(name__in=[f"Voter {number}" for number in SECRET_VOTERS])
    roll = [Voter(person) for person in people.order_by("name")]
    return governance.open_vote(ACTOR, _motion(4), roll=roll, now=NOW)


def _cast_secret(number: int) -> object:
    user = User.objects.get(email=f"{number}.{EMAIL}")
    choice = Choice.FOR if number else Choice.AGAINST
    return governance.cast_vote(
        Actor(user_id=user.pk, label=user.name), _motion(4), choice, now=NOW
    )


def _cast_the_others() -> None:
    for number in SECRET_VOTERS[1:]:
        _cast_secret(number)


def _delegate() -> object:
    terms = governance.DelegationTerms(
        "call_meeting", TODAY, "Secretary", person=_seated(), body=Body.objects.get()
    )
    return governance.delegate(ACTOR, terms, now=NOW)


GOVERNING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "governance.amend_charter": lambda: governance.amend_charter(
        ACTOR, Body.objects.get(), governance.CharterTerms(5_000, charter="By-laws"), now=NOW
    ),
    "governance.call_meeting": _call,
    "governance.add_agenda_item": lambda: governance.add_agenda_item(
        ACTOR, _meeting(), governance.Topic("Any other business"), now=NOW
    ),
    "governance.attach_paper": lambda: governance.attach_paper(
        ACTOR, _item(), governance.Paper("paper.txt", BytesIO(b"kept")), now=NOW
    ),
    "governance.note_item": lambda: governance.note_item(ACTOR, _item(), "It was said.", now=NOW),
    "governance.record_attendance": lambda: governance.record_attendance(
        ACTOR, _meeting(), {1: Attending.PRESENT}, now=NOW
    ),
    "governance.open_meeting": lambda: governance.open_meeting(ACTOR, _meeting(), now=NOW),
    "governance.propose_motion": _move,
    "governance.open_election": lambda: governance.open_election(
        ACTOR,
        _item(),
        Body.objects.get().seats.get(number=3),
        text="Who takes the seat",
        is_secret=False,
        starts_on=TODAY,
        now=NOW,
    ),
    "governance.nominate_candidate": lambda: governance.nominate_candidate(
        ACTOR, _motion(2), Person.objects.get(name="Bo Candidate"), now=NOW
    ),
    "governance.open_vote": lambda: governance.open_vote(ACTOR, _motion(1), now=NOW),
    "governance.record_votes": lambda: governance.record_votes(
        ACTOR, _motion(1), {1: Choice.FOR}, now=NOW
    ),
    "governance.cast_vote": _cast,
    "governance.close_vote": lambda: governance.close_vote(ACTOR, _motion(2), now=NOW),
    "governance.drop_motion": lambda: governance.drop_motion(ACTOR, _motion(3), now=NOW),
    "governance.open_vote/secret": _open_secret,
    "governance.cast_vote/secret": lambda: _cast_secret(SECRET_VOTERS[0]),
    "governance.close_vote/secret": lambda: governance.close_vote(ACTOR, _motion(4), now=NOW),
    "governance.disclose_conflict": lambda: governance.disclose_conflict(
        ACTOR, _item(2), nature="My firm", is_recused=True, person=_seated(), now=NOW
    ),
    "governance.add_action": lambda: governance.add_action(
        ACTOR, _meeting(), "Tell the members", owner=_seated(), due_on=TODAY, now=NOW
    ),
    "governance.close_action": lambda: governance.close_action(
        ACTOR, ActionItem.objects.get(), remark="Told", now=NOW
    ),
    "governance.close_meeting": lambda: governance.close_meeting(ACTOR, _meeting(), now=NOW),
    "governance.approve_minutes": lambda: governance.approve_minutes(ACTOR, _meeting(), now=NOW),
    "governance.cancel_meeting": lambda: governance.cancel_meeting(
        ACTOR, _meeting(2), reason="Snow", now=NOW
    ),
    "governance.delegate": _delegate,
    "governance.revoke_delegation": lambda: governance.revoke_delegation(
        ACTOR, Delegation.objects.get(), why="She left", now=NOW
    ),
}

BEFORE_GOVERNING: Final[dict[str, Callable[[], object]]] = {
    "governance.nominate_candidate": _candidate,
    "governance.cast_vote": _voter,
    "governance.drop_motion": _move,
    "governance.open_vote/secret": _secret_motion,
    "governance.close_vote/secret": _cast_the_others,
    "governance.close_meeting": lambda: governance.close_vote(ACTOR, _motion(1), now=NOW),
    "governance.cancel_meeting": _call,
}
"""What has to happen before."""
