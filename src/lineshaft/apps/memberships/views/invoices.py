"""Pages of invoices: an institute's list, one with its lines and payments, who lapses when."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.joining import (
    InvoiceFilters,
    PaymentForm,
    ReasonForm,
    RefundForm,
)
from lineshaft.apps.memberships.models import (
    LINE_KIND_LABELS,
    Invoice,
    InvoicePayment,
    MemberAgreement,
)
from lineshaft.apps.memberships.rules import Closing, InvoiceState, LineKind
from lineshaft.apps.memberships.views.pages import (
    confirmation,
    institute_crumbs,
    invoice_tag,
    invoices_crumb,
    organisation_url,
    tier_name,
    verb_page,
)
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money, minor_units
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import own_attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Crumb, Item, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def list_invoices(request: HttpRequest, key: str) -> HttpResponse:
    """The invoices of the institute's members that the actor may see."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    rows = queries.invoices_visible_to(actor).filter(institute=institute)
    form = InvoiceFilters(request.GET)
    page = paginate(request, rows.filter(**form.chosen()).order_by("-sequence"))
    open_count = rows.filter(queries.in_state(InvoiceState.ISSUED)).count()
    context = {
        "title": ngettext(
            "%(owed)s is owed on %(number)s open invoice",
            "%(owed)s is owed on %(number)s open invoices",
            open_count,
        )
        % {
            "owed": formats.money(queries.owed_minor(rows)),
            "number": formats.number(open_count),
        },
        "lede": _("Dues of members, billed a year at a time; payments post as own income."),
        "crumbs": institute_crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "actions": _list_actions(actor, institute),
        "form": form,
        "table": invoices_table(
            page,
            _("Invoices of %(institute)s, newest first")
            % {"institute": formats.local_name(institute)},
            page=page,
        ),
    }
    return render_page(request, "memberships/list_invoices.html", context)


@require_GET
def show_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """One invoice: what for, what was paid, what is left."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    context = {
        "invoice": invoice,
        "title": _title(invoice),
        "tag": invoice_tag(invoice),
        "crumbs": (*institute_crumbs(invoice.institute), invoices_crumb(invoice.institute)),
        "actions": _actions(actor, invoice),
        "items": _items(actor, invoice),
        "lines": _lines_table(invoice),
        "payments": _payments_table(actor, invoice),
    }
    return render_page(request, "memberships/show_invoice.html", context)


@require_http_methods(["GET", "POST"])
def record_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a payment on the invoice."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    permit(actor, rules.PERMISSIONS["record_payment"], institute=invoice.institute.key)
    unit = Decimal(10 ** minor_units(invoice.currency))
    form = PaymentForm(
        request.POST or None,
        currency=invoice.currency,
        initial={"amount": invoice.left.amount_minor / unit, "received_on": clock.today()},
    )
    return _page(
        request,
        "record_payment",
        invoice,
        form,
        lambda: services.record_payment(actor, invoice, **form.payment(), now=clock.now()),
        title=_("Record a payment"),
        lede=_("%(left)s is owed on invoice %(number)s. It posts as own income of member dues.")
        % {"left": formats.money(invoice.left), "number": invoice.number},
        told=_("The payment is recorded."),
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
        lede=_("It stays on record. Credits that it took are free for the next one."),
        told=_("The invoice is cancelled."),
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


@require_safe
def download_invoice(request: HttpRequest, pk: int) -> FileResponse:
    """The invoice as a document, to whoever may see it."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    if invoice.document is None:
        raise NotFound(gettext_noop("This invoice has no document."))
    return own_attachment(invoice.document)


# -------------------------------------------------------------------------------------- lapses


@require_GET
def list_lapses(request: HttpRequest, key: str) -> HttpResponse:
    """Which memberships of the institute lapse when, if their dues stay unpaid."""
    actor = actor_of(request)
    institute = _institute_of_staff(actor, key)
    today, grace_days = clock.today(), formats.profile().dues_grace_days
    page = paginate(request, queries.lapsing_invoices(institute=key, on=today))
    table = Table(
        caption=_("Unpaid dues of members in force, the earliest first"),
        columns=(
            Column("organisation", _("Organisation")),
            Column("invoice", _("Invoice")),
            Column("left", _("Owed"), is_number=True),
            Column("due", _("Due on"), is_short=True),
            Column("lapses", _("Lapses on"), is_short=True),
            Column("state", _("State")),
        ),
        rows=tuple(_lapse_row(one, today=today, grace_days=grace_days) for one in page),
        page=page,
        empty=_("Every member has paid what is due."),
        is_stacked=True,
    )
    lapse = Action(
        _("End those whose grace is over"),
        reverse("memberships:lapse_memberships", args=[key]),
        is_primary=True,
    )
    context = {
        "title": ngettext(
            "%(number)s membership lapses unless its dues are paid",
            "%(number)s memberships lapse unless their dues are paid",
            page.total,
        )
        % {"number": formats.number(page.total)},
        "lede": _("Dues that are unpaid %(days)s days after they were due end the membership.")
        % {"days": formats.number(grace_days)},
        "crumbs": institute_crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "actions": (
            *((lapse,) if _may(actor, "lapse_memberships", institute) else ()),
            Action(_("Terms that end"), reverse("memberships:list_ending_terms", args=[key])),
        ),
        "table": table,
    }
    return render_page(request, "memberships/list_lapses.html", context)


@require_GET
def list_ending_terms(request: HttpRequest, key: str) -> HttpResponse:
    """Which memberships end with their term, and have no next one."""
    actor = actor_of(request)
    institute = _institute_of_staff(actor, key)
    today, days = clock.today(), rules.RENEWAL_DAYS_AHEAD
    page = paginate(request, queries.ending_agreements(institute, on=today, days=days))
    renews = _may(actor, "renew_membership", institute)
    table = Table(
        caption=_("Memberships whose term ends, the earliest first"),
        columns=(
            Column("organisation", _("Organisation")),
            Column("tier", _("Membership tier")),
            Column("until", _("Until, not included"), is_short=True),
            *((Column("renew", _("Action")),) if renews else ()),
        ),
        rows=tuple(_ending_row(one, renews=renews) for one in page),
        page=page,
        empty=_("No term ends in that time without a next one."),
        is_stacked=True,
    )
    context = {
        "title": ngettext(
            "%(number)s membership ends soon with no next term",
            "%(number)s memberships end soon with no next term",
            page.total,
        )
        % {"number": formats.number(page.total)},
        "lede": _("Terms that end within %(days)s days and are not renewed.")
        % {"days": formats.number(days)},
        "crumbs": institute_crumbs(institute),
        "tabs": institute_tabs(key, "memberships:list_members", actor),
        "actions": (Action(_("Who lapses"), reverse("memberships:list_lapses", args=[key])),),
        "table": table,
    }
    return render_page(request, "memberships/list_ending_terms.html", context)


@require_http_methods(["GET", "POST"])
def lapse_memberships(request: HttpRequest, key: str) -> HttpResponse:
    """End the memberships whose days of grace are over."""
    actor = actor_of(request)
    institute = network.institute_by_key(actor, key)
    permit(actor, rules.PERMISSIONS["lapse_memberships"], institute=key)
    return verb_page(
        request,
        "lapse_memberships",
        confirmation(request),
        title=_("End the memberships whose grace is over"),
        lede=_("They end today. Whoever is concerned is told by mail; invoices are cancelled."),
        submit_label=_("End them"),
        crumbs=institute_crumbs(institute),
        back=reverse("memberships:list_lapses", args=[key]),
        perform=lambda: services.lapse_memberships(actor, institute=institute, now=clock.now()),
        told=lambda ended: (
            ngettext(
                "%(number)s membership has ended.", "%(number)s memberships have ended.", len(ended)
            )
            % {"number": formats.number(len(ended))}
        ),
    )


# -------------------------------------------------------------------------------------- shared


def invoices_table(
    invoices: Iterable[Invoice],
    caption: str,
    *,
    page: Page[Any] | None = None,
    is_of_one: bool = False,
) -> Table:
    """A table of invoices; `is_of_one` leaves out whose they are."""
    return Table(
        caption=caption,
        columns=(
            Column("number", _("Invoice")),
            *(() if is_of_one else (Column("organisation", _("Organisation")),)),
            Column("state", _("State")),
            Column("total", _("Total"), is_number=True),
            Column("left", _("Owed"), is_number=True),
            Column("due", _("Due on"), is_short=True),
        ),
        rows=tuple(_row(one, is_of_one=is_of_one) for one in invoices),
        page=page,
        empty=_("No invoice yet."),
        is_stacked=True,
    )


# -------------------------------------------------------------------------------------- leaves


def _institute_of_staff(actor: Actor, key: str) -> Institute:
    """The institute, for whoever reads all of it; others find nothing there."""
    institute = network.institute_by_key(actor, key)
    if not (actor.is_network_staff or key in actor.staff_institute_keys):
        raise NotFound
    return institute


def _may(actor: Actor, verb: str, institute: Institute) -> bool:
    return may(actor, rules.PERMISSIONS[verb], institute=institute.key)


def _list_actions(actor: Actor, institute: Institute) -> tuple[Action, ...]:
    if not (actor.is_network_staff or institute.key in actor.staff_institute_keys):
        return ()
    return (
        Action(_("Who lapses"), reverse("memberships:list_lapses", args=[institute.key])),
        Action(_("Terms that end"), reverse("memberships:list_ending_terms", args=[institute.key])),
    )


def _row(one: Invoice, *, is_of_one: bool) -> Row:
    tag = invoice_tag(one)
    is_open = one.state == InvoiceState.ISSUED
    return Row(
        (
            Cell(one.number, url=one.get_absolute_url()),
            *(() if is_of_one else (Cell(formats.local_name(one.organisation)),)),
            Cell(tag.text, tag=tag.tone),
            Cell(formats.money(one.total)),
            Cell(formats.money(one.left) if is_open else formats.MISSING),
            Cell(formats.date_local(one.due_on)),
        )
    )


def _lapse_row(one: Invoice, *, today: date, grace_days: int) -> Row:
    lapses_on = queries.lapses_on(one, grace_days=grace_days)
    if lapses_on <= today:
        state = Cell(_("Grace is over"), tag="bad")
    elif one.due_on < today:
        state = Cell(_("Overdue"), tag="due")
    else:
        state = Cell(_("Not due yet"), tag="quiet")
    return Row(
        (
            Cell(
                formats.local_name(one.organisation),
                url=reverse("memberships:show_member", args=[one.agreement_id]),
            ),
            Cell(one.number, url=one.get_absolute_url()),
            Cell(formats.money(one.left)),
            Cell(formats.date_local(one.due_on)),
            Cell(formats.date_local(lapses_on)),
            state,
        )
    )


def _ending_row(one: MemberAgreement, *, renews: bool) -> Row:
    renew = Cell(_("Renew"), url=reverse("memberships:renew_membership", args=[one.pk]))
    return Row(
        (
            Cell(
                formats.local_name(one.organisation),
                url=reverse("memberships:show_member", args=[one.pk]),
            ),
            Cell(tier_name(one.tier)),
            Cell(formats.date_local(one.ends_on)),
            *((renew,) if renews else ()),
        )
    )


def _title(one: Invoice) -> str:
    said = {
        "organisation": formats.local_name(one.organisation),
        "left": formats.money(one.left),
        "total": formats.money(one.total),
        "paid": formats.money(one.paid),
        "credit": formats.money(Money(-one.total_minor, one.currency)),
        "day": formats.date_local(one.due_on),
        "number": one.number,
    }
    titles = {
        InvoiceState.ISSUED: _("%(organisation)s owes %(left)s by %(day)s"),
        InvoiceState.PAID: _("%(organisation)s has paid %(total)s"),
        InvoiceState.CREDITED: _("%(organisation)s has a credit of %(credit)s"),
        InvoiceState.CANCELLED: _("Invoice %(number)s is cancelled"),
        InvoiceState.REFUND_DUE: _("%(paid)s is to be refunded to %(organisation)s"),
        InvoiceState.REFUNDED: _("What was paid on invoice %(number)s is refunded"),
    }
    return titles[InvoiceState(one.state)] % said


def _items(actor: Actor, one: Invoice) -> tuple[Item, ...]:
    found = [
        Item(_("Invoice"), one.number),
        Item(
            _("Organisation"),
            formats.local_name(one.organisation),
            organisation_url(actor, one.organisation),
        ),
        Item(_("Issued on"), formats.date_local(one.issued_on)),
        Item(_("Due on"), formats.date_local(one.due_on)),
        Item(_("Total"), formats.money(one.total)),
        Item(_("Paid"), formats.money(one.paid)),
    ]
    if one.document_id is not None:
        url = reverse("memberships:download_invoice", args=[one.pk])
        found.append(Item(_("Document"), _("Open the invoice (PDF)"), url))
    if one.agreement_id is not None:
        url = reverse("memberships:show_member", args=[one.agreement_id])
        found.append(Item(_("For"), _("the membership agreement"), url))
    elif one.application_id is not None:
        url = reverse("memberships:show_application", args=[one.application_id])
        found.append(Item(_("For"), _("the application"), url))
    if one.closed_reason:
        found.append(Item(_("Reason"), formats.spoken(one.closed_reason)))
    return tuple(found)


def _lines_table(one: Invoice) -> Table:
    return Table(
        caption=_("What it is for, in %(currency)s") % {"currency": one.currency},
        columns=(
            Column("kind", _("Kind")),
            Column("tier", _("Membership tier")),
            Column("from", _("From"), is_short=True),
            Column("until", _("Until, not included"), is_short=True),
            Column("amount", _("Amount"), is_number=True),
        ),
        rows=tuple(
            Row(
                (
                    Cell(str(LINE_KIND_LABELS[LineKind(line.kind)])),
                    Cell(tier_name(line.tier)),
                    Cell(formats.date_local(line.starts_on)),
                    Cell(formats.date_local(line.ends_on)),
                    Cell(formats.money(Money(line.amount_minor, one.currency))),
                )
            )
            for line in one.lines.order_by("position")
        ),
        foot=(Cell(_("Total")), Cell(""), Cell(""), Cell(""), Cell(formats.money(one.total))),
        is_stacked=True,
    )


def _payments_table(actor: Actor, one: Invoice) -> Table:
    reads_books = actor.is_network_staff or one.institute.key in actor.staff_institute_keys
    refunds = one.state == InvoiceState.REFUND_DUE and _may(actor, "refund_payment", one.institute)
    paid = list(queries.payments_of(one))
    back = list(queries.reversals_of(one)) if paid else []
    return Table(
        caption=_("What was paid and taken back"),
        columns=(
            Column("on", _("Booked on")),
            Column("reference", _("Reference")),
            Column("amount", _("Amount"), is_number=True),
            *((Column("refund", _("Action")),) if refunds else ()),
        ),
        rows=(
            *(_payment_row(of, one, reads_books=reads_books, refunds=refunds) for of in paid),
            *(_reversal_row(of, one, reads_books=reads_books, refunds=refunds) for of in back),
        ),
        empty=_("Nothing was paid yet."),
        is_stacked=True,
    )


def _payment_row(paid: InvoicePayment, one: Invoice, *, reads_books: bool, refunds: bool) -> Row:
    refund = Cell("")
    if refunds and paid.left_minor:
        url = reverse("memberships:refund_payment", args=[one.pk, paid.pk])
        refund = Cell(_("Refund"), url=url)
    return Row(
        (
            Cell(
                formats.date_local(paid.received_on),
                url=paid.income.get_absolute_url() if reads_books else None,
            ),
            Cell(paid.reference or formats.MISSING),
            Cell(formats.money(Money(paid.amount_minor, one.currency))),
            *((refund,) if refunds else ()),
        )
    )


def _reversal_row(back: OwnIncome, one: Invoice, *, reads_books: bool, refunds: bool) -> Row:
    said = _("Taken back")
    if one.closing == Closing.REFUND_DUE and one.closed_at and back.recorded_at >= one.closed_at:
        said = _("Refunded")
    elif reads_books:
        said = _("Taken back: %(reason)s") % {"reason": back.reason}
    return Row(
        (
            Cell(
                formats.date_local(back.received_on),
                url=back.get_absolute_url() if reads_books else None,
            ),
            Cell(said),
            Cell(formats.money(Money(-back.amount_minor, back.currency))),
            *((Cell(""),) if refunds else ()),
        )
    )


def _actions(actor: Actor, one: Invoice) -> tuple[Action, ...]:
    if one.state != InvoiceState.ISSUED:
        return ()
    found = []
    if _may(actor, "record_payment", one.institute):
        url = reverse("memberships:record_payment", args=[one.pk])
        found.append(Action(_("Record a payment"), url, is_primary=True))
    if not one.paid_minor and _may(actor, "cancel_invoice", one.institute):
        url = reverse("memberships:cancel_invoice", args=[one.pk])
        found.append(Action(_("Cancel the invoice"), url))
    return tuple(found)


def _page(
    request: HttpRequest,
    verb: str,
    invoice: Invoice,
    form: BaseForm,
    perform: Any,
    *,
    title: str,
    told: str,
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
        told=lambda _done: told,
    )
