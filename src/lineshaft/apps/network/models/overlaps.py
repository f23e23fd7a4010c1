"""Awards that overlap, and what was decided of them.

Invariants: two awards stand here once, the smaller id first; whatever is decided has its reason.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models.awards import OutsideAward

OVERLAP_KIND_LABELS = {
    rules.OverlapKind.SAME_WORK: _("The same work"),
    rules.OverlapKind.CONTINUATION: _("One continues the other"),
    rules.OverlapKind.COLLABORATION: _("Parts of one work"),
    rules.OverlapKind.BOILERPLATE: _("Passages that many share"),
}
OVERLAP_STATE_LABELS = {
    rules.OverlapState.FOUND: _("To be looked at"),
    rules.OverlapState.SAME_WORK: _("The same work, paid twice"),
    rules.OverlapState.CONTINUATION: _("One continues the other"),
    rules.OverlapState.COLLABORATION: _("Parts of one work"),
    rules.OverlapState.KEPT_APART: _("Two works"),
}


class AwardOverlap(models.Model):
    """Two awards that share text or people, how much, and what somebody decided of it.

    `score_bp` and the shares are basis points; `passages` are lists of four offsets of characters,
    see `rules.Passage`, `facts` names what agrees beside the text.
    """

    first = models.ForeignKey(
        OutsideAward, on_delete=models.PROTECT, related_name="+", verbose_name=_("one award")
    )
    second = models.ForeignKey(
        OutsideAward, on_delete=models.PROTECT, related_name="+", verbose_name=_("the other award")
    )
    kind = models.CharField(
        _("looks like"), max_length=16, choices=list(OVERLAP_KIND_LABELS.items())
    )
    score_bp = models.PositiveSmallIntegerField(_("likeness"))
    share_first_bp = models.PositiveSmallIntegerField(_("share of the one text"))
    share_second_bp = models.PositiveSmallIntegerField(_("share of the other text"))
    facts: "models.JSONField[list[str], list[str]]" = models.JSONField(
        _("what agrees"), default=list
    )
    passages: "models.JSONField[list[list[int]], Any]" = models.JSONField(
        _("shared passages"), default=list
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(OVERLAP_STATE_LABELS.items()),
        default=rules.OverlapState.FOUND.value,
    )
    why = models.CharField(_("reason"), max_length=rules.REASON_LENGTH_MAX, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    found_at = models.DateTimeField(_("found at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("overlap of awards")
        verbose_name_plural = _("overlaps of awards")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-score_bp", "id"], name="network_overlap_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["first", "second"], name="network_overlap_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="network_overlap_in_order"
            ),
            models.CheckConstraint(
                condition=Q(
                    score_bp__lte=rules.WHOLE_BP,
                    share_first_bp__lte=rules.WHOLE_BP,
                    share_second_bp__lte=rules.WHOLE_BP,
                ),
                name="network_overlap_at_most_whole",
            ),
            models.CheckConstraint(
                condition=Q(state=rules.OverlapState.FOUND) | ~Q(why=""),
                name="network_overlap_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}: {self.state}"
