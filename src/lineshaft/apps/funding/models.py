"""Agreements, their accounts, the transfers between accounts, and the contributions behind them.

Invariants, held by the database itself: a transfer is never changed or deleted; its amount is
positive and its two accounts differ; an account's four sums are never negative and never break its
limits; a hold (what is still pending of a transfer) never falls below zero; a contribution is
accepted up to what was claimed. Held by the services, and re-derived by `verify_ledger`: the sums
of an account are those of its transfers, and what contributions claim and have accepted is what
stands in their agreement's cost-share accounts.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.rules import (
    AccountKind,
    AgreementState,
    ContributionState,
    TransferCode,
    TransferKind,
)
from lineshaft.kernel.money import Money
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only

AGREEMENT_STATE_LABELS = {
    AgreementState.DRAFT: _("Draft"),
    AgreementState.ACTIVE: _("Active"),
    AgreementState.ENDED: _("Ended"),
    AgreementState.TERMINATED: _("Terminated"),
}
CONTRIBUTION_STATE_LABELS = {
    ContributionState.RECORDED: _("Recorded"),
    ContributionState.ACCEPTED: _("Accepted"),
    ContributionState.REFUSED: _("Refused"),
    ContributionState.WITHDRAWN: _("Withdrawn"),
}
ACCOUNT_KIND_LABELS = {
    AccountKind.APPROPRIATION: _("Appropriation"),
    AccountKind.AWARD: _("Award"),
    AccountKind.DRAWN: _("Drawn"),
    AccountKind.SOURCE: _("Contributor"),
    AccountKind.CASH: _("Cash contribution"),
    AccountKind.IN_KIND: _("In-kind contribution"),
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
    TransferCode.CONTRIBUTE_CASH: _("Cash contribution"),
    TransferCode.CONTRIBUTE_IN_KIND: _("In-kind contribution"),
    TransferCode.ACCEPT: _("Acceptance"),
    TransferCode.REFUSE: _("Refusal"),
    TransferCode.WITHDRAW: _("Withdrawal"),
    TransferCode.CORRECT: _("Correction"),
}


class Agreement(models.Model):
    """A cooperative agreement by which one agency supports one institute over `[starts, ends)`.

    `number` is the award's own, the same in every system. `cost_share_required_minor` is what the
    agreement itself names; where it names nothing, the profile's matching rule binds alone.
    """

    number = models.CharField(_("number"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    agency = models.ForeignKey(
        "network.Agency",
        verbose_name=_("agency"),
        on_delete=models.PROTECT,
        related_name="agreements",
    )
    institute = models.ForeignKey(
        "network.Institute",
        verbose_name=_("institute"),
        on_delete=models.PROTECT,
        related_name="agreements",
    )
    currency = models.CharField(_("currency"), max_length=3)
    signed_on = models.DateField(_("signed on"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    federal_total_minor = models.BigIntegerField(_("federal total"))
    cost_share_required_minor = models.BigIntegerField(
        _("cost share required"), null=True, blank=True
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in AGREEMENT_STATE_LABELS.items()],
        default=AgreementState.DRAFT.value,
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.TextField(_("reason"), blank=True, default="")
    level = models.CharField(
        _("shared with"),
        max_length=16,
        choices=LEVEL_CHOICES,
        default=SharingLevel.PUBLIC.value,
    )

    class Meta:
        verbose_name = _("cooperative agreement")
        verbose_name_plural = _("cooperative agreements")
        ordering: ClassVar[list[str]] = ["institute_id", "-starts_on", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="funding_agreement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(federal_total_minor__gt=0), name="funding_agreement_has_total"
            ),
            models.CheckConstraint(
                condition=Q(cost_share_required_minor__isnull=True)
                | Q(cost_share_required_minor__gte=0),
                name="funding_agreement_cost_share_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AgreementState]),
                name="funding_agreement_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The agreement's page."""
        return reverse("funding:show_agreement", args=[self.pk])

    @property
    def federal_total(self) -> Money:
        """The federal money that the agreement allows in all."""
        return Money(self.federal_total_minor, self.currency)


class Account(models.Model):
    """One account: sums of what left it (debits) and what came in (credits).

    Of an agency (appropriation), of an agreement (award, drawn, cash, in-kind), or of one
    contributor to an agreement (source). `is_closed` refuses new money out of it, except to settle
    what is pending and to correct.
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
                    kind__in=[
                        AccountKind.AWARD.value,
                        AccountKind.DRAWN.value,
                        AccountKind.CASH.value,
                        AccountKind.IN_KIND.value,
                    ],
                    agency__isnull=True,
                    agreement__isnull=False,
                    organisation__isnull=True,
                ),
                name="funding_account_belongs_to_its_owner",
            ),
            models.UniqueConstraint(
                fields=["agreement", "kind"],
                condition=Q(agreement__isnull=False, organisation__isnull=True),
                name="funding_account_one_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["agency", "currency"],
                condition=Q(agency__isnull=False),
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
                fields=["agreement", "occurred_on", "id"], name="funding_transfer_by_agreement"
            ),
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
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(remaining_minor__gte=0), name="funding_hold_not_overdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}: {self.remaining_minor}"


class Contribution(models.Model):
    """Cost share that one organisation brought to one agreement, as claimed and as accepted.

    Its key is the id of the pending transfer that recorded it. `kind` and `is_cash` follow the
    profile's cost-share kinds; `other_award` names another federal award that already counts it.
    """

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="contribution"
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="contributions", db_index=False
    )
    organisation = models.ForeignKey(
        "network.Organisation",
        verbose_name=_("contributor"),
        on_delete=models.PROTECT,
        related_name="contributions",
    )
    kind = models.CharField(_("kind"), max_length=40)
    is_cash = models.BooleanField(_("cash"))
    is_federal_origin = models.BooleanField(_("of federal origin"), default=False)
    other_award = models.CharField(_("other award"), max_length=64, blank=True, default="")
    units = models.DecimalField(_("units"), max_digits=14, decimal_places=4, null=True, blank=True)
    rate_minor = models.BigIntegerField(_("rate"), null=True, blank=True)
    basis_of_value = models.TextField(_("basis of value"), blank=True, default="")
    occurred_on = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    claimed_minor = models.BigIntegerField(_("claimed"))
    accepted_minor = models.BigIntegerField(_("accepted"), default=0)
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in CONTRIBUTION_STATE_LABELS.items()],
        default=ContributionState.RECORDED.value,
    )
    external_id = models.CharField(_("own number"), max_length=120, blank=True, default="")
    level = models.CharField(
        _("shared with"),
        max_length=16,
        choices=LEVEL_CHOICES,
        default=SharingLevel.RESTRICTED.value,
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering: ClassVar[list[str]] = ["-occurred_on", "-transfer_id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agreement", "occurred_on"], name="funding_contrib_by_agreement"),
            models.Index(fields=["state", "occurred_on"], name="funding_contrib_by_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(claimed_minor__gt=0), name="funding_contribution_claims_something"
            ),
            models.CheckConstraint(
                condition=Q(accepted_minor__gte=0, accepted_minor__lte=F("claimed_minor")),
                name="funding_contribution_accepted_within_claim",
            ),
            models.CheckConstraint(
                condition=Q(state=ContributionState.ACCEPTED.value) | Q(accepted_minor=0),
                name="funding_contribution_counts_only_accepted",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ContributionState]),
                name="funding_contribution_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(is_federal_origin=True, state=ContributionState.ACCEPTED.value),
                name="funding_contribution_federal_never_counts",
            ),
            models.CheckConstraint(
                condition=(Q(units__isnull=True) | Q(units__gt=0))
                & (Q(rate_minor__isnull=True) | Q(rate_minor__gt=0)),
                name="funding_contribution_valuation_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.transfer_id}"

    def get_absolute_url(self) -> str:
        """The contribution's page."""
        return reverse("funding:show_contribution", args=[self.pk])

    @property
    def claimed(self) -> Money:
        """What the contributor says it is worth."""
        return Money(self.claimed_minor, self.currency)

    @property
    def accepted(self) -> Money:
        """What counts as cost share."""
        return Money(self.accepted_minor, self.currency)


class ContributionEvidence(models.Model):
    """One proof of a contribution: a stored file, or the reference of a record kept elsewhere."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="evidence"
    )
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(_("reference"), max_length=200, blank=True, default="")
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    attached_at = models.DateTimeField(_("attached at"))

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | ~Q(reference=""),
                name="funding_evidence_is_something",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.file_id)


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
        ),
    ),
    *append_only(
        "funding_contribution",
        updatable_columns=(
            "accepted_minor",
            "state",
            "level",
            "decided_by_id",
            "decided_at",
            "decision_reason",
        ),
    ),
    *append_only("funding_contributionevidence"),
)
