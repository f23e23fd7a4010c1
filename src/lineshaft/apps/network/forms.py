"""Fields, formats and help of the pages of network; what may be entered the services decide."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import (
    INSTITUTE_STATUS_LABELS,
    LIKELIHOOD_LABELS,
    NAME_KIND_LABELS,
    OVERLAP_KIND_LABELS,
    OVERLAP_STATE_LABELS,
    PAIR_STATE_LABELS,
    PERSON_ROLE_LABELS,
    PERSON_TIE_LABELS,
    TERMINATION_GROUND_LABELS,
    Organisation,
)
from lineshaft.apps.network.services import InstituteProposal, OrganisationRow, WorkDescribed
from lineshaft.plumbing.sharing import LEVEL_LABELS, SharingLevel
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str | Promise]]

STATUS_VERB_LABELS = {
    "plan_institute": _("Plan the institute"),
    "establish_institute": _("Establish the institute"),
    "open_cure_period": _("Open a cure period"),
    "close_cure_period": _("Close the cure period: deficiencies remedied"),
    "recognise_institute": _("Recognise without the programme's money"),
    "terminate_institute": _("Terminate"),
}
SOURCE_HELP = _("The notice, decision or agreement that says so.")
ORGANISATION_HELP = _("Its name as registered, its UEI or ROR, or its number in the address.")
MOST_ID = 2**63 - 1
ANY_STATE = "any"
ORGANISATION_LEVELS = (SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED)


class InstituteFilters(forms.Form):
    """What narrows the list of institutes, in its address."""

    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    status = forms.ChoiceField(label=_("Status"), required=False)
    sponsor = forms.ChoiceField(label=_("Sponsor agency"), required=False)
    area = forms.ChoiceField(label=_("Technology area"), required=False)

    def __init__(self, *args: Any, sponsors: Choices, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        statuses = [(key.value, label) for key, label in INSTITUTE_STATUS_LABELS.items()]
        _offer(self, "status", statuses)
        _offer(self, "sponsor", sponsors)
        _offer(self, "area", areas)

    def chosen(self) -> dict[str, str]:
        """The filters that are set and mean something; a wrong one narrows nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OrganisationFilters(forms.Form):
    """What narrows the list of organisations, in its address."""

    q = forms.CharField(label=_("Name, alias, city or identifier"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *args: Any, kinds: Choices, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "kind", kinds)
        _offer(self, "region", regions)

    def chosen(self) -> dict[str, str]:
        """The filters that are set and mean something; a wrong one narrows nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OutsideAwardFilters(forms.Form):
    """What narrows the list of awards of other agencies, in its address."""

    q = forms.CharField(
        label=_("Words of title, text, recipient or people"), required=False, max_length=100
    )
    agency = forms.ChoiceField(label=_("Agency"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)
    organisation = forms.IntegerField(
        required=False, min_value=1, max_value=MOST_ID, widget=forms.HiddenInput()
    )

    def __init__(self, *args: Any, agencies: Choices, years: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "agency", agencies)
        _offer(self, "year", years)

    def chosen(self) -> dict[str, Any]:
        """The filters that are set and mean something; a wrong one narrows nothing."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return chosen | ({"year": int(chosen["year"])} if "year" in chosen else {})


class PeopleFilters(forms.Form):
    """What narrows the list of people."""

    q = forms.CharField(label=_("Name or e-mail address"), required=False, max_length=100)


class InstituteStatusForm(forms.Form):
    """A change of an institute's status: which, on what day, and where that is said."""

    verb = forms.ChoiceField(label=_("Change"))
    ground = forms.ChoiceField(
        label=_("Ground of a termination"),
        required=False,
        choices=[
            ("", "–"),
            *((key.value, name) for key, name in TERMINATION_GROUND_LABELS.items()),
        ],
        help_text=_("Only for a termination."),
    )
    on = forms.DateField(label=_("Day"), widget=DayInput())
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=SOURCE_HELP,
    )

    def __init__(self, *args: Any, verbs: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (verb, STATUS_VERB_LABELS[verb]) for verb in verbs
        ]

    def clean(self) -> dict[str, Any]:
        """A termination needs its ground."""
        cleaned = super().clean() or {}
        if cleaned.get("verb") == "terminate_institute" and not cleaned.get("ground"):
            self.add_error("ground", _("Choose the ground of the termination."))
        return cleaned


class ProposalForm(forms.Form):
    """What is known of an institute when it is first entered."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)
    key = forms.SlugField(
        label=_("Key"),
        max_length=64,
        help_text=_(
            "Small letters, digits and hyphens, such as america-makes. It stands in every address "
            "and never changes."
        ),
    )
    sponsor_key = forms.ChoiceField(label=_("Sponsor agency"))
    focus = forms.CharField(label=_("Technology focus area"), max_length=500, required=False)
    focus_zh = forms.CharField(
        label=_("Technology focus area in Chinese"), max_length=500, required=False
    )
    technology_area_keys = forms.MultipleChoiceField(
        label=_("Technology areas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    source = forms.CharField(label=_("Source"), max_length=300, help_text=SOURCE_HELP)

    def __init__(self, *args: Any, sponsors: Choices, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sponsor_key"].choices = list(sponsors)  # type: ignore[attr-defined] # a ChoiceField
        self.fields["technology_area_keys"].choices = list(areas)  # type: ignore[attr-defined]

    def proposal(self) -> InstituteProposal:
        """The entered institute, to be proposed."""
        areas = tuple(self.cleaned_data["technology_area_keys"])
        return InstituteProposal(**self.cleaned_data | {"technology_area_keys": areas})


class InstituteNameForm(forms.Form):
    """A name that an institute has, had, or is also known by."""

    name = forms.CharField(label=_("Name"), max_length=300)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(kind.value, label) for kind, label in NAME_KIND_LABELS.items()]
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    source = forms.CharField(label=_("Source"), max_length=300, help_text=SOURCE_HELP)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class LeadForm(forms.Form):
    """Which registered organisation leads an institute, and where that is said."""

    organisation = forms.CharField(
        label=_("Lead organisation"), max_length=300, help_text=ORGANISATION_HELP
    )
    source = forms.CharField(label=_("Source"), max_length=300, help_text=SOURCE_HELP)


class PersonForm(forms.Form):
    """Somebody to register; only the office ties a person to a user."""

    name = forms.CharField(label=_("Name"), max_length=200)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=300,
        required=False,
        help_text=ORGANISATION_HELP,
    )
    user = forms.EmailField(
        label=_("User"),
        max_length=254,
        required=False,
        help_text=_("E-mail address with which this person signs in, where there is a user."),
    )

    def __init__(self, *args: Any, is_office: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_office:
            del self.fields["user"]
            self.fields["email"].required = True
            self.fields["email"].help_text = _("By it the person is appointed.")


class AppointForm(forms.Form):
    """A role of a person at an institute, over a span of days."""

    person = forms.CharField(
        label=_("Person"),
        max_length=254,
        help_text=_("The e-mail address, or the name of somebody whom you work with."),
    )
    kind = forms.ChoiceField(
        label=_("Role"), choices=[(kind.value, label) for kind, label in PERSON_ROLE_LABELS.items()]
    )
    starts_on = forms.DateField(label=_("From"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Until, not included"),
        required=False,
        widget=DayInput(),
        help_text=_("The first day without the role; blank for no end."),
    )
    why = forms.CharField(
        label=_("Evidence"),
        max_length=300,
        required=False,
        help_text=_("The letter or decision that says so."),
    )


class TieForm(forms.Form):
    """What ties a person to somebody else."""

    other = forms.CharField(
        label=_("With"),
        max_length=254,
        help_text=_("The e-mail address, or the name of somebody whom you work with."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=list(PERSON_TIE_LABELS.items()))
    is_advised = forms.BooleanField(label=_("The other one was the advisor"), required=False)
    year_from = forms.IntegerField(label=_("From the year"))
    year_to = forms.IntegerField(
        label=_("To the year"), required=False, help_text=_("Blank while it lasts.")
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=rules.TIE_TEXT_MAX,
        required=False,
        help_text=_("The paper, the project or the thesis."),
    )
    source = forms.CharField(
        label=_("Source"), max_length=300, help_text=_("Where it is known from.")
    )


class EndTieForm(forms.Form):
    """In which year a tie ended."""

    year_to = forms.IntegerField(label=_("Last year of it"))


class OrganisationAliasForm(forms.Form):
    """Another name under which an organisation is known."""

    name = forms.CharField(label=_("Name"), max_length=300)


class PairFilters(forms.Form):
    """What narrows the list of pairs that may be one organisation, in its address."""

    q = forms.CharField(label=_("Name, alias, city or identifier"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False)
    likelihood = forms.ChoiceField(label=_("Probability"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)

    def __init__(self, *args: Any, regions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("Waiting for a decision")),
            *((state.value, label) for state, label in PAIR_STATE_LABELS.items()),
        ]
        _offer(self, "likelihood", [(one.value, text) for one, text in LIKELIHOOD_LABELS.items()])
        _offer(self, "region", regions)

    def chosen(self) -> dict[str, str]:
        """The filters that are set and mean something; a wrong one narrows nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OverlapFilters(forms.Form):
    """What narrows the list of overlapping awards."""

    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Seems to be"), required=False)
    agency = forms.ChoiceField(label=_("Agency"), required=False)
    is_outdated = forms.BooleanField(label=_("A text has changed since"), required=False)

    def __init__(self, *args: Any, agencies: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("Waiting for a decision")),
            (ANY_STATE, _("Any")),
            *((state.value, label) for state, label in OVERLAP_STATE_LABELS.items()),
        ]
        _offer(self, "kind", [(kind.value, label) for kind, label in OVERLAP_KIND_LABELS.items()])
        _offer(self, "agency", agencies)

    def chosen(self) -> dict[str, Any]:
        """The filters that are set and mean something; a wrong one narrows nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class OverlapReasonForm(forms.Form):
    """Why two awards are one work, parts of one, or two; or why that is taken up again."""

    why = forms.CharField(
        label=_("Reason"),
        max_length=rules.REASON_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What shows it, so that somebody else can follow. It stays with the decision."),
    )


class CheckForm(forms.Form):
    """A work that is compared with the awards of other agencies."""

    title = forms.CharField(label=_("Title"), required=False, max_length=rules.TITLE_LENGTH_MAX)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=rules.ABSTRACT_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("An abstract or summary. Passages of five words and more are looked for."),
    )
    lead = forms.CharField(
        label=_("Principal investigator"),
        required=False,
        max_length=200,
        help_text=_("Who would lead it. A title counts where its people or firm agree."),
    )
    organisation = forms.CharField(label=_("Recipient"), required=False, max_length=300)

    def work(self) -> WorkDescribed:
        """What was entered."""
        return WorkDescribed(**self.cleaned_data)


class ReasonForm(forms.Form):
    """Why something is decided."""

    why = forms.CharField(label=_("Reason"), max_length=rules.REASON_LENGTH_MAX)


class MergeForm(ReasonForm):
    """Which record stays, and what shows that they are one organisation."""

    field_order = ("survivor", "why")
    survivor = forms.CharField(
        label=_("Record that stays"), max_length=300, help_text=ORGANISATION_HELP
    )


class AcceptPairForm(ReasonForm):
    """Which of two records stays, and what shows that they are one organisation."""

    field_order = ("survivor", "why")
    survivor = forms.TypedChoiceField(
        label=_("Record that stays"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, records: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survivor"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (one.pk, _("Record %(number)s: %(name)s") % {"number": place, "name": local_name(one)})
            for place, one in enumerate(records, start=1)
        ]


class SureForm(forms.Form):
    """Nothing to enter: to send it is to decide."""


class OrganisationForm(forms.Form):
    """One organisation, to register or to amend."""

    name = forms.CharField(label=_("Name"), max_length=300)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=300, required=False)
    kind = forms.ChoiceField(label=_("Kind"))
    ownership_country = forms.CharField(
        label=_("Country of ownership"),
        max_length=2,
        required=False,
        help_text=_("Two letters, such as US; blank where it is not known."),
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    county = forms.CharField(label=_("County"), max_length=120, required=False)
    region = forms.CharField(
        label=_("Region"), max_length=16, required=False, help_text=_("The code, such as OH.")
    )
    postal_code = forms.CharField(label=_("Postal code"), max_length=16, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, such as US.")
    )
    latitude = forms.DecimalField(
        label=_("Latitude"),
        required=False,
        help_text=_("Decimal degrees, north positive."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    longitude = forms.DecimalField(
        label=_("Longitude"),
        required=False,
        help_text=_("Decimal degrees, east positive."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    website = forms.CharField(label=_("Website"), max_length=300, required=False)
    level = forms.ChoiceField(label=_("Shared with"))

    def __init__(
        self,
        *args: Any,
        kinds: Choices,
        levels: Sequence[SharingLevel] = ORGANISATION_LEVELS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined] # a ChoiceField
        self.fields["level"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (level, LEVEL_LABELS[level]) for level in levels
        ]
        for key, scheme in rules.SCHEMES.items():
            self.fields[key] = forms.CharField(
                label=scheme.label,
                required=False,
                max_length=100,
                help_text=_(scheme.form),
            )

    @classmethod
    def initial_of(cls, organisation: Organisation) -> dict[str, Any]:
        """The stored values, several identifiers of a scheme separated by commas."""
        initial = {name: getattr(organisation, name) for name in cls.base_fields}
        for identifier in organisation.identifiers.all():
            held = initial.get(identifier.scheme)
            value = identifier.value
            initial[identifier.scheme] = f"{held}, {value}" if held else value
        return initial

    def columns(self) -> dict[str, Any]:
        """The entered columns of the organisation itself."""
        return {name: self.cleaned_data[name] for name in self.base_fields}

    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """The entered identifiers, several of a scheme kept apart."""
        return tuple(
            (scheme, value.strip())
            for scheme in rules.SCHEMES
            for value in self.cleaned_data[scheme].split(",")
            if value.strip()
        )

    def row(self) -> OrganisationRow:
        """The entered organisation as a row to register."""
        return OrganisationRow(**self.columns(), identifiers=self.identifiers())


class RegisterForm(OrganisationForm):
    """One organisation to register; asked whether it is new once it looks like another."""

    is_new = forms.BooleanField(
        label=_("None of these: it is another organisation"),
        required=False,
        widget=forms.HiddenInput(),
    )

    def ask_whether_new(self) -> None:
        """Show the question."""
        self.fields["is_new"].widget = forms.CheckboxInput()

    def columns(self) -> dict[str, Any]:
        """The entered columns of the organisation itself."""
        return {name: self.cleaned_data[name] for name in OrganisationForm.base_fields}


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined] # a ChoiceField
