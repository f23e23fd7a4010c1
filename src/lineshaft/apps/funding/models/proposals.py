"""Federal transfers that were proposed and take effect once a second person approves them.

Held by the database: what was proposed is never changed; who approves or rejects is another person
than who proposed; only who proposed withdraws.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.ledger import TRANSFER_CODE_LABELS, Account, Transfer
from lineshaft.apps.funding.rules import ProposalState, TransferCode
from lineshaft.kernel.money import Money
from lineshaft.plumbing.triggers import append_only

PROPOSAL_STATE_LABELS = {
    ProposalState.PROPOSED: _("Waits for a second person"),
    ProposalState.APPROVED: _("Approved"),
    ProposalState.REJECTED: _("Rejected"),
    ProposalState.WITHDRAWN: _("Withdrawn"),
}


class TransferProposal(models.Model):
    """All that a transfer will say, from the caller's id to its reason, and who decides on it.

    The id is that of the transfer which approval records. Nothing is reserved by proposing: the
    limits are asked again at approval.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="proposals", db_index=False
    )
    code = models.CharField(
        _("code"),
        max_length=24,
        choices=[(code.value, label) for code, label in TRANSFER_CODE_LABELS.items()],
    )
    debit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    credit_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    occurred_on = models.DateField(_("date"))
    pending = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    corrects = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reference = models.CharField(_("reference"), max_length=120, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in PROPOSAL_STATE_LABELS.items()],
        default=ProposalState.PROPOSED.value,
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.TextField(_("reason of the decision"), blank=True, default="")

    class Meta:
        verbose_name = _("proposed transfer")
        verbose_name_plural = _("proposed transfers")
        ordering: ClassVar[list[str]] = ["-proposed_at", "-id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "proposed_at"], name="funding_proposal_by_state"),
            models.Index(fields=["agreement", "proposed_at"], name="funding_proposal_by_agreement"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="funding_proposal_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ProposalState]),
                name="funding_proposal_state_known",
            ),
            models.CheckConstraint(
                condition=Q(code=TransferCode.CORRECT.value, corrects__isnull=False)
                | (~Q(code=TransferCode.CORRECT.value) & Q(corrects__isnull=True)),
                name="funding_proposal_correction_names_the_old",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ProposalState.PROPOSED.value,
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                )
                | Q(
                    state=ProposalState.WITHDRAWN.value,
                    decided_by=F("proposed_by"),
                    decided_at__isnull=False,
                )
                | (
                    Q(
                        state__in=[ProposalState.APPROVED.value, ProposalState.REJECTED.value],
                        decided_by__isnull=False,
                        decided_at__isnull=False,
                    )
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="funding_proposal_takes_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.id}"

    def get_absolute_url(self) -> str:
        """The proposal's page."""
        return reverse("funding:show_proposal", args=[self.pk])

    @property
    def amount(self) -> Money:
        """The amount to be moved."""
        return Money(self.amount_minor, self.currency)


TRIGGERS = append_only(
    "funding_transferproposal",
    updatable_columns=("state", "decided_by_id", "decided_at", "decision_reason"),
)
