"""Forms of applications: terms, sections, tables of amounts, letters, documents, the team."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import Choices, long_text, several
from lineshaft.apps.competitions.models import TEAM_ROLE_LABELS, WORK_LABELS, Application
from lineshaft.apps.competitions.services import ApplicationTerms, LetterRow, TeamRow, cell_name
from lineshaft.kernel.money import Money
from lineshaft.web.fields import AmountField
from lineshaft.web.forms import DayInput


class StartForm(forms.Form):
    """What an application begins with."""

    organisation = forms.TypedChoiceField(label=_("Lead organisation"), coerce=int)
    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)

    def __init__(self, *args: Any, organisations: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined] # a ChoiceField


class ConfirmForm(forms.Form):
    """A page that asks for nothing but the button."""


class SeenForm(forms.Form):
    """A form that knows which version was read, so that nobody overwrites what came after."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)


class ApplicationForm(SeenForm):
    """What an application says of itself as a whole."""

    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    title_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )
    abstract = long_text(_("Summary"), 8, required=False, max_length=rules.ABSTRACT_MAX)
    abstract_zh = long_text(
        _("Summary in Chinese"), 4, required=False, max_length=rules.ABSTRACT_MAX
    )
    areas = several(_("Technology areas"))
    term_months = forms.IntegerField(
        label=_("Term in months"), required=False, min_value=1, max_value=rules.TERM_MONTHS_MAX
    )
    trl_from = forms.TypedChoiceField(label=_("TRL at the start"), required=False)
    trl_to = forms.TypedChoiceField(label=_("TRL at the end"), required=False)
    mrl_from = forms.TypedChoiceField(label=_("MRL at the start"), required=False)
    mrl_to = forms.TypedChoiceField(label=_("MRL at the end"), required=False)
    work = forms.ChoiceField(
        label=_("Kind of work"),
        choices=list(WORK_LABELS.items()),
        help_text=_("The share that others are to bring depends on it."),
    )
    waiver_ground = forms.ChoiceField(
        label=_("Ask for a waiver of the match"),
        required=False,
        help_text=_("Only where the match is not met, and on one of these grounds."),
    )
    waiver_reason = long_text(
        _("Why a waiver"), 3, required=False, max_length=rules.WAIVER_REASON_MAX
    )

    def __init__(self, *args: Any, areas: Choices, grounds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: dict[str, Choices] = {
            "areas": areas,
            "waiver_ground": [("", _("No waiver")), *grounds],
            **dict.fromkeys(("trl_from", "trl_to"), _levels(rules.TRL_MOST)),
            **dict.fromkeys(("mrl_from", "mrl_to"), _levels(rules.MRL_MOST)),
        }
        for name, choices in chosen.items():
            self.fields[name].choices = list(choices)  # type: ignore[attr-defined] # a ChoiceField
        for name in ("trl_from", "trl_to", "mrl_from", "mrl_to"):
            self.fields[name].coerce = int  # type: ignore[attr-defined] # a TypedChoiceField
            self.fields[name].empty_value = None  # type: ignore[attr-defined] # as above

    def terms(self) -> ApplicationTerms:
        """What was entered."""
        data = dict(self.cleaned_data)
        data.pop("seen")
        return ApplicationTerms(**{**data, "areas": tuple(data["areas"])})


class SectionForm(SeenForm):
    """The text of a section."""

    text = long_text(_("Text"), 20, required=False, max_length=rules.SECTION_MAX)


class AmountsForm(SeenForm):
    """A table of amounts: a row for each key, a column for each year."""

    def __init__(
        self,
        *args: Any,
        rows: Choices,
        years: int,
        currency: str,
        amounts: Mapping[tuple[str, int], int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keys, self.years = rows, years
        for key, label in rows:
            for year in range(1, years + 1):
                minor = amounts.get((key, year), 0)
                field = AmountField(
                    currency=currency,
                    label=gettext("%(row)s, year %(year)s") % {"row": label, "year": year},
                    required=False,
                    initial=f"{Money(minor, currency).amount:f}" if minor else "",
                )
                field.widget.attrs["aria-label"] = field.label
                self.fields[cell_name(key, year)] = field

    def lines(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The table: the label of each row, with its fields."""
        return [
            (str(label), [self[cell_name(key, year)] for year in range(1, self.years + 1)])
            for key, label in self.keys
        ]

    def heads(self) -> range:
        """The years of the columns."""
        return range(1, self.years + 1)

    def amounts(self) -> dict[tuple[str, int], int]:
        """What was entered, in minor units."""
        return {
            (key, year): self.cleaned_data[cell_name(key, year)] or 0
            for key, _label in self.keys
            for year in range(1, self.years + 1)
        }


class LetterForm(forms.Form):
    """A letter of commitment."""

    giver_name = forms.CharField(label=_("Giver"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind of contribution"))
    signatory = forms.CharField(label=_("Signed by"), max_length=rules.NAME_MAX)
    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput())
    is_federal = forms.BooleanField(
        label=_("The money is of federal origin"),
        required=False,
        help_text=_("Federal money does not count as a match."),
    )
    conditions = forms.CharField(label=_("Conditions"), max_length=rules.REASON_MAX, required=False)

    def __init__(
        self, *args: Any, kinds: Choices, years: int, currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.years = years
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined] # a ChoiceField
        for year in range(1, years + 1):
            self.fields[f"amount_{year}"] = AmountField(
                currency=currency,
                label=gettext("Amount in year %(year)s") % {"year": year},
                required=False,
            )

    def row(self) -> LetterRow:
        """What was entered."""
        data = self.cleaned_data
        amounts = ((year, data[f"amount_{year}"] or 0) for year in range(1, self.years + 1))
        return LetterRow(
            giver_name=data["giver_name"],
            kind=data["kind"],
            signatory=data["signatory"],
            signed_on=data["signed_on"],
            amounts=tuple(amounts),
            is_federal=data["is_federal"],
            conditions=data["conditions"],
        )


class DocumentForm(forms.Form):
    """A file to attach."""

    kind = forms.ChoiceField(label=_("Kind of document"))
    file = forms.FileField(label=_("File"))

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined] # a ChoiceField


class SharesForm(forms.Form):
    """What a partner brings, and what its people see."""

    part = forms.CharField(
        label=_("What it brings"), max_length=rules.REFERENCE_MAX, required=False
    )
    shares = several(
        _("What its people see"),
        help_text=_("Title, summary and partners are open to everybody on the team."),
    )

    def __init__(self, *args: Any, parts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shares"].choices = list(parts)  # type: ignore[attr-defined] # a ChoiceField


class PartnerForm(SharesForm):
    """A partner, from the registry by name or number, or new."""

    name = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        help_text=_("Its name as registered, or its number."),
    )
    is_new = forms.BooleanField(
        label=_("It is not in the registry yet; enter it there"), required=False
    )
    kind = forms.ChoiceField(label=_("Kind, of a new one"), required=False)
    city = forms.CharField(label=_("City, of a new one"), max_length=100, required=False)
    region = forms.ChoiceField(label=_("State or region, of a new one"), required=False)
    is_none_of_these = forms.BooleanField(
        label=_("It is none of the registered organisations that look like it"), required=False
    )

    field_order = ("name", "is_new", "kind", "city", "region", "is_none_of_these", "part", "shares")

    def __init__(
        self, *args: Any, parts: Choices, kinds: Choices, regions: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, parts=parts, **kwargs)
        self.fields["kind"].choices = [("", "–"), *kinds]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["region"].choices = [("", "–"), *regions]  # type: ignore[attr-defined] # as above


class InviteForm(forms.Form):
    """Somebody to name on the team."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("With an address they are invited to the workspace; without they are named."),
    )
    organisation = forms.TypedChoiceField(label=_("Organisation"), coerce=int)
    role = forms.ChoiceField(
        label=_("May"),
        choices=list(TEAM_ROLE_LABELS.items()),
        initial=rules.TeamRole.READER.value,
    )
    duty = forms.CharField(
        label=_("Part in the work"), max_length=rules.REFERENCE_MAX, required=False
    )

    def __init__(self, *args: Any, organisations: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined] # a ChoiceField

    def row(self) -> TeamRow:
        """What was entered."""
        data = self.cleaned_data
        return TeamRow(
            name=data["name"],
            role=data["role"],
            email=data["email"],
            organisation_id=data["organisation"],
            duty=data["duty"],
        )


class WithdrawForm(forms.Form):
    """Why an application is withdrawn."""

    why = forms.CharField(label=_("Why"), max_length=rules.REASON_MAX)


class LeadsForm(forms.Form):
    """Which kinds of organisations may lead."""

    kinds = several(
        _("Kinds of organisations"), help_text=_("Where none is ticked, every kind may lead.")
    )

    def __init__(self, *args: Any, kinds: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = list(kinds)  # type: ignore[attr-defined] # a ChoiceField


def initial_of_application(application: Application, seen: int) -> dict[str, Any]:
    """What the form of an application begins with."""
    names = (
        *("title", "title_zh", "abstract", "abstract_zh", "term_months"),
        *("trl_from", "trl_to", "mrl_from", "mrl_to"),
        *("work", "waiver_ground", "waiver_reason"),
    )
    areas: Sequence[str] = [area.key for area in application.technology_areas.all()]
    return {
        **{name: getattr(application, name) for name in names},
        "areas": areas,
        "seen": seen,
    }


def _levels(most: int) -> Choices:
    return [("", "–"), *((str(one), str(one)) for one in range(rules.READINESS_LEAST, most + 1))]
