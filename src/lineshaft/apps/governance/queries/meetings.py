"""Reads of meetings: which are visible, the record of one, how often a body met, open actions.

A meeting is read by whoever its level opens it to, and at every level by whoever holds a seat of
the body on the day of reading or is on the roll of a vote that is open. Names and what conflicts
are about are for the network and for who holds a seat; the public reads a public meeting without
names.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    ActionItem,
    AgendaItem,
    AgendaPaper,
    Appointment,
    Attendance,
    Body,
    Disclosure,
    Meeting,
    Minutes,
    Motion,
)
from lineshaft.apps.governance.queries.bodies import held_q
from lineshaft.apps.governance.rules import Check
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import BodyKind
from lineshaft.kernel.spans import Span, years_on
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.sharing import SharingLevel, level_is_visible, network_q, visible_q

FEED_SINCE: Final = timedelta(days=366)
FEED_MAX: Final = 1_000

_NO_MEETING: Final = gettext_noop("There is no such meeting, or none that you may see.")
_NO_ITEM: Final = gettext_noop("There is no such item, or none that you may see.")
_NO_PAPER: Final = gettext_noop("There is no such paper, or none that you may see.")
_NO_MINUTES: Final = gettext_noop("There are no minutes of this meeting, or none for you.")
_NO_ACTION: Final = gettext_noop("There is no such action, or none that you may see.")


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """A meeting with all that stands on its record, read at once."""

    meeting: Meeting
    attendance: tuple[Attendance, ...]
    items: tuple[AgendaItem, ...]
    actions: tuple[ActionItem, ...]
    minutes: Minutes | None

    @property
    def motions(self) -> tuple[Motion, ...]:
        """Every motion, in the order of the agenda."""
        return tuple(one for item in self.items for one in item.motions.all())

    @property
    def there(self) -> int:
        """How many were recorded as there."""
        return sum(one.way in rules.THERE for one in self.attendance)


def seated_q(actor: Actor, *, on: date, body: str = "body") -> Q:
    """That the actor holds a seat of the body on that day, as a condition on its rows."""
    if actor.user_id is None:
        return Q(pk__in=())
    held = Appointment.objects.filter(
        held_q(on),
        seat__body=OuterRef(f"{body}_id"),
        person__user_id=actor.user_id,
    )
    return Q(Exists(held))


def _voting_q(actor: Actor) -> Q:
    """That the actor is on the roll of a vote of the meeting that is open, on its rows: the roll
    stays when a seat ends.
    """
    if actor.user_id is None:
        return Q(pk__in=())
    votes = Motion.objects.filter(
        meeting=OuterRef("pk"), state=rules.VOTING, roll__person__user_id=actor.user_id
    )
    return Q(Exists(votes))


def meetings_visible_to(actor: Actor, *, on: date) -> QuerySet[Meeting]:
    """The meetings that the actor may read on that day, with body and institute."""
    condition = visible_q(actor, institute="body__institute__key")
    if condition:
        condition |= seated_q(actor, on=on) | _voting_q(actor)
    return Meeting.objects.filter(condition).select_related("body__institute")


def meetings_filtered(
    actor: Actor, *, on: date, body: str = "", upcoming: bool | None = None
) -> QuerySet[Meeting]:
    """These of a body (a key), that begin from that day on or began before it, in either order."""
    rows = meetings_visible_to(actor, on=on)
    if body:
        rows = rows.filter(body__key=body)
    if upcoming is None:
        return rows.order_by("-starts_at", "-pk")
    midnight = datetime.combine(on, time(), UTC)
    if upcoming:
        return rows.filter(starts_at__gte=midnight).order_by("starts_at", "pk")
    return rows.filter(starts_at__lt=midnight).order_by("-starts_at", "-pk")


def meeting_by_number(actor: Actor, key: str, number: int, *, on: date) -> Meeting:
    """That meeting of that body; raises NotFound, also where it may not be seen."""
    found = meetings_visible_to(actor, on=on).filter(body__key=key, number=number).first()
    if found is None:
        raise NotFound(_NO_MEETING, code="no_meeting")
    return found


def item_by_number(meeting: Meeting, number: int) -> AgendaItem:
    """That item of a meeting that may be seen; raises NotFound."""
    found = meeting.items.filter(number=number).first()
    if found is None:
        raise NotFound(_NO_ITEM, code="no_item")
    found.meeting = meeting
    return found


def paper_by_number(meeting: Meeting, item: int, number: int) -> AgendaPaper:
    """That paper of an item of a meeting that may be seen; raises NotFound."""
    rows = AgendaPaper.objects.filter(item__meeting=meeting, item__number=item, number=number)
    found = rows.select_related("file").first()
    if found is None:
        raise NotFound(_NO_PAPER, code="no_paper")
    return found


def minutes_of(actor: Actor, meeting: Meeting, *, on: date) -> Minutes:
    """The approved minutes, for whoever may read names; raises NotFound."""
    rows = Minutes.objects.filter(meeting=meeting).select_related("file_en", "file_zh")
    found = rows.first()
    if found is None or not may_read_names(actor, meeting.body, on=on):
        raise NotFound(_NO_MINUTES, code="no_minutes")
    return found


def action_by_number(meeting: Meeting, number: int) -> ActionItem:
    """That action of a meeting that may be seen; raises NotFound."""
    found = meeting.actions.filter(number=number).select_related("owner").first()
    if found is None:
        raise NotFound(_NO_ACTION, code="no_action")
    found.meeting = meeting
    return found


def may_read_names(actor: Actor, body: Body, *, on: date) -> bool:
    """Whether the actor reads who was there, who recused and why: seat holders, and whoever reads
    what the body's institute shares with the network.
    """
    key = body.institute.key if body.institute else ""
    opened = level_is_visible(actor, level=SharingLevel.NETWORK, institute=key)
    return opened or holds_seat(actor, body, on=on)


def holds_seat(actor: Actor, body: Body, *, on: date) -> bool:
    """Whether the actor holds a seat of that body on that day."""
    if actor.user_id is None:
        return False
    held = Appointment.objects.filter(held_q(on), seat__body=body, person__user_id=actor.user_id)
    return held.exists()


def may_record(actor: Actor, verb: str, body: Body) -> bool:
    """Whether the actor may do that to the record of a body, by role or by delegation."""
    return may(
        actor,
        rules.PERMISSIONS[verb],
        institute=body.institute.key if body.institute else None,
        body=body.key,
    )


def record_of(meeting: Meeting) -> MeetingRecord:
    """All that stands on the record of a meeting that may be seen; nine queries at most."""
    people = "person__organisation"
    disclosures = Disclosure.objects.select_related("person").order_by("pk")
    motions = Motion.objects.select_related(
        "moved_by", "seconded_by", "seat", "version__policy"
    ).prefetch_related("candidates__person")
    items = meeting.items.order_by("number").prefetch_related(
        Prefetch("disclosures", queryset=disclosures),
        Prefetch("papers", queryset=AgendaPaper.objects.select_related("file").order_by("number")),
        Prefetch("motions", queryset=motions.order_by("number")),
    )
    attendance = meeting.attendance.select_related("seat", people).order_by("seat__number")
    actions = meeting.actions.select_related("owner").order_by("number")
    minutes = Minutes.objects.filter(meeting=meeting).select_related("file_en", "file_zh").first()
    found = MeetingRecord(meeting, tuple(attendance), tuple(items), tuple(actions), minutes)
    for motion in found.motions:
        motion.meeting = meeting
    for action in found.actions:
        action.meeting = meeting
    return found


def holders_on(body: Body, day: date) -> list[Appointment]:
    """Who holds a seat of the body on that day, in the order of the seats."""
    rows = Appointment.objects.filter(held_q(day), seat__body=body)
    return list(rows.select_related("seat", "person__organisation").order_by("seat__number"))


def seats_to_elect(body: Body, *, on: date) -> list[tuple[int, str]]:
    """The number and kind of each seat that is open on that day, in order."""
    rows = body.seats.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on)).order_by("number")
    return [(seat.number, seat.get_kind_display()) for seat in rows]


def meeting_checks(body: Body, *, on: date) -> tuple[Check, ...]:
    """How the body stands on that day under the rules that ask how often it meets.

    Counted are the meetings that took place within the year up to and with that day; a written
    procedure is none.
    """
    profile = profile_in_use()
    day = Span(on, on + timedelta(days=1))
    binding = profile.body_rules_in_force(day, BodyKind(body.kind))
    if not rules.meets_often_enough(binding, 0):
        return ()
    since = datetime.combine(years_on(on, -1) + timedelta(days=1), time(), UTC)
    until = datetime.combine(on + timedelta(days=1), time(), UTC)
    held = body.meetings.filter(
        state__in=rules.HELD, starts_at__gte=since, starts_at__lt=until
    ).exclude(form=rules.MeetingForm.WRITTEN)
    return rules.meets_often_enough(binding, held.count())


def quorum_of_body(body: Body, *, on: date) -> rules.Quorum:
    """The quorum of the body on that day, by the profile's rule or its charter."""
    day = Span(on, on + timedelta(days=1))
    binding = profile_in_use().body_rules_in_force(day, BodyKind(body.kind))
    return rules.quorum_of(binding, body.quorum_above_bp)


def actions_visible_to(actor: Actor, *, on: date) -> QuerySet[ActionItem]:
    """The actions of the meetings that the actor may read and whose names are open to them."""
    condition = visible_q(actor, level="meeting__level", institute="meeting__body__institute__key")
    if condition:
        own = Q(owner__user_id=actor.user_id) if actor.user_id is not None else Q(pk__in=())
        opened = condition & network_q(actor, institute="meeting__body__institute__key")
        condition = opened | own | seated_q(actor, on=on, body="meeting__body")
    rows = ActionItem.objects.filter(condition)
    return rows.select_related("owner", "meeting__body__institute")


def actions_open(actor: Actor, *, on: date) -> QuerySet[ActionItem]:
    """Those that are not done, the latest first."""
    return actions_visible_to(actor, on=on).filter(done_on__isnull=True).order_by("due_on", "pk")


def own_actions(actor: Actor, *, on: date) -> QuerySet[ActionItem]:
    """The open actions that the actor owns."""
    if actor.user_id is None:
        return ActionItem.objects.none()
    return actions_open(actor, on=on).filter(owner__user_id=actor.user_id)


def meetings_to_feed(actor: Actor, *, on: date, body: str = "") -> list[Meeting]:
    """The meetings of a calendar feed: those of the year before and all that come, as many as a
    calendar takes; the latest where there are more.
    """
    since = datetime.combine(on - FEED_SINCE, time(), UTC)
    rows = meetings_filtered(actor, on=on, body=body).filter(starts_at__gte=since)
    return list(rows[:FEED_MAX])
