"""Awards that overlap, and what was decided of them.

Invariants: two awards stand here once, the smaller id first; whatever is decided has its reason.
Passages point into the texts that were compared, which their digests name: where a register has
corrected one since, the former text is kept. Keys and common phrases follow from the texts.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
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


FACT_LABELS = {
    "reissued": _("Same lead and title, another recipient"),
    "next_phase": _("Same lead or firm and title, another phase"),
    "other_agency": _("Same lead or firm and title, another agency"),
    "same_title": _("Same lead or firm, same title"),
    "alike_title": _("Same lead or firm, most of the title"),
    "common_title": _("Most of the title"),
    "same_party": _("Same lead or firm"),
}


class AwardOverlap(models.Model):
    """Two awards that share text or people, how much, and what somebody decided of it.

    `score_bp` and the shares are basis points; `passages` are lists of four offsets of characters,
    see `rules.Passage`, `facts` names what agrees beside the text. The digests name the two texts
    that were compared.
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
    first_digest = models.CharField(max_length=64, editable=False)
    second_digest = models.CharField(max_length=64, editable=False)
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

    def get_absolute_url(self) -> str:
        """The page on which the two are read side by side."""
        return reverse("network:show_overlap", args=[self.pk])

    @property
    def is_outdated(self) -> bool:
        """Whether a register has corrected one of the texts since they were compared."""
        return (self.first_digest, self.second_digest) != (
            self.first.text_digest,
            self.second.text_digest,
        )


class FormerAwardText(models.Model):
    """A text of an award as it was when it was compared, before its register corrected it."""

    award = models.ForeignKey(
        OutsideAward, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    digest = models.CharField(max_length=64)
    abstract = models.TextField(_("abstract"), blank=True, default="")

    class Meta:
        verbose_name = _("former text of an award")
        verbose_name_plural = _("former texts of awards")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["award", "digest"], name="network_former_award_text_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.award_id}: {self.digest}"


class AwardKey(models.Model):
    """That an award is found under a number that others may share: of a phrase, or of party and
    title.
    """

    pk = models.CompositePrimaryKey("key", "award_id")
    key = models.BigIntegerField(_("key"))
    award = models.ForeignKey(OutsideAward, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("key of an award")
        verbose_name_plural = _("keys of awards")

    def __str__(self) -> str:
        return f"{self.award_id}: {self.key}"


class CommonPhrases(models.Model):
    """The phrases that stood in so many awards, when all were last compared, that they are no sign.

    `shingles` are the numbers of their runs of five words, in rising order, eight bytes each with
    the lowest first. There is one row, or none before the first comparison.
    """

    shingles = models.BinaryField()
    awards = models.PositiveIntegerField(_("awards compared"))
    compared_at = models.DateTimeField(_("compared at"))

    class Meta:
        verbose_name = _("common phrases of awards")
        verbose_name_plural = _("common phrases of awards")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="network_common_phrases_once"),
        ]

    def __str__(self) -> str:
        return f"{self.awards}"
