"""Fields, formats and help of the pages of delegations."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.money import parse_money
from lineshaft.plumbing.roles import ROLE_LABELS
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]


class DelegationForm(forms.Form):
    """A delegation to make."""

    verb = forms.ChoiceField(label=_("What"))
    institute = forms.ChoiceField(label=_("Over the institute"), required=False)
    body = forms.ChoiceField(
        label=_("Only for the body"),
        required=False,
        help_text=_("For what is done for a body, such as keeping its record."),
    )
    person = forms.CharField(
        label=_("To the person"),
        max_length=254,
        required=False,
        help_text=_("E-mail address. Empty where it goes to a role."),
    )
    role = forms.ChoiceField(
        label=_("Or to whoever holds the role"),
        required=False,
        choices=[("", "–"), *((role, ROLE_LABELS[role]) for role in rules.HOLDER_ROLES)],
    )
    amount = forms.CharField(
        label=_("Up to the amount"),
        max_length=40,
        required=False,
        help_text=_("Empty where no amount limits it."),
    )
    starts_on = forms.DateField(label=_("From"), widget=DayInput())
    ends_on = forms.DateField(label=_("Until, not included"), widget=DayInput(), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=rules.REFERENCE_MAX)

    def __init__(
        self,
        *args: Any,
        verbs: Choices,
        institutes: Choices,
        bodies: Choices,
        currency: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name, choices in (("verb", verbs), ("institute", institutes), ("body", bodies)):
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["inputmode"] = "decimal"

    def clean_amount(self) -> int | None:
        """The amount in minor units, or None."""
        text = self.cleaned_data["amount"]
        if not text:
            return None
        try:
            return parse_money(text, self.currency).amount_minor
        except Invalid as error:
            raise forms.ValidationError(
                [fault.as_text(gettext) for fault in error.errors]
            ) from error
