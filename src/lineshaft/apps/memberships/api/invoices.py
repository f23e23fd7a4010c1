"""The API of invoices: what members owe, and what was paid."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.memberships import queries, services
from lineshaft.apps.memberships.models import Invoice
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, idempotent, paged

router = Router(tags=["memberships"])


class InvoiceOut(Schema):
    """An invoice; money in minor units of `currency`, a negative total is a credit.

    `left_minor` is what is still owed, nothing of what is written off; `written_off_minor` what was
    given up and not paid after all.
    """

    id: int
    number: str
    institute: str
    organisation_id: int
    application_id: int | None
    agreement_id: int | None
    state: str
    currency: str
    total_minor: int
    paid_minor: int
    written_off_minor: int
    left_minor: int
    issued_on: date
    due_on: date
    is_demonstration: bool


class DuesPaymentIn(Schema):
    """A payment; `id` is the caller's, under which it is recorded once."""

    id: UUID
    amount_minor: int
    received_on: date
    reference: str = ""


class PaymentOut(Schema):
    """A payment; `left_minor` is what no reversal or refund took back of it."""

    id: UUID
    amount_minor: int
    left_minor: int
    received_on: date
    reference: str


class RefundIn(Schema):
    """A refund of what is left of a payment; `id` is the caller's, under which it is made once."""

    id: UUID
    refunded_on: date


class CancelIn(Schema):
    """Why an invoice is cancelled."""

    reason: str


class WriteOffIn(Schema):
    """Why what is still owed on an invoice is given up; the member is told it."""

    reason: str


@router.get(
    "/invoices",
    response=PageOf[InvoiceOut],
    operation_id="list_invoices",
    summary="The invoices of members",
)
def list_invoices(
    request: HttpRequest,
    *,
    institute: str = "",
    state: str = "",
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """Invoices that the caller may read."""
    rows = queries.invoices_visible_to(actor_of(request))
    if institute:
        rows = rows.filter(institute__key=institute)
    if state:
        rows = rows.filter(Q(state=state))
    page = paged(rows, cursor=cursor, limit=limit)
    return {**page, "items": [invoice_out(one) for one in page["items"]]}


@router.get(
    "/invoices/{pk}", response=InvoiceOut, operation_id="show_invoice", summary="One invoice"
)
def show_invoice(request: HttpRequest, pk: RowId) -> InvoiceOut:
    """The invoice as it stands."""
    return invoice_out(queries.invoice_by_id(actor_of(request), pk))


@router.post(
    "/invoices/{pk}/payments",
    response=InvoiceOut,
    operation_id="record_payment",
    summary="Record a payment on an invoice",
)
def record_payment(request: HttpRequest, pk: RowId, payload: DuesPaymentIn) -> HttpResponse:
    """The invoice with what is left of it."""
    actor = actor_of(request)

    def perform() -> InvoiceOut:
        invoice = queries.invoice_by_id(actor, pk)
        services.record_payment(actor, invoice, **payload.model_dump(), now=clock.now())
        return invoice_out(queries.invoice_by_id(actor, pk))

    return idempotent(request, "record_payment", perform)


@router.get(
    "/invoices/{pk}/payments",
    response=list[PaymentOut],
    operation_id="list_invoice_payments",
    summary="What was paid on an invoice",
)
def list_invoice_payments(request: HttpRequest, pk: RowId) -> list[PaymentOut]:
    """The payments in the order of recording."""
    invoice = queries.invoice_by_id(actor_of(request), pk)
    return [
        PaymentOut(
            id=one.pk,
            amount_minor=one.amount_minor,
            left_minor=one.left_minor,
            received_on=one.received_on,
            reference=one.reference,
        )
        for one in queries.payments_of(invoice)
    ]


@router.post(
    "/invoices/{pk}/payments/{payment}/refund",
    response=InvoiceOut,
    operation_id="refund_payment",
    summary="Refund a payment for an application that was closed",
)
def refund_payment(
    request: HttpRequest, pk: RowId, payment: UUID, payload: RefundIn
) -> HttpResponse:
    """The invoice with what is still to be refunded as `paid_minor`."""
    actor = actor_of(request)

    def perform() -> InvoiceOut:
        invoice = queries.invoice_by_id(actor, pk)
        paid = queries.payment_by_id(invoice, payment)
        services.refund_payment(actor, paid, **payload.model_dump(), now=clock.now())
        return invoice_out(queries.invoice_by_id(actor, pk))

    return idempotent(request, "refund_payment", perform)


@router.post(
    "/invoices/{pk}/cancel",
    response=InvoiceOut,
    operation_id="cancel_invoice",
    summary="Cancel an invoice on which nothing was paid",
)
def cancel_invoice(request: HttpRequest, pk: RowId, payload: CancelIn) -> HttpResponse:
    """The invoice, cancelled."""
    actor = actor_of(request)

    def perform() -> InvoiceOut:
        invoice = queries.invoice_by_id(actor, pk)
        return invoice_out(
            services.cancel_invoice(actor, invoice, reason=payload.reason, now=clock.now())
        )

    return idempotent(request, "cancel_invoice", perform)


@router.post(
    "/invoices/{pk}/write-off",
    response=InvoiceOut,
    operation_id="write_off_invoice",
    summary="Write off what is still owed on an invoice",
)
def write_off_invoice(request: HttpRequest, pk: RowId, payload: WriteOffIn) -> HttpResponse:
    """The invoice, of which nothing more is owed."""
    actor = actor_of(request)

    def perform() -> InvoiceOut:
        invoice = queries.invoice_by_id(actor, pk)
        return invoice_out(
            services.write_off_invoice(actor, invoice, reason=payload.reason, now=clock.now())
        )

    return idempotent(request, "write_off_invoice", perform)


def invoice_out(one: Invoice) -> InvoiceOut:
    """The invoice as a caller gets it."""
    same = (
        "id",
        "number",
        "organisation_id",
        "application_id",
        "agreement_id",
        "state",
        "currency",
        "total_minor",
        "paid_minor",
        "written_off_minor",
        "issued_on",
        "due_on",
        "is_demonstration",
    )
    return InvoiceOut(
        institute=one.institute.key,
        left_minor=one.left.amount_minor if one.state == "issued" else 0,
        **{name: getattr(one, name) for name in same},
    )
