"""Awards: the agreement that an application led to, and the obligations that it foresees.

Invariants: an application is awarded once; an agreement stems from one award; what an agency gives
in a year of an award is foreseen once, under the id that the first attempt to book it in the ledger
bears.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions.models import Application
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.network.models import Agency, Institute
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.triggers import append_only


class Award(models.Model):
    """What an application was awarded.

    `agreement` is the agreement drafted for an institute; of a project call that of its institute,
    where there is one; empty for a cluster, which has no agreement of its own here.
    """

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="award", verbose_name=_("application")
    )
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="awards_won",
        null=True,
        blank=True,
        verbose_name=_("institute"),
    )
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.PROTECT,
        related_name="awards",
        null=True,
        blank=True,
        verbose_name=_("agreement"),
    )
    amount_minor = models.BigIntegerField(_("amount"))
    match_minor = models.BigIntegerField(_("what others bring"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    conditions = models.TextField(_("conditions"), blank=True, default="")
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.CharField(_("opened by"), max_length=200)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, match_minor__gte=0), name="awarding_award_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}"


class PlannedObligation(models.Model):
    """The federal money that an award foresees of an agency for one of its years, from that day on.

    `transfer_id` is the id of the obligation in the ledger, once somebody has it booked; where what
    was proposed under it was rejected or withdrawn, that of the next attempt is derived from it.
    """

    award = models.ForeignKey(
        Award, on_delete=models.PROTECT, related_name="obligations", verbose_name=_("award")
    )
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="+", verbose_name=_("agency")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    due_on = models.DateField(_("from"))
    amount_minor = models.BigIntegerField(_("amount"))
    transfer_id = models.UUIDField(_("transfer"), default=new_id, unique=True, editable=False)

    class Meta:
        verbose_name = _("obligation foreseen")
        verbose_name_plural = _("obligations foreseen")
        ordering: ClassVar[list[str]] = ["year", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["award", "agency", "year"], name="awarding_obligation_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, year__gte=1), name="awarding_obligation_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.award_id}: {self.year} {self.agency_id}"


AWARD_TRIGGERS = (
    *append_only("awarding_award"),
    *append_only("awarding_plannedobligation"),
)
