"""Questions on a competition with their answers, and searches that somebody keeps.

Invariants: questions of a competition are numbered without reuse; neither a question nor an answer
that was given is changed or deleted.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.competitions import KIND_LABELS, Competition
from lineshaft.apps.network.models import Agency, TechnologyArea
from lineshaft.plumbing.triggers import append_only


class Question(models.Model):
    """Something asked of whoever runs a competition; an answer that is public is for everybody."""

    competition = models.ForeignKey(
        Competition,
        on_delete=models.PROTECT,
        related_name="questions",
        verbose_name=_("competition"),
    )
    number = models.PositiveIntegerField(_("question"))
    text = models.TextField(_("question"))
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asker = models.CharField(_("asked by"), max_length=200)
    answer = models.TextField(_("answer"), blank=True, default="")
    answer_zh = models.TextField(_("answer in Chinese"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=200, blank=True, default="")
    is_public = models.BooleanField(_("is for everybody"), default=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "number"], name="competitions_question_number"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", is_public=False)
                | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="competitions_question_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competition_id}: {self.number}"


class SavedSearch(models.Model):
    """A search for opportunities that somebody keeps, and whether they are told of new ones.

    What was announced or opened after `told_until` has not been told yet.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_searches",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=rules.TITLE_MAX)
    words = models.CharField(_("words"), max_length=rules.TITLE_MAX, blank=True, default="")
    kind = models.CharField(
        _("kind"), max_length=24, choices=list(KIND_LABELS.items()), blank=True, default=""
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency"),
    )
    area = models.ForeignKey(
        TechnologyArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("technology area"),
    )
    is_told = models.BooleanField(_("tells of new ones by e-mail"), default=True)
    saved_at = models.DateTimeField(_("saved at"))
    told_until = models.DateTimeField(_("told until"))

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "name"], name="competitions_search_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


QUESTION_TRIGGERS = append_only(
    "competitions_question",
    updatable_columns=("answer", "answer_zh", "answered_at", "answered_by", "is_public"),
)
