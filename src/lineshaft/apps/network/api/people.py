"""The API of network: people, and their appointment at institutes."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.network import queries, rules, services
from lineshaft.apps.network.models import (
    PersonRole,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.plumbing.rest import RowId, actor_of, idempotent

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
