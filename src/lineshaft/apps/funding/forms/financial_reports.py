"""Forms of financial reports: which one to show, its certification, an indirect rate."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.income import choose
from lineshaft.apps.funding.models import BASIS_LABELS, RATE_TYPE_LABELS
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.web.forms import DayInput


class ReportScopeForm(forms.Form):
    """Through which day, of which type and on which basis to report."""

    period_end = forms.DateField(label=_("Period end"), widget=DayInput(), required=False)
    term = forms.ChoiceField(label=_("Report type"), required=False)
    basis = forms.ChoiceField(
        label=_("Basis of accounting"), choices=BASIS_LABELS.items(), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "term", profile_in_use().report_terms)


class CertifyForm(forms.Form):
    """What a person says with a report. The digest is of the report that was shown."""

    seen_digest = forms.CharField(widget=forms.HiddenInput())
    remarks = forms.CharField(
        label=_("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reason = forms.CharField(
        label=_("Why it replaces the one before"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_confirmed = forms.BooleanField(label=_("I certify this report as it is shown here"))

    def __init__(self, *args: Any, has_before: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_before:
            del self.fields["reason"]


class IndirectRateForm(forms.Form):
    """An indirect cost rate over a span of days."""

    rate_type = forms.ChoiceField(label=_("Type of rate"), choices=RATE_TYPE_LABELS.items())
    rate_bp = forms.DecimalField(
        label=_("Rate in per cent"), max_digits=5, decimal_places=2, min_value=0
    )
    starts_on = forms.DateField(label=_("From"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Before"),
        widget=DayInput(),
        help_text=_("The first day on which it no longer holds."),
    )
    reference = forms.CharField(
        label=_("Rate agreement"), max_length=120, help_text=_("The paper by which it was agreed.")
    )

    def clean_rate_bp(self) -> int:
        """The rate in basis points."""
        rate: Decimal = self.cleaned_data["rate_bp"]
        return int(rate * BASIS_POINTS / 100)
