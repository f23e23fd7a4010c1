"""What a panel says together of an application: remarks, and the consensus that its chair records.

Invariants: a remark never changes, and whoever wrote it can take it back; each recording of a
consensus stands on record, and the last one counts.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions.models import Application, Criterion, Stage
from lineshaft.apps.reviewing.models.pool import PanelSeat
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST
from lineshaft.plumbing.triggers import append_only


class DiscussionRemark(models.Model):
    """What somebody said of an application in the discussion of a stage; `seat` is None for whoever
    runs the competition.
    """

    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="remarks", verbose_name=_("stage")
    )
    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="remarks",
        verbose_name=_("application"),
    )
    seat = models.ForeignKey(
        PanelSeat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name=_("seat"),
    )
    author_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    author = models.CharField(_("author"), max_length=200)
    text = models.TextField(_("text"))
    posted_at = models.DateTimeField(_("posted at"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering: ClassVar[list[str]] = ["posted_at", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["stage", "application"], name="reviewing_remark_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.author}"


class Consensus(models.Model):
    """What the panel came to on an application, as its chair recorded it; the last one counts."""

    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="consensuses", verbose_name=_("stage")
    )
    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="consensuses",
        verbose_name=_("application"),
    )
    number = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=200)
    agreed = models.ManyToManyField(PanelSeat, related_name="+", verbose_name=_("who agreed"))

    class Meta:
        verbose_name = _("consensus")
        verbose_name_plural = _("consensuses")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["stage", "application", "number"], name="reviewing_consensus_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.number}"


class ConsensusScore(models.Model):
    """The score on one criterion to which the panel came."""

    consensus = models.ForeignKey(
        Consensus, on_delete=models.PROTECT, related_name="scores", verbose_name=_("consensus")
    )
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, related_name="+", verbose_name=_("criterion")
    )
    score = models.PositiveSmallIntegerField(_("score"))

    class Meta:
        verbose_name = _("score of a consensus")
        verbose_name_plural = _("scores of consensuses")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["consensus", "criterion"], name="reviewing_consensus_score_once"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=SCORE_LEAST, score__lte=SCORE_MOST),
                name="reviewing_consensus_score_in_scale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consensus_id}: {self.criterion_id}"


DISCUSSION_TRIGGERS = (
    *append_only("reviewing_discussionremark", updatable_columns=("withdrawn_at",)),
    *append_only("reviewing_consensus"),
    *append_only("reviewing_consensus_agreed"),
    *append_only("reviewing_consensusscore"),
)
