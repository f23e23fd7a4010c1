"""Pairs of contributions that look like one claimed on two awards, as they were found.

Append-only: what was found stays. A pair stands as long as neither of the two is refused or
withdrawn.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.contributions import Contribution
from lineshaft.apps.funding.rules import DuplicateSign
from lineshaft.plumbing.triggers import append_only

DUPLICATE_SIGN_LABELS = {
    DuplicateSign.FILE: _("the same file"),
    DuplicateSign.REFERENCE: _("the same record named as evidence"),
    DuplicateSign.CONTENT: _("the same amount, kind and contributor, about the same day"),
}


class ContributionDuplicate(models.Model):
    """Two contributions under two awards and one thing that they have in common, once for a pair.

    `first` has the smaller key; which of the two is the wrong one, if any, people decide.
    """

    first = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    second = models.ForeignKey(Contribution, on_delete=models.PROTECT, related_name="+")
    sign = models.CharField(
        _("in common"),
        max_length=16,
        choices=[(sign.value, label) for sign, label in DUPLICATE_SIGN_LABELS.items()],
    )
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        verbose_name = _("contribution claimed twice")
        verbose_name_plural = _("contributions claimed twice")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["first", "second", "sign"], name="funding_duplicate_once"
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="funding_duplicate_in_order"
            ),
            models.CheckConstraint(
                condition=Q(sign__in=[sign.value for sign in DuplicateSign]),
                name="funding_duplicate_sign_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.sign}"


TRIGGERS = append_only("funding_contributionduplicate")
