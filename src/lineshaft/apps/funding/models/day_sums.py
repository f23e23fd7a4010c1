"""What the records of an agreement come to, day by day: transfers, contributions, costs.

Invariant, held by the services that write the records and re-derived by `verify_ledger`: a sum is
that of the records which it counts, and every record is counted once.
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


class ContributionSum(models.Model):
    """What the contributions of one day count: as cost share, or as money of the government.

    `is_other`: those of federal origin, which no one accepts, at what was claimed, unless they were
    withdrawn; else those accepted, at what was. A sum falls with a correction, a number does not.
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="contribution_sums", db_index=False
    )
    occurred_on = models.DateField(_("date"))
    is_cash = models.BooleanField(_("cash"))
    is_other = models.BooleanField(_("of federal origin"))
    contributions = models.BigIntegerField(_("number of contributions"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("sum of a day's contributions")
        verbose_name_plural = _("sums of days' contributions")
        ordering: ClassVar[list[str]] = ["agreement", "occurred_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "occurred_on", "is_cash", "is_other"],
                name="funding_contributionsum_one_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(contributions__gte=0, amount_minor__gte=0),
                name="funding_contributionsum_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on}: {self.amount_minor}"


class ContributorSum(models.Model):
    """What one contributor brought to one agreement in cash, or in kind, and had accepted."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="contributor_sums", db_index=False
    )
    organisation = models.ForeignKey(
        "network.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_cash = models.BooleanField(_("cash"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("sum of a contributor")
        verbose_name_plural = _("sums of contributors")
        ordering: ClassVar[list[str]] = ["agreement", "organisation", "is_cash"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "organisation", "is_cash"],
                name="funding_contributorsum_one_of_a_form",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="funding_contributorsum_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.amount_minor}"


class CostSum(models.Model):
    """What the transfers of one day moved of the costs of one category, by code."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="cost_sums", db_index=False
    )
    occurred_on = models.DateField(_("date"))
    category = models.CharField(_("category"), max_length=40)
    code = models.CharField(_("code"), max_length=24)
    corrects_code = models.CharField(_("code of what is corrected"), max_length=24, blank=True)
    movements = models.BigIntegerField(_("number of movements"))
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("sum of a day's costs")
        verbose_name_plural = _("sums of days' costs")
        ordering: ClassVar[list[str]] = ["agreement", "occurred_on", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "occurred_on", "category", "code", "corrects_code"],
                name="funding_costsum_one_of_a_code",
            ),
            models.CheckConstraint(
                condition=Q(movements__gt=0, amount_minor__gt=0),
                name="funding_costsum_counts_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.category} {self.code}: {self.amount_minor}"


TRIGGERS = (
    *append_only("funding_daysum", updatable_columns=("transfers", "amount_minor")),
    *append_only("funding_contributionsum", updatable_columns=("contributions", "amount_minor")),
    *append_only("funding_contributorsum", updatable_columns=("amount_minor",)),
    *append_only("funding_costsum", updatable_columns=("movements", "amount_minor")),
)
