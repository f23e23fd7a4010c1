"""The API of changes of a membership: the next term, another tier, the next invoice, lapses."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.api.agreements import MemberOut, member_out
from lineshaft.apps.memberships.api.invoices import InvoiceOut, invoice_out
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import RowId, actor_of, idempotent

router = Router(tags=["memberships"])


class TierChangeIn(Schema):
    """Which tier follows, and from which day."""

    tier: str
    on: date


class ExpulsionIn(Schema):
    """The first day without the membership, and the reason that the member is told."""

    ends_on: date
    reason: str


class LeavingIn(Schema):
    """The first day without the membership, and why, where somebody wants to say it."""

    ends_on: date
    reason: str = ""


class LapseIn(Schema):
    """The institute, by its key, whose unpaid memberships lapse; empty for the network."""

    institute: str = ""


class LapsesOut(Schema):
    """The ids of the agreements that have ended."""

    ended: list[int]


@router.post(
    "/members/{pk}/renew",
    response=MemberOut,
    operation_id="renew_membership",
    summary="Agree the next term of a membership",
)
def renew_membership(request: HttpRequest, pk: RowId) -> HttpResponse:
    """The agreement of the next term."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        agreement = queries.member_agreement_by_id(actor, pk)
        renewed = services.renew_membership(actor, agreement, now=clock.now())
        return member_out(actor, renewed)

    return idempotent(request, "renew_membership", perform)


@router.post(
    "/members/{pk}/tier",
    response=MemberOut,
    operation_id="change_tier",
    summary="Let another tier follow from a day on",
)
def change_tier(request: HttpRequest, pk: RowId, payload: TierChangeIn) -> HttpResponse:
    """The agreement in the new tier."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        agreement = queries.member_agreement_by_id(actor, pk)
        changed = services.change_tier(
            actor, agreement, tier=payload.tier, on=payload.on, now=clock.now()
        )
        return member_out(actor, changed)

    return idempotent(request, "change_tier", perform)


@router.post(
    "/members/{pk}/bill",
    response=InvoiceOut,
    operation_id="bill_next_year",
    summary="Issue the invoice of the next year of a running term",
)
def bill_next_year(request: HttpRequest, pk: RowId) -> HttpResponse:
    """The invoice as it was issued."""
    actor = actor_of(request)

    def perform() -> InvoiceOut:
        agreement = queries.member_agreement_by_id(actor, pk)
        return invoice_out(services.bill_next_year(actor, agreement, now=clock.now()))

    return idempotent(request, "bill_next_year", perform)


@router.post(
    "/members/{pk}/expel",
    response=MemberOut,
    operation_id="expel_member",
    summary="End a membership for breach",
)
def expel_member(request: HttpRequest, pk: RowId, payload: ExpulsionIn) -> HttpResponse:
    """The agreement with its end."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        agreement = queries.member_agreement_by_id(actor, pk)
        ended = services.expel_member(actor, agreement, **payload.model_dump(), now=clock.now())
        return member_out(actor, ended)

    return idempotent(request, "expel_member", perform)


@router.post(
    "/members/{pk}/leave",
    response=MemberOut,
    operation_id="leave_membership",
    summary="Leave, for the organisation",
)
def leave_membership(request: HttpRequest, pk: RowId, payload: LeavingIn) -> HttpResponse:
    """The agreement with its end."""
    actor = actor_of(request)

    def perform() -> MemberOut:
        agreement = queries.member_agreement_by_id(actor, pk)
        ended = services.leave_membership(actor, agreement, **payload.model_dump(), now=clock.now())
        return member_out(actor, ended)

    return idempotent(request, "leave_membership", perform)


@router.post(
    "/lapses",
    response=LapsesOut,
    operation_id="lapse_memberships",
    summary="End the memberships whose days of grace are over",
)
def lapse_memberships(request: HttpRequest, payload: LapseIn) -> HttpResponse:
    """The agreements that have ended; run again it ends nothing more."""
    actor = actor_of(request)

    def perform() -> LapsesOut:
        institute = institute_by_key(actor, payload.institute) if payload.institute else None
        ended = services.lapse_memberships(actor, institute=institute, now=clock.now())
        return LapsesOut(ended=[one.pk for one in ended])

    return idempotent(request, "lapse_memberships", perform)
