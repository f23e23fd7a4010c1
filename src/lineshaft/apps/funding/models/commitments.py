"""Promises of cost share: what an organisation committed to bring to an agreement, and by when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.rules import CommitmentStanding
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import append_only

COMMITMENT_STANDING_LABELS = {
    CommitmentStanding.KEPT: _("Kept"),
    CommitmentStanding.OPEN: _("Open"),
    CommitmentStanding.OVERDUE: _("Overdue"),
    CommitmentStanding.RELEASED: _("Released"),
}


class Commitment(models.Model):
    """A promise of cash, or of contributions in kind, due through `due_on`.

    Never changed; what is no longer expected of it is released once, with the reason. What is left
    follows from the contributions accepted of the same contributor, agreement and form.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="commitments")
    organisation = models.ForeignKey(
        "network.Organisation",
        verbose_name=_("contributor"),
        on_delete=models.PROTECT,
        related_name="commitments",
    )
    is_cash = models.BooleanField(_("cash"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    promised_on = models.DateField(_("promised on"))
    due_on = models.DateField(_("due on"))
    reference = models.CharField(_("letter"), max_length=200)
    released_minor = models.BigIntegerField(_("released"), default=0)
    released_on = models.DateField(_("released on"), null=True, blank=True)
    release_reason = models.TextField(_("reason"), blank=True, default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("commitment of cost share")
        verbose_name_plural = _("commitments of cost share")
        ordering: ClassVar[list[str]] = ["due_on", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agreement", "due_on"], name="funding_commitment_by_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="funding_commitment_promises_something"
            ),
            models.CheckConstraint(
                condition=Q(released_minor__gte=0, released_minor__lte=F("amount_minor")),
                name="funding_commitment_released_within_promise",
            ),
            models.CheckConstraint(
                condition=Q(released_minor=0, released_on__isnull=True)
                | Q(released_minor__gt=0, released_on__isnull=False),
                name="funding_commitment_released_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("promised_on")), name="funding_commitment_due_later"
            ),
            models.CheckConstraint(
                condition=~Q(reference=""), name="funding_commitment_has_letter"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def amount(self) -> Money:
        """What was promised."""
        return Money(self.amount_minor, self.currency)

    @property
    def expected_minor(self) -> int:
        """What is still expected or was brought: the promise less what was released of it."""
        return self.amount_minor - self.released_minor


TRIGGERS = append_only(
    "funding_commitment",
    updatable_columns=("released_minor", "released_on", "release_reason"),
)
