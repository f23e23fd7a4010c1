"""Reviews: a score, strengths and weaknesses for each criterion of the stage; the phases in which a
stage is judged, and who was reminded.

Invariants: an assignment has one review; a criterion is scored in it once; each submitting keeps
the review as it was, which never changes; a stage is in one phase; a seat is reminded once a day.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions.models import Criterion, Stage
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models.assignments import Assignment
from lineshaft.apps.reviewing.models.pool import PanelSeat
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST
from lineshaft.plumbing.triggers import append_only

REVIEW_STATE_LABELS = {
    rules.DRAFT: pgettext_lazy("review", "Draft"),
    rules.SUBMITTED: pgettext_lazy("review", "Submitted"),
    rules.RETURNED: pgettext_lazy("review", "Returned"),
}
PHASE_LABELS = {
    rules.Phase.ALONE: pgettext_lazy("phase", "Everybody alone"),
    rules.Phase.DISCUSSION: pgettext_lazy("phase", "Discussion"),
    rules.Phase.CLOSED: pgettext_lazy("phase", "Closed"),
}


class Review(models.Model):
    """What a reviewer says of an application.

    `confidential` is read by those who run the competition alone. `revision` counts its writings;
    `window` names the page in which it was last written, and `others_revision` is the last one that
    was not written in it, so that two pages of one person do not overwrite each other.
    """

    assignment = models.OneToOneField(
        Assignment, on_delete=models.PROTECT, related_name="review", verbose_name=_("assignment")
    )
    state = models.CharField(
        _("state"), max_length=16, choices=list(REVIEW_STATE_LABELS.items()), default=rules.DRAFT
    )
    summary = models.TextField(_("summary"), blank=True, default="")
    confidential = models.TextField(_("confidential note"), blank=True, default="")
    revision = models.PositiveIntegerField(_("revision"), default=0)
    others_revision = models.PositiveIntegerField(_("revision of others"), default=0)
    window = models.CharField(max_length=rules.WINDOW_MAX, blank=True, default="", editable=False)
    changed_at = models.DateTimeField(_("last changed at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    why_returned = models.CharField(
        _("why returned"), max_length=rules.WHY_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "submitted_at"], name="reviewing_review_submitted"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}"


class ReviewScore(models.Model):
    """What a review says on one criterion; `score` is None until it is given."""

    review = models.ForeignKey(
        Review, on_delete=models.CASCADE, related_name="scores", verbose_name=_("review")
    )
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, related_name="scores", verbose_name=_("criterion")
    )
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    strengths = models.TextField(_("strengths"), blank=True, default="")
    weaknesses = models.TextField(_("weaknesses"), blank=True, default="")

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["review", "criterion"], name="reviewing_score_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=SCORE_LEAST, score__lte=SCORE_MOST),
                name="reviewing_score_in_scale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.criterion_id}"


class ReviewVersion(models.Model):
    """A review as it was submitted, each time that it was."""

    review = models.ForeignKey(
        Review, on_delete=models.PROTECT, related_name="versions", verbose_name=_("review")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    submitted_at = models.DateTimeField(_("submitted at"))

    class Meta:
        verbose_name = _("version of a review")
        verbose_name_plural = _("versions of reviews")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["review", "number"], name="reviewing_review_version_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}: {self.number}"


class StagePhase(models.Model):
    """Where the judging of a stage stands; a stage without one is judged by everybody alone.

    `discussed_at` is when the discussion was opened, None where it never was; the reasons say why
    it went on while reviews were missing, and are empty where none were.
    """

    stage = models.OneToOneField(
        Stage, on_delete=models.PROTECT, related_name="phase", verbose_name=_("stage")
    )
    phase = models.CharField(
        _("phase"),
        max_length=16,
        choices=list(PHASE_LABELS.items()),
        default=rules.Phase.ALONE,
    )
    discussed_at = models.DateTimeField(_("discussion opened at"), null=True, blank=True)
    why_discussed = models.CharField(
        _("why opened"), max_length=rules.WHY_MAX, blank=True, default=""
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    why_closed = models.CharField(_("why closed"), max_length=rules.WHY_MAX, blank=True, default="")

    class Meta:
        verbose_name = _("phase of a stage")
        verbose_name_plural = _("phases of stages")

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.phase}"


class ReviewReminder(models.Model):
    """That somebody on a panel was told on a day of what they have still to submit."""

    seat = models.ForeignKey(
        PanelSeat, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("seat")
    )
    day = models.DateField(_("day"))
    sent_at = models.DateTimeField(_("sent at"))

    class Meta:
        verbose_name = _("reminder of reviews")
        verbose_name_plural = _("reminders of reviews")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["seat", "day"], name="reviewing_reminder_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.day}"


REVIEW_TRIGGERS = append_only("reviewing_reviewversion")
