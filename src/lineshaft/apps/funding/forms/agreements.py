"""Forms of agreements."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField, ConfirmForm
from lineshaft.apps.network.models import Agency
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput


class SignForm(forms.Form):
    """What an agreement says, as both sides signed it."""

    number = forms.CharField(
        label=_("Number"),
        max_length=64,
        help_text=_("The award's own number, the same in every system."),
    )
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    agency = forms.ChoiceField(label=_("Agency"))
    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput())
    starts_on = forms.DateField(label=_("Starts on"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Ends on"), widget=DayInput(), help_text=_("The first day after the term.")
    )

    def __init__(
        self, *args: Any, agencies: Sequence[Agency], currency: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.agencies = {agency.key: agency for agency in agencies}
        agency_field = self.fields["agency"]
        assert isinstance(agency_field, forms.ChoiceField)  # noqa: S101 -- declared above
        agency_field.choices = [(agency.key, local_name(agency)) for agency in agencies]
        self.fields["federal_total_minor"] = AmountField(
            currency=currency,
            label=gettext("Federal total in %(currency)s") % {"currency": currency},
        )
        self.fields["cost_share_required_minor"] = AmountField(
            currency=currency,
            label=gettext("Cost share required in %(currency)s") % {"currency": currency},
            required=False,
            help_text=gettext("Empty where the agreement names none: the matching rule binds."),
        )

    def clean_agency(self) -> Agency:
        """The agency of that key, one of those offered."""
        return self.agencies[self.cleaned_data["agency"]]


class TerminateForm(ConfirmForm):
    """Why an agreement ends before its term."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    field_order = ("reason", "is_confirmed")
