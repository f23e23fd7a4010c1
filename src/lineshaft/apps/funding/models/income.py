"""Programme income under an agreement, what it was spent on, and the terms of reporting.

Held by the database: what is said of income is never changed. The amounts stand in the ledger.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.ledger import Transfer
from lineshaft.apps.funding.rules import ReportBasis
from lineshaft.kernel.jurisdiction import MatchingSubject
from lineshaft.plumbing.triggers import append_only

BASIS_LABELS = {ReportBasis.CASH: _("Cash"), ReportBasis.ACCRUAL: _("Accrual")}
ACTIVITY_LABELS = {
    MatchingSubject.RESEARCH_PROJECT: _("Research and development"),
    MatchingSubject.DEMONSTRATION_PROJECT: _("Demonstration and commercial application"),
}
"""The kinds of project that an award can be for, where the share asked for differs by kind."""


class ReportingTerms(models.Model):
    """How an agreement is reported on, as its sponsor says; without a row, the defaults bind.

    `report_term` and `income_method` are keys of the profile. `recipient_account` is the
    recipient's own number for the award, printed on the financial report. `activity` is the kind of
    project that the award is for, empty where the sponsor has not said.
    """

    agreement = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, primary_key=True, related_name="reporting_terms"
    )
    report_term = models.CharField(_("report term"), max_length=40)
    basis = models.CharField(
        _("basis of accounting"),
        max_length=8,
        choices=[(basis.value, label) for basis, label in BASIS_LABELS.items()],
        default=ReportBasis.ACCRUAL.value,
    )
    income_method = models.CharField(_("use of programme income"), max_length=40)
    recipient_account = models.CharField(
        _("recipient's account number"), max_length=64, blank=True, default=""
    )
    activity = models.CharField(
        _("kind of project"),
        max_length=24,
        choices=[(key.value, label) for key, label in ACTIVITY_LABELS.items()],
        blank=True,
        default="",
    )

    class Meta:
        verbose_name = _("terms of reporting")
        verbose_name_plural = _("terms of reporting")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(basis__in=[basis.value for basis in ReportBasis]),
                name="funding_reporting_basis_known",
            ),
            models.CheckConstraint(
                condition=Q(activity__in=["", *(key.value for key in ACTIVITY_LABELS)]),
                name="funding_reporting_activity_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.report_term}"


class Income(models.Model):
    """Programme income as it was earned: by which stream, from whom, before costs of earning it."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="income"
    )
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="income")
    stream = models.CharField(_("stream"), max_length=40)
    payer = models.CharField(_("payer"), max_length=200)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    gross_minor = models.BigIntegerField(_("came in"))
    cost_of_earning_minor = models.BigIntegerField(_("costs of earning it"), default=0)

    class Meta:
        verbose_name = _("programme income")
        verbose_name_plural = _("programme income")
        ordering: ClassVar[list[str]] = ["-transfer__occurred_on", "-transfer_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    cost_of_earning_minor__gte=0, cost_of_earning_minor__lt=F("gross_minor")
                ),
                name="funding_income_leaves_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.transfer_id}"


class IncomeUse(models.Model):
    """What programme income was spent on."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="income_use"
    )
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="income_uses")
    category = models.CharField(_("category"), max_length=40)
    description = models.CharField(_("description"), max_length=300)

    class Meta:
        verbose_name = _("use of programme income")
        verbose_name_plural = _("uses of programme income")
        ordering: ClassVar[list[str]] = ["-transfer__occurred_on", "-transfer_id"]

    def __str__(self) -> str:
        return f"{self.category} {self.transfer_id}"


TRIGGERS = (*append_only("funding_income"), *append_only("funding_incomeuse"))
