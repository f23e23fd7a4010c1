"""Delegations: who may do what in the place of somebody whose role it is, up to which amount.

Invariants: what a delegation covers never changes; it ends by its day, or is ended earlier; it is
for a person or for whoever holds a role at an institute, never for both. It rests on one grant of
whoever gave it, and is in force no longer than that grant is; only the program gives without one.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models.bodies import Body
from lineshaft.apps.network.models import Institute, Person
from lineshaft.plumbing.roles import ROLE_CHOICES, SCOPE_CHOICES
from lineshaft.plumbing.triggers import append_only


class Delegation(models.Model):
    """A verb that somebody may do over a body or an institute, from a day until another."""

    verb = models.CharField(_("what"), max_length=64)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("person"),
    )
    role = models.CharField(_("role"), max_length=32, choices=ROLE_CHOICES, blank=True, default="")
    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("institute"),
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("body"),
    )
    up_to_minor = models.PositiveBigIntegerField(_("up to"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until, not included"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=rules.REFERENCE_MAX)
    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user who delegated it"),
    )
    giver_role = models.CharField(
        _("role of who delegated it"), max_length=32, choices=ROLE_CHOICES, blank=True, default=""
    )
    giver_scope_kind = models.CharField(
        _("scope of who delegated it"),
        max_length=16,
        choices=SCOPE_CHOICES,
        blank=True,
        default="",
    )
    giver_scope_id = models.CharField(
        _("scope id of who delegated it"), max_length=64, blank=True, default=""
    )
    delegated_by = models.CharField(_("delegated by"), max_length=200)
    delegated_at = models.DateTimeField(_("delegated at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    why_revoked = models.CharField(
        _("why revoked"), max_length=rules.REFERENCE_MAX, blank=True, default=""
    )

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, role="")
                | Q(person__isnull=True, institute__isnull=False) & ~Q(role=""),
                name="governance_delegation_for_person_or_role",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="governance_delegation_has_days",
            ),
            models.CheckConstraint(
                condition=Q(up_to_minor__isnull=True) | ~Q(currency=""),
                name="governance_delegation_amount_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(giver__isnull=True, giver_role="", giver_scope_kind="")
                | Q(giver__isnull=False) & ~Q(giver_role="") & ~Q(giver_scope_kind=""),
                name="governance_delegation_giver_has_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


DELEGATION_TRIGGERS = append_only(
    "governance_delegation", updatable_columns=("revoked_at", "why_revoked")
)
