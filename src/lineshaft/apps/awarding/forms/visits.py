"""Forms of site visits: when and where, the team, the agenda, and what is noted on site."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import (
    CHECKLIST_ANSWER_LABELS,
    FINDING_KIND_LABELS,
    AgendaItem,
    ChecklistItem,
    SiteVisit,
)
from lineshaft.apps.awarding.services import Attached, Noted, VisitTerms
from lineshaft.web.fields import Choices, MomentField, long_text, moment_in_zone, shown_in_zone

MORE_ROWS: Final = 4
"""Empty rows that a form of an agenda offers beside what stands."""

ACCEPT: Final = ",".join(sorted(kind.value for kind in rules.FINDING_FILE_KINDS))
"""What a file is chosen from; a telephone offers its camera, and sends a photo as JPEG."""


class VisitForm(forms.Form):
    """When and where a visit is, by the clocks of the competition's time zone."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)
    place = forms.CharField(label=_("Place"), max_length=rules.VISIT_PLACE_MAX)
    starts_at = MomentField(label=_("Begins"))
    ends_at = MomentField(label=_("Ends"))
    remark = long_text(
        _("What the applicant is told"),
        4,
        _("Whom to expect, what to prepare, how to get in. The applicant reads this."),
        required=False,
        max_length=rules.VISIT_NOTE_MAX,
    )

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["starts_at"].help_text = gettext("By the clocks of %(zone)s.") % {"zone": zone}

    def terms(self) -> VisitTerms:
        """What was entered."""
        data = self.cleaned_data
        return VisitTerms(
            place=data["place"],
            starts_at=_moment(data["starts_at"], self.zone),
            ends_at=_moment(data["ends_at"], self.zone),
            remark=data["remark"],
        )


class PlanVisitForm(VisitForm):
    """A visit to plan, of one of the applications that have none."""

    application = forms.TypedChoiceField(label=_("Application"), coerce=int)

    field_order = ("application", "place", "starts_at", "ends_at", "remark")

    def __init__(self, *args: Any, applications: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["application"].choices = list(applications)  # type: ignore[attr-defined] # a ChoiceField


class CancelVisitForm(forms.Form):
    """Why a visit is cancelled."""

    why = forms.CharField(
        label=_("Why"),
        max_length=rules.VISIT_REASON_MAX,
        help_text=_("The applicant reads this."),
    )


class VisitMemberForm(forms.Form):
    """Somebody who goes on a visit."""

    person = forms.TypedChoiceField(label=_("Person"), coerce=int)
    is_lead = forms.BooleanField(label=_("Leads the visit"), required=False)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = list(people)  # type: ignore[attr-defined] # a ChoiceField


class AgendaForm(forms.Form):
    """The agenda of a visit: a row for each item, and some to fill in."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, agenda: Sequence[AgendaItem], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.rows = min(len(agenda) + MORE_ROWS, rules.AGENDA_MOST)
        for place in range(self.rows):
            self._add_row(place, agenda[place] if place < len(agenda) else None)

    def clean(self) -> dict[str, Any]:
        """What was entered; an item with a time or people and without a title is a fault."""
        data = super().clean() or {}
        for place in range(self.rows):
            title, at = data.get(f"title_{place}"), data.get(f"starts_at_{place}")
            if title and at is None and f"starts_at_{place}" not in self.errors:
                self.add_error(f"starts_at_{place}", gettext("Say when it begins."))
            if not title and (at is not None or data.get(f"who_{place}")):
                self.add_error(f"title_{place}", gettext("Say what is done."))
        return data

    def items(self) -> tuple[rules.AgendaRow, ...]:
        """What was entered; a row without a title is left out."""
        data = self.cleaned_data
        return tuple(
            rules.AgendaRow(
                _moment(data[f"starts_at_{place}"], self.zone),
                data[f"title_{place}"],
                data[f"who_{place}"],
            )
            for place in range(self.rows)
            if data[f"title_{place}"]
        )

    def _add_row(self, place: int, one: AgendaItem | None) -> None:
        said = {"number": place + 1}
        self.fields[f"starts_at_{place}"] = MomentField(
            label=gettext("Item %(number)s begins") % said,
            required=False,
            initial=shown_in_zone(one.starts_at, self.zone) if one else None,
        )
        self.fields[f"title_{place}"] = forms.CharField(
            label=gettext("What is done in item %(number)s") % said,
            max_length=rules.VISIT_TITLE_MAX,
            required=False,
            initial=one.title if one else "",
        )
        self.fields[f"who_{place}"] = forms.CharField(
            label=gettext("Who is wanted in item %(number)s") % said,
            max_length=rules.VISIT_WHO_MAX,
            required=False,
            initial=one.who if one else "",
        )


class ChecklistForm(forms.Form):
    """The checklist of a visit: an answer and a note for each item.

    What the form showed goes along unseen, so that only what was changed is stored, and two people
    who fill in different items do not meet.
    """

    def __init__(
        self, *args: Any, items: Sequence[tuple[ChecklistItem, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = [item.number for item, _name in items]
        for item, name in items:
            said = {"number": item.number, "name": name}
            self.fields[f"answer_{item.number}"] = forms.ChoiceField(
                label=f"{item.number}. {name}",
                choices=[("", _("Not looked at yet")), *CHECKLIST_ANSWER_LABELS.items()],
                required=False,
                initial=item.answer,
                show_hidden_initial=True,
            )
            self.fields[f"note_{item.number}"] = long_text(
                gettext("Note on %(number)s, “%(name)s”") % said,
                2,
                required=False,
                max_length=rules.VISIT_NOTE_MAX,
                initial=item.note,
                show_hidden_initial=True,
            )
            self.fields[f"seen_{item.number}"] = forms.IntegerField(
                widget=forms.HiddenInput(), required=False, initial=item.revision
            )

    def answers(self) -> dict[int, Noted]:
        """What was changed, by the number of the item."""
        changed, data = set(self.changed_data), self.cleaned_data
        return {
            number: Noted(
                data[f"answer_{number}"], data[f"note_{number}"], data[f"seen_{number}"] or 0
            )
            for number in self.numbers
            if {f"answer_{number}", f"note_{number}"} & changed
        }


class ChecklistItemForm(forms.Form):
    """Something more to look at."""

    name = forms.CharField(label=_("What is looked at"), max_length=rules.VISIT_TITLE_MAX)
    name_zh = forms.CharField(
        label=_("What is looked at, in Chinese"), max_length=rules.VISIT_TITLE_MAX, required=False
    )


class FindingForm(forms.Form):
    """What was found."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=list(FINDING_KIND_LABELS.items()),
        widget=forms.RadioSelect,
        initial=rules.FindingKind.STRENGTH.value,
    )
    text = long_text(_("What was found"), 6, max_length=rules.VISIT_TEXT_MAX)


class NewFindingForm(FindingForm):
    """What was found, with a photo or a paper."""

    file = forms.FileField(
        label=_("Photo or paper"),
        required=False,
        help_text=_("JPEG, PNG or PDF, up to 25 MB. More can be attached afterwards."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )

    def files_sent(self) -> tuple[Attached, ...]:
        """What was sent along."""
        sent = self.cleaned_data["file"]
        return (Attached(sent.file, sent.name),) if sent else ()


class FindingFileForm(forms.Form):
    """A photo or a paper to attach."""

    file = forms.FileField(
        label=_("Photo or paper"),
        help_text=_("JPEG, PNG or PDF, up to 25 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
    )


class OpenQuestionForm(forms.Form):
    """A question to the applicant."""

    text = long_text(_("Question"), 4, max_length=rules.VISIT_NOTE_MAX)


class OpenAnswerForm(forms.Form):
    """The applicant's answer."""

    answer = long_text(_("Answer"), 8, max_length=rules.VISIT_TEXT_MAX)


class VisitReportForm(forms.Form):
    """What a visit came to."""

    summary = long_text(_("What the visit came to"), 8, max_length=rules.VISIT_TEXT_MAX)
    summary_zh = long_text(
        _("What the visit came to, in Chinese"),
        6,
        required=False,
        max_length=rules.VISIT_TEXT_MAX,
    )


def initial_of_visit(visit: SiteVisit, zone: str) -> dict[str, Any]:
    """What the form of a visit begins with."""
    return {
        "seen": visit.revision,
        "place": visit.place,
        "starts_at": shown_in_zone(visit.starts_at, zone),
        "ends_at": shown_in_zone(visit.ends_at, zone),
        "remark": visit.remark,
    }


def _moment(shown: datetime, zone: str) -> datetime:
    moment = moment_in_zone(shown, zone)
    assert moment is not None  # noqa: S101 -- the field is required
    return moment
