"""Amendments of an agreement: what was proposed, who executed it, and what stood before and after.

Held by the database: what was proposed is never changed, only decided; an executed amendment keeps
what it replaced.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.rules import AmendmentKind, AmendmentState
from lineshaft.plumbing.triggers import append_only

AMENDMENT_KIND_LABELS = {
    AmendmentKind.NO_COST_EXTENSION: _("No-cost extension"),
    AmendmentKind.INCREMENTAL_FUNDING: _("Incremental funding"),
    AmendmentKind.SCOPE: _("Change of scope"),
    AmendmentKind.TERMINATION_FOR_CONVENIENCE: _("Termination for convenience"),
    AmendmentKind.TERMINATION_FOR_CAUSE: _("Termination for cause"),
}
AMENDMENT_STATE_LABELS = {
    AmendmentState.PROPOSED: _("Proposed"),
    AmendmentState.EXECUTED: _("Executed"),
    AmendmentState.WITHDRAWN: _("Withdrawn"),
}


class Amendment(models.Model):
    """A change of an agreement, numbered within it.

    `agency` is the sponsor whose part incremental funding adds to. `before` and `after` hold the
    columns of the agreement that execution changed, as plain values.
    """

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="amendments", db_index=False
    )
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.CharField(
        _("kind"),
        max_length=32,
        choices=[(kind.value, label) for kind, label in AMENDMENT_KIND_LABELS.items()],
    )
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in AMENDMENT_STATE_LABELS.items()],
        default=AmendmentState.PROPOSED.value,
    )
    effective_on = models.DateField(_("takes effect on"))
    new_ends_on = models.DateField(_("new end of the term"), null=True, blank=True)
    added_federal_minor = models.BigIntegerField(_("federal money added"), null=True, blank=True)
    agency = models.ForeignKey(
        "network.Agency",
        verbose_name=_("agency"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    new_title = models.CharField(_("new scope"), max_length=200, blank=True, default="")
    reason = models.TextField(_("reason"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    proposed_at = models.DateTimeField(_("proposed at"))
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
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering: ClassVar[list[str]] = ["agreement_id", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agreement", "number"], name="funding_amendment_number_once"
            ),
            models.CheckConstraint(
                condition=Q(added_federal_minor__isnull=True) | Q(added_federal_minor__gt=0),
                name="funding_amendment_adds_something",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AmendmentState]),
                name="funding_amendment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state=AmendmentState.PROPOSED.value, decided_at__isnull=True)
                | Q(~Q(state=AmendmentState.PROPOSED.value), decided_at__isnull=False),
                name="funding_amendment_decided_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.number}"


TRIGGERS = append_only(
    "funding_amendment",
    updatable_columns=(
        "state",
        "decided_by_id",
        "decided_at",
        "decision_reason",
        "before",
        "after",
    ),
)
