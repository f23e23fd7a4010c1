"""Accounts, the transfers between them, and what is still pending of a transfer.

Invariants, held by the database itself: a transfer is never changed or deleted; its amount is
positive and its two accounts differ; an account's four sums are never negative and never break its
limits; a hold (what is still pending of a transfer) never falls below zero. Held by the services,
and re-derived by `verify_ledger`: the sums of an account are those of its transfers.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.rules import (
    AGREEMENT_ACCOUNTS,
    SPONSOR_ACCOUNTS,
    AccountKind,
    TransferCode,
    TransferKind,
)
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import append_only

ACCOUNT_KIND_LABELS = {
    AccountKind.APPROPRIATION: _("Appropriation"),
    AccountKind.AWARD: _("Award"),
    AccountKind.RESERVE: _("Performance reserve"),
    AccountKind.DRAWN: _("Drawn"),
    AccountKind.SOURCE: _("Contributor"),
    AccountKind.CASH: _("Cash contribution"),
    AccountKind.IN_KIND: _("In-kind contribution"),
    AccountKind.COST_SOURCE: _("Costs"),
    AccountKind.INCURRED: _("Costs incurred"),
    AccountKind.PAID: _("Costs paid"),
    AccountKind.INCOME_SOURCE: _("Source of programme income"),
    AccountKind.INCOME: _("Programme income"),
    AccountKind.INCOME_USED: _("Programme income used"),
}


TRANSFER_KIND_LABELS = {
    TransferKind.DIRECT: _("Direct"),
    TransferKind.PENDING: _("Pending"),
    TransferKind.POST: _("Posted"),
    TransferKind.VOID: _("Voided"),
}


TRANSFER_CODE_LABELS = {
    TransferCode.AUTHORISE: _("Authorisation"),
    TransferCode.OBLIGATE: _("Obligation"),
    TransferCode.DRAW: _("Drawdown"),
    TransferCode.RELEASE: _("Release"),
    TransferCode.RETURN: _("Return"),
    TransferCode.WITHHOLD: _("Held back as performance reserve"),
    TransferCode.RELEASE_RESERVE: _("Release of performance reserve"),
    TransferCode.ENCUMBER: _("Encumbrance"),
    TransferCode.LIQUIDATE: _("Liquidation"),
    TransferCode.RELEASE_ENCUMBRANCE: _("Release of encumbrance"),
    TransferCode.INCUR: _("Cost"),
    TransferCode.PAY: _("Payment of costs"),
    TransferCode.EARN_INCOME: _("Programme income"),
    TransferCode.USE_INCOME: _("Use of programme income"),
    TransferCode.CONTRIBUTE_CASH: _("Cash contribution"),
    TransferCode.CONTRIBUTE_IN_KIND: _("In-kind contribution"),
    TransferCode.ACCEPT: _("Acceptance"),
    TransferCode.REFUSE: _("Refusal"),
    TransferCode.WITHDRAW: _("Withdrawal"),
    TransferCode.CORRECT: _("Correction"),
}


class Account(models.Model):
    """One account: sums of what left it (debits) and what came in (credits).

    Of an agency (appropriation), of an agreement and one of its sponsors (award, reserve, drawn),
    of an agreement (cash, in-kind, its costs and its programme income), or of one contributor to an
    agreement (source). `is_closed` refuses new money out of it, except to settle what is pending
    and to correct; nothing is dated on or before `closed_through`.
    """

    kind = models.CharField(
        _("kind"),
        max_length=16,
        choices=[(kind.value, label) for kind, label in ACCOUNT_KIND_LABELS.items()],
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    agency = models.ForeignKey(
        "network.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    organisation = models.ForeignKey(
        "network.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
    )
    currency = models.CharField(_("currency"), max_length=3)
    debits_must_not_exceed_credits = models.BooleanField(default=False)
    credits_must_not_exceed_debits = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)
    closed_through = models.DateField(_("books closed through"), null=True, blank=True)
    debits_pending = models.BigIntegerField(_("debits pending"), default=0)
    debits_posted = models.BigIntegerField(_("debits posted"), default=0)
    credits_pending = models.BigIntegerField(_("credits pending"), default=0)
    credits_posted = models.BigIntegerField(_("credits posted"), default=0)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    debits_pending__gte=0,
                    debits_posted__gte=0,
                    credits_pending__gte=0,
                    credits_posted__gte=0,
                ),
                name="funding_account_sums_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(debits_must_not_exceed_credits=False)
                | Q(credits_posted__gte=F("debits_pending") + F("debits_posted")),
                name="funding_account_debits_must_not_exceed_credits",
            ),
            models.CheckConstraint(
                condition=Q(credits_must_not_exceed_debits=False)
                | Q(debits_posted__gte=F("credits_pending") + F("credits_posted")),
                name="funding_account_credits_must_not_exceed_debits",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=AccountKind.APPROPRIATION.value,
                    agency__isnull=False,
                    agreement__isnull=True,
                    organisation__isnull=True,
                )
                | Q(
                    kind=AccountKind.SOURCE.value,
                    agency__isnull=True,
                    agreement__isnull=False,
                    organisation__isnull=False,
                )
                | Q(
                    kind__in=[kind.value for kind in AGREEMENT_ACCOUNTS],
                    agency__isnull=True,
                    agreement__isnull=False,
                    organisation__isnull=True,
                )
                | Q(
                    kind__in=sorted(kind.value for kind in SPONSOR_ACCOUNTS),
                    agency__isnull=False,
                    agreement__isnull=False,
                    organisation__isnull=True,
                ),
                name="funding_account_belongs_to_its_owner",
            ),
            models.UniqueConstraint(
                fields=["agreement", "kind"],
                condition=Q(
                    agreement__isnull=False, agency__isnull=True, organisation__isnull=True
                ),
                name="funding_account_one_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["agreement", "kind", "agency"],
                condition=Q(agreement__isnull=False, agency__isnull=False),
                name="funding_account_one_of_a_kind_for_each_sponsor",
            ),
            models.UniqueConstraint(
                fields=["agency", "currency"],
                condition=Q(agency__isnull=False, agreement__isnull=True),
                name="funding_account_one_appropriation",
            ),
            models.UniqueConstraint(
                fields=["agreement", "organisation"],
                condition=Q(organisation__isnull=False),
                name="funding_account_one_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def balance_minor(self) -> int:
        """What came in less what left, both posted."""
        return self.credits_posted - self.debits_posted

    @property
    def available_minor(self) -> int:
        """The balance less what is promised out of it."""
        return self.balance_minor - self.debits_pending


class Transfer(models.Model):
    """One movement of one amount from the debited to the credited account.

    `id` comes from the caller and makes a retry harmless. `pending` names the transfer that a post
    or void settles, `corrects` the one that a correction takes back. `recorded_by` is null where
    the program itself acted; the audit event says on whose behalf.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="transfers", db_index=False
    )
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=[(kind.value, label) for kind, label in TRANSFER_KIND_LABELS.items()],
    )
    code = models.CharField(
        _("code"),
        max_length=24,
        choices=[(code.value, label) for code, label in TRANSFER_CODE_LABELS.items()],
    )
    debit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="debits", db_index=False
    )
    credit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="credits", db_index=False
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    occurred_on = models.DateField(_("date"))
    pending = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="settlements",
        db_index=False,
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        db_index=False,
    )
    reference = models.CharField(_("reference"), max_length=120, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering: ClassVar[list[str]] = ["-occurred_on", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["agreement", "occurred_on", "code", "id"], name="funding_transfer_by_day"
            ),
            models.Index(fields=["occurred_on", "id"], name="funding_transfer_in_order"),
            models.Index(
                fields=["pending"],
                condition=Q(pending__isnull=False),
                name="funding_transfer_by_pending",
            ),
            models.Index(
                fields=["corrects"],
                condition=Q(corrects__isnull=False),
                name="funding_transfer_by_corrects",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="funding_transfer_amount_positive"
            ),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")),
                name="funding_transfer_two_accounts",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[TransferKind.POST.value, TransferKind.VOID.value],
                    pending__isnull=False,
                )
                | Q(
                    kind__in=[TransferKind.DIRECT.value, TransferKind.PENDING.value],
                    pending__isnull=True,
                ),
                name="funding_transfer_settles_a_pending",
            ),
            models.CheckConstraint(
                condition=Q(code=TransferCode.CORRECT.value, corrects__isnull=False)
                | (~Q(code=TransferCode.CORRECT.value) & Q(corrects__isnull=True)),
                name="funding_transfer_correction_names_the_old",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.id}"

    def get_absolute_url(self) -> str:
        """The transfer's page."""
        return reverse("funding:show_transfer", args=[self.pk])

    @property
    def amount(self) -> Money:
        """The amount moved."""
        return Money(self.amount_minor, self.currency)


class Hold(models.Model):
    """What is still pending of one pending transfer; posts and voids take from it."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="hold"
    )
    remaining_minor = models.BigIntegerField(_("still pending"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["transfer"],
                condition=Q(remaining_minor__gt=0),
                name="funding_hold_open",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(remaining_minor__gte=0), name="funding_hold_not_overdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.remaining_minor}"


TRIGGERS = (
    *append_only("funding_transfer"),
    *append_only("funding_hold", updatable_columns=("remaining_minor",)),
    *append_only(
        "funding_account",
        updatable_columns=(
            "debits_pending",
            "debits_posted",
            "credits_pending",
            "credits_posted",
            "is_closed",
            "closed_through",
        ),
    ),
)
