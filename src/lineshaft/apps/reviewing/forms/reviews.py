"""Forms of reviews: the form by criterion, returning one, going on to the next phase, filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions.models import Criterion
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import REVIEW_STATE_LABELS
from lineshaft.apps.reviewing.services import ReviewEntry, Seen
from lineshaft.kernel.competitions import SCORE_LEAST, SCORE_MOST
from lineshaft.web import formats

ROWS: Final = 5
SCORES: Final = range(SCORE_MOST, SCORE_LEAST - 1, -1)
"""The best first, as the anchors are read."""


@dataclass(frozen=True, slots=True)
class CriterionFields:
    """A criterion with the fields in which it is judged."""

    criterion: Criterion
    score: forms.BoundField
    strengths: forms.BoundField
    weaknesses: forms.BoundField


def score_choices(criterion: Criterion) -> list[tuple[int, str]]:
    """The scores from the best down, each with what it means where that is said."""
    said = {one.score: formats.local_of(one, "text") for one in criterion.anchors.all()}
    return [
        (score, gettext("%(score)s: %(text)s") % {"score": score, "text": said[score]})
        if score in said
        else (score, str(score))
        for score in SCORES
    ]


class ReviewForm(forms.Form):
    """A review: for each criterion a score, strengths, weaknesses; then the whole."""

    summary = forms.CharField(
        label=pgettext_lazy("review", "Summary"),
        required=False,
        max_length=rules.REMARK_MAX,
        widget=forms.Textarea(attrs={"rows": ROWS}),
        help_text=_("What decides for you. Applicants read the remarks on the criteria alone."),
    )
    confidential = forms.CharField(
        label=_("Confidential note"),
        required=False,
        max_length=rules.REMARK_MAX,
        widget=forms.Textarea(attrs={"rows": ROWS}),
        help_text=_("Read by whoever runs the competition, and by nobody else."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)
    window = forms.CharField(
        widget=forms.HiddenInput(), required=False, max_length=rules.WINDOW_MAX
    )

    def __init__(self, *args: Any, criteria: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            named = {"criterion": formats.local_name(one)}
            self.fields[rules.field_name("score", one.number)] = forms.TypedChoiceField(
                label=gettext("Score: %(criterion)s") % named,
                choices=score_choices(one),
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
            for name, label in (
                ("strengths", gettext("Strengths: %(criterion)s")),
                ("weaknesses", gettext("Weaknesses: %(criterion)s")),
            ):
                self.fields[rules.field_name(name, one.number)] = forms.CharField(
                    label=label % named,
                    required=False,
                    max_length=rules.REMARK_MAX,
                    widget=forms.Textarea(attrs={"rows": ROWS}),
                )

    @property
    def groups(self) -> list[CriterionFields]:
        """The fields by criterion, in their order."""
        return [
            CriterionFields(
                one,
                *(
                    self[rules.field_name(name, one.number)]
                    for name in ("score", "strengths", "weaknesses")
                ),
            )
            for one in self.criteria
        ]

    def entry(self) -> ReviewEntry:
        """What was written."""
        said = self.cleaned_data
        return ReviewEntry(
            remarks={
                one.number: rules.Remarks(
                    *(
                        said[rules.field_name(name, one.number)]
                        for name in ("score", "strengths", "weaknesses")
                    )
                )
                for one in self.criteria
            },
            summary=said["summary"],
            confidential=said["confidential"],
        )

    def seen_at(self) -> Seen:
        """The revision that was written on, and the window."""
        return Seen(self.cleaned_data["seen"] or 0, self.cleaned_data["window"])


def initial_of_review(remarks: Mapping[int, rules.Remarks]) -> dict[str, Any]:
    """What a review says on its criteria, by field."""
    return {
        rules.field_name(name, number): getattr(one, name)
        for number, one in remarks.items()
        for name in ("score", "strengths", "weaknesses")
    }


class ReturnForm(forms.Form):
    """Why a review goes back to its reviewer."""

    why = forms.CharField(
        label=_("What is to be mended"),
        max_length=rules.WHY_MAX,
        widget=forms.Textarea(attrs={"rows": ROWS}),
    )


class GoOnForm(forms.Form):
    """Why the judging goes on while reviews are missing."""

    why = forms.CharField(
        label=_("Why without the reviews that are missing"),
        required=False,
        max_length=rules.WHY_MAX,
        widget=forms.Textarea(attrs={"rows": ROWS}),
    )


class ProgressFilters(forms.Form):
    """What of the reviews of a stage is listed: by what, and how far."""

    by = forms.ChoiceField(
        label=_("List"),
        required=False,
        choices=[
            ("", pgettext_lazy("competition", "Applications")),
            ("reviewer", _("Reviewers")),
            ("review", _("Every review")),
        ],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("missing", _("Something is missing")),
            ("late", _("Late")),
            ("complete", _("All submitted")),
            (rules.Progress.NOT_BEGUN, pgettext_lazy("review", "Not begun")),
            *REVIEW_STATE_LABELS.items(),
        ],
    )
    seat = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def chosen(self) -> dict[str, Any]:
        """What was chosen; nothing of what is not in order."""
        if not self.is_valid():
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value}
