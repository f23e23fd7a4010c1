"""Fields, formats and help of the pages of panels: inviting, and answering."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.forms.pool import (
    ANSWERS,
    DECLARATION_CHOICES,
    DECLARATION_HELP,
    Choices,
)


class InvitePanelForm(forms.Form):
    """Whom to invite, and for how many applications."""

    reviewers = forms.TypedMultipleChoiceField(
        label=_("Reviewers"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    load_most = forms.IntegerField(
        label=_("Applications at most"),
        required=False,
        min_value=1,
        max_value=rules.LOAD_MOST,
        help_text=_("For each. Left empty, as many as each of them usually takes on."),
    )

    def __init__(self, *args: Any, reviewers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewers"].choices = reviewers  # type: ignore[attr-defined] # a ChoiceField


class AcceptForm(forms.Form):
    """That somebody takes a seat; asks for the declaration of who has made none."""

    load_most = forms.IntegerField(
        label=_("Applications at most"),
        min_value=1,
        max_value=rules.LOAD_MOST,
        help_text=_("As many as you can review in the time given."),
    )
    is_political_appointee = forms.ChoiceField(
        label=_("Are you a political appointee?"),
        choices=[("", _("Choose")), *DECLARATION_CHOICES[1:]],
        help_text=DECLARATION_HELP,
    )

    def __init__(self, *args: Any, is_declared: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_declared:
            del self.fields["is_political_appointee"]

    def answer(self) -> bool | None:
        """What was declared here; None where it was declared before."""
        return ANSWERS.get(self.cleaned_data.get("is_political_appointee", ""))


class SeatReasonForm(forms.Form):
    """Why somebody declines, leaves or is removed."""

    why = forms.CharField(
        label=_("Reason"), max_length=rules.REASON_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
