"""The meetings of the demonstration: three years of the leadership council, and a board that has
elected a successor. The words are generated for the demonstration and bind nobody.

The council meets every half year; at its last meeting it adopted a policy, one head recused. A vote
by written procedure is open, on whose roll the institute's manager stands.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Final

from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.models import Appointment, Body, Meeting, Motion, PolicyVersion
from lineshaft.apps.governance.queries import holders_on
from lineshaft.apps.governance.rules import (
    Attending,
    Choice,
    MeetingForm,
    PolicyArea,
    PositionKind,
    VoteRule,
)
from lineshaft.apps.network import services as network
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.kernel.jurisdiction import BodyKind
from lineshaft.kernel.spans import years_on
from lineshaft.plumbing.sharing import SharingLevel

ZONE: Final = "America/New_York"
MEETINGS: Final = 6
"""Of the council, a half year apart, the last one a month ago."""

HALF_YEAR: Final = timedelta(days=182)
LAST_AGO: Final = timedelta(days=30)
WRITTEN_AGO: Final = timedelta(days=5)
WRITTEN_DAYS: Final = timedelta(days=21)
SEAT_TO_ELECT: Final = 6
"""Of the own institute's board: its holder's term is among those that end first."""

FOLLOWED: Final = PolicyArea.MARKET_AND_BRAND
"""The area whose policy the council has adopted anew by a vote of this program."""

NEW_WORDS: Final = (
    "Each institute names the network beside its own name where it appears in public.\n\n"
    "An institute that appears abroad tells the programme office beforehand."
)
NEW_WORDS_ZH: Final = (
    "各中心公开亮相时，在自身名称旁标明网络名称。\n\n中心在境外亮相前，须告知项目办公室。"
)
TOPICS: Final = (
    ("Minutes of the last meeting", "上次会议纪要"),
    ("Shared test beds", "共享试验平台"),
    ("Common policies", "共同政策"),
)
MOTIONS: Final = (
    ("Each institute publishes the rates of its test beds by the end of the quarter.", 13, 1),
    ("The institutes share one calendar of courses.", 12, 2),
    ("The council asks the programme office for a common portal of results.", 14, 0),
    ("Each institute names one person who answers requests of small manufacturers.", 11, 3),
    ("The council keeps its meetings to three hours.", 7, 7),
)
"""What the council has decided at its earlier meetings, with votes for and against."""

PAPER: Final = b"Demonstration: rates of shared test beds, as the institutes have told them.\n"


@dataclass(frozen=True, slots=True)
class _Hall:
    """A body with who holds its seats, and the seat at which somebody stays away."""

    loading: Loading
    body: Body
    holders: list[Appointment]

    @classmethod
    def of(cls, loading: Loading, body: Body) -> "_Hall":
        return cls(loading, body, holders_on(body, loading.now.date()))

    def call(self, at: datetime, topics: tuple[tuple[str, str], ...], form: MeetingForm) -> Meeting:
        is_written = form is MeetingForm.WRITTEN
        terms = governance.MeetingTerms(
            form,
            at,
            zone=ZONE,
            ends_at=None if is_written else at + timedelta(hours=3),
            place="" if is_written else "Room 101 (demonstration)",
            link="https://meet.example/council" if form is MeetingForm.HYBRID else "",
            closes_on=(at + WRITTEN_DAYS).date() if is_written else None,
            level=SharingLevel.NETWORK,
            is_demonstration=True,
        )
        agenda = tuple(governance.Topic(*topic) for topic in topics)
        return governance.call_meeting(
            self.loading.actor, self.body, terms, agenda=agenda, now=at - timedelta(days=28)
        )

    def begin(self, meeting: Meeting, at: datetime) -> None:
        """Everybody is there but one in seven; the meeting opens."""
        actor = self.loading.actor
        ways = {
            one.seat.number: Attending.EXCUSED
            if one.seat.number % 7 == meeting.number % 7
            else Attending.REMOTE
            if one.seat.number % 5 == 0
            else Attending.PRESENT
            for one in self.holders
        }
        governance.record_attendance(actor, meeting, ways, now=at)
        governance.open_meeting(actor, meeting, now=at)

    def decide(self, motion: Motion, votes_for: int, votes_against: int, at: datetime) -> Motion:
        """Open the vote, enter so many votes for and against, the rest abstaining; close it."""
        actor = self.loading.actor
        governance.open_vote(actor, motion, now=at)
        numbers = list(motion.roll.order_by("number").values_list("number", flat=True))
        choices = [Choice.FOR] * votes_for + [Choice.AGAINST] * votes_against
        choices += [Choice.ABSTAIN] * len(numbers)
        votes = dict(zip(numbers, choices, strict=False))
        governance.record_votes(actor, motion, votes, now=at)
        return governance.close_vote(actor, motion, now=at)


def hold_meetings(loading: Loading) -> None:
    """The council's meetings of three years, its vote that is open, and the board's election."""
    council = _Hall.of(loading, Body.objects.get(kind=BodyKind.LEADERSHIP_COUNCIL))
    first = loading.now - LAST_AGO - (MEETINGS - 1) * HALF_YEAR
    days = [(first + number * HALF_YEAR).date() for number in range(MEETINGS)]
    since = council.body.established_on
    held = [_hold(council, number, day) for number, day in enumerate(days) if day >= since]
    for meeting in held[:2]:
        at = _at(meeting.held_on + timedelta(days=21))
        governance.approve_minutes(loading.actor, meeting, now=at)
    _vote_in_writing(council)
    council.call(_at(loading.now.date() + timedelta(days=152)), TOPICS, MeetingForm.HYBRID)
    _elect(_Hall.of(loading, Body.objects.get(institute__key=OWN_INSTITUTE)))


def _hold(council: _Hall, number: int, day: date) -> Meeting:
    """One meeting of the council from its call to its close."""
    actor, at = council.loading.actor, _at(day)
    meeting = council.call(at, TOPICS, MeetingForm.HYBRID)
    council.begin(meeting, at)
    items = {item.number: item for item in meeting.items.all()}
    governance.note_item(actor, items[1], "They stand as circulated.", now=at)
    if number < len(MOTIONS):
        text, votes_for, votes_against = MOTIONS[number]
        people = [one.person for one in council.holders]
        question = governance.Question(
            text, moved_by=people[number], seconded_by=people[number + 1]
        )
        motion = governance.propose_motion(actor, items[2], question, now=at)
        council.decide(motion, votes_for, votes_against, at)
    else:
        _adopt(council, meeting, at)
    owner = council.holders[number].person
    action = governance.add_action(
        actor,
        meeting,
        "Tell the members of the institutes what was decided.",
        owner=owner,
        due_on=day + timedelta(days=21),
        now=at,
    )
    if number < MEETINGS - 1:
        done_at = at + timedelta(days=14)
        governance.close_action(actor, action, remark="Told by letter.", now=done_at)
    return governance.close_meeting(actor, meeting, now=at + timedelta(hours=3))


def _adopt(council: _Hall, meeting: Meeting, at: datetime) -> None:
    """The last meeting adopts the next version of a policy; one head recuses. There is a paper."""
    actor = council.loading.actor
    item = meeting.items.get(number=3)
    before = (
        PolicyVersion.objects.filter(policy__area=FOLLOWED)
        .order_by("number")
        .select_related("policy")
        .last()
    )
    assert before is not None  # noqa: S101 -- the policies are loaded before
    wording = governance.Wording(
        f"{before.text}\n\n{NEW_WORDS}",
        f"{before.text_zh}\n\n{NEW_WORDS_ZH}",
        "How an institute appears abroad",
        "中心如何在境外亮相",
    )
    drafted_at = at - timedelta(days=60)
    draft = governance.revise_policy(actor, before.policy, wording, now=drafted_at)
    paper = governance.Paper("rates.txt", BytesIO(PAPER))
    governance.attach_paper(actor, meeting.items.get(number=2), paper, now=at)
    governance.disclose_conflict(
        actor,
        item,
        nature="The head's own firm designs the marks in question.",
        is_recused=True,
        person=council.holders[2].person,
        now=at,
    )
    question = governance.Question(
        "The council adopts the next version of the policy.",
        "委员会通过该政策的新版本。",
        rule=VoteRule.TWO_THIRDS,
        moved_by=council.holders[0].person,
        seconded_by=council.holders[1].person,
        version=draft,
        in_force_on=at.date(),
    )
    motion = governance.propose_motion(actor, item, question, now=at)
    council.decide(motion, len(council.holders) - 3, 1, at)
    for position in before.positions.select_related("institute"):
        governance.state_position(
            actor,
            draft,
            institute=position.institute.key,
            kind=PositionKind(position.kind),
            reason=position.reason,
            now=at + timedelta(days=7),
        )


def _vote_in_writing(council: _Hall) -> None:
    """A vote that runs: some heads have voted, among those who have not is the own institute's."""
    actor, at = council.loading.actor, council.loading.now - WRITTEN_AGO
    topics = (("Date of the summer meeting", "夏季会议日期"),)
    meeting = council.call(at, topics, MeetingForm.WRITTEN)
    governance.open_meeting(actor, meeting, now=at)
    question = governance.Question(
        "The council meets in June, at the institute that asks for it first.",
        "委员会六月在最先提出申请的中心开会。",
    )
    motion = governance.propose_motion(actor, meeting.items.get(), question, now=at)
    governance.open_vote(actor, motion, now=at)
    others = motion.roll.filter(person__user__isnull=True).order_by("number")
    votes = {one.number: Choice.FOR for one in islice(others, 5)}
    governance.record_votes(actor, motion, votes, now=at + timedelta(days=1))


def _elect(board: _Hall) -> None:
    """The board has elected who follows in the seat whose term ends first."""
    actor, day = board.loading.actor, board.loading.now.date() - LAST_AGO
    holder = next(one for one in board.holders if one.seat.number == SEAT_TO_ELECT)
    if holder.ends_on is None or day < holder.starts_on:
        return  # a year that has just begun: the board has not met yet
    at = _at(day)
    meeting = board.call(at, (("Election", "选举"),), MeetingForm.IN_PERSON)
    board.begin(meeting, at)
    motion = governance.open_election(
        actor,
        meeting.items.get(),
        holder.seat,
        text="Who follows in the seat of a member's representative",
        text_zh="由谁接任会员代表席位",
        starts_on=holder.ends_on,
        ends_on=years_on(holder.ends_on, 3),
        is_secret=False,
        now=at,
    )
    for name, organisation in (
        ("R. Example (demonstration)", holder.person.organisation),
        ("S. Example (demonstration)", None),
    ):
        person = network.register_person(
            actor, name, organisation=organisation, is_demonstration=True, now=at
        )
        governance.nominate_candidate(actor, motion, person, now=at)
    governance.open_vote(actor, motion, now=at)
    numbers = motion.roll.order_by("number").values_list("number", flat=True)
    votes = {number: "2" if number % 3 == 0 else "1" for number in numbers}
    governance.record_votes(actor, motion, votes, now=at)
    governance.close_vote(actor, motion, now=at)
    governance.close_meeting(actor, meeting, now=at + timedelta(hours=2))


def _at(day: date) -> datetime:
    """Ten in the morning on the East coast, more or less."""
    return datetime.combine(day, time(15), UTC)
