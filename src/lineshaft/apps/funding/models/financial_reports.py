"""Financial reports as a person certified them, their documents, and the indirect rates in them.

Held by the database: nothing of a certified report is ever changed; one report stands for each
period, and a later edition names the one that it replaces, with the reason.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.income import BASIS_LABELS
from lineshaft.apps.funding.rules import RateType, ReportLine
from lineshaft.plumbing.triggers import append_only

LINE_LABELS = {
    ReportLine.A: _("Cash receipts"),
    ReportLine.B: _("Cash disbursements"),
    ReportLine.C: _("Cash on hand"),
    ReportLine.D: _("Total federal funds authorised"),
    ReportLine.E: _("Federal share of expenditures"),
    ReportLine.F: _("Federal share of unliquidated obligations"),
    ReportLine.G: _("Total federal share"),
    ReportLine.H: _("Unobligated balance of federal funds"),
    ReportLine.I: _("Total recipient share required"),
    ReportLine.J: _("Recipient share of expenditures"),
    ReportLine.K: _("Remaining recipient share to be provided"),
    ReportLine.L: _("Total federal programme income earned"),
    ReportLine.M: _("Programme income spent under deduction"),
    ReportLine.N: _("Programme income spent under addition"),
    ReportLine.O: _("Unspent programme income"),
}
RATE_TYPE_LABELS = {
    RateType.PROVISIONAL: _("Provisional"),
    RateType.PREDETERMINED: _("Predetermined"),
    RateType.FINAL: _("Final"),
    RateType.FIXED: _("Fixed"),
}


class IndirectRate(models.Model):
    """An indirect cost rate that was agreed for an agreement, in force over `[starts, ends)`."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="indirect_rates"
    )
    rate_type = models.CharField(
        _("type of rate"),
        max_length=16,
        choices=[(one.value, label) for one, label in RATE_TYPE_LABELS.items()],
    )
    rate_bp = models.PositiveIntegerField(_("rate"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    reference = models.CharField(_("rate agreement"), max_length=120)

    class Meta:
        verbose_name = _("indirect rate")
        verbose_name_plural = _("indirect rates")
        ordering: ClassVar[list[str]] = ["starts_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on"), rate_bp__gt=0),
                name="funding_indirect_rate_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rate_type} {self.rate_bp}"


class FinancialReport(models.Model):
    """One certified report through `period_end`; `content` is everything that it says.

    `term` is a report term of the profile. `digest` is of the content, so that what was read is
    what was certified.
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="financial_reports"
    )
    term = models.CharField(_("report type"), max_length=40)
    basis = models.CharField(
        _("basis of accounting"),
        max_length=8,
        choices=[(basis.value, label) for basis, label in BASIS_LABELS.items()],
    )
    period_end = models.DateField(_("period end"))
    due_on = models.DateField(_("due on"))
    edition = models.PositiveSmallIntegerField(_("edition"))
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    content = models.JSONField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    remarks = models.TextField(_("remarks"), blank=True, default="")
    certified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("certified by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    certified_at = models.DateTimeField(_("certified at"))

    class Meta:
        verbose_name = _("financial report")
        verbose_name_plural = _("financial reports")
        ordering: ClassVar[list[str]] = ["-period_end", "term", "-edition"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "term", "period_end", "edition"],
                name="funding_report_one_of_an_edition",
            ),
            models.CheckConstraint(
                condition=Q(edition=1, supersedes__isnull=True)
                | (Q(edition__gt=1, supersedes__isnull=False) & ~Q(reason="")),
                name="funding_report_says_why_it_replaces",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.term} {self.period_end} {self.edition}"

    def get_absolute_url(self) -> str:
        """The report's page."""
        return reverse("funding:show_certified_report", args=[self.pk])

    @property
    def is_on_time(self) -> bool:
        """Whether it was certified by the day on which it was due."""
        return self.certified_at.date() <= self.due_on


class FinancialReportDocument(models.Model):
    """A certified report as a file, made once; `language` is empty where none is written."""

    report = models.ForeignKey(FinancialReport, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("format"), max_length=8)
    language = models.CharField(_("language"), max_length=16, blank=True, default="")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("document of a financial report")
        verbose_name_plural = _("documents of financial reports")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["report", "kind", "language"], name="funding_report_document_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind} {self.language}"


class FinancialReportSum(models.Model):
    """What the transfers through a report's last day had moved in one way when it was certified.

    Its lines follow from these, and `verify_ledger` finds the transfers that they count, which can
    only become more. Reports certified before these were kept have none.
    """

    report = models.ForeignKey(FinancialReport, on_delete=models.PROTECT, related_name="sums")
    code = models.CharField(_("code"), max_length=24)
    corrects_code = models.CharField(_("code of what is corrected"), max_length=24, blank=True)
    debit_kind = models.CharField(_("kind of the account debited"), max_length=16)
    credit_kind = models.CharField(_("kind of the account credited"), max_length=16)
    transfers = models.BigIntegerField(_("number of transfers"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("sum behind a financial report")
        verbose_name_plural = _("sums behind financial reports")
        ordering: ClassVar[list[str]] = ["report", "code", "corrects_code", "id"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.code}: {self.amount_minor}"


TRIGGERS = (
    *append_only("funding_indirectrate"),
    *append_only("funding_financialreport"),
    *append_only("funding_financialreportdocument"),
    *append_only("funding_financialreportsum"),
)
