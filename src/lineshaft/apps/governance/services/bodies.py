"""Establishing bodies, opening and closing their seats, and filling them.

`fill_seats` is the one way into a seat: a page, the API and the demonstration pass their rows
through it, all or none. The database refuses what two writers at once would overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import Appointment, Attendance, Body, RollEntry, Seat
from lineshaft.apps.governance.services.keys import free_key
from lineshaft.apps.network.models import Institute, Person
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, Stale
from lineshaft.kernel.jurisdiction import BodyKind, BodyMeasure, BodyRule, SeatKind
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span, check_day, check_span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.sharing import SharingLevel

LEVELS: Final = (SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.INSTITUTE)
SEATS_MAX: Final = 100

_NO_NAME: Final = gettext_noop("Write the name of the body.")
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_NAME_TAKEN: Final = gettext_noop("There is a body of this name already.")
_NO_SEAT: Final = gettext_noop("There is no such seat in this body.")
_NO_LEVEL: Final = gettext_noop("A body is shared as one of: %(known)s.")
_TOO_MANY: Final = gettext_noop("A body has at most %(most)s seats.")
_SEAT_ENDED: Final = gettext_noop("The seat is closed already.")
_BEFORE_OPENING: Final = gettext_noop("A seat closes after the day on which it was opened.")


@dataclass(frozen=True, slots=True)
class SeatTerms:
    """Seats to open with a body: so many of a kind."""

    kind: SeatKind
    number: int = 1


@dataclass(frozen=True, slots=True)
class BodyTerms:
    """A body as it is established; `charter` names the document that makes it."""

    kind: BodyKind
    name: str
    established_on: date
    name_zh: str = ""
    charter: str = ""
    seats: tuple[SeatTerms, ...] = ()
    level: str = SharingLevel.PUBLIC
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Filling:
    """Somebody for a seat, over a half-open span of days; `ends_on` None for no end."""

    seat_number: int
    person: Person
    way: rules.AppointmentWay
    starts_on: date
    ends_on: date | None = None
    evidence: str = ""

    @property
    def span(self) -> Span:
        """The days of the term."""
        return Span(self.starts_on, self.ends_on)


def establish_body(
    actor: Actor, terms: BodyTerms, *, institute: Institute | None = None, now: datetime
) -> Body:
    """Establish a body with its first seats; its key comes from its name and never changes."""
    key_of_institute = institute.key if institute else ""
    permit(actor, rules.PERMISSIONS["establish_body"], institute=key_of_institute or None)
    refuse_if(rules.refuse_body(terms.kind, is_of_institute=institute is not None))
    if faults := _faults_of(terms):
        raise Invalid(faults)
    name = terms.name.strip()
    if Body.objects.filter(institute=institute, name__iexact=name).exists():
        raise Invalid.in_field("name", _NAME_TAKEN)
    kinds = [seats.kind for seats in terms.seats for _place in range(seats.number)]
    try:
        with transaction.atomic():
            body = Body.objects.create(
                key=free_key(Body.objects.all(), name),
                kind=terms.kind,
                institute=institute,
                name=name,
                name_zh=terms.name_zh.strip(),
                charter=terms.charter.strip(),
                established_on=terms.established_on,
                level=terms.level,
                is_demonstration=terms.is_demonstration,
            )
            Seat.objects.bulk_create(
                Seat(body=body, number=number, kind=kind, opened_on=terms.established_on)
                for number, kind in enumerate(kinds, start=1)
            )
            record_event(
                actor,
                "establish_body",
                body,
                now=now,
                why=terms.charter.strip(),
                institute=key_of_institute,
                changes={"name": name, "kind": terms.kind, "seats": len(kinds)},
            )
    except IntegrityError as error:
        raise Stale from error
    return body


def add_seat(actor: Actor, body: Body, kind: SeatKind, *, opened_on: date, now: datetime) -> Seat:
    """Open one more seat of a body, from that day on."""
    _check_days(opened_on=opened_on)
    with transaction.atomic():
        row = _locked(actor, body, "add_seat")
        last = row.seats.order_by("number").last()
        number = last.number + 1 if last else 1
        if number > SEATS_MAX:
            raise Invalid.in_field("kind", _TOO_MANY, most=SEATS_MAX)
        seat = Seat.objects.create(body=row, number=number, kind=kind, opened_on=opened_on)
        _audit(actor, "add_seat", row, now=now, seat=number, kind=kind, opened_on=opened_on)
    return seat


def close_seat(actor: Actor, seat: Seat, *, closed_on: date, now: datetime) -> Seat:
    """Close a seat from that day on; raises Refused while somebody holds it beyond that day."""
    _check_days(closed_on=closed_on)
    with transaction.atomic():
        body = _locked(actor, seat.body, "close_seat")
        row = body.seats.get(pk=seat.pk)
        if row.closed_on is not None:
            raise Invalid.in_field("closed_on", _SEAT_ENDED)
        if closed_on <= row.opened_on:
            raise Invalid.in_field("closed_on", _BEFORE_OPENING)
        held = [
            (one.person.name, Span(one.starts_on, one.ends_on))
            for one in row.appointments.filter(annulled_at__isnull=True)
            .select_related("person")
            .order_by("starts_on")
        ]
        refuse_if(rules.refuse_closing(closed_on, held))
        row.closed_on = closed_on
        row.save(update_fields=["closed_on"])
        _audit(actor, "close_seat", body, now=now, seat=row.number, closed_on=closed_on)
    return row


def fill_seats(
    actor: Actor, body: Body, fillings: Sequence[Filling], *, now: datetime
) -> tuple[Appointment, ...]:
    """Put each person into their seat, all or none, with one audit event.

    Raises Refused with the rule and its citation, Invalid for a span without days, NotFound for a
    seat that the body does not have.
    """
    try:
        with transaction.atomic():
            return _fill(actor, _locked(actor, body, "fill_seats"), fillings, now)
    except IntegrityError as error:
        raise Stale from error


def fill_elected(actor: Actor, body: Body, filling: Filling, *, now: datetime) -> None:
    """Put whoever a vote of the body has elected into their seat, in the caller's transaction.

    The vote is what permits it; who closed the vote is named in the trail.
    """
    row = Body.objects.select_for_update(of=("self",)).select_related("institute").get(pk=body.pk)
    _fill(actor, row, [filling], now)


def check_filling(body: Body, filling: Filling, *, now: datetime) -> None:
    """Raise what `fill_seats` would raise for that row now; nothing is written."""
    _Plan.of(body, [filling]).place(filling, now)


def end_appointment(
    actor: Actor, appointment: Appointment, *, ends_on: date, now: datetime, why: str = ""
) -> Appointment:
    """End an appointment on that day, the first without it; a later end is brought forward."""
    _check_days(ends_on=ends_on)
    with transaction.atomic():
        body = _locked(actor, appointment.seat.body, "end_appointment")
        row = Appointment.objects.select_related("seat").get(pk=appointment.pk)
        refuse_if(rules.refuse_annulled(is_annulled=row.annulled_at is not None))
        refuse_if(rules.refuse_end(Span(row.starts_on, row.ends_on), ends_on))
        before, row.ends_on = row.ends_on, ends_on
        row.save(update_fields=["ends_on"])
        _audit(
            actor,
            "end_appointment",
            body,
            now=now,
            why=why,
            seat=row.seat.number,
            person=row.person_id,
            ends_on=[before, ends_on],
        )
    return row


def annul_appointment(
    actor: Actor, appointment: Appointment, *, why: str, now: datetime
) -> Appointment:
    """Take back an appointment that was entered by mistake: it stays on record, and counts nowhere.

    Raises Refused where its holder has attended or voted in the seat in its days, or stands on the
    roll of a vote that is open and was frozen in them. What attendance is recorded and which votes
    are opened at the same moment waits for the lock of the body.
    """
    said = why.strip()
    if len(said) > rules.REFERENCE_MAX:
        raise Invalid.in_field("why", _TOO_LONG, most=rules.REFERENCE_MAX)
    with transaction.atomic():
        body = _locked(actor, appointment.seat.body, "annul_appointment")
        row = Appointment.objects.select_related("seat", "person").get(pk=appointment.pk)
        refuse_if(rules.refuse_annulled(is_annulled=row.annulled_at is not None))
        on_roll = _rolls_in(row)
        refuse_if(
            rules.refuse_annulment(
                row.person.name,
                has_acted=_was_there(row) or any(one.has_voted for one in on_roll),
                motions_open=[
                    (one.motion.number, one.motion.meeting.number)
                    for one in on_roll
                    if one.motion.state == rules.VOTING
                ],
                why=said,
            )
        )
        row.annulled_at, row.why_annulled = now, said
        row.save(update_fields=["annulled_at", "why_annulled"])
        _audit(
            actor,
            "annul_appointment",
            body,
            now=now,
            why=said,
            seat=row.seat.number,
            person=row.person_id,
            starts_on=row.starts_on,
        )
    return row


def _was_there(held: Appointment) -> bool:
    """Whether its holder was recorded as there, in the seat, on a day of the appointment."""
    days = Span(held.starts_on, held.ends_on)
    rows = Attendance.objects.filter(seat=held.seat, person=held.person, way__in=rules.THERE)
    return any(days.contains(one.meeting.held_on) for one in rows.select_related("meeting"))


def _rolls_in(held: Appointment) -> list[RollEntry]:
    """The rolls on which its holder stands by the seat, frozen for a day of the appointment."""
    days = Span(held.starts_on, held.ends_on)
    rows = RollEntry.objects.filter(seat=held.seat, person=held.person)
    on_roll = rows.select_related("motion__meeting").order_by("motion_id")
    return [one for one in on_roll if days.contains(one.motion.meeting.held_on)]


def _fill(
    actor: Actor, row: Body, fillings: Sequence[Filling], now: datetime
) -> tuple[Appointment, ...]:
    if _bounds_bodies(row):  # else the same person could be put into two bodies at once
        people = sorted({one.person.pk for one in fillings})
        list(Person.objects.select_for_update().filter(pk__in=people).order_by("pk"))
    plan = _Plan.of(row, fillings)
    made = tuple(plan.place(one, now) for one in fillings)
    Appointment.objects.bulk_create(made)
    if made:
        _audit(
            actor,
            "fill_seats",
            row,
            now=now,
            count=len(made),
            appointments=[_said(one) for one in made],
        )
    return made


@dataclass(slots=True)
class _Plan:
    """The seats of a locked body with who holds them, where those sit who come, and the rules that
    bind it.
    """

    body: Body
    seats: dict[int, Seat]
    held: list[Appointment]
    elsewhere: list[Appointment]

    @classmethod
    def of(cls, body: Body, fillings: Sequence[Filling]) -> "_Plan":
        counted = Appointment.objects.filter(annulled_at__isnull=True)
        held = counted.filter(seat__body=body).select_related("person", "seat")
        seats = {seat.number: seat for seat in body.seats.all()}
        elsewhere: list[Appointment] = []
        if _bounds_bodies(body):
            rows = counted.filter(
                seat__body__kind=body.kind, person__in=[one.person for one in fillings]
            ).exclude(seat__body=body)
            elsewhere = list(rows.select_related("seat__body").order_by("starts_on", "pk"))
        return cls(body, seats, list(held.order_by("starts_on")), elsewhere)

    def place(self, filling: Filling, now: datetime) -> Appointment:
        """The appointment that a row comes to; nothing is written here."""
        seat = self.seats.get(filling.seat_number)
        if seat is None:
            raise NotFound(_NO_SEAT, code="no_seat")
        if fault := check_span(filling.starts_on, filling.ends_on):
            raise Invalid.in_field("ends_on", fault.message, **fault.params)
        if len(filling.evidence.strip()) > rules.REFERENCE_MAX:
            raise Invalid.in_field("evidence", _TOO_LONG, most=rules.REFERENCE_MAX)
        self._refuse(filling, seat)
        made = Appointment(
            seat=seat,
            person=filling.person,
            way=filling.way,
            starts_on=filling.starts_on,
            ends_on=filling.ends_on,
            evidence=filling.evidence.strip(),
            entered_at=now,
        )
        self.held.append(made)
        return made

    def _refuse(self, filling: Filling, seat: Seat) -> None:
        person, span = filling.person, filling.span
        of_seat = [
            (one.person.name, Span(one.starts_on, one.ends_on))
            for one in self.held
            if one.seat_id == seat.pk
        ]
        own = [Span(one.starts_on, one.ends_on) for one in self.held if one.person_id == person.pk]
        others = [
            (_public_name(one.seat.body), Span(one.starts_on, one.ends_on))
            for one in self.elsewhere
            if one.person_id == person.pk
        ]
        binding = self._binding(span)
        organisation = person.organisation
        refuse_if(rules.refuse_seat(span, Span(seat.opened_on, seat.closed_on)))
        refuse_if(rules.refuse_taken(span, of_seat))
        refuse_if(rules.refuse_second_seat(person.name, span, own))
        refuse_if(rules.refuse_other_bodies(binding, person.name, span, others))
        refuse_if(rules.refuse_term(binding, person.name, span, own))
        if organisation:
            refuse_if(
                rules.refuse_origin(
                    binding, person.name, organisation=organisation.name, kind=organisation.kind
                )
            )

    def _binding(self, during: Span) -> tuple[BodyRule, ...]:
        return profile_in_use().body_rules_in_force(during, BodyKind(self.body.kind))


def _bounds_bodies(body: Body) -> bool:
    """Whether a rule, of whatever time, bounds in how many bodies of the kind somebody sits."""
    return any(
        rule.body_kind == body.kind and rule.measure is BodyMeasure.BODIES_MOST
        for rule in profile_in_use().body_rules
    )


def _public_name(body: Body) -> str:
    """The name by which a refusal may call the body, whoever reads it; else empty."""
    return body.name if body.level == SharingLevel.PUBLIC else ""


def _said(made: Appointment) -> dict[str, object]:
    """What the trail keeps of an appointment; it names the person by id alone."""
    return {
        "seat": made.seat.number,
        "person": made.person_id,
        "way": made.way,
        "starts_on": made.starts_on,
        "ends_on": made.ends_on,
        "evidence": made.evidence,
    }


def _check_days(**days: date) -> None:
    """Raise Invalid with every day that can only be a mistyped year."""
    faults = [fault for name, day in days.items() if (fault := check_day(day, name=name))]
    if faults:
        raise Invalid(faults)


def _locked(actor: Actor, body: Body, verb: str) -> Body:
    """The body behind its lock, if the actor may do that to it."""
    row = Body.objects.select_for_update(of=("self",)).select_related("institute").get(pk=body.pk)
    permit(actor, rules.PERMISSIONS[verb], institute=row.institute.key if row.institute else None)
    return row


def _audit(
    actor: Actor,
    verb: str,
    body: Body,
    *,
    now: datetime,
    count: int = 1,
    why: str = "",
    **changes: object,
) -> None:
    record_event(
        actor,
        verb,
        body,
        now=now,
        why=why,
        count=count,
        institute=body.institute.key if body.institute else "",
        changes=changes,
    )


def _faults_of(terms: BodyTerms) -> list[FieldError]:
    faults = [] if terms.name.strip() else [FieldError("name", message=_NO_NAME)]
    texts = {"name": terms.name, "name_zh": terms.name_zh, "charter": terms.charter}
    faults += [
        FieldError(name, message=_TOO_LONG, params={"most": rules.REFERENCE_MAX})
        for name, text in texts.items()
        if len(text.strip()) > rules.REFERENCE_MAX
    ]
    if sum(seats.number for seats in terms.seats) > SEATS_MAX:
        faults.append(FieldError("seats", message=_TOO_MANY, params={"most": SEATS_MAX}))
    if terms.level not in LEVELS:
        faults.append(FieldError("level", message=_NO_LEVEL, params={"known": ", ".join(LEVELS)}))
    if fault := check_day(terms.established_on, name="established_on"):
        faults.append(fault)
    return faults
