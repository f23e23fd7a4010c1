"""Forms of agreements."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField, ConfirmForm
from lineshaft.apps.network.models import Agency
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput

CO_SPONSORS: Final = 3
"""How many agencies beside the lead the form takes; the API takes any number."""


class SignForm(forms.Form):
    """What an agreement says, as both sides signed it.

    `co_sponsors` of the cleaned data are pairs of an agency and its part in minor units.
    """

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
        self,
        *args: Any,
        agencies: Sequence[Agency],
        others: Sequence[Agency],
        currency: str,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.agencies = {agency.key: agency for agency in agencies}
        self.others = {agency.key: agency for agency in others}
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
        self._add_co_sponsors(currency)

    def clean_agency(self) -> Agency:
        """The agency of that key, one of those offered."""
        return self.agencies[self.cleaned_data["agency"]]

    def clean(self) -> dict[str, Any]:
        """Gather the co-sponsors; an agency without a part, or a part without one, is a fault."""
        data = super().clean() or self.cleaned_data
        co_sponsors: list[tuple[Agency, int]] = []
        for place in range(1, CO_SPONSORS + 1):
            key = data.pop(f"co_sponsor_{place}", "")
            part_minor = data.pop(f"co_part_{place}", None)
            if key and part_minor is not None:
                co_sponsors.append((self.others[key], part_minor))
            elif key and f"co_part_{place}" not in self.errors:
                self.add_error(f"co_part_{place}", gettext("Say which part this agency gives."))
            elif part_minor is not None:
                self.add_error(f"co_sponsor_{place}", gettext("Say which agency gives this part."))
        data["co_sponsors"] = tuple(co_sponsors)
        return data

    def _add_co_sponsors(self, currency: str) -> None:
        choices = [
            ("", gettext("None")),
            *((one.key, local_name(one)) for one in self.others.values()),
        ]
        for place in range(1, CO_SPONSORS + 1):
            numbered = {"place": place, "currency": currency}
            self.fields[f"co_sponsor_{place}"] = forms.ChoiceField(
                label=gettext("Co-sponsor %(place)s") % numbered, choices=choices, required=False
            )
            self.fields[f"co_part_{place}"] = AmountField(
                currency=currency,
                label=gettext("Its part of the federal total in %(currency)s") % numbered,
                required=False,
            )


class TerminateForm(ConfirmForm):
    """Why an agreement ends before its term."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    field_order = ("reason", "is_confirmed")
