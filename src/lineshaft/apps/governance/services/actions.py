"""Actions that a meeting asked for: who does what by when, until it is done."""

from datetime import date, datetime

from django.db import transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import ActionItem, Meeting
from lineshaft.apps.governance.services.record import (
    Held,
    audit_meeting,
    checked_text,
    faults_of_length,
    held_meeting,
    locked_meeting,
    own_person,
    permit_for_body,
)
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import check_day
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit


def add_action(
    actor: Actor, meeting: Meeting, text: str, *, owner: Person, due_on: date, now: datetime
) -> ActionItem:
    """Enter what somebody is to do by a day, until the minutes are approved."""
    said = checked_text("text", text, rules.CHANGED_MAX)
    if fault := check_day(due_on, name="due_on"):
        raise Invalid((fault,))
    with transaction.atomic():
        held = held_meeting(actor, meeting, "add_action")
        refuse_if(rules.refuse_record(held.meeting.state))
        last = held.meeting.actions.order_by("number").last()
        action = ActionItem.objects.create(
            meeting=held.meeting,
            number=last.number + 1 if last else 1,
            text=said,
            owner=owner,
            due_on=due_on,
        )
        audit_meeting(
            actor,
            "add_action",
            held,
            now=now,
            action=action.number,
            owner=owner.pk,
            due_on=due_on,
        )
    return action


def close_action(
    actor: Actor, action: ActionItem, *, remark: str = "", now: datetime
) -> ActionItem:
    """Say that an action is done, as its owner or whoever keeps the record; once."""
    if faults := faults_of_length({"remark": remark}, rules.CHANGED_MAX):
        raise Invalid(faults)
    permit(actor, rules.PERMISSIONS["close_action"])
    with transaction.atomic():
        meeting = locked_meeting(action.meeting)
        row = meeting.actions.get(pk=action.pk)
        own = own_person(actor)
        is_own = own is not None and own.pk == row.owner_id
        power = None if is_own else permit_for_body(actor, "add_action", meeting.body)
        if row.done_on is not None:
            return row
        row.done_on, row.remark = now.date(), remark.strip()
        row.save(update_fields=["done_on", "remark"])
        audit_meeting(
            actor,
            "close_action",
            Held(meeting, power),
            now=now,
            why=row.remark,
            action=row.number,
        )
    return row
