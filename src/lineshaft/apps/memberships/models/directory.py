"""What a member says of itself in the directory; only members that chose to stand in it.

Invariant: an organisation has one entry, which it may take out of the list and put back.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel

OPEN_LEVELS = [SharingLevel.PUBLIC, SharingLevel.NETWORK]
"""As what a member speaks to others: to anybody, or to the network."""


class DirectoryEntry(models.Model):
    """What an organisation can do and whom to ask, as it says itself."""

    organisation = models.OneToOneField(
        Organisation,
        on_delete=models.PROTECT,
        related_name="directory_entry",
        verbose_name=_("organisation"),
    )
    description = models.CharField(_("description"), max_length=rules.DESCRIPTION_MAX)
    description_zh = models.CharField(
        _("Chinese description"), max_length=rules.DESCRIPTION_MAX, blank=True, default=""
    )
    capabilities = models.CharField(
        _("capabilities"), max_length=rules.CAPABILITIES_MAX, blank=True, default=""
    )
    technology_areas = models.ManyToManyField(
        TechnologyArea, related_name="directory_entries", verbose_name=_("technology areas")
    )
    contact_name = models.CharField(
        _("contact"), max_length=rules.CONTACT_MAX, blank=True, default=""
    )
    contact_email = models.EmailField(
        _("e-mail address of the contact"), max_length=254, blank=True, default=""
    )
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.NETWORK
    )
    is_listed = models.BooleanField(_("stands in the directory"), default=True)
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)
    listed_at = models.DateTimeField(_("listed at"))

    class Meta:
        verbose_name = _("entry in the directory")
        verbose_name_plural = _("entries in the directory")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(level__in=OPEN_LEVELS), name="memberships_directory_level"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.description[:40]}"
