"""Cooperative agreements: who supports which institute, over what term, with how much."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.rules import (
    AgreementState,
)
from lineshaft.kernel.money import Money
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel

AGREEMENT_STATE_LABELS = {
    AgreementState.DRAFT: _("Draft"),
    AgreementState.ACTIVE: _("Active"),
    AgreementState.ENDED: _("Ended"),
    AgreementState.TERMINATED: _("Terminated"),
}


class Agreement(models.Model):
    """A cooperative agreement by which agencies support one institute over `[starts, ends)`.

    `number` is the award's own, the same in every system. `agency` leads and administers it; every
    sponsor, the lead among them, has its `AgreementSponsor` with its part of the federal total.
    `cost_share_required_minor` is what the agreement itself names; where it names nothing, the
    profile's matching rule binds alone.
    """

    number = models.CharField(_("number"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    agency = models.ForeignKey(
        "network.Agency",
        verbose_name=_("agency"),
        on_delete=models.PROTECT,
        related_name="agreements",
    )
    institute = models.ForeignKey(
        "network.Institute",
        verbose_name=_("institute"),
        on_delete=models.PROTECT,
        related_name="agreements",
    )
    currency = models.CharField(_("currency"), max_length=3)
    signed_on = models.DateField(_("signed on"))
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    federal_total_minor = models.BigIntegerField(_("federal total"))
    cost_share_required_minor = models.BigIntegerField(
        _("cost share required"), null=True, blank=True
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in AGREEMENT_STATE_LABELS.items()],
        default=AgreementState.DRAFT.value,
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.TextField(_("reason"), blank=True, default="")
    level = models.CharField(
        _("shared with"),
        max_length=16,
        choices=LEVEL_CHOICES,
        default=SharingLevel.PUBLIC.value,
    )

    class Meta:
        verbose_name = _("cooperative agreement")
        verbose_name_plural = _("cooperative agreements")
        ordering: ClassVar[list[str]] = ["institute_id", "-starts_on", "number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="funding_agreement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(federal_total_minor__gt=0), name="funding_agreement_has_total"
            ),
            models.CheckConstraint(
                condition=Q(cost_share_required_minor__isnull=True)
                | Q(cost_share_required_minor__gte=0),
                name="funding_agreement_cost_share_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AgreementState]),
                name="funding_agreement_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The agreement's page."""
        return reverse("funding:show_agreement", args=[self.pk])

    @property
    def federal_total(self) -> Money:
        """The federal money that the agreement allows in all."""
        return Money(self.federal_total_minor, self.currency)


class AgreementSponsor(models.Model):
    """An agency's part of an agreement's federal total; the parts of all sponsors sum to it."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="sponsors")
    agency = models.ForeignKey(
        "network.Agency",
        verbose_name=_("agency"),
        on_delete=models.PROTECT,
        related_name="sponsored_agreements",
    )
    federal_total_minor = models.BigIntegerField(_("federal total"))

    class Meta:
        verbose_name = _("sponsor of an agreement")
        verbose_name_plural = _("sponsors of agreements")
        ordering: ClassVar[list[str]] = ["agreement_id", "agency__key"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "agency"], name="funding_sponsor_once_for_an_agreement"
            ),
            models.CheckConstraint(
                condition=Q(federal_total_minor__gt=0), name="funding_sponsor_has_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.agency_id}"

    @property
    def federal_total(self) -> Money:
        """The agency's part of the federal total, in the agreement's currency."""
        return Money(self.federal_total_minor, self.agreement.currency)
