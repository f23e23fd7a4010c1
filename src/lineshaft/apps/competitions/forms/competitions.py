"""Fields, formats and help of the pages on which a competition is written, amended and run.

Hours are told in the competition's own time zone, which stands in the form.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import (
    ZONES,
    Choices,
    MomentField,
    PercentField,
    long_text,
    moment_in_zone,
    several,
    shown_in_zone,
)
from lineshaft.apps.competitions.models import KIND_LABELS, LATE_LABELS
from lineshaft.apps.competitions.services import (
    COMPETITION_LEVELS,
    AmendmentWords,
    CompetitionTerms,
)
from lineshaft.apps.network.models import Person
from lineshaft.plumbing.sharing import LEVEL_LABELS
from lineshaft.web.fields import AmountField

MOMENTS: Final = ("opens_at", "information_at", "questions_until")
SHARED_WITH: Final = [(level.value, LEVEL_LABELS[level]) for level in COMPETITION_LEVELS]


class TimeInput(forms.TimeInput):
    """A time of day, by the browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DraftForm(forms.Form):
    """A competition to draft: what it is, and from which template."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_LABELS.items()))
    template = forms.ChoiceField(
        label=_("Template"), help_text=_("Its stages are copied, and can be edited until it opens.")
    )
    code = forms.CharField(
        label=_("Number"),
        max_length=rules.CODE_MAX,
        help_text=_("Under which it is cited, such as 2026-NIST-01."),
    )
    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    title_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )
    institute = forms.ChoiceField(
        label=_("Institute"), required=False, help_text=_("Of a project call alone.")
    )
    agencies = several(_("Sponsor agencies"))

    def __init__(
        self,
        *args: Any,
        templates: Choices,
        institutes: Choices,
        agencies: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("template", templates),
            ("institute", [("", _("None")), *institutes]),
            ("agencies", agencies),
        ):
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def terms(self) -> CompetitionTerms:
        """What was entered of its terms."""
        data = self.cleaned_data
        return CompetitionTerms(
            title=data["title"], title_zh=data["title_zh"], agencies=tuple(data["agencies"])
        )


class TermsForm(forms.Form):
    """The terms of a competition."""

    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    title_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )
    summary = long_text(
        _("Summary"),
        3,
        _("What is asked, in a sentence."),
        max_length=rules.SUMMARY_MAX,
        required=False,
    )
    summary_zh = long_text(_("Summary in Chinese"), 3, max_length=rules.SUMMARY_MAX, required=False)
    text = long_text(_("What is asked for"), 12, max_length=rules.TEXT_MAX, required=False)
    text_zh = long_text(
        _("What is asked for, in Chinese"), 8, max_length=rules.TEXT_MAX, required=False
    )
    eligibility = long_text(_("Who may apply"), 4, max_length=rules.TEXT_MAX, required=False)
    eligibility_zh = long_text(
        _("Who may apply, in Chinese"), 4, max_length=rules.TEXT_MAX, required=False
    )
    agencies = several(_("Sponsor agencies"))
    areas = several(_("Technology areas"))
    listing_number = forms.CharField(
        label=_("Assistance listing"),
        max_length=16,
        required=False,
        help_text=_("The number of the programme in the government's list, such as 11.619."),
    )
    level = forms.ChoiceField(label=_("Shared with"), choices=SHARED_WITH)
    awards_least = forms.IntegerField(label=_("Awards, at least"), min_value=0)
    awards_most = forms.IntegerField(label=_("Awards, at most"), min_value=1)
    term_months_least = forms.IntegerField(
        label=_("Term in months, at least"), min_value=1, required=False
    )
    term_months_most = forms.IntegerField(
        label=_("Term in months, at most"), min_value=1, required=False
    )
    match_share_bp = PercentField(
        label=_("Share of other money, in per cent"),
        required=False,
        help_text=_("Of all money. 50 means as much again as the sponsors give."),
    )
    zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(zone, zone) for zone in ZONES],
        help_text=_("All hours on this page are told in it."),
    )
    opens_at = MomentField(label=_("Opens"), required=False)
    closing_time = forms.TimeField(label=_("Hour of deadlines"), widget=TimeInput())
    information_at = MomentField(label=_("Information day"), required=False)
    information_place = forms.CharField(
        label=_("Place of the information day"), max_length=rules.REFERENCE_MAX, required=False
    )
    information_link = forms.CharField(
        label=_("Link of the information day"), max_length=rules.LINK_MAX, required=False
    )
    questions_until = MomentField(
        label=_("Questions until"),
        required=False,
        help_text=_("Left empty, until the first deadline."),
    )
    late_policy = forms.ChoiceField(label=_("What arrives late"), choices=list(LATE_LABELS.items()))
    grace_minutes = forms.IntegerField(label=_("Minutes of grace"), min_value=0, required=False)
    contact = forms.CharField(label=_("Contact"), max_length=rules.REFERENCE_MAX, required=False)
    contact_email = forms.EmailField(label=_("E-mail of the contact"), required=False)
    official = forms.CharField(
        label=_("Selecting official"),
        required=False,
        help_text=_("The e-mail address under which the person is known to the network."),
    )

    def __init__(
        self, *args: Any, currency: str, agencies: Choices, areas: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agencies"].choices = list(agencies)  # type: ignore[attr-defined]
        self.fields["areas"].choices = list(areas)  # type: ignore[attr-defined]
        for name, label in (
            ("floor_minor", _("One award, at least")),
            ("ceiling_minor", _("One award, at most")),
            ("total_minor", _("All awards together")),
        ):
            self.fields[name] = AmountField(
                label=label, currency=currency, required=False, help_text=currency
            )
        names = list(self.fields)
        money = ("floor_minor", "ceiling_minor", "total_minor")
        first = names.index("awards_least")
        self.order_fields(
            [*names[:first], *money, *(one for one in names[first:] if one not in money)]
        )

    def clean_grace_minutes(self) -> int:
        """No grace where none was entered."""
        return self.cleaned_data["grace_minutes"] or 0

    def terms(self, official: Person | None) -> CompetitionTerms:
        """What was entered; `official` is the person whose address stands in the form."""
        data: dict[str, Any] = {
            name: value for name, value in self.cleaned_data.items() if name != "official"
        }
        for name in MOMENTS:
            data[name] = moment_in_zone(data[name], data["zone"])
        data["agencies"], data["areas"] = tuple(data["agencies"]), tuple(data["areas"])
        return CompetitionTerms(**data, selecting_official=official)


def initial_of(terms: CompetitionTerms, money: Mapping[str, str]) -> dict[str, Any]:
    """What the form of the terms begins with; `money` are the amounts as a person writes them."""
    values: dict[str, Any] = {
        name: getattr(terms, name) for name in CompetitionTerms.__dataclass_fields__
    }
    for name in MOMENTS:
        moment: datetime | None = values[name]
        values[name] = shown_in_zone(moment, terms.zone)
    share = terms.match_share_bp
    values["match_share_bp"] = rules.percent_of(share) if share is not None else None
    official = values.pop("selecting_official")
    values["official"] = official.email if official else ""
    return {**values, **money}


class AmendingForm(TermsForm):
    """The terms of a competition that runs; who pays and when it opened stay as they are."""

    summary_of_change = forms.CharField(
        label=_("What changes and why"),
        max_length=rules.REASON_MAX,
        help_text=_("Everybody reads it above the terms."),
    )
    summary_of_change_zh = forms.CharField(
        label=_("What changes and why, in Chinese"), max_length=rules.REASON_MAX, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("agencies", "level", "opens_at", "closing_time"):
            self.fields[name].disabled = True
        self.fields["zone"].disabled = True

    def words(self) -> AmendmentWords:
        """What changes, in a sentence."""
        return AmendmentWords(
            self.cleaned_data["summary_of_change"], self.cleaned_data["summary_of_change_zh"]
        )

    def terms(self, official: Person | None) -> CompetitionTerms:
        """What was entered of the terms."""
        kept = dict(self.cleaned_data)
        for name in ("summary_of_change", "summary_of_change_zh"):
            self.cleaned_data.pop(name)
        terms = super().terms(official)
        self.cleaned_data = kept
        return terms


class ExtendForm(forms.Form):
    """A later deadline."""

    until = MomentField(label=_("New deadline"))
    summary_of_change = forms.CharField(
        label=_("What changes and why"), max_length=rules.REASON_MAX
    )
    summary_of_change_zh = forms.CharField(
        label=_("What changes and why, in Chinese"), max_length=rules.REASON_MAX, required=False
    )

    def words(self) -> AmendmentWords:
        """What changes, in a sentence."""
        return AmendmentWords(
            self.cleaned_data["summary_of_change"], self.cleaned_data["summary_of_change_zh"]
        )
