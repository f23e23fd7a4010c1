"""People of the network, and what they are to institutes and organisations for spans of days."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models.ground import Institute, Organisation

PERSON_ROLE_LABELS = {
    rules.PersonRoleKind.DIRECTOR: _("Director"),
    rules.PersonRoleKind.STAFF: _("Staff"),
    rules.PersonRoleKind.CONTACT: _("Contact"),
    rules.PersonRoleKind.PRINCIPAL_INVESTIGATOR: _("Principal investigator"),
    rules.PersonRoleKind.BOARD_MEMBER: _("Board member"),
}


class Person(models.Model):
    """Somebody in the network, who may have a user of the platform."""

    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True, default="")
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True, default="")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="people"
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "id"], name="network_person_name"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                models.functions.Lower("email"),
                condition=~Q(email=""),
                name="network_person_email_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PersonRole(models.Model):
    """What a person is to an institute or to an organisation, for a half-open span of days."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(_("role"), max_length=32, choices=list(PERSON_ROLE_LABELS.items()))
    institute = models.ForeignKey(
        Institute, on_delete=models.PROTECT, null=True, blank=True, related_name="people_roles"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="people_roles"
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"), null=True, blank=True)

    class Meta:
        verbose_name = _("role of a person")
        verbose_name_plural = _("roles of people")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(institute__isnull=True, organisation__isnull=False)
                | Q(institute__isnull=False, organisation__isnull=True),
                name="network_person_role_of_one",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=models.F("starts_on")),
                name="network_person_role_span_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind}"
