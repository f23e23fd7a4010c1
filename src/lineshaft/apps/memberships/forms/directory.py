"""Forms of the directory, of needs and offers, and of shared documents."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.forms.agreements import (
    Choices,
    _day,
)
from lineshaft.apps.memberships.models import (
    CLOSE_REASON_LABELS,
    DOCUMENT_KIND_LABELS,
    NEED_KIND_LABELS,
    OPEN_LEVELS,
    DirectoryEntry,
)
from lineshaft.apps.memberships.services import (
    DOCUMENT_LEVELS,
    DirectoryRow,
    NeedRow,
)
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing.sharing import LEVEL_LABELS

_OPEN_LEVEL_CHOICES = [(level.value, LEVEL_LABELS[level]) for level in reversed(OPEN_LEVELS)]


class _Filters(forms.Form):
    """What narrows a list, in its address; a wrong value narrows nothing."""

    def offer(self, name: str, choices: Choices) -> None:
        """Let the field choose among these, or all."""
        self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """The filters that are set and mean something."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class DirectoryFilters(_Filters):
    """What narrows the directory of members."""

    q = forms.CharField(label=_("Name or what it can do"), required=False, max_length=100)
    area = forms.ChoiceField(label=_("Technology area"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    institute = forms.ChoiceField(label=_("Member of"), required=False)

    def __init__(
        self,
        *args: Any,
        areas: Choices,
        kinds: Choices,
        regions: Choices,
        institutes: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer("area", areas)
        self.offer("kind", kinds)
        self.offer("region", regions)
        self.offer("institute", institutes)


class NeedFilters(_Filters):
    """What narrows the board of needs and offers."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    area = forms.ChoiceField(label=_("Technology area"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", [(kind.value, label) for kind, label in NEED_KIND_LABELS.items()])
        self.offer("area", areas)
        self.fields["state"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("Open for answers")),
            ("past", _("Closed or expired")),
        ]


class DirectoryForm(forms.Form):
    """What an organisation says of itself."""

    description = forms.CharField(
        label=_("What the organisation does"),
        max_length=rules.DESCRIPTION_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    description_zh = forms.CharField(
        label=_("The same in Chinese"),
        max_length=rules.DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    capabilities = forms.CharField(
        label=_("What it can do"),
        max_length=rules.CAPABILITIES_MAX,
        required=False,
        help_text=_("Processes, materials, machines: words that others search for, with commas."),
    )
    areas = forms.MultipleChoiceField(
        label=_("Technology areas"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    contact_name = forms.CharField(label=_("Contact"), max_length=rules.CONTACT_MAX, required=False)
    contact_email = forms.CharField(label=_("E-mail address"), max_length=254, required=False)
    level = forms.ChoiceField(label=_("Shared with"), choices=_OPEN_LEVEL_CHOICES)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = list(areas)  # type: ignore[attr-defined] # a ChoiceField

    @classmethod
    def initial_of(cls, entry: DirectoryEntry) -> dict[str, Any]:
        """The stored values."""
        areas = [area.key for area in entry.technology_areas.all()]
        names = (name for name in cls.base_fields if name != "areas")
        return {name: getattr(entry, name) for name in names} | {"areas": areas}

    def row(self) -> DirectoryRow:
        """The entered values as a row."""
        values = dict(self.cleaned_data)
        return DirectoryRow(areas=tuple(values.pop("areas")), **values)


class _ForOrganisation(forms.Form):
    """For which of the reader's organisations; not asked where there is one."""

    for_organisation = forms.ChoiceField(label=_("For"))

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own = {str(one.pk): one for one in organisations}
        choices = [(pk, one.name) for pk, one in self._own.items()]
        self.fields["for_organisation"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            del self.fields["for_organisation"]

    def organisation(self) -> Organisation:
        """The organisation chosen, or the only one."""
        only = next(iter(self._own))
        return self._own[self.cleaned_data.get("for_organisation", only)]


class NeedForm(_ForOrganisation):
    """Something that an organisation looks for or offers."""

    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(kind.value, label) for kind, label in NEED_KIND_LABELS.items()]
    )
    title = forms.CharField(label=_("What, in a line"), max_length=rules.TITLE_MAX)
    text = forms.CharField(
        label=_("What exactly, and for what"),
        max_length=rules.NEED_TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    area = forms.ChoiceField(label=_("Technology area"), required=False)
    expires_on = _day(_("Until, not included"), _("It leaves the board on that day by itself."))
    level = forms.ChoiceField(label=_("Shared with"), choices=_OPEN_LEVEL_CHOICES)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", "–"), *areas]  # type: ignore[attr-defined]

    def row(self) -> NeedRow:
        """The entered values as a row."""
        values = dict(self.cleaned_data)
        values.pop("for_organisation", None)
        return NeedRow(**values)


class AnswerForm(_ForOrganisation):
    """An answer to a need."""

    text = forms.CharField(
        label=_("Answer"),
        max_length=rules.NEED_TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Only you and whoever posted it can read this."),
    )
    contact_email = forms.CharField(label=_("E-mail address"), max_length=254)


class CloseForm(forms.Form):
    """Why a need is closed."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, label) for reason, label in CLOSE_REASON_LABELS.items()],
    )


class SureForm(forms.Form):
    """Nothing to enter: to send it is to decide."""


# ------------------------------------------------------------------------------------ documents


class DocumentFilters(_Filters):
    """What narrows the list of shared documents."""

    q = forms.CharField(label=_("Title"), required=False, max_length=100)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    institute = forms.ChoiceField(label=_("Institute"), required=False)

    def __init__(self, *args: Any, institutes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", [(kind.value, label) for kind, label in DOCUMENT_KIND_LABELS.items()])
        self.offer("institute", institutes)


class DocumentForm(forms.Form):
    """A file of an institute, and with whom it is shared."""

    title = forms.CharField(label=_("Title"), max_length=rules.DOCUMENT_TITLE_MAX)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, label) for kind, label in DOCUMENT_KIND_LABELS.items()],
    )
    file = forms.FileField(label=_("File"))
    level = forms.ChoiceField(
        label=_("Shared with"), choices=[(one.value, LEVEL_LABELS[one]) for one in DOCUMENT_LEVELS]
    )


class WithdrawForm(forms.Form):
    """Why a document is taken back."""

    why = forms.CharField(label=_("Reason"), max_length=rules.WHY_MAX)
