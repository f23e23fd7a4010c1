"""Applications: who applies together, for what, and what was handed in at which stage.

What the team writes stands in `applying`. Invariants: applications of a competition are numbered
without reuse; each has one lead; an organisation takes part in an application once; what was handed
in is never changed, a later version of it stands beside it, and the last one that was not withdrawn
counts.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.competitions import Competition
from lineshaft.apps.competitions.models.stages import Stage
from lineshaft.apps.network.models import Organisation, Person, TechnologyArea
from lineshaft.plumbing.triggers import append_only

APPLICATION_STATE_LABELS = {
    rules.WRITING: _("Being written"),
    rules.SUBMITTED: pgettext_lazy("application", "Submitted"),
    rules.APPLICATION_WITHDRAWN: pgettext_lazy("application", "Withdrawn"),
}
OUTCOME_LABELS = {
    rules.Outcome.SELECTED: pgettext_lazy("application", "Selected"),
    rules.Outcome.WAITLISTED: pgettext_lazy("application", "On the waiting list"),
    rules.Outcome.NOT_SELECTED: pgettext_lazy("application", "Not selected"),
}
TEAM_ROLE_LABELS = {
    rules.TeamRole.LEAD: pgettext_lazy("team", "Leads"),
    rules.TeamRole.EDITOR: pgettext_lazy("team", "Writes"),
    rules.TeamRole.READER: pgettext_lazy("team", "Reads"),
}


WORK_LABELS = {
    rules.Work.RESEARCH: _("Research and development"),
    rules.Work.DEMONSTRATION: _("Demonstration and commercial application"),
}


class Application(models.Model):
    """What a team asks for. Money is for the whole term; `outcome` is empty until the decision."""

    competition = models.ForeignKey(
        Competition,
        on_delete=models.PROTECT,
        related_name="applications",
        verbose_name=_("competition"),
    )
    number = models.PositiveIntegerField(_("application"))
    title = models.CharField(_("title"), max_length=rules.TITLE_MAX)
    title_zh = models.CharField(
        _("title in Chinese"), max_length=rules.TITLE_MAX, blank=True, default=""
    )
    abstract = models.TextField(_("abstract"), blank=True, default="")
    abstract_zh = models.TextField(_("abstract in Chinese"), blank=True, default="")
    lead = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="applications_led",
        verbose_name=_("lead organisation"),
    )
    technology_areas = models.ManyToManyField(
        TechnologyArea, related_name="applications", verbose_name=_("technology areas")
    )
    federal_minor = models.BigIntegerField(_("amount asked for"), default=0)
    cash_minor = models.BigIntegerField(_("other money in cash"), default=0)
    in_kind_minor = models.BigIntegerField(_("other money in kind"), default=0)
    term_months = models.PositiveSmallIntegerField(_("term in months"), null=True, blank=True)
    trl_from = models.PositiveSmallIntegerField(_("TRL at the start"), null=True, blank=True)
    trl_to = models.PositiveSmallIntegerField(_("TRL at the end"), null=True, blank=True)
    mrl_from = models.PositiveSmallIntegerField(_("MRL at the start"), null=True, blank=True)
    mrl_to = models.PositiveSmallIntegerField(_("MRL at the end"), null=True, blank=True)
    work = models.CharField(
        _("kind of work"),
        max_length=16,
        choices=list(WORK_LABELS.items()),
        default=rules.Work.RESEARCH,
    )
    waiver_ground = models.CharField(_("ground of a waiver"), max_length=64, blank=True, default="")
    waiver_reason = models.TextField(_("why a waiver"), blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(APPLICATION_STATE_LABELS.items()),
        default=rules.WRITING,
    )
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=list(OUTCOME_LABELS.items()), blank=True, default=""
    )
    begun_at = models.DateTimeField(_("begun at"))
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("begun by"),
    )
    changed_at = models.DateTimeField(_("last changed at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    why_withdrawn = models.CharField(
        _("why withdrawn"), max_length=rules.REASON_MAX, blank=True, default=""
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "number"], name="competitions_application_number"
            ),
            models.CheckConstraint(
                condition=Q(federal_minor__gte=0, cash_minor__gte=0, in_kind_minor__gte=0),
                name="competitions_application_money",
            ),
            models.CheckConstraint(
                condition=(Q(trl_from__isnull=True) | Q(trl_to__gte=F("trl_from")))
                & (Q(mrl_from__isnull=True) | Q(mrl_to__gte=F("mrl_from"))),
                name="competitions_application_readiness",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["competition", "state"], name="competitions_application_state"),
        ]

    def __str__(self) -> str:
        return f"{self.competition_id}: {self.number}"

    def get_absolute_url(self) -> str:
        """The workspace of the team."""
        return reverse("competitions:show_workspace", args=[self.pk])

    @property
    def name(self) -> str:
        """The title under the name by which pages choose a language."""
        return self.title

    @property
    def name_zh(self) -> str:
        """The Chinese title, empty where there is none."""
        return self.title_zh


class ApplicationPartner(models.Model):
    """An organisation that takes part beside the lead, and what it brings."""

    application = models.ForeignKey(
        Application,
        on_delete=models.CASCADE,
        related_name="partners",
        verbose_name=_("application"),
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    part = models.CharField(
        _("what it brings"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )

    shares = models.JSONField(_("what it sees"), default=list)

    class Meta:
        verbose_name = _("partner of an application")
        verbose_name_plural = _("partners of applications")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "organisation"], name="competitions_partner_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} in {self.application_id}"


class TeamMember(models.Model):
    """Somebody of the team of an application: named in it, and what they may do in its workspace.

    Whoever has no user yet is invited by the address; `user` is filled when they accept.
    """

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="team", verbose_name=_("application")
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True, default="")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("may"), max_length=16, choices=list(TEAM_ROLE_LABELS.items()))
    duty = models.CharField(
        _("part in the work"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True)
    joined_at = models.DateTimeField(_("joined at"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a team")
        verbose_name_plural = _("members of teams")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "user"],
                condition=Q(user__isnull=False),
                name="competitions_team_user_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Submission(models.Model):
    """What an application handed in at a stage: `content` as it was at that moment.

    The server's clock says when; `digest` is the SHA-256 of the content.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="submissions",
        verbose_name=_("application"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("stage")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    submitted_at = models.DateTimeField(_("submitted at"))
    submitted_by = models.CharField(_("submitted by"), max_length=200)
    is_late = models.BooleanField(_("arrived late"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "stage", "number"], name="competitions_submission_number"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(  # what counts of a stage is listed from here, its contents unread
                fields=["stage", "application", "number"],
                condition=Q(withdrawn_at__isnull=True),
                name="competitions_submission_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.stage_id}, {self.number}"


APPLICATION_TRIGGERS = append_only("competitions_submission", updatable_columns=("withdrawn_at",))
