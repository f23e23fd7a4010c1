"""Contributions to an agreement as claimed and as accepted, and the evidence of them.

Held by the database: a contribution is accepted up to what was claimed, and only where it may
count; what it is valued by is stated once, before it is decided. Held by the services, and
re-derived by `verify_ledger`: what contributions claim and have accepted is what stands in their
agreement's cost-share accounts.
"""

from dataclasses import fields
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models.agreements import Agreement
from lineshaft.apps.funding.models.ledger import Transfer
from lineshaft.apps.funding.rules import (
    MARK_LENGTH_MAX,
    UNITS_DECIMALS,
    UNITS_DIGITS,
    ContributionState,
    Valuation,
)
from lineshaft.kernel.money import Money
from lineshaft.plumbing.sharing import LEVEL_CHOICES, SharingLevel
from lineshaft.plumbing.triggers import append_only, filled_once

CONTRIBUTION_STATE_LABELS = {
    ContributionState.RECORDED: _("Recorded"),
    ContributionState.ACCEPTED: _("Accepted"),
    ContributionState.REFUSED: _("Refused"),
    ContributionState.WITHDRAWN: _("Withdrawn"),
}


_ABOVE_ZERO = ("units", "rate_minor", "market_value_minor", "book_value_minor", "base_minor")
_NOT_BELOW_ZERO = ("fringe_bp", "approved_rate_bp", "charged_rate_bp")
_VALUED_BY_NUMBERS = (*_ABOVE_ZERO, *_NOT_BELOW_ZERO)
_VALUED_BY_TEXTS = ("appraisal", "approval", "basis_of_value")


def _each(comparison: str, *names: str) -> Q:
    """Each of the columns is empty, or compares so with zero."""
    condition = Q()
    for name in names:
        condition &= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__{comparison}": 0})
    return condition


class Contribution(models.Model):
    """Cost share that one organisation brought to one agreement, as claimed and as accepted.

    Its key is the id of the pending transfer that recorded it. `kind` and `is_cash` follow the
    profile's cost-share kinds; `other_award` names another federal award that already counts it. Of
    the columns from `units` to `basis_of_value`, those are filled by which the kind is valued.
    """

    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, primary_key=True, related_name="contribution"
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="contributions", db_index=False
    )
    organisation = models.ForeignKey(
        "network.Organisation",
        verbose_name=_("contributor"),
        on_delete=models.PROTECT,
        related_name="contributions",
    )
    kind = models.CharField(_("kind"), max_length=40)
    is_cash = models.BooleanField(_("cash"))
    is_federal_origin = models.BooleanField(_("of federal origin"), default=False)
    other_award = models.CharField(_("other award"), max_length=64, blank=True, default="")
    units = models.DecimalField(
        _("units"),
        max_digits=UNITS_DIGITS,
        decimal_places=UNITS_DECIMALS,
        null=True,
        blank=True,
    )
    rate_minor = models.BigIntegerField(_("rate"), null=True, blank=True)
    fringe_bp = models.IntegerField(_("fringe benefits"), null=True, blank=True)
    market_value_minor = models.BigIntegerField(_("fair market value"), null=True, blank=True)
    book_value_minor = models.BigIntegerField(_("book value"), null=True, blank=True)
    base_minor = models.BigIntegerField(_("base of the indirect rate"), null=True, blank=True)
    approved_rate_bp = models.IntegerField(_("approved indirect rate"), null=True, blank=True)
    charged_rate_bp = models.IntegerField(_("indirect rate charged"), null=True, blank=True)
    appraisal = models.CharField(_("independent appraisal"), max_length=200, blank=True, default="")
    approval = models.CharField(_("prior approval"), max_length=200, blank=True, default="")
    basis_of_value = models.TextField(_("basis of value"), blank=True, default="")
    occurred_on = models.DateField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    claimed_minor = models.BigIntegerField(_("claimed"))
    accepted_minor = models.BigIntegerField(_("accepted"), default=0)
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=[(state.value, label) for state, label in CONTRIBUTION_STATE_LABELS.items()],
        default=ContributionState.RECORDED.value,
    )
    external_id = models.CharField(_("own number"), max_length=120, blank=True, default="")
    level = models.CharField(
        _("shared with"),
        max_length=16,
        choices=LEVEL_CHOICES,
        default=SharingLevel.RESTRICTED.value,
    )
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
    decision_reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering: ClassVar[list[str]] = ["-occurred_on", "-transfer_id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["agreement", "occurred_on"], name="funding_contrib_by_agreement"),
            models.Index(fields=["occurred_on", "transfer"], name="funding_contrib_in_order"),
            models.Index(fields=["state", "occurred_on"], name="funding_contrib_by_state"),
            models.Index(fields=["claimed_minor", "occurred_on"], name="funding_contrib_by_claim"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(claimed_minor__gt=0), name="funding_contribution_claims_something"
            ),
            models.CheckConstraint(
                condition=Q(accepted_minor__gte=0, accepted_minor__lte=F("claimed_minor")),
                name="funding_contribution_accepted_within_claim",
            ),
            models.CheckConstraint(
                condition=Q(state=ContributionState.ACCEPTED.value) | Q(accepted_minor=0),
                name="funding_contribution_counts_only_accepted",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ContributionState]),
                name="funding_contribution_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(is_federal_origin=True, state=ContributionState.ACCEPTED.value),
                name="funding_contribution_federal_never_counts",
            ),
            models.CheckConstraint(
                condition=_each("gt", *_ABOVE_ZERO) & _each("gte", *_NOT_BELOW_ZERO),
                name="funding_contribution_valuation_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.transfer_id}"

    def get_absolute_url(self) -> str:
        """The contribution's page."""
        return reverse("funding:show_contribution", args=[self.pk])

    @property
    def valuation(self) -> Valuation:
        """What its record states of its worth."""
        return Valuation(**{field.name: getattr(self, field.name) for field in fields(Valuation)})

    @property
    def claimed(self) -> Money:
        """What the contributor says it is worth."""
        return Money(self.claimed_minor, self.currency)

    @property
    def accepted(self) -> Money:
        """What counts as cost share."""
        return Money(self.accepted_minor, self.currency)


class ContributionEvidence(models.Model):
    """One proof of a contribution: a stored file, or the reference of a record kept elsewhere.

    `mark` is derived by `rules.evidence_mark`, and finds the same proof under another award.
    """

    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="evidence"
    )
    file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reference = models.CharField(_("reference"), max_length=200, blank=True, default="")
    mark = models.CharField(max_length=MARK_LENGTH_MAX, blank=True, default="", editable=False)
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
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mark"], name="funding_evidence_by_mark"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | ~Q(reference=""),
                name="funding_evidence_is_something",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or str(self.file_id)


TRIGGERS = (
    *append_only(
        "funding_contribution",
        updatable_columns=(
            "accepted_minor",
            "state",
            "level",
            "decided_by_id",
            "decided_at",
            "decision_reason",
            *_VALUED_BY_NUMBERS,
            *_VALUED_BY_TEXTS,
        ),
    ),
    filled_once(
        "funding_contribution",
        numbers=_VALUED_BY_NUMBERS,
        texts=_VALUED_BY_TEXTS,
        while_true="OLD.state = 'recorded'",
    ),
    *append_only("funding_contributionevidence"),
)
