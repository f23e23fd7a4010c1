"""What insight asks people: a year, a reason, a word with an attestation."""

from django import forms
from django.utils.translation import gettext_lazy as _


class OpenReportForm(forms.Form):
    """Which fiscal year to report."""

    fiscal_year = forms.TypedChoiceField(
        label=_("Fiscal year"),
        coerce=int,
        help_text=_("Years that the records reach and that have no report yet."),
    )

    def __init__(self, *args: object, choices: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through
        self.fields["fiscal_year"].choices = choices  # type: ignore[attr-defined]


class RestateReportForm(forms.Form):
    """Why a published report is followed by another edition."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Printed on the new edition and shown beside the old one."),
    )


class AttestPartForm(forms.Form):
    """An institute's manager stands behind the figures that were shown."""

    seen_digest = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What a reader of these figures should know. Printed with the attestation."),
    )
    is_confirmed = forms.BooleanField(
        label=_("I have checked these figures and stand behind them for the institute."),
        error_messages={"required": _("Confirm that you have checked the figures.")},
    )
