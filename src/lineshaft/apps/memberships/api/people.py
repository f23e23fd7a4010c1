"""The API of an organisation's people: who belongs to it here, who is invited, who is taken off."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invitation
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.rest import RowId, actor_of, idempotent
from lineshaft.plumbing.roles import Role

router = Router(tags=["memberships"])


class OrganisationPersonOut(Schema):
    """Somebody who belongs to the organisation here; `may_act` says whether also acts for it."""

    user_id: int
    name: str
    may_act: bool


class PeopleOut(Schema):
    """Who belongs to the organisation, by name."""

    people: list[OrganisationPersonOut]


class InvitationIn(Schema):
    """Whom to invite; `may_act` lets act for the organisation too."""

    email: str
    may_act: bool = False


class InvitationOut(Schema):
    """An invitation that was mailed, without its secret."""

    id: int
    email: str
    may_act: bool
    expires_at: datetime


class RemovalIn(Schema):
    """Why somebody is taken off, where somebody wants to say it."""

    why: str = ""


@router.get(
    "/organisations/{pk}/people",
    response=PeopleOut,
    operation_id="list_organisation_people",
    summary="Who belongs to an organisation here",
)
def list_organisation_people(request: HttpRequest, pk: RowId) -> PeopleOut:
    """The organisation's people, for themselves and for network staff."""
    return _people_out(queries.organisation_with_people(actor_of(request), pk))


@router.post(
    "/organisations/{pk}/invitations",
    response=InvitationOut,
    operation_id="invite_person",
    summary="Invite somebody by e-mail",
)
def invite_person(request: HttpRequest, pk: RowId, payload: InvitationIn) -> HttpResponse:
    """The invitation; an earlier one to the address is over."""
    actor = actor_of(request)

    def perform() -> InvitationOut:
        organisation = queries.organisation_with_people(actor, pk)
        invitation = services.invite_person(
            actor,
            organisation,
            **payload.model_dump(),
            origin=settings.ORIGIN or request.build_absolute_uri("/"),
            now=clock.now(),
        )
        return _invitation_out(invitation)

    return idempotent(request, "invite_person", perform)


@router.post(
    "/organisations/{pk}/people/{user_id}/remove",
    response=PeopleOut,
    operation_id="remove_person",
    summary="Take somebody off an organisation",
)
def remove_person(
    request: HttpRequest, pk: RowId, user_id: RowId, payload: RemovalIn
) -> HttpResponse:
    """Who still belongs to it."""
    actor = actor_of(request)

    def perform() -> PeopleOut:
        organisation = queries.organisation_with_people(actor, pk)
        person = queries.person_of(organisation, user_id, on=clock.today())
        services.remove_person(actor, organisation, person, why=payload.why, now=clock.now())
        return _people_out(organisation)

    return idempotent(request, "remove_person", perform)


def _people_out(organisation: Organisation) -> PeopleOut:
    people = queries.people_of(organisation, on=clock.today())
    return PeopleOut(people=[_person_out(one) for one in people])


def _person_out(one: User) -> OrganisationPersonOut:
    grants = one.own_grants  # type: ignore[attr-defined] # prefetched
    acts = any(grant.role == Role.MEMBER for grant in grants)
    return OrganisationPersonOut(user_id=one.pk, name=one.name, may_act=acts)


def _invitation_out(one: Invitation) -> InvitationOut:
    return InvitationOut(id=one.pk, email=one.email, may_act=one.may_act, expires_at=one.expires_at)
