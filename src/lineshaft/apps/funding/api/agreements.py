"""Agreements over the API: what they say, what stands in their accounts, and their states."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import StringConstraints

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.values import AmountMinor, Currency
from lineshaft.apps.funding.models import Account, Agreement, AgreementSponsor
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import (
    LIMIT_DEFAULT,
    PageOf,
    RowId,
    actor_of,
    idempotent,
    paged,
)

router = Router()


class SponsorOut(Schema):
    """An agency's part of an agreement's federal total."""

    agency: str
    federal_total_minor: int

    @staticmethod
    def resolve_agency(sponsor: AgreementSponsor) -> str:
        return sponsor.agency.key


class AgreementOut(Schema):
    """A cooperative agreement; `ends_on` is the first day after its term.

    `institute` is the recipient's key, and `recipient_kind` says whether it is an institute or an
    extension centre. `agency` leads; the parts of all `sponsors`, the lead's among them, sum to the
    federal total.
    """

    id: int
    number: str
    title: str
    institute: str
    recipient_kind: str
    agency: str
    currency: str
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: int
    cost_share_required_minor: int | None
    state: str
    sponsors: list[SponsorOut]

    @staticmethod
    def resolve_sponsors(agreement: Agreement) -> list[AgreementSponsor]:
        return list(agreement.sponsors.all())

    @staticmethod
    def resolve_institute(agreement: Agreement) -> str:
        return agreement.institute.key

    @staticmethod
    def resolve_recipient_kind(agreement: Agreement) -> str:
        return agreement.institute.kind

    @staticmethod
    def resolve_agency(agreement: Agreement) -> str:
        return agreement.agency.key


class AccountOut(Schema):
    """An account of an agreement, with its four sums; `agency` is the sponsor whose part it is."""

    kind: str
    agency: str | None
    currency: str
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int

    @staticmethod
    def resolve_agency(account: Account) -> str | None:
        return account.agency.key if account.agency else None


class AgreementDetailOut(AgreementOut):
    """An agreement with its accounts."""

    accounts: list[AccountOut]

    @staticmethod
    def resolve_accounts(agreement: Agreement) -> list[Any]:
        public = agreement.accounts.filter(kind__in=queries.PUBLIC_ACCOUNTS)
        return list(public.select_related("agency").order_by("pk"))


class SponsorIn(Schema):
    """What an agency beside the lead gives; `agency` is its key."""

    agency: str
    federal_total_minor: AmountMinor


class AgreementIn(Schema):
    """What an agreement says; `ends_on` is the first day after its term.

    `institute` and `agency` are keys; `agency` gives what its co-sponsors do not. Without
    `cost_share_required_minor` the matching rule binds.
    """

    institute: str
    agency: str
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    title: Annotated[str, Field(max_length=200)] = ""
    currency: Currency
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: AmountMinor
    cost_share_required_minor: Annotated[int | None, Field(ge=0, le=2**63 - 1)] = None
    co_sponsors: Annotated[list[SponsorIn], Field(max_length=50)] = []


class TerminateIn(Schema):
    """Why the agreement ends before its term."""

    reason: str


@router.get("/agreements", response=PageOf[AgreementOut], operation_id="list_agreements")
def list_agreements(
    request: HttpRequest,
    institute: str | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Signed agreements, and drafts where the reader prepares them."""
    agreements = queries.agreements_visible_to(actor_of(request)).prefetch_related(
        queries.sponsors_of("sponsors")
    )
    if institute is not None:
        agreements = agreements.filter(institute__key=institute)
    return paged(agreements, cursor=cursor, limit=limit)


@router.get(
    "/agreements/{int:agreement_id}", response=AgreementDetailOut, operation_id="show_agreement"
)
def show_agreement(request: HttpRequest, agreement_id: RowId) -> Agreement:
    """One agreement with its accounts."""
    return queries.agreement_by_id(actor_of(request), agreement_id)


@router.post("/agreements", response=AgreementOut, operation_id="sign_agreement")
def sign_agreement(request: HttpRequest, body: AgreementIn) -> HttpResponse:
    """Record an agreement as a draft and open its accounts."""
    actor = actor_of(request)
    institute = institute_by_key(actor, body.institute)
    agency = queries.agency_by_key(body.agency)
    parts = parts_of(body.co_sponsors)

    def sign() -> Agreement:
        said = body.model_dump(exclude={"institute", "agency", "co_sponsors"})
        terms = services.AgreementTerms(co_sponsors=parts, **said)
        return services.sign_agreement(actor, institute, agency, terms=terms, now=clock.now())

    return _changed(request, "sign_agreement", sign)


@router.post(
    "/agreements/{int:agreement_id}/activate",
    response=AgreementOut,
    operation_id="activate_agreement",
)
def activate_agreement(request: HttpRequest, agreement_id: RowId) -> HttpResponse:
    """Let money move under a draft; it is public from then on."""
    return _state_changed(request, services.activate_agreement, agreement_id)


@router.post(
    "/agreements/{int:agreement_id}/end", response=AgreementOut, operation_id="end_agreement"
)
def end_agreement(request: HttpRequest, agreement_id: RowId) -> HttpResponse:
    """Close an agreement at the end of its term."""
    return _state_changed(request, services.end_agreement, agreement_id)


@router.post(
    "/agreements/{int:agreement_id}/terminate",
    response=AgreementOut,
    operation_id="terminate_agreement",
)
def terminate_agreement(
    request: HttpRequest, agreement_id: RowId, body: TerminateIn
) -> HttpResponse:
    """Close an agreement before its term, with the reason."""
    return _state_changed(request, services.terminate_agreement, agreement_id, reason=body.reason)


def parts_of(sponsors: Iterable[SponsorIn]) -> tuple[services.SponsorPart, ...]:
    """The parts of the co-sponsors; NotFound for an agency that is none."""
    sent = list(sponsors)
    ids = queries.agency_ids(one.agency for one in sent)
    return tuple(services.SponsorPart(ids[one.agency], one.federal_total_minor) for one in sent)


def _state_changed(
    request: HttpRequest, change: Callable[..., Agreement], agreement_id: RowId, **said: str
) -> HttpResponse:
    """The agreement after the service of that name moved it to another state."""
    actor = actor_of(request)
    found = queries.agreement_by_id(actor, agreement_id)
    return _changed(
        request,
        change.__name__,
        lambda: change(actor, found.pk, today=clock.today(), now=clock.now(), **said),
    )


def _changed(request: HttpRequest, verb: str, change: Callable[[], Agreement]) -> HttpResponse:
    return idempotent(request, verb, lambda: AgreementOut.from_orm(change()))
