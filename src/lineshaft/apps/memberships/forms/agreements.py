"""Fields, formats and help of the pages of memberships."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    END_REASON_LABELS,
    RATE_CLASS_LABELS,
)
from lineshaft.apps.memberships.services import TierOfferRow
from lineshaft.kernel.money import minor_units
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]


def _day(label: Any, help_text: Any = "", **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=DayInput(), **kwargs)


class MemberFilters(forms.Form):
    """What narrows the list of members, in its address."""

    q = forms.CharField(label=_("Organisation"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    on = _day(_("In force on"), required=False)

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All")), *kinds]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The filters that are set and mean something; a wrong one narrows nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AdmitForm(forms.Form):
    """A member to admit: which organisation, in which tier, from when."""

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=300,
        help_text=_("Its name as registered, its UEI or ROR, or its number in the address."),
    )
    tier = forms.ChoiceField(label=_("Membership tier"))
    signed_on = _day(_("Signed on"), required=False)
    starts_on = _day(_("From"))
    ends_on = _day(
        _("Until, not included"), _("The first day without the membership."), required=False
    )
    waiver_reference = forms.CharField(
        label=_("Reference of the waiver"),
        max_length=200,
        required=False,
        help_text=_("Only for an organisation whose country of ownership is barred without one."),
    )

    def __init__(self, *args: Any, tiers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = list(tiers)  # type: ignore[attr-defined] # a ChoiceField


class EndForm(forms.Form):
    """The end of a membership: the day and the reason."""

    ends_on = _day(_("Until, not included"), _("The first day without the membership."))
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            (reason.value, label)
            for reason, label in END_REASON_LABELS.items()
            if reason not in (rules.EndReason.NOT_ENDED, rules.EndReason.TIER_CHANGED)
        ],
    )
    why = forms.CharField(
        label=_("Evidence"),
        max_length=300,
        required=False,
        help_text=_("The letter or decision that ends it."),
    )


def end_reason(value: str) -> str:
    """A stored reason in words; empty for none."""
    return str(END_REASON_LABELS[rules.EndReason(value)]) if value else ""


class TierKindFilter(forms.Form):
    """For which kind of organisation memberships are compared."""

    kind = forms.ChoiceField(label=_("For which kind of organisation"), required=False)

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]

    def chosen(self, default: str) -> str:
        """The kind asked for; a wrong one is the default."""
        return str(self.cleaned_data["kind"] or default) if self.is_valid() else default


def _number(label: Any, *, least: int = 0, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=least, max_value=rules.NUMBER_MAX, help_text=help_text
    )


class TierTermsForm(forms.Form):
    """What an institute asks and gives in a tier from a day on."""

    in_force_on = _day(_("In force from"))
    is_offered = forms.BooleanField(label=_("This tier is offered"), required=False)
    dues = forms.DecimalField(label=_("Dues a year"), min_value=0, decimal_places=2)
    in_kind = forms.DecimalField(
        label=_("In kind a year"), min_value=0, decimal_places=2, help_text=_("Zero for none.")
    )
    term_months = _number(_("Months of a term"), least=1)
    board_seats = _number(_("Seats on the board"))
    votes = _number(_("Votes"), help_text=_("The weight of the member's vote."))
    rate_class = forms.ChoiceField(
        label=_("Rate of bookings"), choices=list(RATE_CLASS_LABELS.items())
    )
    training_seats = _number(_("Training seats a year"))
    seats_roll_over = forms.BooleanField(
        label=_("Unused training seats roll over to the next year"), required=False
    )
    licence_option_days = _number(
        _("Days to ask for a licence"), help_text=_("After a project's result is told.")
    )
    may_lead_projects = forms.BooleanField(label=_("May lead in project calls"), required=False)
    source = forms.CharField(
        label=_("Source"),
        max_length=rules.REFERENCE_LENGTH_MAX,
        help_text=_("The decision or price list in which these terms stand."),
    )

    def row(self, tier: str, currency: str) -> TierOfferRow:
        """What was entered; money in minor units of the currency."""
        data = dict(self.cleaned_data)
        unit = 10 ** minor_units(currency)
        dues, in_kind = int(data.pop("dues") * unit), int(data.pop("in_kind") * unit)
        data["rate_class"] = rules.RateClass(data["rate_class"])
        return TierOfferRow(tier=tier, dues_minor=dues, in_kind_minor=in_kind, **data)
