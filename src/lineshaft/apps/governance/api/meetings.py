"""The API of meetings: calling one, its record, and voting from afar.

Names, conflicts and notes are null or left out for callers outside the network. Of a secret vote
there are counts, once it is closed, and nothing else.
"""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import ActionItem, AgendaItem, Meeting, Motion
from lineshaft.apps.governance.rules import MeetingForm
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, actor_of, idempotent, paged

router = Router(tags=["governance"])

type Number = Annotated[int, Field(ge=1, le=1_000_000)]
"""The number of a meeting or a motion."""


class MeetingIn(Schema):
    """A meeting to call; `starts_at` with its offset, `zone` the name of the zone it is told in."""

    form: MeetingForm
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    zone: str = "UTC"
    place: str = ""
    link: str = ""
    closes_on: date | None = None
    level: str = "network"
    agenda: list[str] = Field(default_factory=list)


class MeetingOut(Schema):
    """A meeting as it is listed."""

    body: str
    number: int
    form: str
    state: str
    level: str
    starts_at: datetime
    ends_at: datetime | None
    zone: str
    closes_on: date | None
    is_demonstration: bool


class MotionOut(Schema):
    """A motion; counts are null until the vote is closed, and where its ballots were not counted.
    `is_refused` tells that what was carried could not be carried out.
    """

    number: int
    item: int
    text: str
    text_zh: str
    state: str
    rule: str
    is_secret: bool
    is_election: bool
    policy: str | None
    closes_on: date | None
    outcome: str
    votes_for: int | None
    votes_against: int | None
    votes_abstained: int | None
    present_count: int | None
    quorum_count: int | None
    is_refused: bool


class ItemOut(Schema):
    """An item of the agenda; `recused` counts who has recused from it."""

    number: int
    title: str
    title_zh: str
    papers: list[str]
    disclosures: int
    recused: int


class RecordOut(MeetingOut):
    """A meeting with its record."""

    place: str
    attendance: dict[str, int]
    items: list[ItemOut]
    motions: list[MotionOut]


class VoteIn(Schema):
    """One's own vote: `for`, `against` or `abstain`; in an election a candidate's number."""

    choice: str = Field(max_length=rules.CHOICE_MAX)


class VotedOut(Schema):
    """That a vote was taken; what was voted is not repeated."""

    motion: int
    place: int
    weight: int
    is_secret: bool


class ActionOut(Schema):
    """Something that a meeting asked somebody to do."""

    body: str
    meeting: int
    number: int
    text: str
    owner: str
    due_on: date
    is_late: bool


@router.get(
    "/meetings", response=PageOf[MeetingOut], operation_id="list_meetings", summary="Meetings"
)
def list_meetings(
    request: HttpRequest, *, body: str = "", cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The meetings that the caller may read, the latest first; `body` is a key."""
    rows = queries.meetings_filtered(actor_of(request), on=clock.today(), body=body)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("-starts_at", "-pk"))
    return {**page, "items": [MeetingOut(**_meeting(one)) for one in page["items"]]}


@router.get(
    "/meetings/actions",
    response=PageOf[ActionOut],
    operation_id="list_actions",
    summary="Open actions of meetings",
)
def list_actions(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """What is not done of what meetings asked for, the latest first."""
    today = clock.today()
    rows = queries.actions_open(actor_of(request), on=today)
    page = paged(rows, cursor=cursor, limit=limit, order_by=("due_on", "pk"))
    return {**page, "items": [_action_out(one, today) for one in page["items"]]}


@router.get(
    "/bodies/{key}/meetings/{meeting}",
    response=RecordOut,
    operation_id="show_meeting",
    summary="The record of a meeting",
)
def show_meeting(request: HttpRequest, key: str, meeting: Number) -> RecordOut:
    """The meeting with its agenda, motions and counts."""
    found = queries.meeting_by_number(actor_of(request), key, meeting, on=clock.today())
    record = queries.record_of(found)
    ways = [one.way for one in record.attendance]
    return RecordOut(
        **_meeting(found),
        place=found.place,
        attendance={way: ways.count(way) for way in sorted(set(ways))},
        items=[_item_out(one) for one in record.items],
        motions=[_motion_out(one) for one in record.motions],
    )


@router.post(
    "/bodies/{key}/meetings",
    response=MeetingOut,
    operation_id="call_meeting",
    summary="Call a meeting",
)
def call_meeting(request: HttpRequest, key: str, payload: MeetingIn) -> HttpResponse:
    """The meeting, with the next number of the body."""
    actor = actor_of(request)

    def perform() -> MeetingOut:
        body = queries.body_by_key(actor, key)
        sent = payload.model_dump()
        agenda = tuple(services.Topic(title) for title in sent.pop("agenda"))
        terms = services.MeetingTerms(**sent)
        made = services.call_meeting(actor, body, terms, agenda=agenda, now=clock.now())
        return MeetingOut(**_meeting(made))

    return idempotent(request, "call_meeting", perform)


@router.post(
    "/bodies/{key}/meetings/{meeting}/motions/{motion}/votes",
    response=VotedOut,
    operation_id="cast_vote",
    summary="Vote",
)
def cast_vote(
    request: HttpRequest, key: str, meeting: Number, motion: Number, payload: VoteIn
) -> VotedOut:
    """That the caller has voted.

    A vote sent again is refused, so nothing is kept of an Idempotency-Key: the digest of a request
    that holds one of three words would tell how its sender voted in secret.
    """
    actor = actor_of(request)
    held = queries.meeting_by_number(actor, key, meeting, on=clock.today())
    found = queries.motion_by_number(held, motion)
    entry = services.cast_vote(actor, found, payload.choice, now=clock.now())
    return VotedOut(
        motion=found.number, place=entry.number, weight=entry.weight, is_secret=found.is_secret
    )


def _meeting(one: Meeting) -> dict[str, Any]:
    return {
        "body": one.body.key,
        "number": one.number,
        "form": one.form,
        "state": one.state,
        "level": one.level,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "zone": one.zone,
        "closes_on": one.closes_on,
        "is_demonstration": one.is_demonstration,
    }


def _item_out(one: AgendaItem) -> ItemOut:
    disclosures = list(one.disclosures.all())
    return ItemOut(
        number=one.number,
        title=one.title,
        title_zh=one.title_zh,
        papers=[paper.file.name for paper in one.papers.all()],
        disclosures=len(disclosures),
        recused=sum(each.is_recused for each in disclosures),
    )


def _motion_out(one: Motion) -> MotionOut:
    return MotionOut(
        number=one.number,
        item=one.item.number,
        text=one.text,
        text_zh=one.text_zh,
        state=one.state,
        rule=one.rule,
        is_secret=one.is_secret,
        is_election=one.is_election,
        policy=one.version.policy.key if one.version else None,
        closes_on=one.closes_on,
        outcome=one.outcome,
        votes_for=one.votes_for,
        votes_against=one.votes_against,
        votes_abstained=one.votes_abstained,
        present_count=one.present_count,
        quorum_count=one.quorum_count,
        is_refused=bool(one.refused_message),
    )


def _action_out(one: ActionItem, today: date) -> ActionOut:
    return ActionOut(
        body=one.meeting.body.key,
        meeting=one.meeting.number,
        number=one.number,
        text=one.text,
        owner=one.owner.name,
        due_on=one.due_on,
        is_late=one.due_on < today,
    )
