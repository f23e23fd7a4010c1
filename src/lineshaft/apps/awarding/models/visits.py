"""Site visits: who goes where and when, what is looked at, found and asked, and the report.

Invariants: of a stage, an application has at most one visit that was not cancelled; somebody is on
its team once, and one leads it; a report is never changed; what a finding or a question once held
stays, findings in their last wording.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.awarding import rules
from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.network.models import Person
from lineshaft.apps.reviewing.models import PanelSeat
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.triggers import append_only

VISIT_STATE_LABELS = {
    rules.VISIT_PLANNED: pgettext_lazy("visit", "Planned"),
    rules.VISIT_HELD: pgettext_lazy("visit", "Held"),
    rules.VISIT_REPORTED: pgettext_lazy("visit", "Reported"),
    rules.VISIT_CANCELLED: pgettext_lazy("visit", "Cancelled"),
}
FINDING_KIND_LABELS = {
    rules.FindingKind.STRENGTH: _("Strength"),
    rules.FindingKind.WEAKNESS: _("Weakness"),
    rules.FindingKind.RISK: _("Risk"),
}
CHECKLIST_ANSWER_LABELS = {
    rules.ChecklistAnswer.YES: pgettext_lazy("checklist", "Yes"),
    rules.ChecklistAnswer.PARTLY: pgettext_lazy("checklist", "Partly"),
    rules.ChecklistAnswer.NO: pgettext_lazy("checklist", "No"),
}


class SiteVisit(models.Model):
    """A visit of an application's site, in a stage of that kind.

    `remark` is what the applicant is told of it; `revision` counts the changes of its terms.
    """

    application = models.ForeignKey(
        Application,
        on_delete=models.PROTECT,
        related_name="visits",
        verbose_name=_("application"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="visits", verbose_name=_("stage")
    )
    uid = models.UUIDField(_("calendar id"), default=new_id, unique=True, editable=False)
    place = models.CharField(_("place"), max_length=rules.VISIT_PLACE_MAX)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    remark = models.TextField(_("what the applicant is told"), blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(VISIT_STATE_LABELS.items()),
        default=rules.VISIT_PLANNED,
    )
    revision = models.PositiveIntegerField(_("revision"), default=0)
    planned_at = models.DateTimeField(_("planned at"))
    planned_by = models.CharField(_("planned by"), max_length=200)
    changed_at = models.DateTimeField(_("last changed at"))
    held_at = models.DateTimeField(_("held at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    why_cancelled = models.CharField(
        _("why cancelled"), max_length=rules.VISIT_REASON_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("site visit")
        verbose_name_plural = _("site visits")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "stage"],
                condition=~Q(state=rules.VISIT_CANCELLED),
                name="awarding_visit_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="awarding_visit_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.starts_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        """Its page for whoever goes on it or runs the competition."""
        return reverse("awarding:show_visit", args=[self.stage.competition.key, self.pk])


class VisitMember(models.Model):
    """Somebody who goes on a visit: from the panel by their seat, or of the staff without one."""

    visit = models.ForeignKey(
        SiteVisit, on_delete=models.CASCADE, related_name="members", verbose_name=_("visit")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    seat = models.ForeignKey(
        PanelSeat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seat on the panel"),
    )
    is_lead = models.BooleanField(_("leads the visit"), default=False)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("member of a visit")
        verbose_name_plural = _("members of visits")
        ordering: ClassVar[list[str]] = ["-is_lead", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "person"], name="awarding_visit_member_once"),
            models.UniqueConstraint(
                fields=["visit"], condition=Q(is_lead=True), name="awarding_visit_has_one_lead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.visit_id}"


class AgendaItem(models.Model):
    """What is done on a visit from a moment on, and who of the applicant's is wanted."""

    visit = models.ForeignKey(
        SiteVisit, on_delete=models.CASCADE, related_name="agenda", verbose_name=_("visit")
    )
    starts_at = models.DateTimeField(_("starts at"))
    title = models.CharField(_("what is done"), max_length=rules.VISIT_TITLE_MAX)
    who = models.CharField(
        _("who is wanted"), max_length=rules.VISIT_WHO_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("item of a visit's agenda")
        verbose_name_plural = _("items of visits' agendas")
        ordering: ClassVar[list[str]] = ["starts_at", "pk"]

    def __str__(self) -> str:
        return self.title


class ChecklistItem(models.Model):
    """What is looked at on a visit and what was seen; `revision` counts its answers.

    `name` and `name_zh` are a criterion's of the stage, or the team's own words.
    """

    visit = models.ForeignKey(
        SiteVisit, on_delete=models.CASCADE, related_name="checklist", verbose_name=_("visit")
    )
    number = models.PositiveSmallIntegerField(_("item"))
    name = models.CharField(_("what is looked at"), max_length=rules.VISIT_TITLE_MAX)
    name_zh = models.CharField(
        _("what is looked at, in Chinese"),
        max_length=rules.VISIT_TITLE_MAX,
        blank=True,
        default="",
    )
    is_own = models.BooleanField(_("is the team's own"), default=False)
    answer = models.CharField(
        _("answer"),
        max_length=8,
        choices=list(CHECKLIST_ANSWER_LABELS.items()),
        blank=True,
        default="",
    )
    note = models.TextField(_("note"), blank=True, default="")
    revision = models.PositiveIntegerField(_("revision"), default=0)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("item of a checklist")
        verbose_name_plural = _("items of checklists")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="awarding_checklist_number"),
        ]

    def __str__(self) -> str:
        return self.name


class VisitFinding(models.Model):
    """What was found on a visit; `revision` counts its wordings."""

    visit = models.ForeignKey(
        SiteVisit, on_delete=models.PROTECT, related_name="findings", verbose_name=_("visit")
    )
    number = models.PositiveSmallIntegerField(_("finding"))
    kind = models.CharField(_("kind"), max_length=16, choices=list(FINDING_KIND_LABELS.items()))
    text = models.TextField(_("what was found"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=200)

    class Meta:
        verbose_name = _("finding of a visit")
        verbose_name_plural = _("findings of visits")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["visit", "number"], name="awarding_finding_number"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.number}"


class FindingFile(models.Model):
    """A photo or a paper attached to a finding; it is opened by the page of its visit alone."""

    finding = models.ForeignKey(
        VisitFinding, on_delete=models.PROTECT, related_name="files", verbose_name=_("finding")
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    attached_at = models.DateTimeField(_("attached at"))
    attached_by = models.CharField(_("attached by"), max_length=200)

    class Meta:
        verbose_name = _("file of a finding")
        verbose_name_plural = _("files of findings")
        ordering: ClassVar[list[str]] = ["pk"]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.file_id}"


class OpenQuestion(models.Model):
    """What a visit asks the applicant, and the answer."""

    visit = models.ForeignKey(
        SiteVisit, on_delete=models.PROTECT, related_name="questions", verbose_name=_("visit")
    )
    number = models.PositiveSmallIntegerField(_("question"))
    text = models.TextField(_("question"))
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.CharField(_("asked by"), max_length=200)
    answer = models.TextField(_("answer"), blank=True, default="")
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.CharField(_("answered by"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("open question of a visit")
        verbose_name_plural = _("open questions of visits")
        ordering: ClassVar[list[str]] = ["number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["visit", "number"], name="awarding_open_question_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id}: {self.number}"


class VisitReport(models.Model):
    """What a visit came to, as it was printed in both languages; never made again."""

    visit = models.OneToOneField(
        SiteVisit, on_delete=models.PROTECT, related_name="report", verbose_name=_("visit")
    )
    summary = models.TextField(_("what the visit came to"))
    summary_zh = models.TextField(_("what the visit came to, in Chinese"), blank=True, default="")
    file_en = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("in English")
    )
    file_zh = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("in Chinese")
    )
    reported_at = models.DateTimeField(_("reported at"))
    reported_by = models.CharField(_("reported by"), max_length=200)

    class Meta:
        verbose_name = _("report of a visit")
        verbose_name_plural = _("reports of visits")

    def __str__(self) -> str:
        return str(self.visit_id)


VISIT_TRIGGERS = (
    *append_only("awarding_findingfile"),
    *append_only("awarding_visitreport"),
)
