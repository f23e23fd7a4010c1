"""What an institute asks and gives in a tier.

Invariant: terms are appended with the day from which they hold, never changed.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.network.models import Institute
from lineshaft.plumbing.triggers import append_only

RATE_CLASS_LABELS = {
    rules.RateClass.FREE: _("Free of charge"),
    rules.RateClass.REDUCED: _("Reduced"),
    rules.RateClass.MEMBER: _("Members' rate"),
    rules.RateClass.FULL: _("Full rate"),
}


class TierTerms(models.Model):
    """What an institute asks of a member in a tier, and what it gives, from a day on.

    Money is a year's, in minor units of the profile's currency. `licence_option_days` is how long a
    member may ask for a licence to a project's result.
    """

    institute = models.ForeignKey(
        Institute,
        on_delete=models.PROTECT,
        related_name="tier_terms",
        verbose_name=_("institute"),
    )
    tier = models.CharField(_("membership tier"), max_length=32)
    in_force_on = models.DateField(_("in force from"))
    is_offered = models.BooleanField(_("is offered"), default=True)
    dues_minor = models.BigIntegerField(_("dues a year"))
    in_kind_minor = models.BigIntegerField(_("in kind a year"), default=0)
    term_months = models.PositiveSmallIntegerField(_("months of a term"), default=12)
    board_seats = models.PositiveSmallIntegerField(_("seats on the board"), default=0)
    votes = models.PositiveSmallIntegerField(_("votes"), default=0)
    rate_class = models.CharField(
        _("rate of bookings"), max_length=16, choices=list(RATE_CLASS_LABELS.items())
    )
    training_seats = models.PositiveSmallIntegerField(_("training seats a year"), default=0)
    seats_roll_over = models.BooleanField(_("unused training seats roll over"), default=False)
    licence_option_days = models.PositiveSmallIntegerField(
        _("days to ask for a licence"), default=0
    )
    may_lead_projects = models.BooleanField(_("may lead in project calls"), default=False)
    source = models.CharField(_("source"), max_length=rules.REFERENCE_LENGTH_MAX)
    entered_at = models.DateTimeField(_("entered at"))

    class Meta:
        verbose_name = _("terms of a tier")
        verbose_name_plural = _("terms of tiers")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["institute", "tier", "in_force_on"], name="memberships_tier_terms_day"
            ),
            models.CheckConstraint(
                condition=Q(dues_minor__gte=0, in_kind_minor__gte=0),
                name="memberships_tier_terms_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(term_months__gte=1), name="memberships_tier_terms_have_a_term"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tier} at {self.institute_id} from {self.in_force_on}"


TIER_TRIGGERS = append_only("memberships_tierterms")
