"""Elections to seats: opening one for a seat, and nominating candidates.

The vote itself is that of any motion (`votes`): roll, quorum, secrecy and close are the same.
"""

from datetime import date, datetime

from django.db import transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import AgendaItem, Candidate, Motion, Seat
from lineshaft.apps.governance.services.bodies import Filling, check_filling
from lineshaft.apps.governance.services.record import (
    audit_meeting,
    checked_text,
    held_meeting,
)
from lineshaft.apps.governance.services.votes import next_number
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import Invalid, NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_span
from lineshaft.plumbing.actor import Actor


def open_election(
    actor: Actor,
    item: AgendaItem,
    seat: Seat,
    *,
    text: str,
    starts_on: date,
    ends_on: date | None = None,
    text_zh: str = "",
    is_secret: bool = True,
    now: datetime,
) -> Motion:
    """Put the election to a seat of the meeting's body under an item; candidates come next."""
    said = checked_text("text", text, rules.MOTION_MAX)
    if fault := check_span(starts_on, ends_on):
        raise Invalid((fault,))
    with transaction.atomic():
        held = held_meeting(actor, item.meeting, "open_election")
        refuse_if(rules.refuse_agenda(held.meeting.state))
        if seat.body_id != held.body.pk:
            raise NotFound(code="no_seat")
        motion = Motion.objects.create(
            meeting=held.meeting,
            item=item,
            number=next_number(held.meeting),
            text=said,
            text_zh=text_zh.strip(),
            rule=rules.VoteRule.SIMPLE_MAJORITY,
            is_secret=is_secret,
            seat=seat,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        audit_meeting(
            actor,
            "open_election",
            held,
            now=now,
            motion=motion.number,
            seat=seat.number,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    return motion


def nominate_candidate(actor: Actor, motion: Motion, person: Person, *, now: datetime) -> Candidate:
    """Make somebody a candidate, if the rules of the body would let them take the seat."""
    with transaction.atomic():
        held = held_meeting(actor, motion.meeting, "nominate_candidate")
        row = (
            Motion.objects.select_for_update(of=("self",)).select_related("seat").get(pk=motion.pk)
        )
        refuse_if(
            rules.refuse_nomination(
                person.name,
                is_election=row.is_election,
                is_proposed=row.state == rules.PROPOSED,
                is_nominated=row.candidates.filter(person=person).exists(),
            )
        )
        assert row.seat is not None and row.starts_on is not None  # noqa: S101, PT018 -- as above
        filling = Filling(
            row.seat.number, person, rules.AppointmentWay.ELECTED, row.starts_on, row.ends_on
        )
        check_filling(held.body, filling, now=now)
        last = row.candidates.order_by("number").last()
        made = Candidate.objects.create(
            motion=row, number=last.number + 1 if last else 1, person=person
        )
        audit_meeting(
            actor, "nominate_candidate", held, now=now, motion=row.number, person=person.pk
        )
    return made
