"""Who reviews what.

Invariants: of a stage, a seat and an application at most one assignment stands; one that was taken
back stays on record with its reason.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions.models import Application
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models.pool import PanelSeat

ORIGIN_LABELS = {
    rules.Origin.SOLVER: pgettext_lazy("assignment", "Solver"),
    rules.Origin.HAND: pgettext_lazy("assignment", "By hand"),
}


class Assignment(models.Model):
    """That somebody on a panel reviews an application; `affinity` is from 0 to 1, None unknown."""

    seat = models.ForeignKey(
        PanelSeat, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("seat")
    )
    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="assignments",
        verbose_name=_("application"),
    )
    origin = models.CharField(_("made by"), max_length=16, choices=list(ORIGIN_LABELS.items()))
    affinity = models.DecimalField(
        _("affinity"), max_digits=7, decimal_places=6, null=True, blank=True
    )
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=200)
    removed_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    why_removed = models.CharField(
        _("why taken back"), max_length=rules.REASON_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["seat", "application"],
                condition=Q(removed_at__isnull=True),
                name="reviewing_assignment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.application_id}"
