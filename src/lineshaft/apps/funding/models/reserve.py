"""The decisions by which performance reserve was released: what was assessed, and how it stood.

Held by the database: a decision is never changed or deleted; it belongs to one release.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.ledger import Transfer
from lineshaft.apps.funding.rules import Rating
from lineshaft.plumbing.triggers import append_only

RATING_LABELS = {
    Rating.EXCEEDS: _("Exceeds its standards"),
    Rating.MEETS: _("Meets its standards"),
    Rating.BELOW: _("Below its standards"),
}


class ReserveDecision(models.Model):
    """Why a part of the reserve was released; its key is the transfer that released it."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="reserve_decision"
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="reserve_decisions"
    )
    assessed_from = models.DateField(_("assessed from"))
    assessed_before = models.DateField(_("assessed before"))
    rating = models.CharField(
        _("performance"),
        max_length=16,
        choices=[(rating.value, label) for rating, label in RATING_LABELS.items()],
    )
    assessment = models.TextField(_("assessment"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision on performance reserve")
        verbose_name_plural = _("decisions on performance reserve")
        ordering: ClassVar[list[str]] = ["-decided_at", "-transfer_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(assessed_before__gt=F("assessed_from")),
                name="funding_reserve_assessed_over_days",
            ),
            models.CheckConstraint(
                condition=Q(rating__in=[Rating.EXCEEDS.value, Rating.MEETS.value]),
                name="funding_reserve_earned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating} {self.transfer_id}"


TRIGGERS = append_only("funding_reservedecision")
