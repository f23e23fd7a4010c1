"""What the transfers of an agreement come to, day by day and way by way.

Invariant, held by the services that write transfers and re-derived by `verify_ledger`: a sum is
that of the transfers which it counts, and every transfer is counted once.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.plumbing.triggers import append_only


class DaySum(models.Model):
    """How many transfers moved how much on one day in one way, see `rules.Way`.

    `corrects_code` is that of the transfers taken back, empty for what is no correction. Whoever
    writes a row has locked an account of a kind that it names, so that writers never wait for it.
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="day_sums", db_index=False
    )
    occurred_on = models.DateField(_("date"))
    code = models.CharField(_("code"), max_length=24)
    corrects_code = models.CharField(_("code of what is corrected"), max_length=24, blank=True)
    debit_kind = models.CharField(_("kind of the account debited"), max_length=16)
    credit_kind = models.CharField(_("kind of the account credited"), max_length=16)
    transfers = models.BigIntegerField(_("number of transfers"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        ordering: ClassVar[list[str]] = ["agreement", "occurred_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=[
                    "agreement",
                    "occurred_on",
                    "code",
                    "corrects_code",
                    "debit_kind",
                    "credit_kind",
                ],
                name="funding_daysum_one_of_a_way",
            ),
            models.CheckConstraint(
                condition=Q(transfers__gt=0, amount_minor__gt=0),
                name="funding_daysum_counts_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.code}: {self.amount_minor}"


TRIGGERS = append_only("funding_daysum", updatable_columns=("transfers", "amount_minor"))
