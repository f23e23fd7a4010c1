"""Fields, formats and help of the pages of bodies."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.models import (
    BODY_KIND_LABELS,
    SEAT_KIND_LABELS,
    WAY_LABELS,
)
from lineshaft.apps.governance.rules import AppointmentWay
from lineshaft.apps.governance.services import (
    BODY_LEVELS,
    BodyTerms,
    CharterTerms,
    SeatTerms,
)
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.jurisdiction import BodyKind, SeatKind
from lineshaft.plumbing.sharing import LEVEL_LABELS
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]


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


class CharterForm(forms.Form):
    """How a body votes by its charter."""

    quorum_percent = forms.IntegerField(
        label=_("Quorum: more than so many per cent of the filled seats"),
        min_value=0,
        max_value=99,
        required=False,
        help_text=_("Empty for more than half. A rule of the network goes before the charter."),
    )
    has_casting_vote = forms.BooleanField(
        label=_("The chair's own vote breaks a tie, where the vote is open"), required=False
    )
    counts_recused = forms.BooleanField(
        label=_("Who has recused counts to the quorum all the same"), required=False
    )
    charter = forms.CharField(
        label=_("Charter"),
        max_length=rules.REFERENCE_MAX,
        help_text=_("The law, by-laws or decision that says so."),
    )

    def terms(self) -> CharterTerms:
        """What was entered."""
        data = self.cleaned_data
        percent = data["quorum_percent"]
        return CharterTerms(
            None if percent is None else percent * BASIS_POINTS // 100,
            has_casting_vote=data["has_casting_vote"],
            counts_recused=data["counts_recused"],
            charter=data["charter"],
        )
