"""What insight asks people: a year, a reason, a word with an attestation, a change to plan with."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.insight.queries import months_between, profile_in_use
from lineshaft.engines.economics import Levers
from lineshaft.kernel.money import minor_units
from lineshaft.web.forms import DayInput

type Choices = Sequence[tuple[str, str]]

_MOST_RISE_PERCENT: Final = 1000
_MOST_MEMBERS: Final = 100_000
_AMOUNT_DIGITS: Final = 13
_BP_PER_PERCENT: Final = 100


class OpenReportForm(forms.Form):
    """Which fiscal year to report."""

    fiscal_year = forms.TypedChoiceField(
        label=_("Fiscal year"),
        coerce=int,
        help_text=_("Years that the records reach and that have no report yet."),
    )

    def __init__(self, *args: object, choices: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed through
        self.fields["fiscal_year"].choices = choices  # type: ignore[attr-defined]


class RestateReportForm(forms.Form):
    """Why a published report is followed by another edition."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Printed on the new edition and shown beside the old one."),
    )


class AttestPartForm(forms.Form):
    """An institute's manager stands behind the figures that were shown."""

    seen_digest = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What a reader of these figures should know. Printed with the attestation."),
    )
    is_confirmed = forms.BooleanField(
        label=_("I have checked these figures and stand behind them for the institute."),
        error_messages={"required": _("Confirm that you have checked the figures.")},
    )


class OutlookForm(forms.Form):
    """What to change in an institute's outlook; it asks by GET and stores nothing."""

    fee = forms.DecimalField(
        label=_("Membership fee, change in %"),
        required=False,
        min_value=-100,
        max_value=_MOST_RISE_PERCENT,
        decimal_places=2,
        help_text=_("10 for a tenth more, -10 for a tenth less."),
    )
    members = forms.IntegerField(
        label=_("Number of members"),
        required=False,
        min_value=0,
        max_value=_MOST_MEMBERS,
        help_text=_("Dues move in proportion."),
    )
    services = forms.DecimalField(
        label=_("More service income a year"),
        required=False,
        min_value=0,
        max_digits=_AMOUNT_DIGITS,
        decimal_places=2,
    )
    partners = forms.DecimalField(
        label=_("Partners’ money kept, in %"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("After the award, in cash and in kind; all of it unless you say otherwise."),
    )
    cost = forms.DecimalField(
        label=_("Cost, change in %"),
        required=False,
        min_value=-100,
        max_value=_MOST_RISE_PERCENT,
        decimal_places=2,
    )
    reserve = forms.DecimalField(
        label=_("Reserve in hand"),
        required=False,
        min_value=0,
        max_digits=_AMOUNT_DIGITS,
        decimal_places=2,
        help_text=_("No reserve is recorded; none is counted unless you enter it."),
    )
    renewal = forms.DecimalField(
        label=_("More base money (renewal)"),
        required=False,
        min_value=0,
        max_digits=_AMOUNT_DIGITS,
        decimal_places=2,
    )
    award_end = forms.DateField(
        label=_("Award ends on"),
        required=False,
        widget=DayInput,
        help_text=_("Money that is left is then lost."),
    )
    terminated = forms.DateField(
        label=_("Terminated for convenience on"),
        required=False,
        widget=DayInput,
        help_text=_("Base money stops that day, whatever is left and whatever was achieved."),
    )

    def levers(self, *, records_end: date) -> Levers:
        """What was entered, as levers of the projection; months count from `records_end`."""
        entered: dict[str, Any] = self.cleaned_data
        ends, stops = entered["award_end"], entered["terminated"]
        stays = entered["partners"]
        return Levers(
            fee_change_bp=_bp(entered["fee"]),
            members=entered["members"],
            services_more=_minor(entered["services"]),
            partners_stay_bp=_bp(Decimal(100) if stays is None else stays),
            cost_change_bp=_bp(entered["cost"]),
            reserve=_minor(entered["reserve"]),
            base_more=_minor(entered["renewal"]),
            award_months=None if ends is None else months_between(records_end, ends),
            terminated_months=None if stops is None else months_between(records_end, stops),
        )


def _bp(percent: Decimal | None) -> int:
    return int((percent or Decimal(0)) * _BP_PER_PERCENT)


def _minor(amount: Decimal | None) -> int:
    return int((amount or Decimal(0)).scaleb(minor_units(profile_in_use().currency)))


class PortfolioForm(forms.Form):
    """What part of the portfolio to look at, and by what to divide it; it asks by GET."""

    basis = forms.ChoiceField(label=_("Figures"), required=False)
    agency = forms.ChoiceField(label=_("Agency"), required=False)
    institute = forms.ChoiceField(label=_("Institute"), required=False)
    area = forms.ChoiceField(label=_("Technology area"), required=False)
    state = forms.ChoiceField(label=pgettext_lazy("part of a country", "State"), required=False)
    first_year = forms.TypedChoiceField(
        label=_("From fiscal year"), required=False, coerce=int, empty_value=None
    )
    last_year = forms.TypedChoiceField(
        label=_("To fiscal year"), required=False, coerce=int, empty_value=None
    )
    figure = forms.ChoiceField(label=_("Figure"), required=False)
    rows = forms.ChoiceField(label=pgettext_lazy("of a table", "Rows"), required=False)
    columns = forms.ChoiceField(label=_("Columns"), required=False)

    def __init__(self, *args: Any, choices: Mapping[str, Choices], **options: Any) -> None:
        super().__init__(*args, **options)
        for name, offered in choices.items():
            is_plain = name in {"basis", "figure", "rows", "columns"}
            blank = [] if is_plain else [("", _("All"))]
            self.fields[name].choices = [*blank, *offered]  # type: ignore[attr-defined]
        if len(choices["basis"]) < 2:  # noqa: PLR2004 -- one is no choice
            del self.fields["basis"]

    def clean(self) -> dict[str, Any]:
        """Refuse years in the wrong order, and one dimension twice."""
        entered: dict[str, Any] = super().clean() or {}
        first, last = entered.get("first_year"), entered.get("last_year")
        if first and last and first > last:
            self.add_error("last_year", _("The last year lies before the first."))
        rows = entered.get("rows")
        if rows and rows == entered.get("columns"):
            self.add_error("columns", _("Choose something else than for the rows."))
        return entered
