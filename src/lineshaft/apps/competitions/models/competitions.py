"""Competitions: what is asked, by whom, on what terms, and what became of it.

Invariants: a competition's key never changes; the key of its template names where its stages came
from and nothing more; what was announced is never deleted, it is cancelled with a reason; a notice
that was printed is stored and never made again.
"""

from datetime import datetime, time
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.topics import Topic
from lineshaft.apps.network.models import Agency, Institute, Person, TechnologyArea
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only

KIND_LABELS = {
    CompetitionKind.INSTITUTE: _("Institute competition"),
    CompetitionKind.PROJECT_CALL: _("Project call"),
    CompetitionKind.REGIONAL_CHALLENGE: _("Regional challenge"),
}
COMPETITION_STATE_LABELS = {
    rules.DRAFT: pgettext_lazy("competition", "Draft"),
    rules.ANNOUNCED: pgettext_lazy("competition", "Announced"),
    rules.OPEN: pgettext_lazy("competition", "Open"),
    rules.IN_REVIEW: pgettext_lazy("competition", "In review"),
    rules.SELECTING: pgettext_lazy("competition", "Selection"),
    rules.DECIDED: pgettext_lazy("competition", "Decided"),
    rules.PUBLISHED: pgettext_lazy("competition", "Results published"),
    rules.CANCELLED: pgettext_lazy("competition", "Cancelled"),
}
LATE_LABELS = {
    rules.LatePolicy.REFUSED: _("Nothing is taken after the deadline"),
    rules.LatePolicy.GRACE: _("Taken within minutes of grace, marked late"),
    rules.LatePolicy.MARKED: _("Taken and marked late; whoever runs it decides"),
}
CLOSING_TIME = time(17, 0)


class Competition(models.Model):
    """A competition for an institute, for projects of one, or for a region's cluster.

    `stage_number` is that of the stage that runs, 0 before the first. Money is of one award, but
    `total_minor`, which is for all. `match_share_bp` is the share of other than the sponsors' money
    in all money, in basis points.
    """

    uid = models.UUIDField(_("calendar id"), default=new_id, unique=True, editable=False)
    key = models.SlugField(_("key"), max_length=64, unique=True)
    code = models.CharField(_("number"), max_length=rules.CODE_MAX)
    kind = models.CharField(_("kind"), max_length=24, choices=list(KIND_LABELS.items()))
    template = models.CharField(_("template"), max_length=64)
    title = models.CharField(_("title"), max_length=rules.TITLE_MAX)
    title_zh = models.CharField(
        _("title in Chinese"), max_length=rules.TITLE_MAX, blank=True, default=""
    )
    summary = models.CharField(_("summary"), max_length=rules.SUMMARY_MAX, blank=True, default="")
    summary_zh = models.CharField(
        _("summary in Chinese"), max_length=rules.SUMMARY_MAX, blank=True, default=""
    )
    text = models.TextField(_("what is asked for"), blank=True, default="")
    text_zh = models.TextField(_("what is asked for, in Chinese"), blank=True, default="")
    eligibility = models.TextField(_("who may apply"), blank=True, default="")
    eligibility_zh = models.TextField(_("who may apply, in Chinese"), blank=True, default="")
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="project_calls",
        verbose_name=_("institute"),
    )
    agencies = models.ManyToManyField(
        Agency,
        through="CompetitionSponsor",
        related_name="competitions",
        verbose_name=_("sponsor agencies"),
    )
    topics = models.ManyToManyField(
        Topic, through="TopicUse", related_name="competitions", verbose_name=_("topics")
    )
    technology_areas = models.ManyToManyField(
        TechnologyArea, related_name="competitions", verbose_name=_("technology areas")
    )
    listing_number = models.CharField(
        _("assistance listing"), max_length=16, blank=True, default=""
    )
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.PUBLIC
    )
    currency = models.CharField(_("currency"), max_length=3)
    floor_minor = models.BigIntegerField(_("least amount"), null=True, blank=True)
    ceiling_minor = models.BigIntegerField(_("largest amount"), null=True, blank=True)
    total_minor = models.BigIntegerField(_("amount for all awards"), null=True, blank=True)
    awards_least = models.PositiveSmallIntegerField(_("fewest awards"), default=0)
    awards_most = models.PositiveSmallIntegerField(_("most awards"), default=1)
    term_months_least = models.PositiveSmallIntegerField(
        _("shortest term in months"), null=True, blank=True
    )
    term_months_most = models.PositiveSmallIntegerField(
        _("longest term in months"), null=True, blank=True
    )
    match_share_bp = models.PositiveSmallIntegerField(
        _("share of other money"), null=True, blank=True
    )
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    closing_time = models.TimeField(_("hour of deadlines"), default=CLOSING_TIME)
    information_at = models.DateTimeField(_("information day"), null=True, blank=True)
    information_place = models.CharField(
        _("place of the information day"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )
    information_link = models.CharField(
        _("link of the information day"), max_length=rules.LINK_MAX, blank=True, default=""
    )
    questions_until = models.DateTimeField(_("questions until"), null=True, blank=True)
    late_policy = models.CharField(
        _("what arrives late"),
        max_length=16,
        choices=list(LATE_LABELS.items()),
        default=rules.LatePolicy.REFUSED,
    )
    grace_minutes = models.PositiveSmallIntegerField(_("minutes of grace"), default=0)
    contact = models.CharField(_("contact"), max_length=rules.REFERENCE_MAX, blank=True, default="")
    contact_email = models.EmailField(_("e-mail of the contact"), blank=True, default="")
    selecting_official = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("selecting official"),
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(COMPETITION_STATE_LABELS.items()),
        default=rules.DRAFT,
    )
    stage_number = models.PositiveSmallIntegerField(_("stage"), default=0)
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.CharField(_("drafted by"), max_length=200)
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last changed at"))
    decision = models.TextField(_("decision"), blank=True, default="")
    decision_zh = models.TextField(_("decision in Chinese"), blank=True, default="")
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True, default="")
    why_cancelled = models.CharField(
        _("why cancelled"), max_length=rules.REASON_MAX, blank=True, default=""
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("competition")
        verbose_name_plural = _("competitions")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "opens_at"], name="competitions_competition_state"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                models.functions.Lower("code"), name="competitions_competition_code"
            ),
            models.CheckConstraint(
                condition=Q(kind=CompetitionKind.PROJECT_CALL, institute__isnull=False)
                | (~Q(kind=CompetitionKind.PROJECT_CALL) & Q(institute__isnull=True)),
                name="competitions_competition_call_has_institute",
            ),
            models.CheckConstraint(
                condition=Q(floor_minor__isnull=True)
                | Q(ceiling_minor__isnull=True)
                | Q(ceiling_minor__gte=F("floor_minor")),
                name="competitions_competition_ceiling_over_floor",
            ),
            models.CheckConstraint(
                condition=Q(awards_most__gte=F("awards_least")) & Q(awards_most__gte=1),
                name="competitions_competition_awards",
            ),
            models.CheckConstraint(
                condition=Q(term_months_least__isnull=True)
                | Q(term_months_most__isnull=True)
                | Q(term_months_most__gte=F("term_months_least")),
                name="competitions_competition_term",
            ),
            models.CheckConstraint(
                condition=~Q(state=rules.CANCELLED) | ~Q(why_cancelled=""),
                name="competitions_competition_cancelled_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    level__in=[SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.INSTITUTE]
                ),
                name="competitions_competition_level",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[rules.OPEN, rules.IN_REVIEW, rules.SELECTING])
                | Q(opened_at__isnull=False, stage_number__gte=1),
                name="competitions_competition_runs_in_a_stage",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """The page of the competition, which is that of the opportunity."""
        return reverse("competitions:show_opportunity", args=[self.key])

    @property
    def name(self) -> str:
        """The title under the name by which pages choose a language."""
        return self.title

    @property
    def name_zh(self) -> str:
        """The Chinese title, empty where there is none."""
        return self.title_zh

    @property
    def is_changeable(self) -> bool:
        """Whether it is still being written."""
        return self.state in rules.CHANGEABLE

    @property
    def first_shown_at(self) -> datetime | None:
        """When it was first shown to whom it is shared with; None for a draft."""
        return self.announced_at or self.opened_at


class CompetitionSponsor(models.Model):
    """That an agency pays for a competition; one leads, others pay beside it."""

    competition = models.ForeignKey(
        Competition,
        on_delete=models.CASCADE,
        related_name="sponsors",
        verbose_name=_("competition"),
    )
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("agency")
    )
    is_lead = models.BooleanField(_("leads"), default=False)

    class Meta:
        verbose_name = _("sponsor of a competition")
        verbose_name_plural = _("sponsors of competitions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "agency"], name="competitions_sponsor_once"
            ),
            models.UniqueConstraint(
                fields=["competition"],
                condition=Q(is_lead=True),
                name="competitions_sponsor_leads_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} for {self.competition_id}"


class TopicUse(models.Model):
    """That a competition takes up a topic; the link stays, whatever becomes of either."""

    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, related_name="uses", verbose_name=_("topic")
    )
    competition = models.ForeignKey(
        Competition,
        on_delete=models.PROTECT,
        related_name="topic_uses",
        verbose_name=_("competition"),
    )
    taken_up_at = models.DateTimeField(_("taken up at"))
    taken_up_by = models.CharField(_("taken up by"), max_length=200)

    class Meta:
        verbose_name = _("topic taken up")
        verbose_name_plural = _("topics taken up")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["topic", "competition"], name="competitions_topic_taken_up_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id} in {self.competition_id}"


class Amendment(models.Model):
    """A numbered change of a competition that runs.

    `changes` holds (field, before, after) with plain values; `stage` is the stage that changed,
    empty for the competition's own terms.
    """

    competition = models.ForeignKey(
        Competition,
        on_delete=models.PROTECT,
        related_name="amendments",
        verbose_name=_("competition"),
    )
    number = models.PositiveIntegerField(_("amendment"))
    summary = models.CharField(_("what changes and why"), max_length=rules.REASON_MAX)
    summary_zh = models.CharField(
        _("what changes and why, in Chinese"), max_length=rules.REASON_MAX, blank=True, default=""
    )
    stage = models.CharField(_("stage"), max_length=rules.NAME_MAX, blank=True, default="")
    stage_zh = models.CharField(
        _("stage in Chinese"), max_length=rules.NAME_MAX, blank=True, default=""
    )
    changes = models.JSONField(_("changes"), default=list)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=200)

    class Meta:
        verbose_name = _("amendment of a competition")
        verbose_name_plural = _("amendments of competitions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "number"], name="competitions_amendment_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competition_id}: {self.number}"


class NoticeEdition(models.Model):
    """The notice as it was printed at the opening (number 0) and with each amendment."""

    competition = models.ForeignKey(
        Competition, on_delete=models.PROTECT, related_name="notices", verbose_name=_("competition")
    )
    number = models.PositiveIntegerField(_("amendment"))
    file_en = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("in English")
    )
    file_zh = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("in Chinese")
    )
    printed_at = models.DateTimeField(_("printed at"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "number"], name="competitions_notice_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competition_id}: {self.number}"


COMPETITION_TRIGGERS = (
    *append_only("competitions_topicuse"),
    *append_only("competitions_amendment"),
    *append_only("competitions_noticeedition"),
)
