"""The fields by which a contribution is valued; a form shows those that its kind wants."""

from dataclasses import replace
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.forms.fields import AmountField
from lineshaft.kernel.jurisdiction import CostShareKind, ValuationMethod

_UNITS_HELP: Final = {
    ValuationMethod.RATE: _("Hours worked."),
    ValuationMethod.RENTAL: _("Months, days or hours of use; for space, area times months."),
}


class PercentField(forms.DecimalField):
    """A percentage as a person writes it; cleans to basis points, None for nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=6, decimal_places=2, min_value=0, **options)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)


def valuation_fields(kind: CostShareKind, currency: str) -> dict[str, forms.Field]:
    """The fields that a contribution of the kind fills in, in the order of the page.

    None is required by the form: what lacks is named by the rule, with its citation.
    """
    fields = _units_at_a_rate(kind, currency) | _values(currency) | _papers()
    wanted = rules.fields_wanted(kind)
    return {name: field for name, field in fields.items() if name in wanted}


class ValuationForm(forms.Form):
    """What a recorded contribution of the kind lacks of its valuation."""

    def __init__(
        self, *args: Any, kind: CostShareKind, valuation: rules.Valuation, currency: str
    ) -> None:
        super().__init__(*args)
        self._stated = valuation
        self.fields |= {
            name: field
            for name, field in valuation_fields(kind, currency).items()
            if getattr(valuation, name) in {None, ""}
        }

    @property
    def valuation(self) -> rules.Valuation:
        """What is stated, with what was filled in."""
        return replace(self._stated, **self.cleaned_data)


def _units_at_a_rate(kind: CostShareKind, currency: str) -> dict[str, forms.Field]:
    return {
        "units": forms.DecimalField(
            label=_("Units"),
            max_digits=rules.UNITS_DIGITS,
            decimal_places=rules.UNITS_DECIMALS,
            min_value=0,
            required=False,
            help_text=_UNITS_HELP.get(kind.method, ""),
        ),
        "rate_minor": AmountField(currency=currency, label=_("Rate for one unit"), required=False),
        "fringe_bp": PercentField(
            label=_("Fringe benefits in percent of the rate"),
            required=False,
            help_text=_("Empty where the rate holds them already, or none are paid."),
        ),
    }


def _values(currency: str) -> dict[str, forms.Field]:
    return {
        "market_value_minor": AmountField(
            currency=currency, label=_("Fair market value"), required=False
        ),
        "book_value_minor": AmountField(
            currency=currency,
            label=_("Remaining book value"),
            required=False,
            help_text=_("For property of the recipient itself: the lesser of the two counts."),
        ),
        "base_minor": AmountField(
            currency=currency, label=_("Base of the indirect rate"), required=False
        ),
        "approved_rate_bp": PercentField(
            label=_("Approved indirect rate in percent"), required=False
        ),
        "charged_rate_bp": PercentField(
            label=_("Indirect rate charged in percent"), required=False
        ),
    }


def _papers() -> dict[str, forms.Field]:
    return {
        "appraisal": forms.CharField(
            label=_("Independent appraisal"),
            max_length=200,
            required=False,
            help_text=_("Who found the value, when, and the number of the report."),
        ),
        "approval": forms.CharField(
            label=_("Prior approval"),
            max_length=200,
            required=False,
            help_text=_("The agency’s letter that allows it."),
        ),
        "basis_of_value": forms.CharField(
            label=_("Basis of value"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("How the value was found: pay records, appraisal, price list."),
        ),
    }
