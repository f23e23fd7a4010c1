"""Calling meetings, setting their agenda, recording who is there, opening and closing them.

Everything of a meeting is written under the lock of its row, so that numbers of items, motions and
actions are given once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import BinaryIO, Final
from zoneinfo import available_timezones

from django.db import transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    AgendaItem,
    AgendaPaper,
    Attendance,
    Body,
    Meeting,
    Motion,
)
from lineshaft.apps.governance.services.record import (
    Held,
    audit_meeting,
    checked_text,
    faults_of_length,
    held_meeting,
    permit_for_body,
    seats_held,
)
from lineshaft.kernel.errors import FieldError, Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_day
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

MEETING_LEVELS: Final = tuple(SharingLevel)
ITEMS_MAX: Final = 100

_NO_ZONE: Final = gettext_noop("“%(zone)s” is no time zone. Write one such as America/New_York.")
_NO_MEETING_LEVEL: Final = gettext_noop("A meeting is shared as one of: %(known)s.")
_NO_LINK: Final = gettext_noop("A link begins with https:// and has no blanks.")
_ITEMS_MANY: Final = gettext_noop("A meeting has at most %(most)s items.")
_NO_SHARE: Final = gettext_noop(
    "A quorum is more than a share from 0 up to, and without, 100 per cent."
)


@dataclass(frozen=True, slots=True)
class MeetingTerms:
    """A meeting as it is called; `zone` names the time zone in which it is told."""

    form: rules.MeetingForm
    starts_at: datetime
    zone: str = "UTC"
    ends_at: datetime | None = None
    place: str = ""
    link: str = ""
    closes_on: date | None = None
    level: str = SharingLevel.NETWORK
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """An item for an agenda."""

    title: str
    title_zh: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A file for an item, as it was sent."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class CharterTerms:
    """How a body votes by its own charter; `quorum_above_bp` is None for more than half."""

    quorum_above_bp: int | None = None
    has_casting_vote: bool = False
    counts_recused: bool = False
    charter: str = ""


def amend_charter(actor: Actor, body: Body, terms: CharterTerms, *, now: datetime) -> Body:
    """Enter how the body votes: its quorum, the chair's casting vote, whether recusal lowers it."""
    above = terms.quorum_above_bp
    if above is not None and not 0 <= above < rules.QUORUM_ABOVE_BP * 2:
        raise Invalid.in_field("quorum_above_bp", _NO_SHARE)
    charter = checked_text("charter", terms.charter, rules.REFERENCE_MAX)
    with transaction.atomic():
        rows = Body.objects.select_for_update(of=("self",)).select_related("institute")
        row = rows.get(pk=body.pk)
        key = row.institute.key if row.institute else None
        permit(actor, rules.PERMISSIONS["amend_charter"], institute=key)
        voting = Motion.objects.filter(meeting__body=row, state=rules.VOTING).order_by("pk")
        refuse_if(rules.refuse_charter(voting.values_list("number", "meeting__number")))
        row.quorum_above_bp, row.has_casting_vote = above, terms.has_casting_vote
        row.counts_recused, row.charter = terms.counts_recused, charter
        fields = ["quorum_above_bp", "has_casting_vote", "counts_recused", "charter"]
        row.save(update_fields=fields)
        record_event(
            actor,
            "amend_charter",
            row,
            now=now,
            why=charter,
            institute=key or "",
            changes={name: getattr(row, name) for name in fields[:-1]},
        )
    return row


def call_meeting(
    actor: Actor, body: Body, terms: MeetingTerms, *, agenda: tuple[Topic, ...] = (), now: datetime
) -> Meeting:
    """Call a meeting of the body with its first items; it gets the next number."""
    if faults := [*_faults_of(terms), *_faults_of_topics(agenda)]:
        raise Invalid(faults)
    with transaction.atomic():
        rows = Body.objects.select_for_update(of=("self",)).select_related("institute")
        row = rows.get(pk=body.pk)
        power = permit_for_body(actor, "call_meeting", row)
        _refuse_terms(row, terms)
        last = row.meetings.order_by("number").last()
        meeting = Meeting.objects.create(
            body=row,
            number=last.number + 1 if last else 1,
            form=terms.form,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            zone=terms.zone,
            place=terms.place.strip(),
            link=terms.link.strip(),
            closes_on=terms.closes_on,
            level=terms.level,
            called_at=now,
            changed_at=now,
            is_demonstration=terms.is_demonstration,
        )
        AgendaItem.objects.bulk_create(
            AgendaItem(
                meeting=meeting,
                number=number,
                title=topic.title.strip(),
                title_zh=topic.title_zh.strip(),
            )
            for number, topic in enumerate(agenda, start=1)
        )
        audit_meeting(
            actor,
            "call_meeting",
            Held(meeting, power),
            now=now,
            number=meeting.number,
            form=terms.form,
            starts_at=terms.starts_at.isoformat(),
            level=terms.level,
            items=len(agenda),
        )
    return meeting


def add_agenda_item(actor: Actor, meeting: Meeting, topic: Topic, *, now: datetime) -> AgendaItem:
    """Put one more item on the agenda, while the meeting is called or open."""
    if faults := _faults_of_topics((topic,)):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_meeting(actor, meeting, "add_agenda_item")
        refuse_if(rules.refuse_agenda(held.meeting.state))
        last = held.meeting.items.order_by("number").last()
        number = last.number + 1 if last else 1
        if number > ITEMS_MAX:
            raise Invalid.in_field("title", _ITEMS_MANY, most=ITEMS_MAX)
        item = AgendaItem.objects.create(
            meeting=held.meeting,
            number=number,
            title=topic.title.strip(),
            title_zh=topic.title_zh.strip(),
        )
        audit_meeting(actor, "add_agenda_item", held, now=now, item=number)
    return item


def attach_paper(actor: Actor, item: AgendaItem, paper: Paper, *, now: datetime) -> AgendaPaper:
    """Store a file for an item, shared as the meeting is; raises Refused for a kind not taken."""
    with transaction.atomic():
        held = held_meeting(actor, item.meeting, "attach_paper")
        refuse_if(rules.refuse_record(held.meeting.state))
        last = item.papers.order_by("number").last()
        institute = held.body.institute
        stored = store_file(
            actor,
            paper.content,
            name=paper.name,
            now=now,
            level=SharingLevel(held.meeting.level),
            purpose="agenda_paper",
            institute=institute.key if institute else "",
        )
        made = AgendaPaper.objects.create(
            item=item, number=last.number + 1 if last else 1, file=stored
        )
        audit_meeting(actor, "attach_paper", held, now=now, item=item.number, sha256=stored.sha256)
    return made


def note_item(actor: Actor, item: AgendaItem, text: str, *, now: datetime) -> AgendaItem:
    """Write what was said of an item, for the minutes; it replaces what stood there."""
    said = checked_text("text", text, rules.NOTE_MAX)
    with transaction.atomic():
        held = held_meeting(actor, item.meeting, "note_item")
        refuse_if(rules.refuse_record(held.meeting.state))
        row = held.meeting.items.get(pk=item.pk)
        row.note = said
        row.save(update_fields=["note"])
        audit_meeting(actor, "note_item", held, now=now, item=row.number)
    return row


def record_attendance(
    actor: Actor, meeting: Meeting, ways: Mapping[int, rules.Attending], *, now: datetime
) -> list[Attendance]:
    """Record by the number of their seats how those who held one on the day were there.

    What was recorded before is replaced seat by seat. Raises Refused for a seat that nobody held.
    """
    with transaction.atomic():
        held = held_meeting(actor, meeting, "record_attendance")
        row = held.meeting
        refuse_if(rules.refuse_record(row.state))
        Body.objects.select_for_update().get(pk=row.body_id)  # nobody in it is annulled meanwhile
        holders = {one.seat.number: one for one in seats_held(row.body, row.held_on)}
        refuse_if(rules.refuse_attendance(ways, holders, row.held_on))
        known = {one.seat_id: one for one in row.attendance.all()}
        fresh, changed = [], []
        for number, way in ways.items():
            holder = holders[number]
            before = known.get(holder.seat_id)
            if before is None:
                fresh.append(
                    Attendance(meeting=row, seat=holder.seat, person=holder.person, way=way)
                )
            elif (before.way, before.person_id) != (way, holder.person_id):
                before.way, before.person = way, holder.person
                changed.append(before)
        Attendance.objects.bulk_create(fresh)
        Attendance.objects.bulk_update(changed, ["way", "person"])
        audit_meeting(
            actor,
            "record_attendance",
            held,
            now=now,
            count=len(ways),
            attendance={str(number): str(way) for number, way in sorted(ways.items())},
        )
    return [*fresh, *changed]


def open_meeting(actor: Actor, meeting: Meeting, *, now: datetime) -> Meeting:
    """Open a meeting, on its day or later; from then on its motions can be voted on."""
    with transaction.atomic():
        held = held_meeting(actor, meeting, "open_meeting")
        row = held.meeting
        refuse_if(rules.TRANSITIONS["Meeting"].check(row.state, "open_meeting"))
        refuse_if(rules.refuse_opening(row.starts_at, now=now))
        row.opened_at = now
        _move(row, "open_meeting", now, "opened_at")
        audit_meeting(actor, "open_meeting", held, now=now)
    return row


def close_meeting(actor: Actor, meeting: Meeting, *, now: datetime) -> Meeting:
    """Close a meeting; raises Refused while a vote is open."""
    with transaction.atomic():
        held = held_meeting(actor, meeting, "close_meeting")
        row = held.meeting
        refuse_if(rules.TRANSITIONS["Meeting"].check(row.state, "close_meeting"))
        voting = Motion.objects.filter(meeting=row, state=rules.VOTING).order_by("number")
        refuse_if(rules.refuse_close(voting.values_list("number", flat=True)))
        row.closed_at = now
        _move(row, "close_meeting", now, "closed_at")
        audit_meeting(actor, "close_meeting", held, now=now)
    return row


def cancel_meeting(actor: Actor, meeting: Meeting, *, reason: str, now: datetime) -> Meeting:
    """Cancel a meeting that was called, and say why; calendars are told by the feed."""
    if faults := faults_of_length({"reason": reason}, rules.REFERENCE_MAX):
        raise Invalid(faults)
    with transaction.atomic():
        held = held_meeting(actor, meeting, "cancel_meeting")
        row = held.meeting
        refuse_if(rules.TRANSITIONS["Meeting"].check(row.state, "cancel_meeting"))
        refuse_if(rules.refuse_cancelling(reason))
        row.reason = reason.strip()
        _move(row, "cancel_meeting", now, "reason")
        audit_meeting(actor, "cancel_meeting", held, now=now, why=row.reason)
    return row


def _move(row: Meeting, verb: str, now: datetime, *fields: str) -> None:
    row.state, row.changed_at = rules.TRANSITIONS["Meeting"].target(row.state, verb), now
    row.save(update_fields=["state", "changed_at", *fields])


def _refuse_terms(body: Body, terms: MeetingTerms) -> None:
    refuse_if(
        rules.refuse_meeting(
            terms.form,
            starts_at=terms.starts_at,
            ends_at=terms.ends_at,
            closes_on=terms.closes_on,
            place=terms.place.strip(),
            link=terms.link.strip(),
            established_on=body.established_on,
        )
    )
    refuse_if(
        rules.refuse_level(
            terms.level, of_body=body.level, is_of_institute=body.institute_id is not None
        )
    )


def _faults_of(terms: MeetingTerms) -> list[FieldError]:
    days = {
        "starts_on": _day_of(terms.starts_at),
        "ends_on": _day_of(terms.ends_at) if terms.ends_at else None,
        "closes_on": terms.closes_on,
    }
    faults = [fault for name, day in days.items() if (fault := check_day(day, name=name))]
    if terms.zone not in available_timezones():
        faults.append(FieldError("zone", message=_NO_ZONE, params={"zone": terms.zone}))
    if terms.level not in MEETING_LEVELS:
        params = {"known": ", ".join(MEETING_LEVELS)}
        faults.append(FieldError("level", message=_NO_MEETING_LEVEL, params=params))
    link = terms.link.strip()
    if link and not (link.startswith("https://") and len(link.split()) == 1):
        faults.append(FieldError("link", message=_NO_LINK))
    faults += faults_of_length({"place": terms.place}, rules.REFERENCE_MAX)
    return [*faults, *faults_of_length({"link": terms.link}, rules.LINK_MAX)]


def _day_of(moment: datetime) -> date:
    """The day of a moment in UTC; of one that UTC can't tell the last day that there is."""
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:
        return date.max


def _faults_of_topics(topics: tuple[Topic, ...]) -> list[FieldError]:
    faults: list[FieldError] = []
    for topic in topics:
        try:
            checked_text("title", topic.title, rules.TITLE_MAX)
        except Invalid as error:
            faults += error.errors
        faults += faults_of_length({"title_zh": topic.title_zh}, rules.TITLE_MAX)
    if len(topics) > ITEMS_MAX:
        faults.append(FieldError("title", message=_ITEMS_MANY, params={"most": ITEMS_MAX}))
    return faults
