"""Renewals of agreements: the review, the time to cure deficiencies, and how it ended.

Held by the database: an agreement is reviewed for renewal once, and only a renewed one has an
agreement that follows it.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.rules import RenewalState
from lineshaft.plumbing.triggers import append_only

RENEWAL_STATE_LABELS = {
    RenewalState.UNDER_REVIEW: _("Under review"),
    RenewalState.CURE_PERIOD: _("Time to cure"),
    RenewalState.RENEWED: _("Renewed"),
    RenewalState.INELIGIBLE: _("Not eligible"),
}


class Renewal(models.Model):
    """The renewal of one agreement, from its review on.

    `cure_ends_on` is the first day after the time to remedy `deficiencies`; `renewed_by` is the
    agreement that follows.
    """

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="renewal")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in RENEWAL_STATE_LABELS.items()],
        default=RenewalState.UNDER_REVIEW.value,
    )
    opened_on = models.DateField(_("review opened on"))
    notified_on = models.DateField(_("deficiencies notified on"), null=True, blank=True)
    deficiencies = models.TextField(_("deficiencies"), blank=True, default="")
    cure_ends_on = models.DateField(_("time to cure ends on"), null=True, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    progress = models.TextField(_("progress on the standards"), blank=True, default="")
    renewed_by = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="renews"
    )

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        ordering: ClassVar[list[str]] = ["-opened_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RenewalState]),
                name="funding_renewal_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state=RenewalState.RENEWED.value, renewed_by__isnull=False)
                | (~Q(state=RenewalState.RENEWED.value) & Q(renewed_by__isnull=True)),
                name="funding_renewal_followed_only_if_renewed",
            ),
            models.CheckConstraint(
                condition=Q(notified_on__isnull=True, cure_ends_on__isnull=True)
                | Q(notified_on__isnull=False, cure_ends_on__gt=F("notified_on")),
                name="funding_renewal_cure_after_notice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state}"


TRIGGERS = append_only(
    "funding_renewal",
    updatable_columns=(
        "state",
        "notified_on",
        "deficiencies",
        "cure_ends_on",
        "decided_on",
        "progress",
        "renewed_by_id",
    ),
)
