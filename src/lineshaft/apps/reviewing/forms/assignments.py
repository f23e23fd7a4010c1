"""Fields, formats and help of the pages on which reviewers are assigned."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import OBJECTIVE_LABELS

type Choices = Sequence[tuple[str, str]]

NUMBERS: Final = (
    "demand",
    "load_least",
    "load_most",
    "sector_least",
    "lead_sector_least",
    "employer_most",
    "time_limit_s",
)


class ProposeForm(forms.Form):
    """Under what an assignment is computed."""

    objective = forms.ChoiceField(label=_("What is wanted"), choices=list(OBJECTIVE_LABELS.items()))
    demand = forms.IntegerField(label=_("Reviewers of an application"), min_value=1)
    load_most = forms.IntegerField(
        label=_("Applications of a reviewer, at most"),
        min_value=1,
        required=False,
        help_text=_("Empty: as many as each of them said."),
    )
    load_least = forms.IntegerField(
        label=_("Applications of a reviewer, at the least"), min_value=0, initial=0
    )
    sector_least = forms.IntegerField(
        label=_("Reviewers of an application from each half of the panel, at the least"),
        min_value=0,
        help_text=_(
            "The private half and the public one, which are government and public laboratories"
            " (15 U.S.C. 278s(e)(4)(A)(i))."
        ),
    )
    lead_sector_least = forms.IntegerField(
        label=_("Reviewers of an application from the sector of its lead, at the least"),
        min_value=0,
        initial=0,
    )
    employer_most = forms.IntegerField(
        label=_("Reviewers of an application from one employer, at most"),
        min_value=1,
        required=False,
        help_text=_("Empty: any number."),
    )
    forced = forms.MultipleChoiceField(
        label=_("Pairs that must be"), widget=forms.CheckboxSelectMultiple, required=False
    )
    forbidden = forms.MultipleChoiceField(
        label=_("Pairs that may not be"), widget=forms.CheckboxSelectMultiple, required=False
    )
    time_limit_s = forms.IntegerField(
        label=_("Seconds to look for it, at most"),
        min_value=1,
        max_value=rules.TIME_LIMIT_MOST_S,
        help_text=_("Then the best found is proposed, with how much better it might still be."),
    )

    def __init__(
        self, *args: Any, forced: Choices = (), forbidden: Choices = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("forced", forced), ("forbidden", forbidden)):
            if choices:
                self.fields[name].choices = list(choices)  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def assignment_terms(self) -> rules.AssignmentTerms:
        """What was entered."""
        data = self.cleaned_data
        return rules.AssignmentTerms(
            objective=data["objective"],
            **{name: data[name] for name in NUMBERS},
            forced=pairs_named(data.get("forced", ())),
            forbidden=pairs_named(data.get("forbidden", ())),
        )


class ConfirmChangeForm(forms.Form):
    """That a change is wanted as it was weighed; `seen` names what it was weighed against."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class TakeBackForm(ConfirmChangeForm):
    """That an assignment is taken back, and why."""

    why = forms.CharField(
        label=_("Why"),
        max_length=rules.REASON_MAX,
        help_text=_("It stays on record beside the assignment."),
    )


def initial_of_terms(terms: rules.AssignmentTerms, changed: Mapping[str, str]) -> dict[str, Any]:
    """What the form begins with: the terms, and in their place what the address names."""
    initial: dict[str, Any] = {name: getattr(terms, name) for name in ("objective", *NUMBERS)}
    initial |= {name: value for name, value in changed.items() if name in NUMBERS}
    return initial | {
        "forced": [name_of_pair(pair) for pair in terms.forced],
        "forbidden": [name_of_pair(pair) for pair in terms.forbidden],
    }


def name_of_pair(pair: rules.Pair) -> str:
    """A pair as a form names it."""
    return f"{pair[0]}:{pair[1]}"


def pairs_named(names: Iterable[str]) -> tuple[rules.Pair, ...]:
    """The pairs that these names mean; what names none is left out."""
    found = []
    for name in names:
        first, _colon, second = name.partition(":")
        if first.isdecimal() and second.isdecimal() and len(name) <= 40:  # noqa: PLR2004 -- two ids
            found.append((int(first), int(second)))
    return tuple(found)
