"""Forms of reconciliation: which lines and entries to show, and what a person joins or explains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import ReasonForm, offer
from lineshaft.apps.funding.models import LINE_SOURCE_LABELS, LINE_STATE_LABELS
from lineshaft.apps.funding.rules import LineSource
from lineshaft.apps.network.models import Agency
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.ids import new_id
from lineshaft.web.formats import fiscal_year, local_name, month_local


def months_of(year: int) -> list[date]:
    """The first day of each month of the fiscal year."""
    first = profile_in_use().fiscal_year(year).starts_on
    places = range(first.month - 1, first.month + 11)
    return [date(first.year + place // 12, place % 12 + 1, 1) for place in places]


@dataclass(frozen=True, slots=True)
class YearsOffered:
    """Fiscal years to choose from, and the one that is chosen at first: of the newest line, the
    present one where `has_lines` is false.
    """

    years: tuple[int, ...]
    first: int
    has_lines: bool


class ReconciliationPeriodForm(forms.Form):
    """A fiscal year, or one month of it; `is_latest` where nobody asked, and it is that of the
    newest line.
    """

    fiscal_year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=int, required=False)
    month = forms.TypedChoiceField(label=_("Month"), coerce=date.fromisoformat, required=False)

    def __init__(
        self, data: Mapping[str, Any] | None, *, years: YearsOffered, **options: Any
    ) -> None:
        asked = dict(data.items()) if data else {}
        year = years.first
        self.is_latest = years.has_lines and not asked.get("fiscal_year") and not asked.get("month")
        if str(asked.get("fiscal_year", "")) in {str(one) for one in years.years}:
            year = int(asked["fiscal_year"])
        asked["fiscal_year"] = str(year)
        months = [(month.isoformat(), month_local(month)) for month in months_of(year)]
        if asked.get("month") not in dict(months):
            asked["month"] = ""
        super().__init__(asked, **options)
        self.fields["fiscal_year"].choices = [(one, fiscal_year(one)) for one in years.years]  # type: ignore[attr-defined] # a ChoiceField
        offer(self, "month", months)


class EntryFilterForm(ReconciliationPeriodForm):
    """Narrows the ledger's side."""

    source = forms.ChoiceField(label=_("Compared with"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    agency = forms.ChoiceField(label=_("Agency"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        years: YearsOffered,
        sources: Sequence[LineSource],
        agencies: Sequence[Agency],
        **options: Any,
    ) -> None:
        given = dict(data.items()) if data else {}
        if given.get("source") not in set(sources):
            given["source"] = str(sources[0])
        super().__init__(given, years=years, **options)
        self.fields["source"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            (source.value, LINE_SOURCE_LABELS[source]) for source in sources
        ]
        offer(self, "state", LINE_STATE_LABELS.items())
        offer(self, "agency", [(agency.key, local_name(agency)) for agency in agencies])
        self.order_fields(["source", "state", "fiscal_year", "month", "agency"])


class LineFilterForm(EntryFilterForm):
    """Narrows the lines; `counterparty` is its name as written, which only a link asks for."""

    words = forms.CharField(label=_("Words"), max_length=100, required=False)
    counterparty = forms.CharField(
        widget=forms.HiddenInput(), max_length=200, required=False, strip=False
    )


class HandMatchForm(forms.Form):
    """Which entries of the ledger, and which further lines, belong to a line."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    entries = forms.MultipleChoiceField(
        label=_("Entries of the ledger"),
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("The nearest amounts first, of three months around the line."),
    )
    lines = forms.MultipleChoiceField(
        label=_("Further lines"), widget=forms.CheckboxSelectMultiple(), required=False
    )
    reason = forms.CharField(
        label=_("What the difference is"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Where the two sides do not sum to the same, such as a fee kept back."),
    )

    def __init__(
        self,
        *args: Any,
        entries: Sequence[tuple[str, str]],
        lines: Sequence[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["entries"].choices = entries  # type: ignore[attr-defined] # a ChoiceField
        self.fields["lines"].choices = lines  # type: ignore[attr-defined] # as above
        if not lines:
            del self.fields["lines"]


class IdsField(forms.CharField):
    """Ids apart by blanks; cleans to a list of UUID without repetition."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        try:
            return list(dict.fromkeys(UUID(word) for word in super().clean(value).split()))
        except ValueError as error:
            raise forms.ValidationError(_("These are no ids.")) from error


class ExplanationForm(forms.Form):
    """Why lines have nothing in the ledger."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    lines = IdsField()
    reason = forms.CharField(
        label=_("What it is"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Such as a bank's fee, interest, or a transfer between own accounts."),
    )


class UndoForm(ReasonForm):
    """Why matches are taken apart; a field named `matches` would hide a form's own method."""

    match_ids = IdsField()
