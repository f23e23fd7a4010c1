"""Needs and offers of members, and the answers to them.

Invariants: an organisation answers a need once; an answer is read by its two sides alone; a closed
need has a reason. Nothing is deleted.
"""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models.directory import OPEN_LEVELS
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only

NEED_KIND_LABELS = {
    rules.NeedKind.WANTED: _("Looking for"),
    rules.NeedKind.OFFERED: _("Offers"),
}
NEED_STATE_LABELS = {
    rules.NeedState.OPEN: _("Open for answers"),
    rules.NeedState.CLOSED: _("Closed"),
}
CLOSE_REASON_LABELS = {
    rules.CloseReason.FOUND_HERE: _("A partner was found here"),
    rules.CloseReason.FOUND_ELSEWHERE: _("A partner was found elsewhere"),
    rules.CloseReason.WITHDRAWN: _("It is not wanted any more"),
}


class Need(models.Model):
    """Something that an organisation looks for, or offers, until a day."""

    kind = models.CharField(_("kind"), max_length=16, choices=list(NEED_KIND_LABELS.items()))
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="needs",
        verbose_name=_("organisation"),
    )
    title = models.CharField(_("title"), max_length=rules.TITLE_MAX)
    text = models.TextField(_("text"), max_length=rules.NEED_TEXT_MAX)
    technology_area = models.ForeignKey(
        TechnologyArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="needs",
        verbose_name=_("technology area"),
    )
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.NETWORK
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(NEED_STATE_LABELS.items()),
        default=rules.NeedState.OPEN.value,
    )
    posted_at = models.DateTimeField(_("posted at"))
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("posted by"),
    )
    expires_on = models.DateField(_("until, not included"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    close_reason = models.CharField(
        _("why it was closed"),
        max_length=16,
        blank=True,
        default="",
        choices=list(CLOSE_REASON_LABELS.items()),
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("need or offer")
        verbose_name_plural = _("needs and offers")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "expires_on"], name="memberships_need_open"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(level__in=OPEN_LEVELS), name="memberships_need_level"
            ),
            models.CheckConstraint(
                condition=Q(state=rules.NeedState.OPEN, close_reason="", closed_at__isnull=True)
                | (Q(state=rules.NeedState.CLOSED, closed_at__isnull=False) & ~Q(close_reason="")),
                name="memberships_need_closed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The need's page."""
        return reverse("memberships:show_need", args=[self.pk])

    def is_open(self, today: date) -> bool:
        """Whether it can still be answered on that day."""
        return self.state == rules.NeedState.OPEN and self.expires_on > today


class NeedAnswer(models.Model):
    """What an organisation answers to a need; for the two sides alone."""

    need = models.ForeignKey(
        Need, on_delete=models.PROTECT, related_name="answers", verbose_name=_("need or offer")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="need_answers",
        verbose_name=_("organisation"),
    )
    text = models.TextField(_("text"), max_length=rules.NEED_TEXT_MAX)
    contact_email = models.EmailField(_("e-mail address of the contact"), max_length=254)
    answered_at = models.DateTimeField(_("answered at"))

    class Meta:
        verbose_name = _("answer to a need")
        verbose_name_plural = _("answers to needs")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["need", "organisation"], name="memberships_need_answered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} to {self.need_id}"


ANSWER_TRIGGERS = append_only("memberships_needanswer")
