"""The selection: scenarios, what policy factors rest on, choices, and what was decided.

Invariants: an application has one choice and, once decided, one record of it that never changes; a
pair of applications is noted as overlapping once; a scenario keeps what it was counted over and
what came of it, and is never counted again. Names of scenarios are apart for each who makes them: a
name tells nobody of a scenario that is hidden from them.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.awarding import rules
from lineshaft.apps.competitions.models import OUTCOME_LABELS, Application, Competition, Stage
from lineshaft.plumbing.triggers import append_only

BASIS_LABELS = {
    rules.Basis.ESTIMATE: _("Estimate of the ranked list"),
    rules.Basis.MEAN: _("Mean of the scores as given"),
}
FACTOR_LABELS = {
    rules.FactorKind.STATE_MOST: _("At most so many from one state"),
    rules.FactorKind.STATE_LEAST: _("At least so many from a state"),
    rules.FactorKind.LOW_INCOME_LEAST: _("At least so many in areas of low income"),
    rules.FactorKind.DISADVANTAGED_LEAST: _("At least so many with disadvantaged residents"),
    rules.FactorKind.RURAL_LEAST: _("At least so many in small or rural communities"),
    rules.FactorKind.OVERLAP_ONCE: _("At most one of two that overlap"),
    rules.FactorKind.AREA_MOST: _("At most so many of one technology area"),
    rules.FactorKind.LEAD_KIND_LEAST: _("At least so many led by a kind of organisation"),
}
MARK_LABELS = {
    rules.PolicyMark.LOW_INCOME: _("Area of low per-capita income"),
    rules.PolicyMark.DISADVANTAGED: _("High share of socially disadvantaged residents"),
    rules.PolicyMark.RURAL: pgettext_lazy("policy mark", "Small or rural community"),
}


class SelectionScenario(models.Model):
    """What would be funded under a budget and factors of policy, by what the judging gave.

    `factors` are plain values (`rules.factor_from`); `applications` are the ids that it was counted
    over; `result` holds what is funded and the price of each factor, or the names of bounds that
    cannot all hold.
    """

    competition = models.ForeignKey(
        Competition,
        on_delete=models.PROTECT,
        related_name="scenarios",
        verbose_name=_("competition"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="+", verbose_name=_("stage")
    )
    name = models.CharField(_("name"), max_length=rules.SCENARIO_NAME_MAX)
    basis = models.CharField(_("value"), max_length=16, choices=list(BASIS_LABELS.items()))
    budget_minor = models.BigIntegerField(_("budget"))
    factors = models.JSONField(_("policy factors"), default=list)
    applications = models.JSONField(_("applications"), default=list)
    result = models.JSONField(_("result"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=200)
    made_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user who made it"),
    )

    class Meta:
        verbose_name = _("scenario of a selection")
        verbose_name_plural = _("scenarios of selections")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "made_by_user", "name"],
                name="awarding_scenario_name_once",
            ),
            models.CheckConstraint(
                condition=Q(budget_minor__gte=0), name="awarding_scenario_budget"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApplicationMark(models.Model):
    """That an application meets a ground of special consideration, by whom it was found and why."""

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="policy_marks",
        verbose_name=_("application"),
    )
    mark = models.CharField(_("ground"), max_length=16, choices=list(MARK_LABELS.items()))
    reason = models.CharField(_("why"), max_length=rules.REASON_MAX)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=200)

    class Meta:
        verbose_name = _("policy mark of an application")
        verbose_name_plural = _("policy marks of applications")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "mark"], name="awarding_mark_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="awarding_mark_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.mark}"


class OverlapPair(models.Model):
    """Two applications of a competition that overlap, the one begun first as `first`."""

    first = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="+", verbose_name=_("application")
    )
    second = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="+", verbose_name=_("application")
    )
    reason = models.CharField(_("why"), max_length=rules.REASON_MAX)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=200)

    class Meta:
        verbose_name = _("pair of overlapping applications")
        verbose_name_plural = _("pairs of overlapping applications")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first", "second"], name="awarding_pair_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="awarding_pair_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}, {self.second_id}"


class SelectionChoice(models.Model):
    """What is chosen for an application until it is decided; `revision` counts its writings.

    `reason` is for the record, `explanation` for the applicant's letter.
    """

    application = models.OneToOneField(
        Application,
        on_delete=models.PROTECT,
        related_name="selection_choice",
        verbose_name=_("application"),
    )
    outcome = models.CharField(_("choice"), max_length=16, choices=list(OUTCOME_LABELS.items()))
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="")
    explanation = models.TextField(_("what the applicant is told"), blank=True, default="")
    explanation_zh = models.TextField(
        _("what the applicant is told, in Chinese"), blank=True, default=""
    )
    revision = models.PositiveIntegerField(_("revision"), default=0)
    changed_at = models.DateTimeField(_("last changed at"))
    changed_by = models.CharField(_("last changed by"), max_length=200)

    class Meta:
        verbose_name = _("choice of a selection")
        verbose_name_plural = _("choices of selections")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True) | Q(amount_minor__gt=0),
                name="awarding_choice_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.outcome}"


class SelectionRecord(models.Model):
    """What was decided on an application: its place at that moment, the amount, the reason.

    `rank` is among all applications of the stage that judged, None where it had no place.
    """

    application = models.OneToOneField(
        Application,
        on_delete=models.PROTECT,
        related_name="selection_record",
        verbose_name=_("application"),
    )
    stage = models.ForeignKey(
        Stage,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("stage"),
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=list(OUTCOME_LABELS.items()))
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    rank = models.PositiveIntegerField(_("place"), null=True, blank=True)
    is_departure = models.BooleanField(_("departs from the rank order"), default=False)
    reason = models.TextField(_("reason"), blank=True, default="")
    explanation = models.TextField(_("what the applicant is told"), blank=True, default="")
    explanation_zh = models.TextField(
        _("what the applicant is told, in Chinese"), blank=True, default=""
    )
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.CharField(_("decided by"), max_length=200)

    class Meta:
        verbose_name = _("record of a selection")
        verbose_name_plural = _("records of selections")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(is_departure=False) | ~Q(reason=""),
                name="awarding_record_departure_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.outcome}"


SELECTION_TRIGGERS = (
    *append_only("awarding_selectionscenario"),
    *append_only("awarding_selectionrecord"),
)
