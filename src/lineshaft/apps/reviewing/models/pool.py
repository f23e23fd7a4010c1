"""The pool of reviewers, what they know, and the panels on which they sit.

Invariants: a person is a reviewer once; a reviewer sits on the panel of a stage once.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.network.models import Person, TechnologyArea
from lineshaft.apps.reviewing import rules

SECTOR_LABELS = {
    rules.Sector.INDUSTRY: pgettext_lazy("sector", "Industry"),
    rules.Sector.ACADEMIA: pgettext_lazy("sector", "University or college"),
    rules.Sector.GOVERNMENT: pgettext_lazy("sector", "Government"),
    rules.Sector.LABORATORY: pgettext_lazy("sector", "Public laboratory"),
    rules.Sector.NON_PROFIT: pgettext_lazy("sector", "Non-profit"),
}
SEAT_STATE_LABELS = {
    rules.INVITED: pgettext_lazy("reviewer", "Invited"),
    rules.ACCEPTED: pgettext_lazy("reviewer", "Accepted"),
    rules.DECLINED: pgettext_lazy("reviewer", "Declined"),
    rules.LEFT: pgettext_lazy("reviewer", "Left"),
}


class Reviewer(models.Model):
    """Somebody who reviews: the sector they work in, their fields, how much they take on.

    The employer is the person's organisation. `load_most` is the number of applications that they
    take on in one stage. `is_political_appointee` is what they declared, None until they did.
    """

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, related_name="reviewer", verbose_name=_("person")
    )
    sector = models.CharField(_("sector"), max_length=16, choices=list(SECTOR_LABELS.items()))
    statement = models.TextField(_("what they know"), blank=True, default="")
    technology_areas = models.ManyToManyField(
        TechnologyArea, related_name="reviewers", blank=True, verbose_name=_("technology areas")
    )
    load_most = models.PositiveSmallIntegerField(
        _("applications at most"), default=rules.LOAD_USUAL
    )
    is_political_appointee = models.BooleanField(_("is a political appointee"), null=True)
    declared_at = models.DateTimeField(_("declared at"), null=True, blank=True)
    is_active = models.BooleanField(_("reviews"), default=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.CharField(_("added by"), max_length=200)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(load_most__gte=1, load_most__lte=rules.LOAD_MOST),
                name="reviewing_reviewer_load",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def get_absolute_url(self) -> str:
        """The page of the record."""
        return reverse("reviewing:show_reviewer", args=[self.pk])

    @property
    def sitting(self) -> rules.Sitting:
        """Who they are, as the rules see them."""
        return rules.Sitting(self.person.name, self.sector, self.is_political_appointee)


class ReviewerText(models.Model):
    """A text of a reviewer's own, such as a paper: what affinity is counted from."""

    reviewer = models.ForeignKey(
        Reviewer, on_delete=models.CASCADE, related_name="texts", verbose_name=_("reviewer")
    )
    title = models.CharField(_("title"), max_length=rules.TEXT_TITLE_MAX)
    text = models.TextField(_("abstract"), blank=True, default="")
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("text of a reviewer")
        verbose_name_plural = _("texts of reviewers")
        ordering: ClassVar[list[str]] = ["pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["reviewer", "title"], name="reviewing_reviewer_text_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PanelSeat(models.Model):
    """That a reviewer is asked to judge in a stage, and what they answered.

    `load_most` is the number of applications that they take on in it.
    """

    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="panel_seats", verbose_name=_("stage")
    )
    reviewer = models.ForeignKey(
        Reviewer, on_delete=models.PROTECT, related_name="seats", verbose_name=_("reviewer")
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(SEAT_STATE_LABELS.items()),
        default=rules.INVITED,
    )
    load_most = models.PositiveSmallIntegerField(_("applications at most"))
    is_chair = models.BooleanField(_("chairs the panel"), default=False)
    invited_at = models.DateTimeField(_("invited at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    why = models.CharField(_("why not"), max_length=rules.REASON_MAX, blank=True, default="")

    class Meta:
        verbose_name = _("seat on a panel")
        verbose_name_plural = _("seats on panels")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["stage", "reviewer"], name="reviewing_seat_once"),
            models.UniqueConstraint(
                fields=["stage"],
                condition=Q(is_chair=True, state=rules.ACCEPTED),
                name="reviewing_panel_has_one_chair",
            ),
            models.CheckConstraint(
                condition=Q(load_most__gte=1, load_most__lte=rules.LOAD_MOST),
                name="reviewing_seat_load",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} in {self.stage_id}"
