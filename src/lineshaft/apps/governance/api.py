"""The API of governance: common policies with how the institutes stand, and bodies."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.governance import queries, rules, services
from lineshaft.apps.governance.models import (
    Appointment,
    PolicyAttestation,
    PolicyPosition,
    PolicyVersion,
)
from lineshaft.apps.governance.queries import (
    BodyStanding,
    InstituteStanding,
    PolicyStanding,
    SeatStanding,
)
from lineshaft.apps.governance.rules import AppointmentWay, PositionKind
from lineshaft.apps.network.queries import person_of_address
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["governance"])


class StandingOut(Schema):
    """How an institute stands; `reason` is null where the caller may not read it."""

    institute: str
    standing: str
    version: int | None
    stated_on: date | None
    reason: str | None


class PolicyOut(Schema):
    """A policy on this day; `version` is the one in force, `draft` the open draft, if any."""

    key: str
    area: str
    title: str
    title_zh: str
    version: int | None
    in_force_on: date | None
    draft: int | None
    institutes: list[StandingOut]
    is_demonstration: bool


class VersionOut(Schema):
    """One wording of a policy."""

    policy: str
    number: int
    state: str
    text: str
    text_zh: str
    changed: str
    changed_zh: str
    drafted_at: datetime
    adopted_on: date | None
    in_force_on: date | None
    decision: str


class PositionIn(Schema):
    """What an institute says of a version; `reason` is asked for where it deviates."""

    institute: str
    version: int = Field(ge=1, le=1_000_000)
    position: PositionKind
    reason: str = ""


class PositionOut(Schema):
    """What an institute said."""

    institute: str
    version: int
    position: str
    reason: str
    stated_on: date


class AttestationIn(Schema):
    """That an institute kept to a policy in a fiscal year; `remark` says why it did not."""

    institute: str
    fiscal_year: int = Field(ge=1900, le=9998)
    is_kept: bool
    remark: str = ""


class AttestationOut(Schema):
    """What an institute attested."""

    institute: str
    fiscal_year: int
    version: int
    is_kept: bool
    remark: str


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


class EndIn(Schema):
    """The end of an appointment; `ends_on` is the first day without it."""

    ends_on: date
    why: str = ""


class AppointmentOut(Schema):
    """Somebody in a seat over a half-open span of days."""

    id: int
    body: str
    seat: int
    person_id: int
    way: str
    starts_on: date
    ends_on: date | None


@router.get(
    "/policies",
    response=PageOf[PolicyOut],
    operation_id="list_policies",
    summary="The common policies",
)
def list_policies(
    request: HttpRequest, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The policies that the caller may read, with how the institutes at work stand today."""
    actor = actor_of(request)
    page = paged(queries.policies_visible_to(actor), cursor=cursor, limit=limit)
    standings = queries.standings_of(actor, page["items"], today=clock.today())
    return {**page, "items": [_policy_out(actor, one) for one in standings]}


@router.get(
    "/policies/{key}", response=PolicyOut, operation_id="show_policy", summary="One common policy"
)
def show_policy(request: HttpRequest, key: str) -> PolicyOut:
    """The policy as it stands today."""
    actor = actor_of(request)
    return _policy_out(actor, queries.policy_standing(actor, key, today=clock.today()))


@router.get(
    "/policies/{key}/versions",
    response=PageOf[VersionOut],
    operation_id="list_policy_versions",
    summary="The versions of a policy",
)
def list_policy_versions(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The versions that the caller may read, newest first."""
    actor = actor_of(request)
    policy = queries.policy_by_key(actor, key)
    versions = queries.versions_visible_to(actor).filter(policy=policy)
    page = paged(versions, cursor=cursor, limit=limit, order_by=("-number", "pk"))
    return {**page, "items": [_version_out(one) for one in page["items"]]}


@router.get(
    "/policies/{key}/attestations",
    response=PageOf[AttestationOut],
    operation_id="list_policy_attestations",
    summary="What the institutes attested of a policy",
)
def list_policy_attestations(
    request: HttpRequest, key: str, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """Newest year first; empty for callers outside the network."""
    actor = actor_of(request)
    policy = queries.policy_by_key(actor, key)
    attested = queries.attestations_of(actor, policy)
    page = paged(attested, cursor=cursor, limit=limit, order_by=("-fiscal_year", "pk"))
    return {**page, "items": [_attestation_out(one) for one in page["items"]]}


@router.post(
    "/policies/{key}/positions",
    response=PositionOut,
    operation_id="state_position",
    summary="State an institute's position on a policy",
)
def state_position(request: HttpRequest, key: str, payload: PositionIn) -> HttpResponse:
    """The position, also where the institute had said so already."""
    actor = actor_of(request)

    def perform() -> PositionOut:
        version = queries.version_by_number(actor, key, payload.version)
        position = services.state_position(
            actor,
            version,
            institute=payload.institute,
            kind=payload.position,
            reason=payload.reason,
            now=clock.now(),
        )
        return _position_out(position)

    return idempotent(request, "state_position", perform)


@router.post(
    "/policies/{key}/attestations",
    response=AttestationOut,
    operation_id="attest_policy",
    summary="Attest that an institute kept to a policy",
)
def attest_policy(request: HttpRequest, key: str, payload: AttestationIn) -> HttpResponse:
    """The attestation of a fiscal year that is over."""
    actor = actor_of(request)

    def perform() -> AttestationOut:
        policy = queries.policy_by_key(actor, key)
        made = services.attest_policy(actor, policy, now=clock.now(), **payload.model_dump())
        return _attestation_out(made)

    return idempotent(request, "attest_policy", perform)


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
def end_appointment(request: HttpRequest, pk: RowId, payload: EndIn) -> HttpResponse:
    """The appointment with its end."""
    actor = actor_of(request)

    def perform() -> AppointmentOut:
        appointment = queries.appointment_by_id(actor, pk)
        ended = services.end_appointment(
            actor, appointment, ends_on=payload.ends_on, now=clock.now(), why=payload.why
        )
        return _appointment_out(ended)

    return idempotent(request, "end_appointment", perform)


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
    )


def _policy_out(actor: Actor, one: PolicyStanding) -> PolicyOut:
    may_read = queries.may_read_drafts(actor)
    return PolicyOut(
        key=one.policy.key,
        area=one.policy.area,
        title=one.policy.title,
        title_zh=one.policy.title_zh,
        version=one.in_force.number if one.in_force else None,
        in_force_on=one.in_force.in_force_on if one.in_force else None,
        draft=one.draft.number if one.draft else None,
        institutes=[_standing_out(each, may_read=may_read) for each in one.institutes],
        is_demonstration=one.policy.is_demonstration,
    )


def _standing_out(one: InstituteStanding, *, may_read: bool) -> StandingOut:
    position = one.position
    return StandingOut(
        institute=one.institute.key,
        standing=one.standing,
        version=position.version.number if position else None,
        stated_on=position.stated_on if position else None,
        reason=(position.reason if position else "") if may_read else None,
    )


def _version_out(one: PolicyVersion) -> VersionOut:
    return VersionOut(
        policy=one.policy.key,
        number=one.number,
        state=one.state,
        text=one.text,
        text_zh=one.text_zh,
        changed=one.changed,
        changed_zh=one.changed_zh,
        drafted_at=one.drafted_at,
        adopted_on=one.adopted_on,
        in_force_on=one.in_force_on,
        decision=one.decision,
    )


def _position_out(one: PolicyPosition) -> PositionOut:
    return PositionOut(
        institute=one.institute.key,
        version=one.version.number,
        position=one.kind,
        reason=one.reason,
        stated_on=one.stated_on,
    )


def _attestation_out(one: PolicyAttestation) -> AttestationOut:
    return AttestationOut(
        institute=one.institute.key,
        fiscal_year=one.fiscal_year,
        version=one.version.number,
        is_kept=one.is_kept,
        remark=one.remark,
    )
