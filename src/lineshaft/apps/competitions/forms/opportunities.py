"""Fields, formats and help of the public pages: finding opportunities, asking, keeping a search."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import Choices, long_text
from lineshaft.apps.competitions.models import KIND_LABELS
from lineshaft.apps.competitions.queries import OpportunityStatus, Search

STATUS_LABELS = {
    OpportunityStatus.FORECASTED: _("To come"),
    OpportunityStatus.POSTED: _("Open now"),
    OpportunityStatus.CLOSED: _("Closed, in review"),
    OpportunityStatus.ARCHIVED: _("Over"),
}


class OpportunityFilters(forms.Form):
    """Which opportunities are listed."""

    q = forms.CharField(label=_("Words"), max_length=rules.TITLE_MAX, required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Open or to come")),
            *((status.value, label) for status, label in STATUS_LABELS.items()),
            ("all", _("All")),
        ],
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *KIND_LABELS.items()]
    )
    agency = forms.ChoiceField(label=_("Agency"), required=False)
    area = forms.ChoiceField(label=_("Technology area"), required=False)

    def __init__(self, *args: Any, agencies: Choices, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = [("", _("All")), *agencies]  # type: ignore[attr-defined]
        self.fields["area"].choices = [("", _("All")), *areas]  # type: ignore[attr-defined]

    def search(self) -> Search:
        """What was asked for; a wrong choice narrows nothing."""
        data = self.cleaned_data if self.is_valid() else {}
        return Search(
            words=str(data.get("q", "")),
            kind=str(data.get("kind", "")),
            agency=str(data.get("agency", "")),
            area=str(data.get("area", "")),
            status=str(data.get("status", "")),
        )


class SaveSearchForm(OpportunityFilters):
    """A search to keep."""

    name = forms.CharField(label=_("Name"), max_length=rules.TITLE_MAX)
    is_told = forms.BooleanField(
        label=_("Tell me of new ones by e-mail"), required=False, initial=True
    )
    status = None  # type: ignore[assignment] # one is told of what is new, whatever its status
    field_order = ("name", "q", "kind", "agency", "area", "is_told")


class QuestionForm(forms.Form):
    """A question on a competition."""

    text = long_text(
        _("Question"),
        4,
        _("The answer may be published; write nothing that your competitors should not read."),
        max_length=rules.QUESTION_MAX,
    )


class AnswerForm(forms.Form):
    """An answer."""

    answer = long_text(_("Answer"), 6, max_length=rules.QUESTION_MAX)
    answer_zh = long_text(_("Answer in Chinese"), 4, required=False, max_length=rules.QUESTION_MAX)
    is_public = forms.BooleanField(
        label=_("For everybody"),
        required=False,
        initial=True,
        help_text=_("The question is shown with it, without the name of who asked."),
    )
