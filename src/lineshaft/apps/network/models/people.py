"""People of the network, and what they are to institutes and organisations for spans of days."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.network import rules
from lineshaft.apps.network.models.ground import Institute, Organisation

PERSON_ROLE_LABELS = {
    rules.PersonRoleKind.DIRECTOR: _("Director"),
    rules.PersonRoleKind.STAFF: _("Staff"),
    rules.PersonRoleKind.CONTACT: _("Contact"),
    rules.PersonRoleKind.PRINCIPAL_INVESTIGATOR: _("Principal investigator"),
    rules.PersonRoleKind.BOARD_MEMBER: _("Board member"),
}


PERSON_TIE_LABELS = {
    rules.PersonTieKind.CO_AUTHOR: pgettext_lazy("tie", "Co-author"),
    rules.PersonTieKind.ADVISOR: pgettext_lazy("tie", "Advisor"),
    rules.PersonTieKind.SHARED_PROJECT: pgettext_lazy("tie", "Shared project"),
    rules.PersonTieKind.OTHER: pgettext_lazy("tie", "Other"),
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


class PersonTie(models.Model):
    """What ties two people: a paper, a thesis, a project, and in which years it was so.

    An advisor is `person`, whom they advised `other`; else the order says nothing. `year_to` is
    the last year, None while it lasts.
    """

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="ties", verbose_name=_("person")
    )
    other = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="ties_to", verbose_name=_("other person")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=list(PERSON_TIE_LABELS.items()))
    year_from = models.PositiveSmallIntegerField(_("from the year"))
    year_to = models.PositiveSmallIntegerField(_("to the year"), null=True, blank=True)
    evidence = models.CharField(
        _("evidence"), max_length=rules.TIE_TEXT_MAX, blank=True, default=""
    )
    source = models.CharField(_("source"), max_length=300)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=200)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)

    class Meta:
        verbose_name = _("tie between people")
        verbose_name_plural = _("ties between people")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~Q(person=models.F("other")), name="network_tie_of_two"
            ),
            models.CheckConstraint(
                condition=Q(year_to__isnull=True) | Q(year_to__gte=models.F("year_from")),
                name="network_tie_years",
            ),
            models.UniqueConstraint(
                fields=["person", "other", "kind", "year_from", "evidence"],
                name="network_tie_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}, {self.other_id}: {self.kind}"
