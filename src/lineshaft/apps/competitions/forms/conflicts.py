"""Fields, formats and help of the pages of conflicts of interest."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import Choices, long_text
from lineshaft.apps.competitions.models import (
    CONFLICT_KIND_LABELS,
    CONFLICT_ORIGIN_LABELS,
    CONFLICT_OUTCOME_LABELS,
)
from lineshaft.apps.competitions.queries import ConflictSearch
from lineshaft.apps.competitions.services import UnwantedRow


class ConflictFilters(forms.Form):
    """Which conflicts are listed."""

    q = forms.CharField(label=_("Name"), max_length=rules.TITLE_MAX, required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("All that stand")),
            *CONFLICT_OUTCOME_LABELS.items(),
            ("cleared", _("No longer found")),
        ],
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *CONFLICT_KIND_LABELS.items()]
    )
    origin = forms.ChoiceField(
        label=_("Origin"),
        required=False,
        choices=[("", _("All")), *CONFLICT_ORIGIN_LABELS.items()],
    )

    def chosen(self) -> dict[str, str]:
        """What was asked for, without what is blank; a wrong choice narrows nothing."""
        found = self.cleaned_data if self.is_valid() else {}
        return {name: str(value) for name, value in found.items() if value}

    def search(self) -> ConflictSearch:
        """The same as the search that queries take."""
        asked = self.chosen()
        words = asked.pop("q", "")
        return ConflictSearch(words=words, **asked)


class DecideConflictForm(forms.Form):
    """What follows from a conflict; `seen` is how many decisions stood when the page was made."""

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        widget=forms.RadioSelect,
        choices=[(one.value, CONFLICT_OUTCOME_LABELS[one]) for one in rules.DECISIONS],
        help_text=_(
            "With a recusal the application stays closed to the person. A mitigation or a waiver"
            " opens it."
        ),
    )
    measure = long_text(
        pgettext_lazy("conflict", "Measure"),
        3,
        _("How a conflict is mitigated, such as: abstains from the vote on this application."),
        required=False,
        max_length=rules.MEASURE_MAX,
    )
    reason = long_text(
        _("Reason"), 3, _("It stands on record with your name."), max_length=rules.REASON_MAX
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class DeclareConflictForm(forms.Form):
    """A conflict to declare; `person` is empty for one's own."""

    application = forms.IntegerField(
        label=_("Number of the application"),
        min_value=1,
        help_text=_("As it stands on the list of what you are to read."),
    )
    person = forms.ChoiceField(label=_("Who is conflicted"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(one.value, CONFLICT_KIND_LABELS[one]) for one in rules.DECLARABLE],
    )
    evidence = long_text(
        _("What ties you to it"),
        4,
        _("Enough to decide on: who, since when, how closely."),
        max_length=rules.EVIDENCE_MAX,
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            self.fields["person"].choices = [("", _("Myself")), *people]  # type: ignore[attr-defined] # a ChoiceField
            self.fields["evidence"].label = _("What ties them to it")
        else:
            del self.fields["person"]


class UnwantedForm(forms.Form):
    """Somebody who should not review the application."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("With it the person is recognised for certain, else by the name."),
    )
    organisation = forms.CharField(label=_("Organisation"), max_length=200, required=False)
    why = long_text(
        _("Why"), 3, _("Whoever runs the competition reads it."), max_length=rules.MEASURE_MAX
    )

    def row(self) -> UnwantedRow:
        """What was entered."""
        names = ("name", "why", "email", "organisation")
        return UnwantedRow(**{name: self.cleaned_data[name] for name in names})
