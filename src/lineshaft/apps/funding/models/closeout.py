"""What was done to close an agreement out, item by item of the profile's list.

Held by the database: what was done is never changed, only opened again with a reason, and an item
is done once at a time.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.plumbing.triggers import append_only


class CloseoutStep(models.Model):
    """That an item of the close-out was done on a day, and by what record; `item` is its key.

    One with `reopened_at` no longer counts: the item was opened again.
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="closeout_steps"
    )
    item = models.CharField(_("item"), max_length=40)
    done_on = models.DateField(_("done on"))
    record = models.CharField(_("record"), max_length=200)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    reopened_at = models.DateTimeField(_("opened again at"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    reopen_reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("step of a close-out")
        verbose_name_plural = _("steps of close-outs")
        ordering: ClassVar[list[str]] = ["agreement_id", "done_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "item"],
                condition=Q(reopened_at__isnull=True),
                name="funding_closeout_item_done_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.item}"


TRIGGERS = append_only(
    "funding_closeoutstep",
    updatable_columns=("reopened_at", "reopened_by_id", "reopen_reason"),
)
