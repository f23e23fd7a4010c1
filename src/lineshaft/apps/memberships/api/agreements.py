"""The API of memberships: who belongs to which institute."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class MemberOut(Schema):
    """A membership agreement; `tier` and `signed_on` are null where the caller may not read them.

    `ends_on` is the first day without the membership.
    """

    id: int
    organisation_id: int
    organisation: str
    institute: str
    starts_on: date
    ends_on: date | None
    ended_reason: str
    tier: str | None
    signed_on: date | None
    is_demonstration: bool


class MemberIn(Schema):
    """A member to admit; `institute` is a key, `ends_on` the first day without the membership."""

    organisation_id: RowId
    institute: str
    tier: str
    starts_on: date
    ends_on: date | None = None
    signed_on: date | None = None
    waiver_reference: str = ""
    why: str = ""


class MembershipEndIn(Schema):
    """The end of a membership; `ends_on` is the first day without it."""

    ends_on: date
    reason: rules.EndReason
    why: str = ""


@router.get(
    "/members",
    response=PageOf[MemberOut],
    operation_id="list_members",
    summary="The membership agreements",
)
def list_members(
    request: HttpRequest,
    *,
    institute: str = "",
    organisation: RowId | None = None,
    on: date | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Agreements that the caller may read; `on` keeps those in force on that day."""
    actor = actor_of(request)
    rows = queries.members_visible_to(actor)
    if institute:
        rows = rows.filter(institute__key=institute)
    if organisation is not None:
        rows = rows.filter(organisation_id=organisation)
    if on is not None:
        rows = rows.filter(queries.in_force_q(on))
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [member_out(actor, one) for one in page["items"]]}


@router.get(
    "/members/{pk}",
    response=MemberOut,
    operation_id="show_member",
    summary="One membership agreement",
)
def show_member(request: HttpRequest, pk: RowId) -> MemberOut:
    """The agreement, its terms only where the caller may read them."""
    actor = actor_of(request)
    return member_out(actor, queries.member_agreement_by_id(actor, pk))


@router.post("/members", response=MemberOut, operation_id="admit_member", summary="Admit a member")
def admit_member(request: HttpRequest, payload: MemberIn) -> HttpResponse:
    """The agreement, also where the same one was there already."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        given = payload.model_dump(exclude={"institute", "why"})
        row = services.MemberRow(institute_key=payload.institute, **given)
        return member_out(
            actor, services.admit_member(actor, row, now=clock.now(), why=payload.why)
        )

    return idempotent(request, "admit_member", perform)


@router.post(
    "/members/{pk}/end",
    response=MemberOut,
    operation_id="end_membership",
    summary="End a membership",
)
def end_membership(request: HttpRequest, pk: RowId, payload: MembershipEndIn) -> HttpResponse:
    """The agreement with its end."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        agreement = queries.member_agreement_by_id(actor, pk)
        ended = services.end_membership(
            actor,
            agreement,
            ends_on=payload.ends_on,
            reason=payload.reason,
            now=clock.now(),
            why=payload.why,
        )
        return member_out(actor, ended)

    return idempotent(request, "end_membership", perform)


def member_out(actor: Actor, one: MemberAgreement) -> MemberOut:
    """The agreement as the caller may read it."""
    may_read = queries.may_read_terms(
        actor, institute=one.institute.key, organisation_id=one.organisation_id
    )
    return MemberOut(
        id=one.pk,
        organisation_id=one.organisation.standing.pk,
        organisation=one.organisation.standing.name,
        institute=one.institute.key,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        ended_reason=one.ended_reason if may_read else "",
        tier=one.tier if may_read else None,
        signed_on=one.signed_on if may_read else None,
        is_demonstration=one.is_demonstration,
    )
