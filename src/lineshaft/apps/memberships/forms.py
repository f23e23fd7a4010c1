"""Fields, formats and help of the pages of memberships."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import END_REASON_LABELS
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
            (reason.value, label) for reason, label in END_REASON_LABELS.items() if reason.value
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
