"""Fields, formats and help of the pages of common policies."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    AREA_LABELS,
    BODY_KIND_LABELS,
    POSITION_LABELS,
    SEAT_KIND_LABELS,
    WAY_LABELS,
)
from lineshaft.apps.governance.rules import AppointmentWay, PositionKind, Standing
from lineshaft.apps.governance.services import (
    BODY_LEVELS,
    LEVELS,
    BodyTerms,
    PolicyProposal,
    SeatTerms,
    Wording,
)
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.sharing import LEVEL_LABELS
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]

STANDING_LABELS = {
    Standing.ADOPTS: _("Adopts it"),
    Standing.DEVIATES: _("Deviates from it"),
    Standing.BEHIND: _("Spoke of an earlier version"),
    Standing.SILENT: _("Has not said"),
}


def _long(label: Any, rows: int, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, **kwargs)


WORDS = ("text", "text_zh", "changed", "changed_zh")


class WordingForm(forms.Form):
    """The words of a version."""

    text = _long(
        _("Text"), 16, _("A blank line begins a new paragraph."), max_length=rules.TEXT_MAX
    )
    text_zh = _long(_("Text in Chinese"), 12, required=False, max_length=rules.TEXT_MAX)
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
    text = _long(_("Comment"), 4, max_length=rules.REMARK_MAX)

    def __init__(self, *args: Any, speakers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].choices = list(speakers)  # type: ignore[attr-defined]


class PositionForm(forms.Form):
    """How an institute stands towards a version."""

    kind = forms.ChoiceField(label=_("Position"), choices=list(POSITION_LABELS.items()))
    reason = _long(
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
    remark = _long(
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


class BodyFilter(forms.Form):
    """Which bodies are listed."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *BODY_KIND_LABELS.items()]
    )

    def chosen(self) -> str:
        """The kind asked for; a wrong one narrows nothing."""
        return str(self.cleaned_data.get("kind", "")) if self.is_valid() else ""


class BodyForm(forms.Form):
    """A body to establish, with the seats that it begins with."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(BODY_KIND_LABELS.items()))
    institute = forms.ChoiceField(
        label=_("Institute"),
        required=False,
        help_text=_("Empty for a body of the network."),
    )
    name = forms.CharField(label=_("Name"), max_length=rules.TITLE_MAX)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=rules.TITLE_MAX, required=False)
    established_on = forms.DateField(label=_("Established on"), widget=DayInput())
    charter = forms.CharField(
        label=_("Charter"),
        max_length=rules.REFERENCE_MAX,
        required=False,
        help_text=_("The law, by-laws or decision that makes it."),
    )
    level = forms.ChoiceField(
        label=_("Shared with"),
        choices=[(level.value, LEVEL_LABELS[level]) for level in BODY_LEVELS],
    )

    def __init__(self, *args: Any, institutes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institute"].choices = list(institutes)  # type: ignore[attr-defined]
        for kind, label in SEAT_KIND_LABELS.items():
            self.fields[f"seats_{kind}"] = forms.IntegerField(
                label=_("Seats: %(kind)s") % {"kind": label},
                min_value=0,
                max_value=50,
                required=False,
            )

    def terms(self) -> BodyTerms:
        """What was entered."""
        data = self.cleaned_data
        seats = [SeatTerms(kind, data.get(f"seats_{kind}") or 0) for kind in SeatKind]
        return BodyTerms(
            BodyKind(data["kind"]),
            data["name"],
            data["established_on"],
            name_zh=data["name_zh"],
            charter=data["charter"],
            level=data["level"],
            seats=tuple(one for one in seats if one.number),
        )


class SeatForm(forms.Form):
    """A seat to open."""

    kind = forms.ChoiceField(label=_("Kept for"), choices=list(SEAT_KIND_LABELS.items()))
    opened_on = forms.DateField(label=_("Open from"), widget=DayInput())


class ClosingForm(forms.Form):
    """A seat to close."""

    closed_on = forms.DateField(
        label=_("Closed from"), widget=DayInput(), help_text=_("The first day without the seat.")
    )


class FillingForm(forms.Form):
    """Somebody for a seat."""

    person = forms.CharField(
        label=_("Person"),
        max_length=254,
        help_text=_("E-mail address, or the name of somebody with whom you work."),
    )
    way = forms.ChoiceField(label=_("How"), choices=list(WAY_LABELS.items()))
    starts_on = forms.DateField(label=_("From"), widget=DayInput())
    ends_on = forms.DateField(label=_("Until, not included"), widget=DayInput(), required=False)
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=rules.REFERENCE_MAX,
        required=False,
        help_text=_("The vote or letter that appoints."),
    )

    @property
    def appointment_way(self) -> AppointmentWay:
        """How the person came to the seat."""
        return AppointmentWay(self.cleaned_data["way"])


class EndingForm(forms.Form):
    """The end of an appointment."""

    ends_on = forms.DateField(
        label=_("Until, not included"),
        widget=DayInput(),
        help_text=_("The first day without the appointment."),
    )
    why = forms.CharField(label=_("Evidence"), max_length=rules.REFERENCE_MAX, required=False)
