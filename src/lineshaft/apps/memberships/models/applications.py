"""Applications for membership, and who signed which document.

Invariants: an organisation has one open application at an institute; each step keeps its moment; a
signature names the hash of what was signed and is never changed.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models.agreements import MemberAgreement
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.plumbing.files.models import SHA256_LENGTH, StoredFile
from lineshaft.plumbing.triggers import append_only

APPLICATION_STATE_LABELS = {
    rules.ApplicationState.SUBMITTED: _("Submitted"),
    rules.ApplicationState.APPROVED: _("Approved"),
    rules.ApplicationState.SIGNED: _("Signed"),
    rules.ApplicationState.ADMITTED: _("Admitted"),
    rules.ApplicationState.DECLINED: _("Declined"),
    rules.ApplicationState.WITHDRAWN: _("Withdrawn"),
}
SIDE_LABELS = {
    rules.Side.ORGANISATION: _("For the organisation"),
    rules.Side.INSTITUTE: _("For the institute"),
}


class MembershipApplication(models.Model):
    """An organisation that asks an institute to be admitted in a tier.

    `contact` is whoever applied, and belongs to the organisation here only once it is admitted.
    From the approval on `starts_on`, money (a year's, in minor units) and term are those of the
    document, whose hash is `document_sha256`.
    """

    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="applications",
        verbose_name=_("institute"),
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="applications",
        verbose_name=_("organisation"),
    )
    is_new_organisation = models.BooleanField(_("entered with the application"), default=False)
    tier = models.CharField(_("membership tier"), max_length=32)
    contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("applied by"),
    )
    purpose = models.TextField(_("what for"), blank=True, default="")
    language = models.CharField(_("language of the agreement"), max_length=16, default="en")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=list(APPLICATION_STATE_LABELS.items()),
        default=rules.ApplicationState.SUBMITTED,
    )
    submitted_at = models.DateTimeField(_("submitted at"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    signed_at = models.DateTimeField(_("signed at"), null=True, blank=True)
    admitted_at = models.DateTimeField(_("admitted at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("declined or withdrawn at"), null=True, blank=True)
    closed_reason = models.TextField(_("why it was declined or withdrawn"), blank=True, default="")
    starts_on = models.DateField(_("membership from"), null=True, blank=True)
    dues_minor = models.BigIntegerField(_("dues a year"), null=True, blank=True)
    in_kind_minor = models.BigIntegerField(_("in kind a year"), null=True, blank=True)
    term_months = models.PositiveSmallIntegerField(_("months of a term"), null=True, blank=True)
    document = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agreement document"),
    )
    document_sha256 = models.CharField(
        _("SHA-256 of the document"), max_length=SHA256_LENGTH, blank=True, default=""
    )
    agreement = models.OneToOneField(
        MemberAgreement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="application",
        verbose_name=_("membership agreement"),
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("membership application")
        verbose_name_plural = _("membership applications")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["institute", "state", "submitted_at"], name="memberships_application_list"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "organisation"],
                condition=Q(state__in=["submitted", "approved", "signed"]),
                name="memberships_application_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "signed"])
                | (
                    Q(approved_at__isnull=False, document__isnull=False, starts_on__isnull=False)
                    & Q(dues_minor__gte=0, in_kind_minor__gte=0, term_months__gte=1)
                    & ~Q(document_sha256="")
                ),
                name="memberships_application_has_a_document",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_at__isnull=False),
                name="memberships_application_is_signed_at",
            ),
            models.CheckConstraint(
                condition=~Q(state="admitted")
                | Q(admitted_at__isnull=False, agreement__isnull=False),
                name="memberships_application_is_admitted_by",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["declined", "withdrawn"]) | Q(closed_at__isnull=False),
                name="memberships_application_is_closed_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} to {self.institute_id}: {self.state}"

    def get_absolute_url(self) -> str:
        """The application's page."""
        return reverse("memberships:show_application", args=[self.pk])


class AgreementSignature(models.Model):
    """Who signed the document of that hash, for which side, as what, and when."""

    application = models.ForeignKey(
        MembershipApplication,
        on_delete=models.PROTECT,
        related_name="signatures",
        verbose_name=_("membership application"),
    )
    side = models.CharField(_("side"), max_length=16, choices=list(SIDE_LABELS.items()))
    name = models.CharField(_("name"), max_length=rules.NAME_MAX)
    title = models.CharField(_("title"), max_length=rules.NAME_MAX)
    signed_on = models.DateField(_("signed on"))
    sha256 = models.CharField(_("SHA-256 of what was signed"), max_length=SHA256_LENGTH)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signed by"),
    )
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature of an agreement")
        verbose_name_plural = _("signatures of agreements")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["application", "side", "sha256"], name="memberships_signature_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.side}"


APPLICATION_TRIGGERS = append_only("memberships_agreementsignature")
