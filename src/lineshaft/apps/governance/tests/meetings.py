"""Meetings and votes for tests of this and of every app above."""

from datetime import UTC, datetime, timedelta

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import AgendaItem, Body, Meeting, Motion
from lineshaft.apps.governance.rules import Attending, Choice, MeetingForm, VoteRule
from lineshaft.apps.governance.tests.factories import NOW, SYSTEM, make_board, seat
from lineshaft.apps.network.models import Institute, Person
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import SharingLevel
from tests.replaying import replayed

LATER = datetime(2022, 9, 30, 9, tzinfo=UTC)


def make_voter(name: str) -> Person:
    """Somebody with a user, who can vote."""
    email = f"{name.lower()}@example.org"
    return Person.objects.create(name=name, email=email, user=make_user(email))


def actor_for(person: Person) -> Actor:
    """The actor that the person is when signed in."""
    return Actor(user_id=person.user_id, label=person.name)


@replayed
def seated_board(*names: str, institute: Institute | None = None) -> tuple[Body, list[Person]]:
    """A board whose seats these people hold, the first one in the chair."""
    board = make_board(institute, members=max(len(names) - 1, 1))
    people = [make_voter(name) for name in names]
    for number, person in enumerate(people, start=1):
        seat(board, number, person)
    return board, people


@replayed
def make_council(*people: Person) -> Body:
    """The leadership council, a seat for each."""
    terms = services.BodyTerms(
        BodyKind.LEADERSHIP_COUNCIL,
        "Council",
        NOW.date() - timedelta(days=300),
        seats=(services.SeatTerms(SeatKind.INSTITUTE_HEAD, max(len(people), 1)),),
    )
    council = services.establish_body(SYSTEM, terms, now=NOW)
    for number, person in enumerate(people, start=1):
        seat(council, number, person, council.established_on)
    return council


@replayed
def call(
    body: Body,
    *titles: str,
    level: str = SharingLevel.NETWORK,
    starts_at: datetime = NOW,
    form: MeetingForm = MeetingForm.IN_PERSON,
) -> Meeting:
    """A meeting with these items on its agenda, one where none is named."""
    terms = services.MeetingTerms(
        form,
        starts_at,
        place="Room 1",
        link="https://example.org/meet",
        level=level,
        closes_on=(starts_at + timedelta(days=9)).date() if form is MeetingForm.WRITTEN else None,
    )
    topics = tuple(services.Topic(title, "议题") for title in titles or ("Fees",))
    return services.call_meeting(SYSTEM, body, terms, agenda=topics, now=NOW)


def hold(meeting: Meeting, *there: int) -> Meeting:
    """The meeting, open, with the holders of these seats there."""
    ways = dict.fromkeys(there, Attending.PRESENT)
    services.record_attendance(SYSTEM, meeting, ways, now=NOW)
    return services.open_meeting(SYSTEM, meeting, now=NOW)


def first_item(meeting: Meeting) -> AgendaItem:
    """The first item of the agenda."""
    return meeting.items.get(number=1)


def move(
    meeting: Meeting,
    text: str = "Fees are halved.",
    *,
    rule: VoteRule = VoteRule.SIMPLE_MAJORITY,
    is_secret: bool = False,
) -> Motion:
    """A motion under the first item."""
    question = services.Question(text, "费用减半。", rule=rule, is_secret=is_secret)
    return services.propose_motion(SYSTEM, first_item(meeting), question, now=NOW)


def voted(motion: Motion, *choices: Choice) -> Motion:
    """The motion after an open vote of these, in the order of the roll."""
    services.open_vote(SYSTEM, motion, now=NOW)
    services.record_votes(SYSTEM, motion, dict(enumerate(choices, start=1)), now=NOW)
    return services.close_vote(SYSTEM, motion, now=NOW)
