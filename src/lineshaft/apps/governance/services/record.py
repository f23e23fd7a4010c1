"""What every verb on a meeting's record shares: locking it, asking permission, writing its event,
and who holds the seats of its body.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import Appointment, Body, Meeting
from lineshaft.apps.governance.queries import held_q
from lineshaft.apps.network.models import Person
from lineshaft.kernel.errors import FieldError, Invalid
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor, DelegatedPower
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit, used_delegation

_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_EMPTY: Final = gettext_noop("This is empty. Write something.")


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting behind its lock, and the delegation under which the actor works on it."""

    meeting: Meeting
    power: DelegatedPower | None = None

    @property
    def body(self) -> Body:
        """Whose meeting it is."""
        return self.meeting.body


def permit_for_body(actor: Actor, verb: str, body: Body) -> DelegatedPower | None:
    """The delegation, if one is needed, under which the actor does that for a body."""
    return permit(
        actor,
        rules.PERMISSIONS[verb],
        institute=body.institute.key if body.institute else None,
        body=body.key,
    )


def locked_meeting(meeting: Meeting) -> Meeting:
    """The meeting behind its lock, with its body."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("body__institute")
    return rows.get(pk=meeting.pk)


def held_meeting(actor: Actor, meeting: Meeting, verb: str) -> Held:
    """The meeting behind its lock, if the actor may do that to it."""
    row = locked_meeting(meeting)
    return Held(row, permit_for_body(actor, verb, row.body))


def audit_meeting(
    actor: Actor,
    verb: str,
    held: Held,
    *,
    now: datetime,
    why: str = "",
    count: int = 1,
    **changes: object,
) -> None:
    """Write the event of a verb on a meeting, in the caller's transaction."""
    institute = held.body.institute
    record_event(
        actor,
        verb,
        held.meeting,
        now=now,
        why=why,
        count=count,
        institute=institute.key if institute else "",
        changes=changes | used_delegation(held.power),
    )


def seats_held(body: Body, day: date) -> list[Appointment]:
    """Who held a seat of the body on that day, in the order of the seats."""
    rows = Appointment.objects.filter(held_q(day), seat__body=body)
    return list(rows.select_related("seat", "person").order_by("seat__number"))


def own_person(actor: Actor) -> Person | None:
    """The person whose user the actor is, or None."""
    if actor.user_id is None:
        return None
    return Person.objects.filter(user_id=actor.user_id).first()


def checked_text(name: str, text: str, most: int) -> str:
    """The text without blanks around; raises Invalid for an empty or too long one."""
    said = text.strip()
    if not said:
        raise Invalid.in_field(name, _EMPTY)
    if faults := faults_of_length({name: said}, most):
        raise Invalid(faults)
    return said


def faults_of_length(texts: dict[str, str], most: int) -> list[FieldError]:
    """One fault for each text that is longer."""
    return [
        FieldError(name, message=_TOO_LONG, params={"most": most})
        for name, text in texts.items()
        if len(text.strip()) > most
    ]
