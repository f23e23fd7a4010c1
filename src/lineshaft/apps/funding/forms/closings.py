"""Forms that close books through a day, and open them again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.web.forms import DayInput


class CloseBooksForm(forms.Form):
    """The last day that is closed."""

    through = forms.DateField(label=_("Closed through"), widget=DayInput())


class ReopenBooksForm(forms.Form):
    """The last day that stays closed, and why the others are opened."""

    through = forms.DateField(
        label=_("Stays closed through"),
        required=False,
        widget=DayInput(),
        help_text=_("Empty opens every day."),
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))
