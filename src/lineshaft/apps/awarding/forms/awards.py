"""Fields, formats and help of the page on which an award is opened."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.forms.fields import Choices, long_text
from lineshaft.apps.awarding.services import AwardTerms
from lineshaft.apps.network.models import Agency
from lineshaft.web.fields import AmountField
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput


class AwardForm(forms.Form):
    """What an award says beside what was handed in and decided."""

    conditions = long_text(
        _("Conditions"),
        4,
        _("What has to be settled before the agreement is signed."),
        required=False,
        max_length=rules.CONDITIONS_MAX,
    )

    def terms(self) -> AwardTerms:
        """What was entered."""
        return AwardTerms(**self.cleaned_data)


class InstituteAwardForm(AwardForm):
    """The same for an institute, with its agreement and the parts of agencies beside the lead."""

    number = forms.CharField(
        label=_("Number of the agreement"),
        max_length=64,
        help_text=_("The award's own, the same in every system."),
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput())
    starts_on = forms.DateField(
        label=_("Starts on"),
        widget=DayInput(),
        help_text=_("It ends after the term that was applied for."),
    )
    institute = forms.ChoiceField(
        label=_("Institute"),
        required=False,
        help_text=_("One that the lead organisation leads and the signing agency sponsors."),
    )
    key = forms.CharField(
        label=_("Key of a new institute"),
        max_length=64,
        required=False,
        help_text=_("Small letters, digits and hyphens; it stands in addresses and never changes."),
    )
    name = forms.CharField(label=_("Name of a new institute"), max_length=200, required=False)
    name_zh = forms.CharField(label=_("Its name in Chinese"), max_length=200, required=False)

    def __init__(
        self,
        *args: Any,
        institutes: Choices,
        beside: Sequence[Agency],
        currency: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        new = ("", _("A new one, entered as planned"))
        self.fields["institute"].choices = [new, *institutes]  # type: ignore[attr-defined] # a choice
        self.beside = {one.key: rules.part_field(one.key) for one in beside}
        for one in beside:
            named = {"agency": local_name(one), "currency": currency}
            self.fields[self.beside[one.key]] = AmountField(
                currency=currency,
                label=gettext("Part of %(agency)s in %(currency)s") % named,
                required=False,
                help_text=gettext(
                    "Empty where it gives nothing. The leading agency gives the rest."
                ),
            )
        self.order_fields(
            (
                *("number", "signed_on", "starts_on", *self.beside.values()),
                *("institute", "key", "name", "name_zh", "conditions"),
            )
        )

    def terms(self) -> AwardTerms:
        """What was entered."""
        said = dict(self.cleaned_data)
        parts = {key: said.pop(name) or 0 for key, name in self.beside.items()}
        return AwardTerms(co_sponsors=parts, **said)
