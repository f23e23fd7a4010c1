"""Fields, formats and help of the pages of common policies."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    AREA_LABELS,
    POSITION_LABELS,
)
from lineshaft.apps.governance.rules import PositionKind, Standing
from lineshaft.apps.governance.services import (
    LEVELS,
    PolicyProposal,
    Wording,
)
from lineshaft.plumbing.sharing import LEVEL_LABELS
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]

STANDING_LABELS = {
    Standing.ADOPTS: _("Adopts it"),
    Standing.DEVIATES: _("Deviates from it"),
    Standing.BEHIND: _("Spoke of an earlier version"),
    Standing.SILENT: _("Has not said"),
}


def long_text(label: Any, rows: int, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    """A field for text of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, **kwargs)


WORDS = ("text", "text_zh", "changed", "changed_zh")


class WordingForm(forms.Form):
    """The words of a version."""

    text = long_text(
        _("Text"), 16, _("A blank line begins a new paragraph."), max_length=rules.TEXT_MAX
    )
    text_zh = long_text(_("Text in Chinese"), 12, required=False, max_length=rules.TEXT_MAX)
    changed = forms.CharField(
        label=_("What changed"),
        max_length=rules.CHANGED_MAX,
        required=False,
        help_text=_("In a sentence, for those who know the version before."),
    )

    changed_zh = forms.CharField(
        label=_("What changed, in Chinese"), max_length=rules.CHANGED_MAX, required=False
    )

    def wording(self) -> Wording:
        """What was entered."""
        return Wording(
            **{name: self.cleaned_data[name] for name in WORDS if name in self.cleaned_data}
        )


class PolicyForm(WordingForm):
    """A policy to draft."""

    area = forms.ChoiceField(label=_("Area"), choices=list(AREA_LABELS.items()))
    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    title_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )
    level = forms.ChoiceField(
        label=_("Shared with"), choices=[(level.value, LEVEL_LABELS[level]) for level in LEVELS]
    )
    changed = None  # type: ignore[assignment] # there is no version before
    changed_zh = None  # type: ignore[assignment]
    field_order = ("area", "title", "title_zh", "text", "text_zh", "level")

    def proposal(self) -> PolicyProposal:
        """What was entered."""
        data = self.cleaned_data
        return PolicyProposal(
            data["area"],
            data["title"],
            self.wording(),
            title_zh=data["title_zh"],
            level=data["level"],
        )


class AdoptionForm(forms.Form):
    """The decision by which a draft was adopted."""

    decision = forms.CharField(
        label=_("Decision"),
        max_length=rules.REFERENCE_MAX,
        help_text=_("The meeting of the council and its vote."),
    )
    adopted_on = forms.DateField(label=_("Adopted on"), widget=DayInput())
    in_force_on = forms.DateField(label=_("In force from"), widget=DayInput())


class CommentForm(forms.Form):
    """Something to say of a draft."""

    institute = forms.ChoiceField(label=_("For"), required=False)
    text = long_text(_("Comment"), 4, max_length=rules.REMARK_MAX)

    def __init__(self, *args: Any, speakers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].choices = list(speakers)  # type: ignore[attr-defined]


class PositionForm(forms.Form):
    """How an institute stands towards a version."""

    kind = forms.ChoiceField(label=_("Position"), choices=list(POSITION_LABELS.items()))
    reason = long_text(
        _("Reason"),
        5,
        _("From what the institute deviates, and why."),
        required=False,
        max_length=rules.REMARK_MAX,
    )

    @property
    def position(self) -> PositionKind:
        """The position chosen."""
        return PositionKind(self.cleaned_data["kind"])


class AttestationForm(forms.Form):
    """That an institute kept to a policy in a fiscal year."""

    fiscal_year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int)
    is_kept = forms.TypedChoiceField(
        label=_("Did the institute keep to what it had said?"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Yes")), ("no", _("No"))],
    )
    remark = long_text(
        _("Remark"),
        4,
        _("Where it did not: in what, and why."),
        required=False,
        max_length=rules.REMARK_MAX,
    )

    def __init__(self, *args: Any, years: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fiscal_year"].choices = list(years)  # type: ignore[attr-defined]


class StandingFilter(forms.Form):
    """Which institutes of a policy are shown."""

    standing = forms.ChoiceField(
        label=_("How it stands"),
        required=False,
        choices=[("", _("All")), *STANDING_LABELS.items()],
    )

    def chosen(self) -> str:
        """The standing asked for; a wrong one narrows nothing."""
        return str(self.cleaned_data.get("standing", "")) if self.is_valid() else ""
