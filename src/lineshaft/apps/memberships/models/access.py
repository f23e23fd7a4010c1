"""Who belongs to an organisation here, who was invited, and which domains of e-mail let people in.

Invariants: a person stands once among an organisation's people; of an invitation only a digest of
its secret is kept, and so of the code of a domain; a domain is verified for one organisation.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.network.models import Organisation

WAY_LABELS = {
    rules.Way.CONTACT: _("Applied for the organisation"),
    rules.Way.INVITATION: _("By invitation"),
    rules.Way.DOMAIN: _("By e-mail domain"),
}
DIGEST_LENGTH = 64


class OrganisationPerson(models.Model):
    """Somebody who belongs to an organisation here, and sees what it sees, until removed."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="own_people",
        verbose_name=_("organisation"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="belongs_to",
        verbose_name=_("user"),
    )
    way = models.CharField(_("how"), max_length=16, choices=list(WAY_LABELS.items()))
    joined_at = models.DateTimeField(_("since"))
    removed_at = models.DateTimeField(_("taken off at"), null=True, blank=True)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("person of an organisation")
        verbose_name_plural = _("people of organisations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(removed_at__isnull=True),
                name="memberships_person_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.organisation_id}"


class Invitation(models.Model):
    """An invitation by e-mail to belong to an organisation; `may_act` lets act for it too."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="invitations",
        verbose_name=_("organisation"),
    )
    email = models.EmailField(_("e-mail address"), max_length=rules.ADDRESS_MAX)
    may_act = models.BooleanField(_("may act for the organisation"), default=False)
    secret_digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["email"], name="memberships_invitation_email"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.pk}"


class MailDomain(models.Model):
    """A domain of e-mail that an organisation wants verified, or has."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="mail_domains",
        verbose_name=_("organisation"),
    )
    domain = models.CharField(_("domain"), max_length=rules.DOMAIN_MAX)
    address = models.EmailField(_("code sent to"), max_length=rules.ADDRESS_MAX)
    code_digest = models.CharField(max_length=DIGEST_LENGTH)
    attempts = models.PositiveSmallIntegerField(_("wrong entries"), default=0)
    asked_at = models.DateTimeField(_("asked at"))
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)

    class Meta:
        verbose_name = _("e-mail domain")
        verbose_name_plural = _("e-mail domains")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["organisation", "domain"], name="memberships_domain_once"
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(verified_at__isnull=False),
                name="memberships_domain_verified_once",
            ),
        ]

    def __str__(self) -> str:
        return self.domain
