"""Topics that the network proposes for a solicitation, and who endorses them.

Invariants: topics are numbered without reuse and never deleted; a topic that was merged stays, with
its endorsements, and points to the one that stands for both, which is never merged itself; an
organisation endorses a topic once at a time.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.network.models import Agency, Institute, Organisation, TechnologyArea
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only

TOPIC_STATE_LABELS = {
    rules.PROPOSED: pgettext_lazy("topic", "Proposed"),
    rules.MERGED: pgettext_lazy("topic", "Merged"),
    rules.TAKEN_UP: pgettext_lazy("topic", "Taken up"),
    rules.WITHDRAWN: pgettext_lazy("topic", "Withdrawn"),
}


class Topic(models.Model):
    """What an institute, or a project, should be about: proposed by somebody in the network for an
    organisation, an institute, an agency or themselves.
    """

    title = models.CharField(_("title"), max_length=rules.TITLE_MAX)
    title_zh = models.CharField(
        _("title in Chinese"), max_length=rules.TITLE_MAX, blank=True, default=""
    )
    text = models.TextField(_("need"))
    text_zh = models.TextField(_("need in Chinese"), blank=True, default="")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        verbose_name=_("organisation"),
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        verbose_name=_("institute"),
    )
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="topics",
        verbose_name=_("agency"),
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposer = models.CharField(_("proposed by"), max_length=200)
    technology_areas = models.ManyToManyField(
        TechnologyArea, related_name="topics", verbose_name=_("technology areas")
    )
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.NETWORK
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(TOPIC_STATE_LABELS.items()),
        default=rules.PROPOSED,
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    why = models.CharField(_("reason"), max_length=rules.REMARK_MAX, blank=True, default="")
    proposed_at = models.DateTimeField(_("proposed at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "proposed_at"], name="competitions_topic_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state=rules.MERGED, merged_into__isnull=False)
                | (~Q(state=rules.MERGED) & Q(merged_into__isnull=True)),
                name="competitions_topic_merged_into",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="competitions_topic_not_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(level__in=[SharingLevel.PUBLIC, SharingLevel.NETWORK]),
                name="competitions_topic_level",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The topic's page."""
        return reverse("competitions:show_topic", args=[self.pk])

    @property
    def name(self) -> str:
        """The title under the name by which pages choose a language."""
        return self.title

    @property
    def name_zh(self) -> str:
        """The Chinese title, empty where there is none."""
        return self.title_zh


class Endorsement(models.Model):
    """That somebody endorses a topic for an organisation, and what they say of it."""

    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, related_name="endorsements", verbose_name=_("topic")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("endorsed by"),
    )
    person = models.CharField(_("person"), max_length=200)
    remark = models.CharField(_("remark"), max_length=rules.REMARK_MAX, blank=True, default="")
    endorsed_at = models.DateTimeField(_("endorsed at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("endorsement")
        verbose_name_plural = _("endorsements")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["topic", "organisation"],
                condition=Q(withdrawn_at__isnull=True),
                name="competitions_endorsement_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} for {self.topic_id}"


TOPIC_TRIGGERS = append_only("competitions_endorsement", updatable_columns=("withdrawn_at",))
