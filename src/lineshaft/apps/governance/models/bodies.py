"""The bodies in which the network decides: boards and councils, their seats and who holds them.

Invariants: a board is an institute's; appointments to a seat never share a day, held by the
database (an exclusion constraint on PostgreSQL, triggers on SQLite); an appointment is never
deleted: it ends, or it is annulled with a reason and counts nowhere from then on.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.apps.network.models import Institute, Person
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only, filled_once, no_overlap

BODY_KIND_LABELS = {
    BodyKind.INSTITUTE_BOARD: _("Board of an institute"),
    BodyKind.LEADERSHIP_COUNCIL: _("Network leadership council"),
    BodyKind.ADVISORY_BOARD: _("Advisory board"),
    BodyKind.TECHNICAL_COUNCIL: _("Technical council"),
    BodyKind.EXTENSION_CENTRE_BOARD: _("Board of an extension centre"),
}
SEAT_KIND_LABELS = {
    SeatKind.CHAIR: _("Chair"),
    SeatKind.EXECUTIVE: _("Executive director"),
    SeatKind.INDEPENDENT: _("Independent"),
    SeatKind.MEMBER: _("Representative of members"),
    SeatKind.INSTITUTE_HEAD: _("Head of an institute"),
    SeatKind.AGENCY: _("Agency"),
    SeatKind.EXTENSION_CENTRE: _("Extension centre"),
    SeatKind.SMALL_MANUFACTURER: _("Small manufacturer"),
    SeatKind.COMMUNITY_COLLEGE: _("Community college"),
    SeatKind.OTHER: _("Other"),
}
WAY_LABELS = {
    rules.AppointmentWay.APPOINTED: _("Appointed"),
    rules.AppointmentWay.ELECTED: _("Elected"),
    rules.AppointmentWay.EX_OFFICIO: _("By office"),
}


class Body(models.Model):
    """A board, council or the like, of an institute or of the network."""

    key = models.SlugField(_("key"), max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=32, choices=list(BODY_KIND_LABELS.items()))
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="bodies",
        verbose_name=_("institute"),
    )
    name = models.CharField(_("name"), max_length=rules.TITLE_MAX)
    name_zh = models.CharField(
        _("Chinese name"), max_length=rules.TITLE_MAX, blank=True, default=""
    )
    charter = models.CharField(_("charter"), max_length=rules.REFERENCE_MAX, blank=True, default="")
    quorum_above_bp = models.PositiveSmallIntegerField(_("quorum above"), null=True, blank=True)
    has_casting_vote = models.BooleanField(_("the chair breaks a tie"), default=False)
    counts_recused = models.BooleanField(_("who has recused counts to the quorum"), default=False)
    established_on = models.DateField(_("established on"))
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.PUBLIC
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(kind=BodyKind.INSTITUTE_BOARD) | Q(institute__isnull=False),
                name="governance_body_board_has_institute",
            ),
            models.CheckConstraint(
                condition=Q(quorum_above_bp__isnull=True) | Q(quorum_above_bp__lt=BASIS_POINTS),
                name="governance_body_quorum_can_be_met",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The body's page."""
        return reverse("governance:show_body", args=[self.key])


class Seat(models.Model):
    """A seat of a body, kept for a kind of holder while it is open."""

    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, related_name="seats", verbose_name=_("body")
    )
    number = models.PositiveIntegerField(_("seat"))
    kind = models.CharField(_("kept for"), max_length=32, choices=list(SEAT_KIND_LABELS.items()))
    opened_on = models.DateField(_("open from"))
    closed_on = models.DateField(_("closed from"), null=True, blank=True)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["body", "number"], name="governance_seat_number"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gt=F("opened_on")),
                name="governance_seat_span_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body_id}: {self.number}"


class Appointment(models.Model):
    """Somebody in a seat over a half-open span of days; one that is annulled counts nowhere."""

    seat = models.ForeignKey(
        Seat, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("seat")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="seats", verbose_name=_("person")
    )
    way = models.CharField(_("how"), max_length=16, choices=list(WAY_LABELS.items()))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"), null=True, blank=True)
    evidence = models.CharField(
        _("evidence"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )
    entered_at = models.DateTimeField(_("entered at"))
    annulled_at = models.DateTimeField(_("annulled at"), null=True, blank=True)
    why_annulled = models.CharField(
        _("why it is annulled"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="governance_appointment_span_has_days",
            ),
            models.CheckConstraint(
                condition=Q(annulled_at__isnull=True, why_annulled="")
                | (Q(annulled_at__isnull=False) & ~Q(why_annulled="")),
                name="governance_appointment_annulled_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.seat_id} from {self.starts_on}"


BODY_TRIGGERS = (
    *append_only("governance_seat", updatable_columns=("closed_on",)),
    *append_only(
        "governance_appointment", updatable_columns=("ends_on", "annulled_at", "why_annulled")
    ),
    filled_once(
        "governance_appointment",
        numbers=("annulled_at",),
        texts=("why_annulled",),
        while_true="OLD.annulled_at IS NULL",
    ),
    *no_overlap(
        "governance_appointment_no_overlap",
        "governance_appointment",
        same=("seat_id",),
        moving=("ends_on", "annulled_at"),
        annulled="annulled_at",
    ),
)
