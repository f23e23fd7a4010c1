"""What others say moved: lines of payment files and bank statements, and what they were matched
with.

Held by the database: a line is never changed or deleted; a match is only undone; no line, and no
entry of the ledger on one side, is in two matches that stand.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.ledger import Transfer
from lineshaft.apps.funding.models.own_income import OwnIncome
from lineshaft.apps.funding.rules import LineSource, LineState, MatchRule
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import append_only

LINE_SOURCE_LABELS = {
    LineSource.PAYMENT: _("Payment file"),
    LineSource.BANK: _("Bank statement"),
}
LINE_STATE_LABELS = {
    LineState.MATCHED: _("Matched"),
    LineState.EXPLAINED: _("Explained"),
    LineState.UNMATCHED: _("Unmatched"),
}
MATCH_RULE_LABELS = {
    MatchRule.REFERENCE: _("the same reference and amount"),
    MatchRule.REFERENCE_SUM: _("one reference, the same sum"),
    MatchRule.AMOUNT: _("the same amount about the same day, no other like it"),
    MatchRule.SUM: _("several that sum to one"),
    MatchRule.CORRECTED: _("taken back by its correction"),
    MatchRule.BY_HAND: _("matched by hand"),
    MatchRule.EXPLAINED: _("explained"),
}


class StatementLine(models.Model):
    """One line of an agency's payment file, or of a bank's statement of an institute.

    `amount_minor` is above zero where the institute receives. `ordinal` tells lines of equal
    content apart that bear no reference of their own; `origin` is the file it came in.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.CharField(
        _("source"),
        max_length=8,
        choices=[(source.value, label) for source, label in LINE_SOURCE_LABELS.items()],
    )
    institute = models.ForeignKey(
        "network.Institute",
        verbose_name=_("institute"),
        on_delete=models.PROTECT,
        related_name="statement_lines",
        db_index=False,
    )
    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statement_lines",
    )
    agency = models.ForeignKey(
        "network.Agency",
        verbose_name=_("agency"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statement_lines",
    )
    account = models.CharField(_("account"), max_length=120, blank=True, default="")
    booked_on = models.DateField(_("booked on"))
    value_on = models.DateField(_("value date"), null=True, blank=True)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    counterparty = models.CharField(_("counterparty"), max_length=200, blank=True, default="")
    text = models.CharField(_("text"), max_length=500, blank=True, default="")
    reference = models.CharField(_("reference"), max_length=120, blank=True, default="")
    ordinal = models.PositiveIntegerField(default=1)
    origin = models.CharField(_("came in"), max_length=200, blank=True, default="")
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

    class Meta:
        verbose_name = _("line of a statement")
        verbose_name_plural = _("lines of statements")
        ordering: ClassVar[list[str]] = ["-booked_on", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["institute", "source", "booked_on"], name="funding_line_by_institute"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(amount_minor=0), name="funding_line_amount_not_zero"
            ),
            models.CheckConstraint(
                condition=Q(
                    source=LineSource.PAYMENT.value,
                    agreement__isnull=False,
                    agency__isnull=False,
                )
                | (Q(source=LineSource.BANK.value, agency__isnull=True) & ~Q(account="")),
                name="funding_line_belongs_to_its_source",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.pk)

    def get_absolute_url(self) -> str:
        """The line's page."""
        return reverse("funding:show_line", args=[self.pk])

    @property
    def amount(self) -> Money:
        """The amount, below zero where the institute pays."""
        return Money(self.amount_minor, self.currency)


class LineMatch(models.Model):
    """Lines and entries of the ledger that belong together, or lines that were explained.

    Its key follows from what a rule joined, or is the caller's.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.CharField(_("source"), max_length=8)
    institute = models.ForeignKey(
        "network.Institute",
        verbose_name=_("institute"),
        on_delete=models.PROTECT,
        related_name="line_matches",
    )
    rule = models.CharField(
        _("rule"),
        max_length=16,
        choices=[(rule.value, label) for rule, label in MATCH_RULE_LABELS.items()],
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    made_at = models.DateTimeField(_("made at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("undone by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undo_reason = models.TextField(_("why undone"), blank=True, default="")

    class Meta:
        verbose_name = _("match of lines")
        verbose_name_plural = _("matches of lines")
        ordering: ClassVar[list[str]] = ["-made_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | ~Q(undo_reason=""),
                name="funding_match_undone_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(rule=MatchRule.EXPLAINED.value) | ~Q(reason=""),
                name="funding_match_explained_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.pk}"

    def get_absolute_url(self) -> str:
        """The match's page."""
        return reverse("funding:show_match", args=[self.pk])


class MatchPart(models.Model):
    """One line, transfer or entry of own income in a match; `amount_minor` is its share of it."""

    match = models.ForeignKey(LineMatch, on_delete=models.PROTECT, related_name="parts")
    source = models.CharField(_("source"), max_length=8)
    line = models.ForeignKey(
        StatementLine,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="match_parts",
    )
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="match_parts"
    )
    own_income = models.ForeignKey(
        OwnIncome, on_delete=models.PROTECT, null=True, blank=True, related_name="match_parts"
    )
    amount_minor = models.BigIntegerField(_("amount"))
    is_open = models.BooleanField(_("stands"), default=True)

    class Meta:
        verbose_name = _("part of a match")
        verbose_name_plural = _("parts of matches")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(line__isnull=False, transfer__isnull=True, own_income__isnull=True)
                | Q(line__isnull=True, transfer__isnull=False, own_income__isnull=True)
                | Q(line__isnull=True, transfer__isnull=True, own_income__isnull=False),
                name="funding_match_part_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(is_open=True), name="funding_line_matched_once"
            ),
            models.UniqueConstraint(
                fields=["transfer", "source"],
                condition=Q(is_open=True),
                name="funding_transfer_matched_once_a_source",
            ),
            models.UniqueConstraint(
                fields=["own_income", "source"],
                condition=Q(is_open=True),
                name="funding_own_income_matched_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.match_id} {self.amount_minor}"


TRIGGERS = (
    *append_only("funding_statementline"),
    *append_only(
        "funding_linematch", updatable_columns=("undone_by_id", "undone_at", "undo_reason")
    ),
    *append_only("funding_matchpart", updatable_columns=("is_open",)),
)
