"""How each application came out of a judged stage.

Invariants: an application has one outcome of a stage; it changes until its applicants are told and
never after.
"""

from typing import ClassVar, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.applications import Application
from lineshaft.apps.competitions.models.stages import Stage
from lineshaft.plumbing.triggers import REFUSE_FUNCTION, Trigger, append_only

STAGE_RESULT_LABELS = {
    rules.StageResult.GOES_ON: pgettext_lazy("application", "Goes on"),
    rules.StageResult.ENDS_HERE: pgettext_lazy("application", "Does not go on"),
    rules.StageResult.ENCOURAGED: pgettext_lazy("application", "Encouraged"),
    rules.StageResult.DISCOURAGED: pgettext_lazy("application", "Discouraged"),
}


class StageOutcome(models.Model):
    """Whether an application goes on after a stage, why, and the advice that its applicants get.

    `reason` is for those who run the competition; `told_at` is None for a draft. `revision` counts
    the writings.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="outcomes",
        verbose_name=_("application"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="outcomes", verbose_name=_("stage")
    )
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=list(STAGE_RESULT_LABELS.items())
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    advice = models.TextField(_("advice to the applicant"), blank=True, default="")
    advice_zh = models.TextField(_("advice to the applicant, in Chinese"), blank=True, default="")
    revision = models.PositiveIntegerField(_("revision"), default=1)
    decided_by = models.CharField(_("decided by"), max_length=200)
    decided_at = models.DateTimeField(_("decided at"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outcome of a stage")
        verbose_name_plural = _("outcomes of stages")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "stage"], name="competitions_stage_outcome_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.stage_id}, {self.outcome}"


_TABLE: Final = "competitions_stageoutcome"
_STANDS: Final = f"{_TABLE}_stands"
_HEAD: Final = f'CREATE TRIGGER "{_STANDS}" BEFORE UPDATE ON "{_TABLE}" FOR EACH ROW'
_TOLD: Final = "an outcome that was told stands"

OUTCOME_TRIGGERS: Final = (
    Trigger(
        _STANDS,
        _TABLE,
        f"{_HEAD} WHEN OLD.told_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{_TOLD}'); END",
        f"{_HEAD} WHEN (OLD.told_at IS NOT NULL) EXECUTE FUNCTION {REFUSE_FUNCTION}('{_TOLD}')",
    ),
    *(one for one in append_only(_TABLE) if not one.name.endswith("no_update")),
)
