"""Pages of invoices: an institute's list, and one with its lines, payments and write-offs."""

from collections.abc import Iterable
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_safe

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import queries
from lineshaft.apps.memberships.forms.joining import InvoiceFilters
from lineshaft.apps.memberships.models import (
    LINE_KIND_LABELS,
    Invoice,
    InvoicePayment,
    InvoiceWriteOff,
)
from lineshaft.apps.memberships.rules import Closing, InvoiceState, LineKind
from lineshaft.apps.memberships.views.pages import (
    institute_crumbs,
    invoice_tag,
    invoices_crumb,
    may_at,
    organisation_url,
    tier_name,
)
from lineshaft.apps.network import queries as network
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.views import own_attachment
from lineshaft.plumbing.listing import Page, paginate
from lineshaft.web import formats
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Action, Item, actor_of, render_page
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
        "write_offs": _write_offs_table(invoice),
    }
    return render_page(request, "memberships/show_invoice.html", context)


@require_safe
def download_invoice(request: HttpRequest, pk: int) -> FileResponse:
    """The invoice as a document, to whoever may see it."""
    actor = actor_of(request)
    invoice = queries.invoice_by_id(actor, pk)
    if invoice.document is None:
        raise NotFound(gettext_noop("This invoice has no document."))
    return own_attachment(invoice.document)


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


def _title(one: Invoice) -> str:
    said = {
        "organisation": formats.local_name(one.organisation),
        "left": formats.money(one.left),
        "total": formats.money(one.total),
        "paid": formats.money(one.paid),
        "given_up": formats.money(one.written_off),
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
        InvoiceState.WRITTEN_OFF: _("%(given_up)s of invoice %(number)s is written off"),
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
        *((Item(_("Written off"), formats.money(one.written_off)),) if one.written_off else ()),
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
    refunds = one.state == InvoiceState.REFUND_DUE and may_at(
        actor, "refund_payment", one.institute
    )
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
        said = _("Taken back: %(reason)s") % {"reason": back.why}
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


def _write_offs_table(one: Invoice) -> Table | None:
    """What was written off, also where it was paid after all; None where nothing was."""
    rows = tuple(_write_off_row(given_up, one) for given_up in queries.write_offs_of(one))
    if not rows:
        return None
    return Table(
        caption=_("What was written off"),
        columns=(
            Column("on", _("On")),
            Column("reason", _("Reason")),
            Column("amount", _("Amount"), is_number=True),
        ),
        rows=rows,
        is_stacked=True,
    )


def _write_off_row(given_up: InvoiceWriteOff, one: Invoice) -> Row:
    return Row(
        (
            Cell(formats.date_local(given_up.written_off_at)),
            Cell(given_up.reason),
            Cell(formats.money(Money(given_up.amount_minor, one.currency))),
        )
    )


def _actions(actor: Actor, one: Invoice) -> tuple[Action, ...]:
    is_open = one.state == InvoiceState.ISSUED
    offered = (
        ("record_payment", _("Record a payment"), is_open or one.state == InvoiceState.WRITTEN_OFF),
        ("cancel_invoice", _("Cancel the invoice"), is_open and not one.paid_minor),
        ("write_off_invoice", _("Write off the rest"), is_open and one.agreement_id is not None),
    )
    return tuple(
        Action(
            label,
            reverse(f"memberships:{verb}", args=[one.pk]),
            is_primary=is_open and verb == "record_payment",
        )
        for verb, label, is_possible in offered
        if is_possible and may_at(actor, verb, one.institute)
    )
