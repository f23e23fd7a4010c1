"""Pages of the verbs on invoices: a payment and its refund, cancelling, writing off, billing on."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.joining import PaymentForm, ReasonForm, RefundForm
from lineshaft.apps.memberships.models import Invoice, InvoicePayment
from lineshaft.apps.memberships.views.pages import (
    confirmation,
    institute_crumbs,
    invoices_crumb,
    verb_page,
)
from lineshaft.kernel.money import Money, minor_units
from lineshaft.plumbing import clock
from lineshaft.plumbing.permit import permit
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, actor_of


@require_http_methods(["GET", "POST"])
def record_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a payment on the invoice."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["record_payment"], institute=invoice.institute.key)
    unit, wanted = Decimal(10 ** minor_units(invoice.currency)), invoice.left or invoice.unpaid
    form = PaymentForm(
        request.POST or None,
        currency=invoice.currency,
        initial={"amount": wanted.amount_minor / unit, "received_on": clock.today()},
    )
    return _page(
        request,
        "record_payment",
        invoice,
        form,
        lambda: services.record_payment(actor, invoice, **form.payment(), now=clock.now()),
        title=_("Record a payment"),
        lede=(
            _("%(left)s is owed on invoice %(number)s. It posts as own income of member dues.")
            if invoice.left
            else _(
                "%(left)s of invoice %(number)s was written off. Paid after all, it posts as own "
                "income of member dues."
            )
        )
        % {"left": formats.money(wanted), "number": invoice.number},
        told=_recorded,
    )


@require_http_methods(["GET", "POST"])
def refund_payment(request: HttpRequest, pk: int, payment: UUID) -> HttpResponse:
    """Refund what is left of a payment for an application that was closed."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["refund_payment"], institute=invoice.institute.key)
    paid = queries.payment_by_id(invoice, payment)
    form = RefundForm(request.POST or None, initial={"refunded_on": clock.today()})
    return _page(
        request,
        "refund_payment",
        invoice,
        form,
        lambda: services.refund_payment(actor, paid, **form.refund(), now=clock.now()),
        title=_("Refund the payment"),
        lede=_("%(left)s goes back: a new entry of own income takes it back from the dues.")
        % {"left": formats.money(Money(paid.left_minor, invoice.currency))},
        told=_("The refund is recorded. Whoever applied is told by mail."),
    )


@require_http_methods(["GET", "POST"])
def cancel_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an invoice on which nothing was paid."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["cancel_invoice"], institute=invoice.institute.key)
    form = ReasonForm(request.POST or None)
    return _page(
        request,
        "cancel_invoice",
        invoice,
        form,
        lambda: services.cancel_invoice(
            actor, invoice, reason=form.cleaned_data["reason"], now=clock.now()
        ),
        title=_("Cancel the invoice"),
        lede=_(
            "It stays on record. Credits that it took are free for the next one; a later invoice "
            "that credits what this one bills is cancelled with it."
        ),
        told=_("The invoice is cancelled."),
    )


@require_http_methods(["GET", "POST"])
def write_off_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up what is still owed on a member's invoice."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["write_off_invoice"], institute=invoice.institute.key)
    form = ReasonForm(request.POST or None)
    return _page(
        request,
        "write_off_invoice",
        invoice,
        form,
        lambda: services.write_off_invoice(
            actor, invoice, reason=form.cleaned_data["reason"], now=clock.now()
        ),
        title=_("Write off the rest"),
        lede=_(
            "%(left)s is no longer owed. The days stay billed and the books as they are; the "
            "member is told by mail, with the reason."
        )
        % {"left": formats.money(invoice.left)},
        told=_("The rest is written off. The member is told by mail."),
    )


@require_http_methods(["GET", "POST"])
def bill_next_year(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue the invoice of the next year of a running term."""
    actor = actor_of(request)
    agreement = queries.member_agreement_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["bill_next_year"], institute=agreement.institute.key)
    return verb_page(
        request,
        "bill_next_year",
        confirmation(request),
        title=_("Bill the next year"),
        lede=_("%(organisation)s is billed until %(day)s, not included.")
        % {
            "organisation": formats.local_name(agreement.organisation),
            "day": formats.date_local(queries.billed_until(agreement)),
        },
        crumbs=institute_crumbs(agreement.institute),
        back=reverse("memberships:show_member", args=[pk]),
        perform=lambda: services.bill_next_year(actor, agreement, now=clock.now()),
        told=lambda invoice: _("Invoice %(number)s is issued.") % {"number": invoice.number},
        seen_at=lambda invoice: invoice.get_absolute_url(),
    )


def _recorded(payment: InvoicePayment) -> str:
    """That it is recorded, and which credit came of it, if one did."""
    said, credit = _("The payment is recorded."), queries.credit_of(payment)
    if credit is None:
        return said
    credited = _(
        "The tier changed since, so invoice %(number)s is now a credit of %(credit)s. The next "
        "invoice takes it."
    )
    amount = formats.money(Money(-credit.total_minor, credit.currency))
    return f"{said} {credited % {'number': credit.number, 'credit': amount}}"


def _page(
    request: HttpRequest,
    verb: str,
    invoice: Invoice,
    form: BaseForm,
    perform: Any,
    *,
    title: str,
    told: str | Callable[[Any], str],
    lede: str,
) -> HttpResponse:
    institute = invoice.institute
    return verb_page(
        request,
        verb,
        form,
        title=title,
        lede=lede,
        crumbs=(
            *institute_crumbs(institute),
            invoices_crumb(institute),
            Crumb(invoice.number, invoice.get_absolute_url()),
        ),
        back=invoice.get_absolute_url(),
        perform=perform,
        told=told if callable(told) else lambda _done: told,
    )
