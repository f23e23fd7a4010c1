"""Waivers of a matching rule under an agreement: requested, decided, and for which days.

Held by the database: what was requested is never changed; a waiver lifts a share or an amount.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.rules import Lifted, WaiverState
from lineshaft.kernel.spans import Span
from lineshaft.plumbing.triggers import append_only

WAIVER_STATE_LABELS = {
    WaiverState.REQUESTED: _("Requested"),
    WaiverState.GRANTED: _("Granted"),
    WaiverState.DENIED: _("Denied"),
    WaiverState.REVOKED: _("Revoked"),
}


class Waiver(models.Model):
    """A waiver of one matching rule of the profile over `[starts_on, ends_on)`.

    `rule_id` and `ground` are keys of the profile. `share_bp` is the lowered share,
    `excluded_minor` the federal money left out of the test; one of them is given. A revoked waiver
    counts up to `revoked_on`, that day excluded.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="waivers")
    rule_id = models.CharField(_("rule"), max_length=16)
    ground = models.CharField(_("ground"), max_length=40)
    share_bp = models.PositiveSmallIntegerField(_("lowered share"), null=True, blank=True)
    excluded_minor = models.BigIntegerField(_("amount left out"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in WAIVER_STATE_LABELS.items()],
        default=WaiverState.REQUESTED.value,
    )
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True, default="")
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)
    revoked_reason = models.TextField(_("reason of the revocation"), blank=True, default="")

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering: ClassVar[list[str]] = ["agreement_id", "-starts_on", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="funding_waiver_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(share_bp__isnull=False, excluded_minor__isnull=True)
                | Q(share_bp__isnull=True, excluded_minor__gt=0),
                name="funding_waiver_lifts_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in WaiverState]),
                name="funding_waiver_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state=WaiverState.REVOKED.value, revoked_on__isnull=False)
                | (~Q(state=WaiverState.REVOKED.value) & Q(revoked_on__isnull=True)),
                name="funding_waiver_revoked_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.pk}"

    @property
    def lifted(self) -> Lifted | None:
        """What it lifts and when; None for one that was never in force."""
        if self.state not in {WaiverState.GRANTED, WaiverState.REVOKED}:
            return None
        ends_on = min(self.ends_on, self.revoked_on or self.ends_on)
        if ends_on <= self.starts_on:
            return None
        return Lifted(Span(self.starts_on, ends_on), self.share_bp, self.excluded_minor)


TRIGGERS = append_only(
    "funding_waiver",
    updatable_columns=(
        "state",
        "decided_by_id",
        "decided_at",
        "decision_reason",
        "revoked_on",
        "revoked_reason",
    ),
)
