"""What a recipient spends under an agreement: costs, the transfers that move them, their proof.

Held by the database: what is said of a cost is never changed, and no more of it is paid than was
incurred. Held by the services, and re-derived by `verify_ledger`: what a cost has incurred and paid
is what its transfers moved.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.ledger import Transfer
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import append_only


class Cost(models.Model):
    """The federal share of one cost under one agreement: what for, to whom, and of what class.

    Its key is the id of the transfer that encumbered or incurred it. `category` is a cost category
    of the profile. An encumbrance is incurred as it is liquidated, in part too.
    """

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="cost"
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="costs", db_index=False
    )
    category = models.CharField(_("category"), max_length=40)
    payee = models.CharField(_("payee"), max_length=200)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    occurred_on = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    is_encumbrance = models.BooleanField(_("encumbrance"))
    amount_minor = models.BigIntegerField(_("amount"))
    incurred_minor = models.BigIntegerField(_("incurred"), default=0)
    paid_minor = models.BigIntegerField(_("paid"), default=0)
    external_id = models.CharField(_("own number"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("cost")
        verbose_name_plural = _("costs")
        ordering: ClassVar[list[str]] = ["-occurred_on", "-transfer_id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agreement", "occurred_on"], name="funding_cost_by_agreement"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="funding_cost_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(
                    paid_minor__gte=0,
                    paid_minor__lte=F("incurred_minor"),
                    incurred_minor__lte=F("amount_minor"),
                ),
                name="funding_cost_paid_within_incurred",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.transfer_id}"

    def get_absolute_url(self) -> str:
        """The cost's page."""
        return reverse("funding:show_cost", args=[self.pk])

    @property
    def amount(self) -> Money:
        """What was encumbered, or incurred at once."""
        return Money(self.amount_minor, self.currency)

    @property
    def to_pay_minor(self) -> int:
        """What was incurred and is not paid yet."""
        return self.incurred_minor - self.paid_minor


class CostMovement(models.Model):
    """That a transfer moved a cost: the first one, a liquidation, release, payment, correction."""

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="cost_movement"
    )
    cost = models.ForeignKey(Cost, on_delete=models.PROTECT, related_name="movements")

    class Meta:
        verbose_name = _("movement of a cost")
        verbose_name_plural = _("movements of costs")
        ordering: ClassVar[list[str]] = ["transfer_id"]

    def __str__(self) -> str:
        return f"{self.transfer_id} of {self.cost_id}"


class CostEvidence(models.Model):
    """One proof of a movement, such as a receipt: a file, or a record kept elsewhere."""

    movement = models.ForeignKey(CostMovement, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(_("reference"), max_length=200, blank=True, default="")
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    attached_at = models.DateTimeField(_("attached at"))

    class Meta:
        verbose_name = _("evidence of a cost")
        verbose_name_plural = _("evidence of costs")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | ~Q(reference=""),
                name="funding_cost_evidence_is_something",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.file_id)


TRIGGERS = (
    *append_only("funding_cost", updatable_columns=("incurred_minor", "paid_minor")),
    *append_only("funding_costmovement"),
    *append_only("funding_costevidence"),
)
