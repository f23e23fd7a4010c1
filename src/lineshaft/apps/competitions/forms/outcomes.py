"""The form on which is decided who goes on after a stage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import Choices, long_text, several
from lineshaft.apps.competitions.models import STAGE_RESULT_LABELS
from lineshaft.apps.competitions.services import OutcomeTerms


class OutcomesForm(forms.Form):
    """One outcome for all applications that are ticked."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)
    applications = several(pgettext_lazy("competition", "Applications"))
    outcome = forms.ChoiceField(label=_("Outcome"))
    reason = long_text(
        _("Reason"),
        3,
        _("For those who run the competition. Needed for an outcome that speaks against it."),
        required=False,
        max_length=rules.ADVICE_MAX,
    )
    advice = long_text(
        _("Advice to the applicant"),
        4,
        _("The applicants read it with the outcome, once it is told."),
        required=False,
        max_length=rules.ADVICE_MAX,
    )
    advice_zh = long_text(
        _("Advice to the applicant, in Chinese"),
        3,
        required=False,
        max_length=rules.ADVICE_MAX,
    )

    def __init__(
        self,
        *args: Any,
        applications: Choices,
        results: Sequence[rules.StageResult],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen = {
            "applications": applications,
            "outcome": [(one.value, STAGE_RESULT_LABELS[one]) for one in results],
        }
        for name, choices in chosen.items():
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined] # a ChoiceField

    def clean_seen(self) -> datetime | None:
        """The moment at which the page was read; None where it is not known."""
        try:
            moment = datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            return None
        return moment if moment.tzinfo else None

    def ids(self) -> list[int]:
        """The applications that are ticked."""
        return [int(one) for one in self.cleaned_data["applications"]]

    def terms(self) -> OutcomeTerms:
        """What was entered."""
        return OutcomeTerms(**{name: self.cleaned_data[name] for name in OutcomeTerms.__slots__})
