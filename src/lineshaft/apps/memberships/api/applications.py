"""The API of applications: who applied where, and the decisions on them."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.api.invoices import InvoiceOut, invoice_out
from lineshaft.apps.memberships.models import MembershipApplication
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["memberships"])


class ApplicationOut(Schema):
    """An application; what is agreed is null until it is approved. Money is a year's, in minor
    units; `document_sha256` is the hash under which the agreement is signed.
    """

    id: int
    institute: str
    organisation_id: int
    organisation: str
    tier: str
    state: str
    submitted_at: datetime
    approved_at: datetime | None
    signed_at: datetime | None
    admitted_at: datetime | None
    closed_at: datetime | None
    closed_reason: str
    starts_on: date | None
    dues_minor: int | None
    term_months: int | None
    document_sha256: str
    agreement_id: int | None
    is_demonstration: bool


class ApplicationIn(Schema):
    """An application for a registered organisation; `institute` is a key."""

    institute: str
    tier: str
    organisation_id: RowId
    purpose: str = ""


class ApprovalIn(Schema):
    """From when the membership counts: the terms in force on that day are agreed."""

    starts_on: date


class DeclineIn(Schema):
    """Why an application is declined."""

    reason: str


class SignatureIn(Schema):
    """Who signs, as what, and the hash of the document that was read."""

    name: str
    title: str
    sha256: str


class ApplicationWithdrawalIn(Schema):
    """Why an application is withdrawn, where somebody wants to say it."""

    reason: str = ""


@router.get(
    "/applications",
    response=PageOf[ApplicationOut],
    operation_id="list_applications",
    summary="The applications for membership",
)
def list_applications(
    request: HttpRequest,
    *,
    institute: str = "",
    state: str = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Applications that the caller may read."""
    rows = queries.applications_visible_to(actor_of(request))
    if institute:
        rows = rows.filter(institute__key=institute)
    if state:
        rows = rows.filter(state=state)
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [_application_out(one) for one in page["items"]]}


@router.get(
    "/applications/{pk}",
    response=ApplicationOut,
    operation_id="show_application",
    summary="One application for membership",
)
def show_application(request: HttpRequest, pk: RowId) -> ApplicationOut:
    """The application as it stands."""
    return _application_out(queries.application_by_id(actor_of(request), pk))


@router.post(
    "/applications",
    response=ApplicationOut,
    operation_id="apply_for_membership",
    summary="Apply for membership",
)
def apply_for_membership(request: HttpRequest, payload: ApplicationIn) -> HttpResponse:
    """The application as it was submitted."""
    actor = actor_of(request)

    def perform() -> ApplicationOut:
        institute = institute_by_key(actor, payload.institute)
        row = services.ApplicationRow(
            payload.institute,
            payload.tier,
            organisation_id=payload.organisation_id,
            purpose=payload.purpose,
        )
        made = services.apply_for_membership(actor, institute, row, now=clock.now())
        return _application_out(queries.application_by_id(actor, made.pk))

    return idempotent(request, "apply_for_membership", perform)


@router.post(
    "/applications/{pk}/approve",
    response=ApplicationOut,
    operation_id="approve_application",
    summary="Approve an application",
)
def approve_application(request: HttpRequest, pk: RowId, payload: ApprovalIn) -> HttpResponse:
    """The application with what is agreed and the hash of the document."""
    actor = actor_of(request)

    def perform() -> ApplicationOut:
        application = queries.application_by_id(actor, pk)
        approved = services.approve_application(
            actor, application, starts_on=payload.starts_on, now=clock.now()
        )
        return _application_out(approved)

    return idempotent(request, "approve_application", perform)


@router.post(
    "/applications/{pk}/decline",
    response=ApplicationOut,
    operation_id="decline_application",
    summary="Decline an application",
)
def decline_application(request: HttpRequest, pk: RowId, payload: DeclineIn) -> HttpResponse:
    """The application with the reason."""
    actor = actor_of(request)

    def perform() -> ApplicationOut:
        application = queries.application_by_id(actor, pk)
        declined = services.decline_application(
            actor, application, reason=payload.reason, now=clock.now()
        )
        return _application_out(declined)

    return idempotent(request, "decline_application", perform)


@router.post(
    "/applications/{pk}/withdraw",
    response=ApplicationOut,
    operation_id="withdraw_application",
    summary="Withdraw an application",
)
def withdraw_application(
    request: HttpRequest, pk: RowId, payload: ApplicationWithdrawalIn
) -> HttpResponse:
    """The application, withdrawn; what was paid for it is to be refunded."""
    actor = actor_of(request)

    def perform() -> ApplicationOut:
        application = queries.application_by_id(actor, pk)
        withdrawn = services.withdraw_application(
            actor, application, reason=payload.reason, now=clock.now()
        )
        return _application_out(withdrawn)

    return idempotent(request, "withdraw_application", perform)


@router.post(
    "/applications/{pk}/sign",
    response=ApplicationOut,
    operation_id="sign_membership_agreement",
    summary="Sign the agreement for the organisation",
)
def sign_agreement(request: HttpRequest, pk: RowId, payload: SignatureIn) -> HttpResponse:
    """The application, signed once both sides have signed."""
    actor = actor_of(request)

    def perform() -> ApplicationOut:
        application = queries.application_by_id(actor, pk)
        signed = services.sign_agreement(
            actor, application, **payload.model_dump(), now=clock.now()
        )
        return _application_out(signed)

    return idempotent(request, "sign_agreement", perform)


@router.post(
    "/applications/{pk}/countersign",
    response=ApplicationOut,
    operation_id="countersign_agreement",
    summary="Sign the agreement for the institute",
)
def countersign_agreement(request: HttpRequest, pk: RowId, payload: SignatureIn) -> HttpResponse:
    """The application, signed once both sides have signed."""
    actor = actor_of(request)

    def perform() -> ApplicationOut:
        application = queries.application_by_id(actor, pk)
        signed = services.countersign_agreement(
            actor, application, **payload.model_dump(), now=clock.now()
        )
        return _application_out(signed)

    return idempotent(request, "countersign_agreement", perform)


@router.post(
    "/applications/{pk}/invoice",
    response=InvoiceOut,
    operation_id="issue_invoice",
    summary="Issue the first invoice of a signed application",
)
def issue_invoice(request: HttpRequest, pk: RowId) -> HttpResponse:
    """The invoice as it was issued."""
    actor = actor_of(request)

    def perform() -> InvoiceOut:
        application = queries.application_by_id(actor, pk)
        return invoice_out(services.issue_invoice(actor, application, now=clock.now()))

    return idempotent(request, "issue_invoice", perform)


def _application_out(one: MembershipApplication) -> ApplicationOut:
    same = (
        "id",
        "organisation_id",
        "tier",
        "state",
        "submitted_at",
        "approved_at",
        "signed_at",
        "admitted_at",
        "closed_at",
        "closed_reason",
        "starts_on",
        "dues_minor",
        "term_months",
        "document_sha256",
        "agreement_id",
        "is_demonstration",
    )
    return ApplicationOut(
        institute=one.institute.key,
        organisation=one.organisation.name,
        **{name: getattr(one, name) for name in same},
    )
