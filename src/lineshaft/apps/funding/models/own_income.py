"""What an institute earns beside the base money of its sponsors: entries that are only added to.

Held by the database: an entry is never changed or deleted; a reversal is a new entry that names the
old one and says why.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.rules.own_income import REVERSAL_REASONS
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import append_only


class OwnIncome(models.Model):
    """Money that an institute earned itself, by stream; under no award's rule on income.

    `id` comes from the caller and makes a retry harmless. An entry with `reverses` takes back that
    much of the one it names.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    institute = models.ForeignKey(
        "network.Institute",
        verbose_name=_("institute"),
        on_delete=models.PROTECT,
        related_name="own_income",
        db_index=False,
    )
    stream = models.CharField(_("stream"), max_length=40)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    received_on = models.DateField(_("received on"))
    payer = models.CharField(_("payer"), max_length=200, blank=True, default="")
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    external_id = models.CharField(_("own number"), max_length=120, blank=True, default="")
    reverses = models.ForeignKey(
        "self",
        verbose_name=_("reverses"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
    )
    reason = models.TextField(_("reason"), blank=True, default="")
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
        verbose_name = _("own income")
        verbose_name_plural = _("own income")
        ordering: ClassVar[list[str]] = ["-received_on", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["institute", "received_on"], name="funding_own_by_institute"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="funding_own_income_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | ~Q(reason=""),
                name="funding_own_income_reversal_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.id}"

    def get_absolute_url(self) -> str:
        """The entry's page."""
        return reverse("funding:show_own_income", args=[self.pk])

    @property
    def why(self) -> str:
        """Why it takes another entry back, in the reader's language; empty where it takes none."""
        sentence = REVERSAL_REASONS.get(self.reason)
        return gettext(sentence) if sentence else self.reason

    @property
    def amount(self) -> Money:
        """The amount earned, or taken back."""
        return Money(self.amount_minor, self.currency)


TRIGGERS = append_only("funding_ownincome")
