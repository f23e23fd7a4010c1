"""Awards that other agencies made, as their public registers say.

Invariants: a register (`source`) names an award by its own number, once; every text is plain; the
row says from which file it came. Nothing here is deleted, and nothing of it is decided here.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models.ground import Agency, Organisation
from lineshaft.kernel.money import Money
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel


class OutsideAward(models.Model):
    """An award of another agency: what for, to whom, by whom, how much, and where that is said.

    `agency_name` and `office_name` are as the register writes them, `agency` the one that is known
    here by that key or name. `organisation` is the recipient where an identifier of the register
    names a registered one. `digest` is that of what the register says, see `rules.digest_of_award`,
    `text_digest` that of its text alone; `compared_digest` is the digest with which it was last
    compared with all others, blank where it never was.
    """

    source = models.CharField(_("register"), max_length=32)
    number = models.CharField(_("award number"), max_length=200)
    title = models.CharField(_("title"), max_length=rules.TITLE_LENGTH_MAX)
    abstract = models.TextField(_("abstract"), blank=True, default="")
    agency_name = models.CharField(_("agency"), max_length=200)
    office_name = models.CharField(_("office"), max_length=200, blank=True, default="")
    agency = models.ForeignKey(
        Agency,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agency in the network"),
    )
    programme = models.CharField(_("programme"), max_length=500, blank=True, default="")
    instrument = models.CharField(_("instrument"), max_length=120, blank=True, default="")
    phase = models.CharField(_("phase"), max_length=60, blank=True, default="")
    investigator = models.CharField(
        _("principal investigator"), max_length=200, blank=True, default=""
    )
    other_investigators = models.CharField(
        _("other investigators"), max_length=2000, blank=True, default=""
    )
    recipient = models.CharField(_("recipient"), max_length=300, blank=True, default="")
    recipient_uei = models.CharField(
        _("UEI of the recipient"), max_length=32, blank=True, default=""
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recipient in the network"),
    )
    city = models.CharField(_("city"), max_length=120, blank=True, default="")
    region = models.CharField(_("region"), max_length=64, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    level = models.CharField(
        _("shared with"), max_length=16, choices=LEVEL_CHOICES, default=SharingLevel.PUBLIC
    )
    is_demonstration = models.BooleanField(_("is a demonstration record"), default=False)
    digest = models.CharField(max_length=64, editable=False)
    text_digest = models.CharField(max_length=64, editable=False, default="")
    compared_digest = models.CharField(max_length=64, editable=False, blank=True, default="")
    source_name = models.CharField(_("file"), max_length=300, blank=True, default="")
    source_sha256 = models.CharField(_("hash of the file"), max_length=64, blank=True, default="")
    source_row = models.PositiveIntegerField(_("row of the file"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_in = models.ForeignKey(
        AuditEvent,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("audit event of the latest change"),
    )

    class Meta:
        verbose_name = _("award of another agency")
        verbose_name_plural = _("awards of other agencies")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-year", "title", "id"], name="network_outside_award_year"),
            models.Index(fields=["title", "id"], name="network_outside_award_title"),
            models.Index(fields=["agency_name", "year"], name="network_outside_award_agency"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["source", "number"], name="network_outside_award_once"),
            models.CheckConstraint(
                condition=~Q(source="") & ~Q(number="") & ~Q(title="") & ~Q(agency_name=""),
                name="network_outside_award_is_named",
            ),
            models.CheckConstraint(
                condition=Q(year__isnull=True)
                | Q(year__gte=rules.YEAR_FIRST, year__lte=rules.YEAR_LAST),
                name="network_outside_award_in_year",
            ),
            models.CheckConstraint(
                condition=Q(
                    level__in=[SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED]
                ),
                name="network_outside_award_level",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def amount(self) -> Money | None:
        """What the register says was awarded, or obligated so far; None where it does not say."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The abstract's paragraphs."""
        return rules.paragraphs(self.abstract)
