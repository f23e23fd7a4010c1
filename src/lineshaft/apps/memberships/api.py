"""The API of memberships: who belongs to which institute."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.models import MemberAgreement
from lineshaft.apps.network.queries import institute_by_key, profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["memberships"])


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


class EndIn(Schema):
    """The end of a membership; `ends_on` is the first day without it."""

    ends_on: date
    reason: rules.EndReason
    why: str = ""


class TierOut(Schema):
    """A tier at an institute today; `is_template` where the institute has set no terms of its own,
    and what only its own terms say is null. Money is a year's, in minor units.
    """

    institute: str
    tier: str
    is_template: bool
    dues_minor: int
    in_kind_minor: int | None
    term_months: int | None
    board_seats: int
    votes: int | None
    rate_class: str | None
    training_seats: int | None
    seats_roll_over: bool | None
    licence_option_days: int | None
    may_lead_projects: bool | None


class TierIn(Schema):
    """The terms of a tier from a day on; money a year, in minor units."""

    institute: str
    tier: str
    in_force_on: date
    dues_minor: int
    rate_class: rules.RateClass
    source: str
    is_offered: bool = True
    in_kind_minor: int = 0
    term_months: int = 12
    board_seats: int = 0
    votes: int = 0
    training_seats: int = 0
    seats_roll_over: bool = False
    licence_option_days: int = 0
    may_lead_projects: bool = False


@router.get(
    "/tiers",
    response=list[TierOut],
    operation_id="list_tiers",
    summary="What a membership costs and gives at each institute",
)
def list_tiers(request: HttpRequest, kind: str = "", institute: str = "") -> list[TierOut]:
    """The tiers offered today, cheapest first; `kind` is a kind of organisation."""
    offers = queries.tier_offers(
        actor_of(request), on=clock.today(), kind=kind, institute=institute
    )
    return [_tier_out(one) for one in offers]


@router.post(
    "/tiers",
    response=TierOut,
    operation_id="set_tier_terms",
    summary="Set the terms of a tier from a day on",
)
def set_tier_terms(request: HttpRequest, payload: TierIn) -> HttpResponse:
    """The terms as they were set."""
    actor = actor_of(request)

    def perform() -> TierOut:
        of = institute_by_key(actor, payload.institute)
        row = services.TierOfferRow(**payload.model_dump(exclude={"institute"}))
        terms = services.set_tier_terms(actor, of, row, now=clock.now())
        return _tier_out(queries.TierOffer(of, profile_in_use().tier(terms.tier), terms))

    return idempotent(request, "set_tier_terms", perform)


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
    return {**page, "items": [_member_out(actor, one) for one in page["items"]]}


@router.get(
    "/members/{pk}",
    response=MemberOut,
    operation_id="show_member",
    summary="One membership agreement",
)
def show_member(request: HttpRequest, pk: RowId) -> MemberOut:
    """The agreement, its terms only where the caller may read them."""
    actor = actor_of(request)
    return _member_out(actor, queries.member_agreement_by_id(actor, pk))


@router.post("/members", response=MemberOut, operation_id="admit_member", summary="Admit a member")
def admit_member(request: HttpRequest, payload: MemberIn) -> HttpResponse:
    """The agreement, also where the same one was there already."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        given = payload.model_dump(exclude={"institute", "why"})
        row = services.MemberRow(institute_key=payload.institute, **given)
        return _member_out(
            actor, services.admit_member(actor, row, now=clock.now(), why=payload.why)
        )

    return idempotent(request, "admit_member", perform)


@router.post(
    "/members/{pk}/end",
    response=MemberOut,
    operation_id="end_membership",
    summary="End a membership",
)
def end_membership(request: HttpRequest, pk: RowId, payload: EndIn) -> HttpResponse:
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
        return _member_out(actor, ended)

    return idempotent(request, "end_membership", perform)


def _member_out(actor: Actor, one: MemberAgreement) -> MemberOut:
    may_read = queries.may_read_terms(
        actor, institute=one.institute.key, organisation_id=one.organisation_id
    )
    return MemberOut(
        id=one.pk,
        organisation_id=one.organisation_id,
        organisation=one.organisation.name,
        institute=one.institute.key,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        ended_reason=one.ended_reason if may_read else "",
        tier=one.tier if may_read else None,
        signed_on=one.signed_on if may_read else None,
        is_demonstration=one.is_demonstration,
    )


def _tier_out(one: queries.TierOffer) -> TierOut:
    terms = one.terms
    own = (
        "in_kind_minor",
        "term_months",
        "votes",
        "rate_class",
        "training_seats",
        "seats_roll_over",
        "licence_option_days",
        "may_lead_projects",
    )
    return TierOut(
        institute=one.institute.key,
        tier=one.tier.key,
        is_template=terms is None,
        dues_minor=one.dues_minor,
        board_seats=one.board_seats,
        **{name: getattr(terms, name) if terms else None for name in own},
    )
