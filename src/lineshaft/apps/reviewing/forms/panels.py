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
from lineshaft.apps.reviewing.models import SEAT_STATE_LABELS
from lineshaft.apps.reviewing.queries import SeatSearch


class SeatFilters(forms.Form):
    """Which seats of a panel are listed; the state is chosen by links with their counts."""

    q = forms.CharField(label=_("Name or employer"), max_length=200, required=False)
    state = forms.CharField(required=False, widget=forms.HiddenInput())

    def chosen(self) -> SeatSearch:
        """What was asked for; a wrong choice narrows nothing."""
        found = self.cleaned_data if self.is_valid() else {}
        state = found.get("state", "")
        return SeatSearch(
            words=found.get("q", ""), state=state if state in SEAT_STATE_LABELS else ""
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
