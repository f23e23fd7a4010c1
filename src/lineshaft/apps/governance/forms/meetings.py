"""Fields, formats and help of the pages of meetings, motions, votes and actions."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.governance import rules
from lineshaft.apps.governance.forms.policies import long_text
from lineshaft.apps.governance.models import (
    ATTENDING_LABELS,
    CHOICE_LABELS,
    FORM_LABELS,
    RULE_LABELS,
)
from lineshaft.apps.governance.rules import Attending, MeetingForm, VoteRule
from lineshaft.apps.governance.services import MEETING_LEVELS, MeetingTerms, Topic
from lineshaft.plumbing.sharing import LEVEL_LABELS
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]

TOPICS_MAX: Final = 40
ZONES: Final = tuple(
    sorted(
        name
        for name in available_timezones()
        if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
    )
)


class TimeInput(forms.TimeInput):
    """A time of day, by the browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class WhenFilter(forms.Form):
    """Which meetings are listed."""

    when = forms.ChoiceField(
        label=_("When"),
        required=False,
        choices=[("", _("All")), ("upcoming", _("To come")), ("past", _("Past"))],
    )

    def is_upcoming(self) -> bool | None:
        """Whether those to come are asked for, or those past; None for all."""
        chosen = self.cleaned_data.get("when", "") if self.is_valid() else ""
        return {"upcoming": True, "past": False}.get(chosen)


class CallForm(forms.Form):
    """A meeting to call."""

    form = forms.ChoiceField(label=_("Form"), choices=list(FORM_LABELS.items()))
    starts_on = forms.DateField(label=_("Day"), widget=DayInput())
    starts_time = forms.TimeField(label=_("From"), widget=TimeInput())
    ends_time = forms.TimeField(
        label=_("Until"), widget=TimeInput(), required=False, help_text=_("On the same day.")
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in ZONES])
    place = forms.CharField(label=_("Place"), max_length=rules.REFERENCE_MAX, required=False)
    link = forms.CharField(
        label=_("Link"),
        max_length=rules.LINK_MAX,
        required=False,
        help_text=_("For taking part from afar. It begins with https://"),
    )
    closes_on = forms.DateField(
        label=_("Last day"),
        widget=DayInput(),
        required=False,
        help_text=_("Of a written procedure: the last day on which votes are taken."),
    )
    level = forms.ChoiceField(
        label=_("Shared with"),
        choices=[(level.value, LEVEL_LABELS[level]) for level in MEETING_LEVELS],
        help_text=_("Whoever holds a seat of the body reads it at every level."),
    )
    agenda = long_text(
        _("Agenda"), 6, _("One item a line. Papers and motions are added later."), required=False
    )

    def terms(self) -> MeetingTerms:
        """What was entered."""
        data = self.cleaned_data
        ends = data["ends_time"]
        return MeetingTerms(
            MeetingForm(data["form"]),
            self._moment(data["starts_time"]),
            zone=data["zone"],
            ends_at=self._moment(ends) if ends else None,
            place=data["place"],
            link=data["link"],
            closes_on=data["closes_on"],
            level=data["level"],
        )

    def topics(self) -> tuple[Topic, ...]:
        """The items of the agenda, in order."""
        lines = [line.strip() for line in self.cleaned_data["agenda"].splitlines()]
        return tuple(Topic(line) for line in lines if line)

    def _moment(self, at: time) -> datetime:
        zone = ZoneInfo(self.cleaned_data["zone"])
        return datetime.combine(self.cleaned_data["starts_on"], at, zone).astimezone(UTC)


class TopicForm(forms.Form):
    """An item for an agenda."""

    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    title_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )


class PaperForm(forms.Form):
    """A paper for an item."""

    file = forms.FileField(
        label=_("File"), help_text=_("PDF, image, text, CSV, JSON, XLSX or DOCX.")
    )


class NoteForm(forms.Form):
    """What was said of an item."""

    text = long_text(_("For the minutes"), 8, max_length=rules.NOTE_MAX)


class ReasonForm(forms.Form):
    """Why something is cancelled or revoked."""

    reason = forms.CharField(label=_("Reason"), max_length=rules.REFERENCE_MAX)


class AttendanceForm(forms.Form):
    """How each who holds a seat was there."""

    def __init__(self, *args: Any, seats: Iterable[tuple[int, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = []
        for number, label, way in seats:
            self.numbers.append(number)
            self.fields[f"seat_{number}"] = forms.ChoiceField(
                label=label,
                choices=[("", "–"), *ATTENDING_LABELS.items()],
                initial=way,
                required=False,
            )

    def ways(self) -> dict[int, Attending]:
        """What was entered, by the number of the seat."""
        data = self.cleaned_data
        return {
            number: Attending(data[f"seat_{number}"])
            for number in self.numbers
            if data.get(f"seat_{number}")
        }


class DisclosureForm(forms.Form):
    """A conflict of interest."""

    nature = long_text(
        _("Conflict"),
        3,
        _("What interest you have in it. The network reads this."),
        max_length=rules.CHANGED_MAX,
    )
    is_recused = forms.TypedChoiceField(
        label=_("Recuse?"),
        coerce=lambda value: value == "yes",
        choices=[("yes", _("Yes: no vote on this item")), ("no", _("No, it is only disclosed"))],
    )
    person = forms.ChoiceField(
        label=_("Who"), required=False, help_text=_("Whose conflict it is, where not your own.")
    )

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            self.fields["person"].choices = list(people)  # type: ignore[attr-defined]
        else:
            del self.fields["person"]


class MotionForm(forms.Form):
    """A motion to put."""

    text = long_text(_("Motion"), 4, max_length=rules.MOTION_MAX)
    text_zh = long_text(_("Motion in Chinese"), 4, required=False, max_length=rules.MOTION_MAX)
    rule = forms.ChoiceField(label=_("Carried by"), choices=list(RULE_LABELS.items()))
    is_secret = forms.BooleanField(label=_("Vote in secret"), required=False)
    moved_by = forms.ChoiceField(label=_("Moved by"), required=False)
    seconded_by = forms.ChoiceField(label=_("Seconded by"), required=False)
    version = forms.ChoiceField(
        label=_("Adopts the draft"),
        required=False,
        help_text=_("If the motion is carried, the policy is adopted by it."),
    )
    in_force_on = forms.DateField(label=_("In force from"), widget=DayInput(), required=False)

    def __init__(self, *args: Any, people: Choices, versions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("moved_by", "seconded_by"):
            self.fields[name].choices = list(people)  # type: ignore[attr-defined]
        if versions:
            self.fields["version"].choices = list(versions)  # type: ignore[attr-defined]
        else:
            del self.fields["version"], self.fields["in_force_on"]

    @property
    def vote_rule(self) -> VoteRule:
        """The rule chosen."""
        return VoteRule(self.cleaned_data["rule"])


class ElectionForm(forms.Form):
    """An election to open."""

    seat = forms.TypedChoiceField(label=_("Seat"), coerce=int)
    text = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    text_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )
    starts_on = forms.DateField(label=_("Term from"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Term until, not included"), widget=DayInput(), required=False
    )
    is_secret = forms.BooleanField(label=_("Vote in secret"), required=False, initial=True)

    def __init__(self, *args: Any, seats: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].choices = list(seats)  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """Somebody, by address or name."""

    person = forms.CharField(
        label=_("Person"),
        max_length=254,
        help_text=_("E-mail address, or the name of somebody with whom you work."),
    )


class OpeningForm(forms.Form):
    """How long a vote runs."""

    closes_on = forms.DateField(
        label=_("Last day of the vote"),
        widget=DayInput(),
        required=False,
        help_text=_("Empty for a vote in the meeting; then it counts who is there."),
    )


class BallotForm(forms.Form):
    """One's own vote."""

    choice = forms.ChoiceField(label=_("Your vote"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].choices = list(choices)  # type: ignore[attr-defined]


class VotesForm(forms.Form):
    """The open votes of those on the roll who have not voted."""

    def __init__(
        self, *args: Any, roll: Iterable[tuple[int, str]], choices: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = []
        for number, label in roll:
            self.numbers.append(number)
            self.fields[f"vote_{number}"] = forms.ChoiceField(
                label=label, choices=[("", "–"), *choices], required=False
            )

    def votes(self) -> dict[int, str]:
        """What was entered, by the place on the roll."""
        data = self.cleaned_data
        return {
            number: data[f"vote_{number}"] for number in self.numbers if data.get(f"vote_{number}")
        }


class ActionForm(forms.Form):
    """Something to be done."""

    text = forms.CharField(label=_("What is to be done"), max_length=rules.CHANGED_MAX)
    owner = forms.CharField(
        label=_("Who does it"),
        max_length=254,
        help_text=_("E-mail address, or the name of somebody with whom you work."),
    )
    due_on = forms.DateField(label=_("By"), widget=DayInput())


class RemarkForm(forms.Form):
    """What became of an action."""

    remark = forms.CharField(label=_("Remark"), max_length=rules.CHANGED_MAX, required=False)


def choices_of(candidates: Iterable[tuple[int, str]], *, is_election: bool) -> Choices:
    """What can be voted: on a motion, or for one of the candidates."""
    if not is_election:
        return list(CHOICE_LABELS.items())
    return [
        *((str(number), name) for number, name in candidates),
        (rules.Choice.AGAINST, _("Against all")),
        (rules.Choice.ABSTAIN, CHOICE_LABELS[rules.Choice.ABSTAIN]),
    ]


def next_month(today: date) -> date:
    """The day that a form proposes for a meeting: four weeks on."""
    return date.fromordinal(today.toordinal() + 28)
