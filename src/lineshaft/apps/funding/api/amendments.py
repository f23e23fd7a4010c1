"""Amendments, waivers and renewals over the API: what they say, and the verbs on them.

Reasons stay with those who oversee the institute; here stands what took effect.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.api.agreements import AgreementOut, SponsorIn, parts_of
from lineshaft.apps.funding.api.values import AmountMinor
from lineshaft.apps.funding.models import Amendment, Renewal, Waiver
from lineshaft.apps.funding.rules import (
    AMENDMENT_CITATIONS,
    AgreementState,
    AmendmentKind,
    AmendmentState,
)
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router()


class AmendmentOut(Schema):
    """An amendment; `before` and `after` are the values that its execution changed.

    A termination that no amendment says has neither id nor number, and the kind `termination`.
    """

    id: int | None
    agreement_id: int
    number: int | None
    kind: str
    citation: str
    state: str
    effective_on: date
    new_ends_on: date | None
    added_federal_minor: int | None
    agency: str | None
    new_title: str
    before: dict[str, Any]
    after: dict[str, Any]

    @staticmethod
    def resolve_agency(amendment: Amendment) -> str | None:
        return amendment.agency.key if amendment.agency else None

    @staticmethod
    def resolve_citation(amendment: Amendment) -> str:
        return AMENDMENT_CITATIONS[amendment.kind].text


class AmendmentIn(Schema):
    """What to change and why; each kind takes the one field that is its own.

    `agency` is the key of the sponsor that adds money; without one the leading agency.
    """

    kind: AmendmentKind
    effective_on: date
    reason: str
    new_ends_on: date | None = None
    added_federal_minor: AmountMinor | None = None
    agency: str | None = None
    new_title: Annotated[str, Field(max_length=200)] = ""


class ReasonIn(Schema):
    """Why it is decided so."""

    reason: str


class WaiverOut(Schema):
    """A waiver of a matching rule; `share_bp` is the lowered share, `ends_on` the day after it."""

    id: int
    agreement_id: int
    rule_id: str
    ground: str
    share_bp: int | None
    excluded_minor: int | None
    starts_on: date
    ends_on: date
    state: str
    revoked_on: date | None


class WaiverIn(Schema):
    """Which rule to waive, on which ground, by how much, in which days, and why."""

    rule_id: Annotated[str, Field(max_length=16)]
    ground: Annotated[str, Field(max_length=40)]
    starts_on: date
    ends_on: date
    reason: str
    share_bp: Annotated[int | None, Field(ge=0, le=10_000)] = None
    excluded_minor: AmountMinor | None = None


class RenewalOut(Schema):
    """The renewal of an agreement; `cure_ends_on` is the first day after the time to remedy."""

    id: int
    agreement_id: int
    state: str
    opened_on: date
    notified_on: date | None
    cure_ends_on: date | None
    decided_on: date | None
    renewed_by_id: int | None


class StepIn(Schema):
    """The day of a step."""

    on: date


class DeficienciesIn(StepIn):
    """What is to be remedied."""

    deficiencies: str


class ProgressIn(StepIn):
    """What progress on the performance standards the review found."""

    progress: str


class RenewIn(ProgressIn):
    """What the agreement that follows says; the lead stays, `ends_on` is the day after its term."""

    number: Annotated[str, Field(min_length=1, max_length=64)]
    title: Annotated[str, Field(max_length=200)] = ""
    signed_on: date
    starts_on: date
    ends_on: date
    federal_total_minor: AmountMinor
    cost_share_required_minor: Annotated[int | None, Field(ge=0, le=2**63 - 1)] = None
    co_sponsors: Annotated[list[SponsorIn], Field(max_length=50)] = []


class AmendmentPage(PageOf[AmendmentOut]):
    """A page of amendments; `termination` is one by its own verb, without an amendment."""

    termination: AmendmentOut | None


@router.get(
    "/agreements/{int:agreement_id}/amendments",
    response=AmendmentPage,
    operation_id="list_amendments",
)
def list_amendments(
    request: HttpRequest, agreement_id: RowId, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The amendments of an agreement, the oldest first, and its termination where it had one
    without an amendment.
    """
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    found = queries.amendments_visible_to(actor).filter(agreement=agreement)
    page = paged(found, cursor=cursor, limit=limit)
    termination = queries.termination_of(actor, agreement)
    return {**page, "termination": _terminated(termination) if termination else None}


@router.post(
    "/agreements/{int:agreement_id}/amendments",
    response=AmendmentOut,
    operation_id="propose_amendment",
)
def propose_amendment(request: HttpRequest, agreement_id: RowId, body: AmendmentIn) -> HttpResponse:
    """Put an amendment on record; nothing of the agreement changes until it is executed."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    agency_id = queries.agency_by_key(body.agency).pk if body.agency else None
    terms = services.AmendmentTerms(agency_id=agency_id, **body.model_dump(exclude={"agency"}))
    return _amended(
        request,
        "propose_amendment",
        lambda: services.propose_amendment(actor, agreement.pk, terms=terms, now=clock.now()),
    )


@router.post(
    "/amendments/{int:amendment_id}/execute",
    response=AmendmentOut,
    operation_id="execute_amendment",
)
def execute_amendment(request: HttpRequest, amendment_id: RowId) -> HttpResponse:
    """Change the agreement as the amendment says."""
    actor = actor_of(request)
    found = queries.amendment_by_id(actor, amendment_id)
    return _amended(
        request,
        "execute_amendment",
        lambda: services.execute_amendment(actor, found.pk, today=clock.today(), now=clock.now()),
    )


@router.post(
    "/amendments/{int:amendment_id}/withdraw",
    response=AmendmentOut,
    operation_id="withdraw_amendment",
)
def withdraw_amendment(request: HttpRequest, amendment_id: RowId, body: ReasonIn) -> HttpResponse:
    """Take back a proposed amendment."""
    actor = actor_of(request)
    found = queries.amendment_by_id(actor, amendment_id)
    return _amended(
        request,
        "withdraw_amendment",
        lambda: services.withdraw_amendment(actor, found.pk, reason=body.reason, now=clock.now()),
    )


@router.get(
    "/agreements/{int:agreement_id}/waivers",
    response=PageOf[WaiverOut],
    operation_id="list_waivers",
)
def list_waivers(
    request: HttpRequest, agreement_id: RowId, cursor: str | None = None, limit: int = LIMIT_DEFAULT
) -> dict[str, Any]:
    """The waivers under an agreement, the oldest first."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    found = queries.waivers_visible_to(actor).filter(agreement=agreement)
    return paged(found, cursor=cursor, limit=limit)


@router.post(
    "/agreements/{int:agreement_id}/waivers", response=WaiverOut, operation_id="request_waiver"
)
def request_waiver(request: HttpRequest, agreement_id: RowId, body: WaiverIn) -> HttpResponse:
    """Ask that a matching rule be waived under the agreement."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    terms = services.WaiverTerms(**body.model_dump())
    return _waived(
        request,
        "request_waiver",
        lambda: services.request_waiver(actor, agreement.pk, terms=terms, now=clock.now()),
    )


@router.post("/waivers/{int:waiver_id}/grant", response=WaiverOut, operation_id="grant_waiver")
def grant_waiver(request: HttpRequest, waiver_id: RowId, body: ReasonIn) -> HttpResponse:
    """Let a waiver count in its days."""
    return _decided(request, services.grant_waiver, waiver_id, body)


@router.post("/waivers/{int:waiver_id}/deny", response=WaiverOut, operation_id="deny_waiver")
def deny_waiver(request: HttpRequest, waiver_id: RowId, body: ReasonIn) -> HttpResponse:
    """Deny a waiver."""
    return _decided(request, services.deny_waiver, waiver_id, body)


@router.post("/waivers/{int:waiver_id}/revoke", response=WaiverOut, operation_id="revoke_waiver")
def revoke_waiver(request: HttpRequest, waiver_id: RowId, body: ReasonIn) -> HttpResponse:
    """End a granted waiver today."""
    return _decided(request, services.revoke_waiver, waiver_id, body, today=clock.today())


@router.get(
    "/agreements/{int:agreement_id}/renewal",
    response=RenewalOut | None,
    operation_id="show_renewal",
)
def show_renewal(request: HttpRequest, agreement_id: RowId) -> Renewal | None:
    """Where an agreement's renewal stands; null where none is under review."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    return queries.renewals_visible_to(actor).filter(agreement=agreement).first()


@router.post(
    "/agreements/{int:agreement_id}/renewal",
    response=RenewalOut,
    operation_id="open_renewal_review",
)
def open_renewal_review(request: HttpRequest, agreement_id: RowId, body: StepIn) -> HttpResponse:
    """Begin the merit review by which an agreement may be renewed."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, agreement_id)
    return _reviewed(
        request,
        "open_renewal_review",
        lambda: services.open_renewal_review(
            actor, agreement.pk, on=body.on, today=clock.today(), now=clock.now()
        ),
    )


@router.post(
    "/renewals/{int:renewal_id}/deficiencies",
    response=RenewalOut,
    operation_id="notify_deficiencies",
)
def notify_deficiencies(
    request: HttpRequest, renewal_id: RowId, body: DeficienciesIn
) -> HttpResponse:
    """Name what is to be remedied, and give the time that the law gives."""
    actor = actor_of(request)
    found = queries.renewal_by_id(actor, renewal_id)
    return _reviewed(
        request,
        "notify_deficiencies",
        lambda: services.notify_deficiencies(
            actor, found.pk, **body.model_dump(), today=clock.today(), now=clock.now()
        ),
    )


@router.post(
    "/renewals/{int:renewal_id}/grant", response=AgreementOut, operation_id="grant_renewal"
)
def grant_renewal(request: HttpRequest, renewal_id: RowId, body: RenewIn) -> HttpResponse:
    """Renew an agreement; the answer is the one that follows, a draft."""
    actor = actor_of(request)
    found = queries.renewal_by_id(actor, renewal_id)
    parts = parts_of(body.co_sponsors)

    def grant() -> AgreementOut:
        said = body.model_dump(exclude={"on", "progress", "co_sponsors"})
        following = services.grant_renewal(
            actor,
            found.pk,
            terms=services.AgreementTerms(
                currency=found.agreement.currency, co_sponsors=parts, **said
            ),
            progress=body.progress,
            on=body.on,
            today=clock.today(),
            now=clock.now(),
        )
        return AgreementOut.from_orm(following)

    return idempotent(request, "grant_renewal", grant)


@router.post(
    "/renewals/{int:renewal_id}/ineligible", response=RenewalOut, operation_id="find_ineligible"
)
def find_ineligible(request: HttpRequest, renewal_id: RowId, body: ProgressIn) -> HttpResponse:
    """Find that deficiencies were not remedied in time: the agreement is not renewed."""
    actor = actor_of(request)
    found = queries.renewal_by_id(actor, renewal_id)
    return _reviewed(
        request,
        "find_ineligible",
        lambda: services.find_ineligible(
            actor, found.pk, **body.model_dump(), today=clock.today(), now=clock.now()
        ),
    )


def _amended(request: HttpRequest, verb: str, change: Callable[[], Amendment]) -> HttpResponse:
    return idempotent(request, verb, lambda: AmendmentOut.from_orm(change()))


def _decided(
    request: HttpRequest,
    decide: Callable[..., Waiver],
    waiver_id: RowId,
    body: ReasonIn,
    **days: date,
) -> HttpResponse:
    """The waiver after the service of that name decided on it, with the reason sent."""
    actor = actor_of(request)
    found = queries.waiver_by_id(actor, waiver_id)
    return _waived(
        request,
        decide.__name__,
        lambda: decide(actor, found.pk, reason=body.reason, now=clock.now(), **days),
    )


def _waived(request: HttpRequest, verb: str, change: Callable[[], Waiver]) -> HttpResponse:
    return idempotent(request, verb, lambda: WaiverOut.from_orm(change()))


def _reviewed(request: HttpRequest, verb: str, change: Callable[[], Renewal]) -> HttpResponse:
    return idempotent(request, verb, lambda: RenewalOut.from_orm(change()))


def _terminated(termination: queries.Termination) -> Amendment:
    """The termination by the verb itself as the last of the list; it is never stored."""
    return Amendment(
        agreement=termination.agreement,
        number=None,  # type: ignore[misc] # a termination by the verb has none
        kind=termination.kind,
        state=AmendmentState.EXECUTED,
        effective_on=termination.on,
        before={"state": AgreementState.ACTIVE},
        after={"state": AgreementState.TERMINATED},
    )
