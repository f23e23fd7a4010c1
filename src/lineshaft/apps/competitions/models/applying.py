"""What the team of an application writes: sections, budget, letters, revenue, documents, versions.

Invariants: a section, a cell of the budget and of the plan of revenue stands once; years count from
1; a version is never changed and holds one part of the application as it stood; a document that was
taken off stays on record, since what was handed in names it.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.models.applications import Application
from lineshaft.apps.competitions.models.competitions import Competition
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.triggers import append_only

SOURCE_LABELS = {
    rules.Source.FEDERAL: _("Federal"),
    rules.Source.CASH: _("Others, in cash"),
    rules.Source.IN_KIND: _("Others, in kind"),
}


class EligibleLead(models.Model):
    """A kind of organisation that may lead an application; without any, every kind may."""

    competition = models.ForeignKey(
        Competition,
        on_delete=models.CASCADE,
        related_name="eligible_leads",
        verbose_name=_("competition"),
    )
    kind = models.CharField(_("kind of organisation"), max_length=32)

    class Meta:
        verbose_name = _("kind of lead")
        verbose_name_plural = _("kinds of leads")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["competition", "kind"], name="competitions_eligible_lead_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.competition_id}: {self.kind}"


class ApplicationSection(models.Model):
    """A section of the text; `revision` counts its writings, so that nobody overwrites another.

    `others_revision` is the last one that is not by who wrote it last.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.CASCADE,
        related_name="sections",
        verbose_name=_("application"),
    )
    key = models.CharField(_("section"), max_length=32)
    text = models.TextField(_("text"), blank=True, default="")
    revision = models.PositiveIntegerField(_("revision"), default=0)
    others_revision = models.PositiveIntegerField(_("revision of others"), default=0)
    changed_at = models.DateTimeField(_("last changed at"))
    changed_by = models.CharField(_("last changed by"), max_length=200)
    changed_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("last changed by"),
    )

    class Meta:
        verbose_name = _("section of an application")
        verbose_name_plural = _("sections of applications")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "key"], name="competitions_section_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.key}"


class BudgetLine(models.Model):
    """Money of a year from a source for a class of cost; `category` is a key of the profile."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="budget", verbose_name=_("application")
    )
    source = models.CharField(_("source"), max_length=16, choices=list(SOURCE_LABELS.items()))
    category = models.CharField(_("class of cost"), max_length=32)
    year = models.PositiveSmallIntegerField(_("year"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("line of a budget")
        verbose_name_plural = _("lines of budgets")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "source", "category", "year"],
                name="competitions_budget_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, year__gte=1), name="competitions_budget_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.source}, {self.category}, {self.year}"


class RevenueLine(models.Model):
    """What a stream of income is to bring in a year; `stream` is a key of the profile."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="revenue", verbose_name=_("application")
    )
    stream = models.CharField(_("stream"), max_length=32)
    year = models.PositiveSmallIntegerField(_("year"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("line of a plan of revenue")
        verbose_name_plural = _("lines of plans of revenue")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "stream", "year"], name="competitions_revenue_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, year__gte=1), name="competitions_revenue_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.stream}, {self.year}"


class CommitmentLetter(models.Model):
    """That somebody commits money or things, by year, signed by whom; `kind` is the profile's.

    `giver_name` is what the letter says; `giver` the organisation of the registry where it is one.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.CASCADE,
        related_name="commitments",
        verbose_name=_("application"),
    )
    giver = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("giver"),
    )
    giver_name = models.CharField(_("giver"), max_length=300)
    kind = models.CharField(_("kind"), max_length=32)
    signatory = models.CharField(_("signed by"), max_length=rules.NAME_MAX)
    signed_on = models.DateField(_("signed on"))
    is_federal = models.BooleanField(_("of federal origin"), default=False)
    conditions = models.CharField(
        _("conditions"), max_length=rules.REASON_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("letter of commitment")
        verbose_name_plural = _("letters of commitment")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return self.giver_name


class CommitmentAmount(models.Model):
    """What a letter commits for a year."""

    letter = models.ForeignKey(
        CommitmentLetter,
        on_delete=models.CASCADE,
        related_name="amounts",
        verbose_name=_("letter of commitment"),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("amount of a letter")
        verbose_name_plural = _("amounts of letters")
        ordering: ClassVar[list[str]] = ["year"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["letter", "year"], name="competitions_letter_year_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, year__gte=1), name="competitions_letter_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id}: {self.year}"


class ApplicationDocument(models.Model):
    """A file of an application; `kind` is a key of the profile, `pages` are counted in a PDF."""

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="documents",
        verbose_name=_("application"),
    )
    kind = models.CharField(_("kind"), max_length=64)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    pages = models.PositiveIntegerField(_("pages"), null=True, blank=True)
    attached_at = models.DateTimeField(_("attached at"))
    attached_by = models.CharField(_("attached by"), max_length=200)
    removed_at = models.DateTimeField(_("taken off at"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("application", "document")
        verbose_name_plural = pgettext_lazy("application", "documents")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.kind}"


class ApplicationVersion(models.Model):
    """One part of an application as it stood after a verb; versions of all parts count together."""

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="versions",
        verbose_name=_("application"),
    )
    number = models.PositiveIntegerField(_("version"))
    part = models.CharField(_("part"), max_length=32)
    content = models.JSONField(_("content"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=200)
    made_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )

    class Meta:
        verbose_name = _("version of an application")
        verbose_name_plural = _("versions of applications")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["application", "part", "-number"], name="competitions_version_of_part"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "number"], name="competitions_version_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.number}"


APPLYING_TRIGGERS = (
    *append_only("competitions_applicationversion"),
    *append_only("competitions_applicationdocument", updatable_columns=("removed_at",)),
)
