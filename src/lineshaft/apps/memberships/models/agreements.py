"""Member agreements: which organisation belongs to which institute, in which tier, and when.

Invariants: spans are half-open; two agreements of one organisation with one institute never share a
day, held by the database (an exclusion constraint on PostgreSQL, triggers on SQLite); the tier is a
key of the profile. An agreement is never deleted: it ends.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import no_overlap

END_REASON_LABELS = {
    rules.EndReason.NOT_ENDED: _("Not ended"),
    rules.EndReason.TERM_ENDED: _("The agreed term ended"),
    rules.EndReason.LEFT: _("The member left"),
    rules.EndReason.DUES_UNPAID: _("Dues were not paid"),
    rules.EndReason.BREACH: _("Breach of the agreement"),
    rules.EndReason.INSTITUTE_ENDED: _("The institute ended"),
    rules.EndReason.TIER_CHANGED: _("Another tier follows"),
}


class MemberAgreement(models.Model):
    """An organisation's membership agreement with an institute over a half-open span of days.

    One that follows another, for the next term or another tier, names in `began_with` the first of
    them all: together they are one membership.
    """

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="member_agreements",
        verbose_name=_("organisation"),
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="member_agreements",
        verbose_name=_("institute"),
    )
    tier = models.CharField(_("membership tier"), max_length=32)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"), null=True, blank=True)
    ended_reason = models.CharField(
        _("why it ended"),
        max_length=16,
        blank=True,
        default="",
        choices=list(END_REASON_LABELS.items()),
    )
    waiver_reference = models.CharField(
        _("reference of the waiver"),
        max_length=rules.REFERENCE_LENGTH_MAX,
        blank=True,
        default="",
    )
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.PUBLIC
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)
    began_with = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        verbose_name=_("began with"),
    )
    admitted_at = models.DateTimeField(_("entered at"))
    admitted_in = models.ForeignKey(
        AuditEvent,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("audit event of the admission"),
    )

    class Meta:
        verbose_name = _("membership agreement")
        verbose_name_plural = _("membership agreements")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["institute", "starts_on", "ends_on"], name="memberships_agreement_span"
            ),
            models.Index(fields=["organisation", "institute"], name="memberships_agreement_pair"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="memberships_agreement_span_has_days",
            ),
            models.CheckConstraint(condition=~Q(tier=""), name="memberships_agreement_has_tier"),
            models.CheckConstraint(
                condition=Q(ended_reason="") | Q(ends_on__isnull=False),
                name="memberships_agreement_reason_has_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} at {self.institute_id} from {self.starts_on}"

    @property
    def membership_id(self) -> int:
        """The id of the agreement with which the membership began: its own, where it is that."""
        return self.began_with_id or self.pk


AGREEMENT_TRIGGERS = (
    *no_overlap(
        "memberships_agreement_no_overlap",
        "memberships_memberagreement",
        same=("organisation_id", "institute_id"),
        moving=("organisation_id", "institute_id", "starts_on", "ends_on"),
    ),
)
