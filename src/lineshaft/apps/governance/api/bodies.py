"""The API of bodies: who decides, who sits there, and whether the rules on it are met."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import Appointment
from lineshaft.apps.governance.queries import BodyStanding, SeatStanding
from lineshaft.apps.governance.rules import AppointmentWay
from lineshaft.apps.network.queries import person_of_address
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["governance"])


class RuleOut(Schema):
    """A rule on who sits in a body; `counted` is seats, or basis points for a share."""

    key: str
    name: str
    citation: str
    counted: int
    is_met: bool


class SeatOut(Schema):
    """A seat; `holder` is null while nobody holds it, and outside the network."""

    number: int
    kind: str
    appointment_id: int | None
    is_held: bool
    holder: str | None
    starts_on: date | None
    ends_on: date | None


class BodyOut(Schema):
    """A body on this day, with its open seats and the rules on its composition."""

    key: str
    kind: str
    name: str
    name_zh: str
    institute: str | None
    established_on: date
    vacant: int
    seats: list[SeatOut]
    rules: list[RuleOut]
    is_demonstration: bool


class AppointmentIn(Schema):
    """Somebody for a seat, by e-mail address; `ends_on` is the first day without the
    appointment.
    """

    seat: int = Field(ge=1, le=1_000)
    person: str
    way: AppointmentWay
    starts_on: date
    ends_on: date | None = None
    evidence: str = ""


class AppointmentEndIn(Schema):
    """The end of an appointment; `ends_on` is the first day without it."""

    ends_on: date
    why: str = ""


class AnnulIn(Schema):
    """Why an appointment is annulled."""

    why: str


class AppointmentOut(Schema):
    """Somebody in a seat over a half-open span of days; one that is annulled counts nowhere."""

    id: int
    body: str
    seat: int
    person_id: int
    way: str
    starts_on: date
    ends_on: date | None
    is_annulled: bool


@router.get(
    "/bodies",
    response=PageOf[BodyOut],
    operation_id="list_bodies",
    summary="The boards and councils",
)
def list_bodies(
    request: HttpRequest,
    *,
    kind: str = "",
    institute: str = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The bodies that the caller may read; `institute` is a key."""
    actor = actor_of(request)
    rows = queries.bodies_filtered(actor, kind=kind, institute=institute)
    page = paged(rows, cursor=cursor, limit=limit)
    standings = queries.body_standings(page["items"], on=clock.today())
    return {**page, "items": [_body_out(actor, one) for one in standings]}


@router.get(
    "/bodies/{key}", response=BodyOut, operation_id="show_body", summary="One board or council"
)
def show_body(request: HttpRequest, key: str) -> BodyOut:
    """The body as it stands today."""
    actor = actor_of(request)
    return _body_out(actor, queries.body_standing(actor, key, on=clock.today()))


@router.post(
    "/bodies/{key}/appointments",
    response=AppointmentOut,
    operation_id="fill_seats",
    summary="Put somebody into a seat",
)
def fill_seats(request: HttpRequest, key: str, payload: AppointmentIn) -> HttpResponse:
    """The appointment."""
    actor = actor_of(request)

    def perform() -> AppointmentOut:
        body = queries.body_by_key(actor, key)
        key_of_institute = body.institute.key if body.institute else None
        permit(actor, rules.PERMISSIONS["fill_seats"], institute=key_of_institute)
        filling = services.Filling(
            payload.seat,
            person_of_address(payload.person),
            payload.way,
            payload.starts_on,
            payload.ends_on,
            payload.evidence,
        )
        (made,) = services.fill_seats(actor, body, [filling], now=clock.now())
        return _appointment_out(made)

    return idempotent(request, "fill_seats", perform)


@router.post(
    "/appointments/{pk}/end",
    response=AppointmentOut,
    operation_id="end_appointment",
    summary="End an appointment",
)
def end_appointment(request: HttpRequest, pk: RowId, payload: AppointmentEndIn) -> HttpResponse:
    """The appointment with its end."""
    actor = actor_of(request)

    def perform() -> AppointmentOut:
        appointment = queries.appointment_by_id(actor, pk)
        ended = services.end_appointment(
            actor, appointment, ends_on=payload.ends_on, now=clock.now(), why=payload.why
        )
        return _appointment_out(ended)

    return idempotent(request, "end_appointment", perform)


@router.post(
    "/appointments/{pk}/annul",
    response=AppointmentOut,
    operation_id="annul_appointment",
    summary="Annul an appointment that was entered by mistake",
)
def annul_appointment(request: HttpRequest, pk: RowId, payload: AnnulIn) -> HttpResponse:
    """The appointment, which counts nowhere from then on."""
    actor = actor_of(request)

    def perform() -> AppointmentOut:
        appointment = queries.appointment_by_id(actor, pk)
        annulled = services.annul_appointment(actor, appointment, why=payload.why, now=clock.now())
        return _appointment_out(annulled)

    return idempotent(request, "annul_appointment", perform)


def _body_out(actor: Actor, one: BodyStanding) -> BodyOut:
    body, reads = one.body, queries.may_read_holders(actor)
    return BodyOut(
        key=body.key,
        kind=body.kind,
        name=body.name,
        name_zh=body.name_zh,
        institute=body.institute.key if body.institute else None,
        established_on=body.established_on,
        vacant=one.vacant,
        seats=[_seat_out(each, reads=reads) for each in one.seats],
        rules=[
            RuleOut(
                key=check.rule.key,
                name=check.rule.name,
                citation=check.rule.authority.citation.text,
                counted=check.counted,
                is_met=check.is_met,
            )
            for check in one.checks
        ],
        is_demonstration=body.is_demonstration,
    )


def _seat_out(one: SeatStanding, *, reads: bool) -> SeatOut:
    holder = one.holder
    return SeatOut(
        number=one.seat.number,
        kind=one.seat.kind,
        appointment_id=holder.pk if holder else None,
        is_held=holder is not None,
        holder=holder.person.name if holder and reads else None,
        starts_on=holder.starts_on if holder else None,
        ends_on=holder.ends_on if holder else None,
    )


def _appointment_out(one: Appointment) -> AppointmentOut:
    return AppointmentOut(
        id=one.pk,
        body=one.seat.body.key,
        seat=one.seat.number,
        person_id=one.person_id,
        way=one.way,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        is_annulled=one.annulled_at is not None,
    )
