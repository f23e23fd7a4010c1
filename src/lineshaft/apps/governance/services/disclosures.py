"""Disclosing a conflict of interest on an agenda item, and recusing for it.

Who has disclosed can still recuse later, and nobody takes a recusal back. Whoever has recused is
not on the roll of any vote under the item that opens later; while such a vote is open nobody
recuses, since its roll is fixed.
"""

from datetime import datetime

from django.db import transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import AgendaItem, Disclosure
from lineshaft.apps.governance.services.record import (
    Held,
    audit_meeting,
    checked_text,
    locked_meeting,
    own_person,
    permit_for_body,
    seats_held,
)
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit


def disclose_conflict(
    actor: Actor,
    item: AgendaItem,
    *,
    nature: str,
    is_recused: bool,
    person: Person | None = None,
    now: datetime,
) -> Disclosure:
    """Disclose a conflict of the actor's own, or that of `person` as whoever keeps the record.

    Who has disclosed on the item already can recuse for it, which leaves the words as they were.
    Raises Refused for somebody who held no seat on the day, for a second disclosure that is no
    recusal, and for a recusal while a vote under the item is open.
    """
    permit(actor, rules.PERMISSIONS["disclose_conflict"])
    said = checked_text("nature", nature, rules.CHANGED_MAX)
    with transaction.atomic():
        meeting = locked_meeting(item.meeting)
        power = None
        if person is None:
            person = own_person(actor)
        elif person.user_id is None or person.user_id != actor.user_id:
            power = permit_for_body(actor, "record_attendance", meeting.body)
        if person is None:
            raise NotPermitted(
                code="not_permitted",
                message=rules.PERMISSIONS["disclose_conflict"].sentence,
                params={"verb": "disclose_conflict"},
            )
        refuse_if(rules.refuse_agenda(meeting.state))
        seated = {one.person_id for one in seats_held(meeting.body, meeting.held_on)}
        known = item.disclosures.filter(person=person).first()
        voting = item.motions.filter(state=rules.VOTING).order_by("number")
        refuse_if(
            rules.refuse_disclosure(
                person.name,
                is_seated=person.pk in seated,
                has_recused=known.is_recused if known else None,
                is_recused=is_recused,
                motions_open=list(voting.values_list("number", flat=True)),
            )
        )
        if known is None:
            made = Disclosure.objects.create(
                item=item, person=person, nature=said, is_recused=is_recused, disclosed_at=now
            )
        else:
            made = _recused(known)
        audit_meeting(
            actor,
            "disclose_conflict",
            Held(meeting, power),
            now=now,
            why=said if known else "",
            item=item.number,
            person=person.pk,
            is_recused=is_recused,
        )
    return made


def _recused(known: Disclosure) -> Disclosure:
    known.is_recused = True
    known.save(update_fields=["is_recused"])
    return known
