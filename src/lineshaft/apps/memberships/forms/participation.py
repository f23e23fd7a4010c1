"""Forms of foreign participation: the screening, decisions and their conditions, commitments."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.forms.agreements import (
    Choices,
    _day,
)
from lineshaft.apps.memberships.models import (
    REVIEW_STATE_LABELS,
)
from lineshaft.apps.memberships.services import Approval, Commitment, ScreeningRow
from lineshaft.kernel.participation import CommitmentKind, ScreeningQuestion
from lineshaft.plumbing.sharing import LEVEL_LABELS, SharingLevel
from lineshaft.web.formats import local_name

_OWNER_PARTS = 5
_WHOLE = 100


def _long_text(label: Any, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(label=label, max_length=rules.STATEMENT_MAX, widget=widget, **kwargs)


def _names(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=2_000,
        help_text=_("Keys, with commas between. Empty for no limit."),
    )


class ScreeningForm(forms.Form):
    """The profile's questions, and the chain of owners one a line."""

    owners = forms.CharField(
        label=_("Owners"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "One owner a line: name; country; share in per cent; controls (yes or no); the line of"
            " the owner whose shares it holds, 0 for the organisation itself. As in: Parent plc;"
            " GB; 60; yes; 0"
        ),
    )
    why = _long_text(_("What this rests on"), required=False)

    def __init__(self, *args: Any, questions: Sequence[ScreeningQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = {one.key: _answer_field(one) for one in questions if one.kind != "owners"}
        owners, why = self.fields["owners"], self.fields["why"]
        owners.label = next(
            (local_name(one) for one in questions if one.kind == "owners"), owners.label
        )
        self.questions = tuple(asked)
        self.countries = {one.key for one in questions if one.kind == "country"}
        self.fields = {**asked, "owners": owners, "why": why}

    def clean_owners(self) -> tuple[rules.OwnerRow, ...]:
        """The owners in their order; a fault names its line."""
        lines = [line for line in self.cleaned_data["owners"].splitlines() if line.strip()]
        return tuple(_owner_of(line, number) for number, line in enumerate(lines, start=1))

    def row(self) -> ScreeningRow:
        """What was entered."""
        answers = {key: str(self.cleaned_data[key] or "").strip() for key in self.questions}
        answers |= {key: answers[key].upper() for key in self.countries}
        return ScreeningRow(answers, self.cleaned_data["owners"], self.cleaned_data["why"])


def _answer_field(question: ScreeningQuestion) -> forms.Field:
    label = local_name(question)
    required = not question.is_for_projects
    if question.kind == "country":
        return forms.CharField(
            label=label,
            max_length=2,
            required=required,
            help_text=_("Two capital letters, as US or DE."),
        )
    return forms.ChoiceField(
        label=label,
        required=required,
        choices=[("", "–"), (rules.NO, _("No")), (rules.YES, _("Yes"))],
    )


def _owner_of(line: str, number: int) -> rules.OwnerRow:
    parts = [part.strip() for part in line.split(";")]
    fault = forms.ValidationError(
        _(
            "Line %(number)s is not written as: name; country; share in per cent; yes or no; line"
            " of the owner held, 0 for the organisation."
        ),
        params={"number": number},
    )
    if len(parts) != _OWNER_PARTS or parts[3].lower() not in {rules.YES, rules.NO}:
        raise fault
    try:
        share, holds_in = Decimal(parts[2]), int(parts[4])
        # What is no share at all is for the rules to refuse; a huge number is never multiplied.
        share_bp = int(share * 100) if 0 < share <= _WHOLE else 0
    except (ArithmeticError, ValueError) as error:
        raise fault from error
    return rules.OwnerRow(
        number, parts[0], parts[1].upper(), share_bp, parts[3].lower() == rules.YES, holds_in
    )


class WhyForm(forms.Form):
    """A decision that needs a reason alone."""

    seen_sheet = forms.IntegerField(widget=forms.HiddenInput())
    why = _long_text(_("Reason"))


class ApprovalForm(WhyForm):
    """An approval: its end, the grounds of waiver, what the member commits to."""

    ends_on = _day(_("Approved until, not included"))
    grounds = forms.MultipleChoiceField(
        label=_("Grounds of waiver"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("Needed where a rule bars the organisation without a waiver."),
    )

    def __init__(
        self, *args: Any, grounds: Choices, kinds: Sequence[CommitmentKind], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grounds"].choices = list(grounds)  # type: ignore[attr-defined]
        self.kinds = tuple(kind.key for kind in kinds)
        for kind in kinds:
            self.fields[f"text_{kind.key}"] = _long_text(local_name(kind), required=False)
            due = _("%(commitment)s: due on") % {"commitment": local_name(kind)}
            self.fields[f"due_{kind.key}"] = _day(due, required=False)

    def clean(self) -> dict[str, Any]:
        """A commitment has its words and its day."""
        data = super().clean() or {}
        for key in self.kinds:
            if bool(data.get(f"text_{key}")) != bool(data.get(f"due_{key}")):
                self.add_error(f"due_{key}", _("A commitment wants its words and its day."))
        return data

    def approval(self) -> Approval:
        """What was entered."""
        data = self.cleaned_data
        return Approval(
            seen_sheet=data["seen_sheet"],
            ends_on=data["ends_on"],
            why=data["why"],
            grounds=tuple(data["grounds"]),
            commitments=tuple(
                Commitment(key, data[f"text_{key}"], data[f"due_{key}"])
                for key in self.kinds
                if data.get(f"text_{key}")
            ),
        )


class ConditionsForm(ApprovalForm):
    """An approval under conditions: the closed set of limits."""

    files_up_to = forms.ChoiceField(
        label=_("Files are opened up to"), required=False, help_text=_("The level of sharing.")
    )
    no_search = forms.BooleanField(label=_("Searches find what is public only"), required=False)
    no_export = forms.BooleanField(
        label=_("No exports, and no reading by other programs"), required=False
    )
    barred_bookings = _names(_("Kinds of equipment that are not booked"))
    projects = _names(_("Only these projects"))
    institutes = _names(_("Only these institutes"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [(level, LEVEL_LABELS[SharingLevel(level)]) for level in rules.FILE_LEVELS]
        self.fields["files_up_to"].choices = [("", _("No limit")), *levels]  # type: ignore[attr-defined]

    def conditions(self) -> rules.Conditions:
        """What was entered."""
        data = self.cleaned_data
        return rules.Conditions(
            files_up_to=data["files_up_to"],
            may_search=not data["no_search"],
            may_export=not data["no_export"],
            barred_bookings=_named(data["barred_bookings"]),
            projects=_named(data["projects"]) or None,
            institutes=_named(data["institutes"]) or None,
        )


def _named(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


class FulfilForm(forms.Form):
    """That a commitment was met."""

    met_on = _day(_("Met on"))
    evidence = _long_text(_("Evidence"))


class ReviewFilter(forms.Form):
    """What narrows the list of reviews."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *REVIEW_STATE_LABELS.items()],
    )

    def chosen(self) -> str:
        """The state asked for; a wrong one narrows nothing."""
        return str(self.cleaned_data["state"]) if self.is_valid() else ""
