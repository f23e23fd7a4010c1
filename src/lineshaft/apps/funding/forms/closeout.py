"""Forms of the performance reserve and of the close-out."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.transfers import MovementForm
from lineshaft.apps.funding.models import RATING_LABELS
from lineshaft.apps.funding.rules import Rating
from lineshaft.web.forms import DayInput


class ReserveReleaseForm(MovementForm):
    """How much of the reserve to release, and on which assessed performance."""

    assessed_from = forms.DateField(label=_("Assessed from"), widget=DayInput())
    assessed_before = forms.DateField(
        label=_("Assessed before"),
        widget=DayInput(),
        help_text=_("The first day after the time that was assessed."),
    )
    rating = forms.ChoiceField(
        label=_("Performance"),
        choices=[(rating.value, label) for rating, label in RATING_LABELS.items()],
    )
    assessment = forms.CharField(
        label=_("Assessment"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was assessed, against which standards, and what was found."),
    )

    def clean_rating(self) -> Rating:
        """The rating, as the rules know it."""
        return Rating(self.cleaned_data["rating"])


class CloseoutForm(forms.Form):
    """On which day an item of the close-out was done, and which record shows it."""

    done_on = forms.DateField(label=_("Done on"), widget=DayInput())
    record = forms.CharField(
        label=_("Record"),
        max_length=200,
        help_text=_("The number or place of the document that shows it."),
    )
