"""Fields, formats and help of the pages on which a selection is prepared and decided."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.forms.fields import Choices, long_text
from lineshaft.apps.awarding.models import BASIS_LABELS, FACTOR_LABELS, MARK_LABELS
from lineshaft.apps.awarding.services import ChoiceTerms, ScenarioTerms
from lineshaft.apps.competitions.models import OUTCOME_LABELS
from lineshaft.apps.competitions.rules import TEXT_MAX, Outcome
from lineshaft.web.fields import AmountField

GROUP: Final = "group"


class ScenarioForm(forms.Form):
    """What a scenario is counted by: a budget, a value, and the factors that it holds to."""

    name = forms.CharField(
        label=_("Name"),
        max_length=rules.SCENARIO_NAME_MAX,
        help_text=_("Under which it stands beside the others, such as “At most one a state”."),
    )
    basis = forms.ChoiceField(
        label=_("Value of an application"), choices=list(BASIS_LABELS.items())
    )

    def __init__(
        self, *args: Any, currency: str, states: Choices, kinds: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["budget_minor"] = AmountField(currency=currency, label=_("Budget"))
        groups = {
            rules.FactorKind.STATE_LEAST: (_("State"), states),
            rules.FactorKind.LEAD_KIND_LEAST: (_("Kind of organisation"), kinds),
        }
        for kind, label in FACTOR_LABELS.items():
            if kind is rules.FactorKind.OVERLAP_ONCE:
                self.fields[kind] = forms.BooleanField(label=label, required=False)
                continue
            self.fields[kind] = forms.IntegerField(
                label=label,
                required=False,
                min_value=1,
                max_value=rules.NUMBER_MOST,
                help_text=_("Leave it empty to do without."),
            )
            if kind in groups:
                named, choices = groups[kind]
                self.fields[f"{kind}_{GROUP}"] = forms.ChoiceField(
                    label=named, required=False, choices=[("", "–"), *choices]
                )

    def terms(self) -> ScenarioTerms:
        """What was entered."""
        data = self.cleaned_data
        factors = tuple(
            rules.Factor(
                kind,
                1 if kind is rules.FactorKind.OVERLAP_ONCE else data[kind],
                data.get(f"{kind}_{GROUP}", ""),
            )
            for kind in rules.FactorKind
            if data[kind]
        )
        basis = rules.Basis(data["basis"])
        return ScenarioTerms(data["name"], data["budget_minor"], basis, factors)


class ChoiceForm(forms.Form):
    """What is chosen for an application."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)
    outcome = forms.ChoiceField(
        label=_("Choice"), choices=list(OUTCOME_LABELS.items()), widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount_minor"] = AmountField(
            currency=currency,
            label=_("Amount"),
            required=False,
            help_text=_("For what is selected or on the waiting list; no more than is asked for."),
        )
        self.fields["reason"] = long_text(
            _("Reason, for the record"),
            4,
            _(
                "Needed where it is selected below one that is passed over: which policy of the"
                " programme, or what the analysis or the visit showed."
            ),
            required=False,
            max_length=rules.REASON_MAX,
        )
        self.fields["explanation"] = long_text(
            _("What the applicant is told"),
            4,
            _("It stands in the letter and the debrief. Name no other application."),
            required=False,
            max_length=rules.REASON_MAX,
        )
        self.fields["explanation_zh"] = long_text(
            _("What the applicant is told, in Chinese"),
            4,
            required=False,
            max_length=rules.REASON_MAX,
        )

    def terms(self) -> ChoiceTerms:
        """What was entered."""
        data = dict(self.cleaned_data)
        data.pop("seen")
        return ChoiceTerms(**{**data, "outcome": Outcome(data["outcome"])})


class MarksForm(forms.Form):
    """Which grounds of special consideration an application meets, each with its reason."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for mark, label in MARK_LABELS.items():
            self.fields[mark] = long_text(
                label,
                2,
                _("Say on what figure or place it rests; leave it empty where it is not met."),
                required=False,
                max_length=rules.REASON_MAX,
            )

    def reasons(self) -> dict[rules.PolicyMark, str]:
        """What was entered, without what was left empty."""
        return {
            mark: self.cleaned_data[mark] for mark in rules.PolicyMark if self.cleaned_data[mark]
        }


class PairForm(forms.Form):
    """Two applications that overlap."""

    first = forms.TypedChoiceField(label=_("Application"), coerce=int)
    second = forms.TypedChoiceField(label=_("Overlaps with"), coerce=int)
    reason = long_text(_("Where they overlap"), 3, max_length=rules.REASON_MAX)

    def __init__(self, *args: Any, applications: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            self.fields[name].choices = list(applications)  # type: ignore[attr-defined] # a choice


class SelectionDecisionForm(forms.Form):
    """What was decided, in words, on choices as they were seen."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)
    decision = long_text(
        _("Decision"),
        8,
        _("Who is selected and why; it is read by everybody once the results are published."),
        max_length=TEXT_MAX,
    )
    decision_zh = long_text(_("Decision in Chinese"), 6, required=False, max_length=TEXT_MAX)
