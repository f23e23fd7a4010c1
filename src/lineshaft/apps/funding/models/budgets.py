"""Budget periods of an agreement and what each plans by category, federal and non-federal."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement


class BudgetPeriod(models.Model):
    """A part `[starts_on, ends_on)` of an agreement's term that has a budget of its own.

    Periods of one agreement share no day and lie within its term: the services hold that under
    the agreement's lock.
    """

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.PROTECT,
        related_name="budget_periods",
    )
    number = models.PositiveSmallIntegerField(_("number"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))

    class Meta:
        verbose_name = _("budget period")
        verbose_name_plural = _("budget periods")
        ordering: ClassVar[list[str]] = ["agreement_id", "starts_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "number"], name="funding_budget_period_number_once"
            ),
            models.UniqueConstraint(
                fields=["agreement", "starts_on"], name="funding_budget_period_start_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="funding_budget_period_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.number}"


class BudgetLine(models.Model):
    """What a budget period plans in one category of the profile; amounts in minor units."""

    period = models.ForeignKey(BudgetPeriod, on_delete=models.CASCADE, related_name="lines")
    category = models.CharField(_("category"), max_length=40)
    federal_minor = models.BigIntegerField(_("federal"), default=0)
    nonfederal_minor = models.BigIntegerField(_("non-federal"), default=0)

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering: ClassVar[list[str]] = ["period_id", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["period", "category"], name="funding_budget_line_category_once"
            ),
            models.CheckConstraint(
                condition=Q(federal_minor__gte=0, nonfederal_minor__gte=0)
                & (Q(federal_minor__gt=0) | Q(nonfederal_minor__gt=0)),
                name="funding_budget_line_plans_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.category}"
