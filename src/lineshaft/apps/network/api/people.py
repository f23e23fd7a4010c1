"""The API of network: people, their appointment at institutes, what ties them to others."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import (
    PersonRole,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["network"])


class PersonIn(Schema):
    """Somebody to register. By the e-mail address the person is appointed."""

    name: str
    name_zh: str = ""
    email: str
    organisation_id: RowId | None = None
    why: str = ""


class PersonOut(Schema):
    """A registered person."""

    id: int
    name: str
    name_zh: str
    email: str
    organisation_id: int | None


class PersonRoleIn(Schema):
    """A role for the registered person of that e-mail address; `ends_on` is the first day without
    it.
    """

    email: str
    kind: rules.PersonRoleKind
    starts_on: date
    ends_on: date | None = None
    why: str = ""


class PersonRoleOut(Schema):
    """A role of a person at an institute."""

    id: int
    person_id: int
    institute: str
    kind: str
    starts_on: date
    ends_on: date | None

    @staticmethod
    def resolve_institute(row: PersonRole) -> str:
        return row.institute.key if row.institute else ""


@router.post(
    "/people", response=PersonOut, operation_id="register_person", summary="Register a person"
)
def register_person(request: HttpRequest, payload: PersonIn) -> HttpResponse:
    """The registered person; somebody of that e-mail address is not registered twice."""
    actor = actor_of(request)

    def perform() -> PersonOut:
        given = payload.model_dump(exclude={"organisation_id"})
        organisation = (
            queries.organisation_by_id(actor, payload.organisation_id)
            if payload.organisation_id is not None
            else None
        )
        person = services.register_person(
            actor, given.pop("name"), organisation=organisation, now=clock.now(), **given
        )
        return PersonOut.model_validate(person)

    return idempotent(request, "register_person", perform)


class PersonTieIn(Schema):
    """A tie between the people of two e-mail addresses; of an advisor the first one advised."""

    person: str
    other: str
    kind: rules.PersonTieKind
    year_from: int
    year_to: int | None = None
    evidence: str = ""
    source: str


class PersonTieOut(Schema):
    """What ties two people; `year_to` is null while it lasts."""

    id: int
    person_id: int
    other_id: int
    kind: str
    year_from: int
    year_to: int | None
    evidence: str
    source: str


class PersonTieEndIn(Schema):
    """The last year of a tie."""

    year_to: int


@router.get(
    "/people/{person_id}/ties",
    response=PageOf[PersonTieOut],
    operation_id="list_person_ties",
    summary="What ties a person to others",
)
def list_person_ties(
    request: HttpRequest, person_id: RowId, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The ties of a person, as far as the caller may read them."""
    actor = actor_of(request)
    rows = queries.ties_of(actor, queries.person_by_id(actor, person_id))
    return paged(rows, cursor=cursor, limit=limit, order_by=("pk",))


@router.post(
    "/person-ties",
    response=PersonTieOut,
    operation_id="record_person_tie",
    summary="Record a tie between people",
)
def record_person_tie(request: HttpRequest, payload: PersonTieIn) -> HttpResponse:
    """The tie as it is recorded."""
    actor = actor_of(request)

    def perform() -> PersonTieOut:
        services.permit_anywhere(actor, rules.PERMISSIONS["record_person_tie"])
        given = payload.model_dump(exclude={"person", "other"})
        one, two = (queries.person_of_address(text) for text in (payload.person, payload.other))
        made = services.record_person_tie(
            actor, one, two, services.TieTerms(**given), now=clock.now()
        )
        return PersonTieOut.model_validate(made)

    return idempotent(request, "record_person_tie", perform)


@router.post(
    "/person-ties/{tie_id}/end",
    response=PersonTieOut,
    operation_id="end_person_tie",
    summary="End a tie between people",
)
def end_person_tie(request: HttpRequest, tie_id: RowId, payload: PersonTieEndIn) -> HttpResponse:
    """The tie with its last year."""
    actor = actor_of(request)

    def perform() -> PersonTieOut:
        tie = queries.tie_by_id(actor, tie_id)
        done = services.end_person_tie(actor, tie, year_to=payload.year_to, now=clock.now())
        return PersonTieOut.model_validate(done)

    return idempotent(request, "end_person_tie", perform)


@router.post(
    "/institutes/{key}/appointments",
    response=PersonRoleOut,
    operation_id="appoint_person",
    summary="Give a person a role at an institute",
)
def appoint_person(request: HttpRequest, key: str, payload: PersonRoleIn) -> HttpResponse:
    """The role, over a half-open span of days."""
    actor = actor_of(request)
    institute = queries.institute_by_key(actor, key)

    def perform() -> PersonRoleOut:
        permit(actor, rules.PERMISSIONS["appoint_person"], institute=key)
        given = payload.model_dump(exclude={"email"})
        person = queries.person_of_address(payload.email)
        role = services.appoint_person(actor, person, institute=institute, now=clock.now(), **given)
        return PersonRoleOut.model_validate(role)

    return idempotent(request, "appoint_person", perform)
