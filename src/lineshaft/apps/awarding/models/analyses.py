"""The analysis of an application's business plan: what was counted, by which assumptions, what came
out, and what the analyst makes of it.

Invariants: a run is never changed and numbered without reuse within its stage and application; the
judgement beside it is the one thing that is written later.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.awarding import rules
from lineshaft.apps.competitions.models import Application, Stage, Submission
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.plumbing.triggers import append_only

PLAN_RATING_LABELS = {
    rules.PlanRating.SOUND: pgettext_lazy("plan", "Sound"),
    rules.PlanRating.CONDITIONAL: pgettext_lazy("plan", "Sound on conditions"),
    rules.PlanRating.DOUBTFUL: pgettext_lazy("plan", "Doubtful"),
    rules.PlanRating.UNSOUND: pgettext_lazy("plan", "Not sound"),
}


class PlanAnalysis(models.Model):
    """One run of the analysis, on what the application handed in as `submission`.

    `chance_bp` is the chance of standing alone; `break_even` and `lowest_year` are years of the
    plan from 1, `break_even` None where none does; `lowest_minor` is the least cash in hand.
    `assumptions`, `plan` and `result` are plain values as `services.analyses` writes them.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="plan_analyses",
        verbose_name=_("application"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="plan_analyses", verbose_name=_("stage")
    )
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="+", verbose_name=_("submission")
    )
    number = models.PositiveSmallIntegerField(_("run"))
    assumptions = models.JSONField(_("assumptions"))
    why = models.CharField(
        _("why these assumptions"), max_length=rules.ANALYSIS_REASON_MAX, blank=True, default=""
    )
    plan = models.JSONField(_("plan"))
    result = models.JSONField(_("result"))
    chance_bp = models.PositiveSmallIntegerField(_("chance of standing alone"))
    break_even = models.PositiveSmallIntegerField(_("breaks even in year"), null=True, blank=True)
    lowest_minor = models.BigIntegerField(_("least cash in hand"))
    lowest_year = models.PositiveSmallIntegerField(_("year of the least cash"))
    run_at = models.DateTimeField(_("run at"))
    run_by = models.CharField(_("run by"), max_length=200)
    rating = models.CharField(
        _("rating"), max_length=16, choices=list(PLAN_RATING_LABELS.items()), blank=True, default=""
    )
    judgement = models.TextField(_("judgement"), blank=True, default="")
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    judged_by = models.CharField(_("judged by"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("analysis of a business plan")
        verbose_name_plural = _("analyses of business plans")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "stage", "number"], name="awarding_analysis_number"
            ),
            models.CheckConstraint(
                condition=Q(chance_bp__lte=BASIS_POINTS), name="awarding_analysis_chance"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.stage_id}, {self.number}"

    def get_absolute_url(self) -> str:
        """The page of the application's analysis in that stage."""
        key = self.stage.competition.key
        return reverse("awarding:show_analysis", args=[key, self.stage.number, self.application_id])


ANALYSIS_TRIGGERS = append_only(
    "awarding_plananalysis",
    updatable_columns=("rating", "judgement", "judged_at", "judged_by"),
)
