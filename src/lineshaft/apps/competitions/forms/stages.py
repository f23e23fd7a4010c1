"""Fields, formats and help of the pages of stages, criteria and anchors."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import Choices, PercentField, long_text, several
from lineshaft.apps.competitions.models import (
    BLINDNESS_LABELS,
    GATE_LABELS,
    STAGE_KIND_LABELS,
    Criterion,
    Stage,
)
from lineshaft.apps.competitions.services import (
    AmendmentWords,
    AnchorTerms,
    CriterionTerms,
    StageTerms,
)
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST

NEW_ROWS: Final = 2
"""So many empty lines for criteria are offered below those that stand."""

SCORES: Final = range(SCORE_LEAST, SCORE_MOST + 1)


class StageForm(forms.Form):
    """A stage."""

    kind = forms.ChoiceField(label=_("What is done"), choices=list(STAGE_KIND_LABELS.items()))
    name = forms.CharField(label=_("Name"), max_length=rules.NAME_MAX)
    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=rules.NAME_MAX, required=False)
    days = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=rules.DAYS_MAX, help_text=_("As planned.")
    )
    page_limit = forms.IntegerField(
        label=_("Pages at most"), min_value=1, max_value=rules.PAGES_MAX, required=False
    )
    gate = forms.ChoiceField(label=_("Who goes on"), choices=list(GATE_LABELS.items()))
    blindness = forms.ChoiceField(label=_("Who knows whom"), choices=list(BLINDNESS_LABELS.items()))
    reviewers_least = forms.IntegerField(
        label=_("Reviewers of an application, at least"),
        min_value=0,
        max_value=rules.REVIEWERS_MAX,
    )
    documents = several(_("Documents asked for"))

    def __init__(self, *args: Any, documents: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["documents"].choices = list(documents)  # type: ignore[attr-defined]

    def stage_terms(self) -> StageTerms:
        """What was entered."""
        data = self.cleaned_data
        names = ("kind", "name", "name_zh", "days", "page_limit", "gate", "blindness")
        return StageTerms(
            **{name: data[name] for name in names},
            reviewers_least=data["reviewers_least"],
            documents=tuple(data["documents"]),
        )


class NewStageForm(StageForm):
    """A stage to add."""

    after = forms.TypedChoiceField(label=_("Behind"), coerce=int)
    field_order = ("after",)

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].choices = list(places)  # type: ignore[attr-defined]


class CriteriaForm(forms.Form):
    """By what a stage judges: a line for each criterion that stands, and some empty ones.

    A line whose name is emptied is taken out.
    """

    def __init__(self, *args: Any, criteria: Iterable[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = list(criteria)
        self.rows = len(self.standing) + NEW_ROWS
        for place in range(self.rows):
            one = self.standing[place] if place < len(self.standing) else None
            self._add_row(place, one)

    def criteria(self) -> tuple[CriterionTerms, ...]:
        """What was entered, in order."""
        return tuple(
            CriterionTerms(
                name=self.cleaned_data[f"name_{place}"],
                name_zh=self.cleaned_data[f"name_zh_{place}"],
                weight_bp=self.cleaned_data[f"weight_{place}"] or 0,
                text=self.cleaned_data[f"text_{place}"],
                text_zh=self.cleaned_data[f"text_zh_{place}"],
                number=self.standing[place].number if place < len(self.standing) else None,
            )
            for place in range(self.rows)
            if self.cleaned_data[f"name_{place}"].strip()
        )

    def _add_row(self, place: int, one: Criterion | None) -> None:
        said = {"number": place + 1}
        texts = {
            "name": (gettext("Criterion %(number)s") % said, rules.NAME_MAX),
            "name_zh": (gettext("Criterion %(number)s in Chinese") % said, rules.NAME_MAX),
        }
        for name, (label, most) in texts.items():
            self.fields[f"{name}_{place}"] = forms.CharField(
                label=label,
                max_length=most,
                required=False,
                initial=getattr(one, name) if one else "",
            )
        self.fields[f"weight_{place}"] = PercentField(
            label=gettext("Weight of %(number)s, in per cent") % said,
            required=False,
            initial=rules.percent_of(one.weight_bp) if one else None,
        )
        asks = {
            "text": gettext("What %(number)s asks") % said,
            "text_zh": gettext("What %(number)s asks, in Chinese") % said,
        }
        for name, label in asks.items():
            self.fields[f"{name}_{place}"] = long_text(
                label,
                2,
                required=False,
                max_length=rules.CRITERION_TEXT_MAX,
                initial=getattr(one, name) if one else "",
            )


class AnchorsForm(forms.Form):
    """What the scores of a criterion mean."""

    def __init__(self, *args: Any, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = {anchor.score: anchor for anchor in criterion.anchors.all()}
        for score in SCORES:
            one = standing.get(score)
            for name, label in (
                ("text", gettext("Score %(score)s means")),
                ("text_zh", gettext("Score %(score)s means, in Chinese")),
            ):
                self.fields[f"{name}_{score}"] = long_text(
                    label % {"score": score},
                    2,
                    required=False,
                    max_length=rules.CRITERION_TEXT_MAX,
                    initial=getattr(one, name) if one else "",
                )

    def anchors(self) -> tuple[AnchorTerms, ...]:
        """What was entered."""
        return tuple(
            AnchorTerms(
                score, self.cleaned_data[f"text_{score}"], self.cleaned_data[f"text_zh_{score}"]
            )
            for score in SCORES
        )


class AmendStageForm(StageForm):
    """A stage that has not begun, of a competition that runs."""

    summary_of_change = forms.CharField(
        label=_("What changes and why"), max_length=rules.REASON_MAX
    )
    summary_of_change_zh = forms.CharField(
        label=_("What changes and why, in Chinese"), max_length=rules.REASON_MAX, required=False
    )

    def __init__(self, *args: Any, stage: Stage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "days"):
            self.fields[name].disabled = True
        self.criteria_form: CriteriaForm | None = None
        if stage.stage_kind in rules.JUDGED:
            bound = self.data if self.is_bound else None
            self.criteria_form = CriteriaForm(bound, criteria=stage.criteria.all())
            self.fields |= self.criteria_form.fields

    def criteria(self) -> tuple[CriterionTerms, ...]:
        """What was entered of the criteria."""
        if self.criteria_form is None or not self.criteria_form.is_valid():
            return ()
        return self.criteria_form.criteria()

    def words(self) -> AmendmentWords:
        """What changes, in a sentence."""
        return AmendmentWords(
            self.cleaned_data["summary_of_change"], self.cleaned_data["summary_of_change_zh"]
        )


def initial_of_stage(stage: Stage) -> dict[str, Any]:
    """What the form of a stage begins with."""
    names = ("kind", "name", "name_zh", "days", "page_limit", "gate", "blindness")
    return {
        **{name: getattr(stage, name) for name in names},
        "reviewers_least": stage.reviewers_least,
        "documents": [one.kind for one in stage.documents.all()],
    }
