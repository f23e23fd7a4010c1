"""The stages of a competition, by what each judges, what each asks for.

Invariants: the stages of a competition are numbered from 1 without a gap; the weights of a stage's
criteria sum to 10,000 basis points wherever there are any; what has begun is never changed.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.competitions import Competition
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.competitions import (
    SCORE_LEAST,
    SCORE_MOST,
    Blindness,
    StageGate,
    StageKind,
)

STAGE_KIND_LABELS = {
    StageKind.SUBMISSION: _("Handing in"),
    StageKind.REVIEW: pgettext_lazy("stage", "Review"),
    StageKind.REPLY: pgettext_lazy("stage", "Reply"),
    StageKind.VISIT: _("Site visit"),
    StageKind.ANALYSIS: _("Economic and business plan analysis"),
    StageKind.SELECTION: _("Selection"),
}
GATE_LABELS = {
    StageGate.OPEN: _("Everybody goes on"),
    StageGate.ENCOURAGED: _("Everybody may go on; some are discouraged"),
    StageGate.INVITED: _("Only who is invited goes on"),
}
BLINDNESS_LABELS = {
    Blindness.OPEN: _("Applicants and reviewers know each other"),
    Blindness.SINGLE: _("Reviewers are not named to applicants"),
    Blindness.DOUBLE: _("Neither is named to the other"),
}


class Stage(models.Model):
    """One stage: planned from `starts_at` to `ends_at`, run from `began_at` to `ended_at`.

    The end of a stage in which something is handed in is its deadline. `profile_key` names the
    profile's stage that it was made from, and is empty for one of the competition's own.
    """

    competition = models.ForeignKey(
        Competition, on_delete=models.CASCADE, related_name="stages", verbose_name=_("competition")
    )
    number = models.PositiveSmallIntegerField(_("stage"))
    kind = models.CharField(
        _("what is done"), max_length=16, choices=list(STAGE_KIND_LABELS.items())
    )
    profile_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    name = models.CharField(_("name"), max_length=rules.NAME_MAX)
    name_zh = models.CharField(
        _("name in Chinese"), max_length=rules.NAME_MAX, blank=True, default=""
    )
    days = models.PositiveSmallIntegerField(_("days"))
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    began_at = models.DateTimeField(_("began at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    page_limit = models.PositiveSmallIntegerField(_("pages at most"), null=True, blank=True)
    gate = models.CharField(
        _("who goes on"),
        max_length=16,
        choices=list(GATE_LABELS.items()),
        default=StageGate.OPEN,
    )
    blindness = models.CharField(
        _("who knows whom"),
        max_length=16,
        choices=list(BLINDNESS_LABELS.items()),
        default=Blindness.SINGLE,
    )
    reviewers_least = models.PositiveSmallIntegerField(
        _("reviewers of an application, at least"), default=0
    )

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering: ClassVar[list[str]] = ["number"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends_at"], name="competitions_stage_ends"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "number"], name="competitions_stage_number"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="competitions_stage_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(began_at__isnull=False),
                name="competitions_stage_began_before_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stage_kind(self) -> StageKind:
        """What is done in it."""
        return StageKind(self.kind)

    @property
    def is_handed_in(self) -> bool:
        """Whether its end is a deadline."""
        return self.stage_kind in rules.HANDED_IN


class Criterion(models.Model):
    """By what a stage judges, and how much that counts in it."""

    stage = models.ForeignKey(
        Stage, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("stage")
    )
    number = models.PositiveSmallIntegerField(_("criterion"))
    profile_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    name = models.CharField(_("name"), max_length=rules.NAME_MAX)
    name_zh = models.CharField(
        _("name in Chinese"), max_length=rules.NAME_MAX, blank=True, default=""
    )
    text = models.TextField(_("what it asks"), blank=True, default="")
    text_zh = models.TextField(_("what it asks, in Chinese"), blank=True, default="")
    weight_bp = models.PositiveSmallIntegerField(_("weight"))

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["stage", "number"], name="competitions_criterion_number"
            ),
            models.CheckConstraint(
                condition=Q(weight_bp__gte=1, weight_bp__lte=BASIS_POINTS),
                name="competitions_criterion_weight",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CriterionAnchor(models.Model):
    """What a score on a criterion means, in words."""

    criterion = models.ForeignKey(
        Criterion, on_delete=models.CASCADE, related_name="anchors", verbose_name=_("criterion")
    )
    score = models.PositiveSmallIntegerField(_("score"))
    text = models.CharField(_("means"), max_length=rules.CRITERION_TEXT_MAX)
    text_zh = models.CharField(
        _("means, in Chinese"), max_length=rules.CRITERION_TEXT_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("anchor of a score")
        verbose_name_plural = _("anchors of scores")
        ordering: ClassVar[list[str]] = ["score"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["criterion", "score"], name="competitions_anchor_score_once"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=SCORE_LEAST, score__lte=SCORE_MOST),
                name="competitions_anchor_score",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.score}"


class RequiredDocument(models.Model):
    """A kind of document that a stage asks for; `kind` is a key of the profile."""

    stage = models.ForeignKey(
        Stage, on_delete=models.CASCADE, related_name="documents", verbose_name=_("stage")
    )
    kind = models.CharField(_("kind"), max_length=64)

    class Meta:
        verbose_name = _("document asked for")
        verbose_name_plural = _("documents asked for")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stage", "kind"], name="competitions_document_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.kind}"
