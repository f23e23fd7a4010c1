"""Invoices of members, their lines and payments, and the terms on which dues are billed.

Invariants: lines, payments and what is written off are only added; a payment is one entry of the
institute's own income and bears its id; what was paid never exceeds what is owed. What was paid is
kept nowhere but in the books: `queries.standing_invoices` derives it, and where an invoice stands.
"""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models.agreements import MemberAgreement
from lineshaft.apps.memberships.models.applications import MembershipApplication
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.kernel.money import Money
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.triggers import append_only

INVOICE_STATE_LABELS = {
    rules.InvoiceState.ISSUED: _("Issued"),
    rules.InvoiceState.PAID: _("Paid"),
    rules.InvoiceState.CREDITED: _("Credited"),
    rules.InvoiceState.CANCELLED: _("Cancelled"),
    rules.InvoiceState.REFUND_DUE: _("Refund due"),
    rules.InvoiceState.REFUNDED: _("Refunded"),
    rules.InvoiceState.WRITTEN_OFF: _("Written off"),
}
CLOSING_LABELS = {
    rules.Closing.NOT_CLOSED: _("Not closed"),
    rules.Closing.CREDITED: _("Credited"),
    rules.Closing.CANCELLED: _("Cancelled"),
    rules.Closing.REFUND_DUE: _("Refund due"),
}
LINE_KIND_LABELS = {
    rules.LineKind.DUES: _("Dues"),
    rules.LineKind.CREDIT: _("Credit for the rest of the year"),
    rules.LineKind.CHARGE: _("Charge for the rest of the year"),
    rules.LineKind.CARRIED: _("Credit carried over"),
}


class AgreedTerms(models.Model):
    """What was agreed for a membership agreement: money a year in minor units, and the term.

    `follows` is the agreement of the term or tier before. An agreement that was entered by hand or
    from a list has none, and is not billed.
    """

    agreement = models.OneToOneField(
        MemberAgreement,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="agreed",
        verbose_name=_("membership agreement"),
    )
    dues_minor = models.BigIntegerField(_("dues a year"))
    in_kind_minor = models.BigIntegerField(_("in kind a year"))
    term_months = models.PositiveSmallIntegerField(_("months of a term"))
    follows = models.OneToOneField(
        MemberAgreement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("follows"),
    )
    agreed_at = models.DateTimeField(_("agreed at"))

    class Meta:
        verbose_name = _("agreed terms")
        verbose_name_plural = _("agreed terms")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(dues_minor__gte=0, in_kind_minor__gte=0, term_months__gte=1),
                name="memberships_agreed_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"terms of {self.agreement_id}"


class Invoice(models.Model):
    """What an organisation owes an institute for its membership; a negative total is a credit.

    It is for an application until that is admitted, and for the agreement from then on.
    `paid_minor`, `written_off_minor`, `state` and `taken_back_at` stand on what
    `queries.standing_invoices` reads; `lapsing_id`, the agreement that ends where it stays unpaid,
    on what `queries.lapsing_invoices` does.
    """

    paid_minor: int
    written_off_minor: int
    lapsing_id: int
    state: str
    taken_back_at: datetime | None

    institute = models.ForeignKey(
        Institute, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("institute")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="invoices",
        verbose_name=_("organisation"),
    )
    application = models.ForeignKey(
        MembershipApplication,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invoices",
        verbose_name=_("membership application"),
    )
    agreement = models.ForeignKey(
        MemberAgreement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invoices",
        verbose_name=_("membership agreement"),
    )
    sequence = models.PositiveIntegerField(_("running number"))
    number = models.CharField(_("number"), max_length=80, unique=True)
    closing = models.CharField(
        _("how it was closed"),
        max_length=16,
        blank=True,
        choices=list(CLOSING_LABELS.items()),
        default=rules.Closing.NOT_CLOSED,
    )
    currency = models.CharField(_("currency"), max_length=3)
    total_minor = models.BigIntegerField(_("total"))
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"))
    issued_at = models.DateTimeField(_("issued at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_reason = models.TextField(_("why it was closed"), blank=True, default="")
    document = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["closing", "due_on"], name="memberships_invoice_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "sequence"], name="memberships_invoice_sequence"
            ),
            models.CheckConstraint(
                condition=Q(application__isnull=False) | Q(agreement__isnull=False),
                name="memberships_invoice_is_for_something",
            ),
            models.CheckConstraint(
                condition=Q(closing="") | Q(closed_at__isnull=False),
                name="memberships_invoice_is_closed_at",
            ),
            models.CheckConstraint(
                condition=~Q(closing="credited") | Q(total_minor__lt=0),
                name="memberships_invoice_credit_is_less_than_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The invoice's page."""
        return reverse("memberships:show_invoice", args=[self.pk])

    @property
    def total(self) -> Money:
        """What it is over."""
        return Money(self.total_minor, self.currency)

    @property
    def paid(self) -> Money:
        """What was paid on it and not taken back."""
        return Money(self.paid_minor, self.currency)

    @property
    def written_off(self) -> Money:
        """What the institute has given up of it, and was not paid after all."""
        return Money(self.written_off_minor, self.currency)

    @property
    def unpaid(self) -> Money:
        """What was not paid of it, written off or not."""
        return Money(self.total_minor - self.paid_minor, self.currency)

    @property
    def left(self) -> Money:
        """What is still owed on it: nothing of what is written off."""
        return max(self.unpaid - self.written_off, Money(0, self.currency))


class InvoiceLine(models.Model):
    """One line of an invoice: for which tier and days, and how much; credits are negative."""

    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="lines", verbose_name=_("invoice")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=16, choices=list(LINE_KIND_LABELS.items()))
    tier = models.CharField(_("membership tier"), max_length=32)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"))
    amount_minor = models.BigIntegerField(_("amount"))
    carries = models.ForeignKey(
        Invoice,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="carried_by",
        verbose_name=_("carries the credit of"),
    )

    class Meta:
        verbose_name = _("line of an invoice")
        verbose_name_plural = _("lines of invoices")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["invoice", "position"], name="memberships_invoice_line_position"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="memberships_invoice_line_has_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.position}"


class InvoicePayment(models.Model):
    """A payment on an invoice: the entry of own income that it made.

    `after_all_minor` is what of it had been written off: so much is given up no more, and is owed
    again where the payment is taken back.
    `left_minor` stands on what `queries.payments_of` reads.
    """

    left_minor: int

    income = models.OneToOneField(
        OwnIncome,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="invoice_payment",
        verbose_name=_("entry of own income"),
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="payments", verbose_name=_("invoice")
    )
    amount_minor = models.BigIntegerField(_("amount"))
    after_all_minor = models.BigIntegerField(_("paid after all"), default=0)
    received_on = models.DateField(_("received on"))
    reference = models.CharField(_("reference"), max_length=120, blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("payment on an invoice")
        verbose_name_plural = _("payments on invoices")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="memberships_payment_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(after_all_minor__gte=0, after_all_minor__lte=F("amount_minor")),
                name="memberships_payment_after_all_is_of_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_minor}"


class InvoiceWriteOff(models.Model):
    """What an institute gave up of an invoice, and why; the books are not touched by it."""

    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="write_offs", verbose_name=_("invoice")
    )
    amount_minor = models.BigIntegerField(_("amount"))
    reason = models.TextField(_("why it was written off"))
    written_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("written off by"),
    )
    written_off_at = models.DateTimeField(_("written off at"))

    class Meta:
        verbose_name = _("amount written off")
        verbose_name_plural = _("amounts written off")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="memberships_write_off_is_positive"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="memberships_write_off_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.amount_minor}"

    @property
    def amount(self) -> Money:
        """How much was given up."""
        return Money(self.amount_minor, self.invoice.currency)


INVOICE_TRIGGERS = (
    *append_only("memberships_agreedterms"),
    *append_only("memberships_invoiceline"),
    *append_only("memberships_invoicepayment"),
    *append_only("memberships_invoicewriteoff"),
)
