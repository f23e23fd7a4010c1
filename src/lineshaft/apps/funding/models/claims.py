"""Claims of cost share: what one contributor brought to one agreement in one period, line by line.

A line is a contribution; each is decided by itself, so a claim has no state of its own.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.contributions import Contribution
from lineshaft.plumbing.triggers import append_only


class CostShareClaim(models.Model):
    """A claim over `[starts_on, ends_on)`; its key is the caller's, and makes a retry harmless."""

    id = models.UUIDField(primary_key=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="claims")
    organisation = models.ForeignKey(
        "network.Organisation",
        verbose_name=_("contributor"),
        on_delete=models.PROTECT,
        related_name="cost_share_claims",
    )
    number = models.CharField(_("own number"), max_length=120, blank=True, default="")
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("opened by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    opened_at = models.DateTimeField(_("opened at"))

    class Meta:
        verbose_name = _("claim of cost share")
        verbose_name_plural = _("claims of cost share")
        ordering: ClassVar[list[str]] = ["-starts_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="funding_claim_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.pk)

    def get_absolute_url(self) -> str:
        """The claim's page."""
        return reverse("funding:show_claim", args=[self.pk])


class ClaimLine(models.Model):
    """That a contribution is a line of a claim."""

    contribution = models.OneToOneField(
        Contribution, on_delete=models.PROTECT, primary_key=True, related_name="line"
    )
    claim = models.ForeignKey(CostShareClaim, on_delete=models.PROTECT, related_name="lines")

    class Meta:
        verbose_name = _("line of a claim")
        verbose_name_plural = _("lines of claims")
        ordering: ClassVar[list[str]] = ["contribution_id"]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.contribution_id}"


TRIGGERS = (*append_only("funding_costshareclaim"), *append_only("funding_claimline"))
