"""Meetings of bodies: agenda with papers, who was there, conflicts disclosed, minutes and actions.

Invariants: meetings of a body, items and motions of a meeting are numbered without reuse; an item,
a disclosure and the minutes are never changed or deleted; a meeting is shared no more widely than
its body (held by the service). Whoever holds a seat of the body reads its meetings at every level.
"""

from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models.bodies import Body, Seat
from lineshaft.apps.network.models import Person
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only

FORM_LABELS = {
    rules.MeetingForm.IN_PERSON: _("In one room"),
    rules.MeetingForm.REMOTE: _("Remote"),
    rules.MeetingForm.HYBRID: _("In one room and remote"),
    rules.MeetingForm.WRITTEN: _("Written procedure"),
}
MEETING_STATE_LABELS = {
    rules.CALLED: _("Called"),
    rules.OPEN: pgettext_lazy("meeting", "Open"),
    rules.CLOSED: pgettext_lazy("meeting", "Closed"),
    rules.MINUTED: _("Minutes approved"),
    rules.CANCELLED: _("Cancelled"),
}
ATTENDING_LABELS = {
    rules.Attending.PRESENT: _("Present"),
    rules.Attending.REMOTE: _("Present from afar"),
    rules.Attending.EXCUSED: _("Excused"),
    rules.Attending.ABSENT: _("Absent"),
    rules.Attending.LEFT: _("Left early"),
}


class Meeting(models.Model):
    """A meeting of a body, or a written procedure that runs until its last day."""

    uid = models.UUIDField(_("calendar id"), default=new_id, unique=True, editable=False)
    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("body")
    )
    number = models.PositiveIntegerField(_("meeting"))
    form = models.CharField(_("form"), max_length=16, choices=list(FORM_LABELS.items()))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    place = models.CharField(_("place"), max_length=rules.REFERENCE_MAX, blank=True, default="")
    link = models.CharField(_("link"), max_length=rules.LINK_MAX, blank=True, default="")
    closes_on = models.DateField(_("last day"), null=True, blank=True)
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.NETWORK
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(MEETING_STATE_LABELS.items()),
        default=rules.CALLED,
    )
    called_at = models.DateTimeField(_("called at"))
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last changed at"))
    reason = models.CharField(
        _("why cancelled"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["starts_at", "id"], name="governance_meeting_start"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["body", "number"], name="governance_meeting_number"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="governance_meeting_ends_later",
            ),
            models.CheckConstraint(
                condition=~Q(form=rules.MeetingForm.WRITTEN) | Q(closes_on__isnull=False),
                name="governance_meeting_written_has_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=rules.CANCELLED) | ~Q(reason=""),
                name="governance_meeting_cancelled_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body_id}: {self.number}"

    def get_absolute_url(self) -> str:
        """The meeting's page."""
        return reverse("governance:show_meeting", args=[self.body.key, self.number])

    @property
    def is_written(self) -> bool:
        """True for a written procedure."""
        return self.form == rules.MeetingForm.WRITTEN

    @property
    def held_on(self) -> date:
        """The day of the meeting where it takes place."""
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()


class AgendaItem(models.Model):
    """What a meeting deals with, and afterwards what was said of it."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="items", verbose_name=_("meeting")
    )
    number = models.PositiveIntegerField(_("item"))
    title = models.CharField(_("title"), max_length=rules.TITLE_MAX)
    title_zh = models.CharField(
        _("title in Chinese"), max_length=rules.TITLE_MAX, blank=True, default=""
    )
    note = models.TextField(_("for the minutes"), blank=True, default="")

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "number"], name="governance_item_number"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """The title under the name by which pages choose a language."""
        return self.title

    @property
    def name_zh(self) -> str:
        """The Chinese title, empty where there is none."""
        return self.title_zh


class AgendaPaper(models.Model):
    """A file for an item, read by whoever reads the meeting."""

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="papers", verbose_name=_("item")
    )
    number = models.PositiveIntegerField(_("paper"))
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "number"], name="governance_paper_number"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.number}"


class Attendance(models.Model):
    """How somebody who held a seat on the day was at the meeting."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="attendance", verbose_name=_("meeting")
    )
    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="+", verbose_name=_("seat")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    way = models.CharField(_("how"), max_length=16, choices=list(ATTENDING_LABELS.items()))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["meeting", "seat"], name="governance_attendance_once_a_seat"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.meeting_id}"


class Disclosure(models.Model):
    """A conflict of interest on an item, and whether its holder has recused for it."""

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="disclosures", verbose_name=_("item")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    nature = models.CharField(_("conflict"), max_length=rules.CHANGED_MAX)
    is_recused = models.BooleanField(_("has recused"))
    disclosed_at = models.DateTimeField(_("disclosed at"))

    class Meta:
        verbose_name = _("disclosure of a conflict")
        verbose_name_plural = _("disclosures of conflicts")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["item", "person"], name="governance_disclosure_once_an_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.item_id}"


class Minutes(models.Model):
    """The minutes as they were approved: what was printed is stored and never made again."""

    meeting = models.OneToOneField(
        Meeting, on_delete=models.PROTECT, related_name="minutes", verbose_name=_("meeting")
    )
    file_en = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("in English")
    )
    file_zh = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("in Chinese")
    )
    approved_at = models.DateTimeField(_("approved at"))
    approved_by = models.CharField(_("approved by"), max_length=200)

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")

    def __str__(self) -> str:
        return f"{self.meeting_id}"


class ActionItem(models.Model):
    """Something that a meeting asked somebody to do by a day."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, related_name="actions", verbose_name=_("meeting")
    )
    number = models.PositiveIntegerField(_("action"))
    text = models.CharField(_("what is to be done"), max_length=rules.CHANGED_MAX)
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=rules.CHANGED_MAX, blank=True, default="")

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_on", "id"],
                condition=Q(done_on__isnull=True),
                name="governance_action_open",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["meeting", "number"], name="governance_action_number"),
        ]

    def __str__(self) -> str:
        return self.text


MEETING_TRIGGERS = (
    *append_only(
        "governance_meeting",
        updatable_columns=("state", "opened_at", "closed_at", "changed_at", "reason"),
    ),
    *append_only("governance_agendaitem", updatable_columns=("note",)),
    *append_only("governance_agendapaper"),
    *append_only("governance_disclosure", updatable_columns=("is_recused",)),
    *append_only("governance_minutes"),
    *append_only("governance_actionitem", updatable_columns=("done_on", "remark")),
)
