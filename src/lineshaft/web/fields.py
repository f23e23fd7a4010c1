"""Fields that the forms of several apps use: amounts, shares, moments, text of several lines."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.money import parse_money
from lineshaft.kernel.spans import check_day

type Choices = Sequence[tuple[str, str | Promise]]

MOMENT_FORMAT: Final = "%Y-%m-%dT%H:%M"


class AmountField(forms.CharField):
    """An amount as a person writes it; cleans to minor units of `currency`, None for nothing."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.currency = currency
        self.widget.attrs["inputmode"] = "decimal"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_money(text, self.currency).amount_minor
        except Invalid as error:
            raise forms.ValidationError(
                [fault.as_text(gettext) for fault in error.errors]
            ) from error


class PercentField(forms.DecimalField):
    """A percentage as a person writes it; cleans to basis points, None for nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=6, decimal_places=2, min_value=0, **options)

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else int(percent * 100)


class MomentInput(forms.DateTimeInput):
    """A day and an hour, by the browser's own calendar."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MOMENT_FORMAT)


class MomentField(forms.Field):
    """A day and an hour without a zone, as the clocks of some place show it; None for nothing."""

    widget = MomentInput

    def to_python(self, value: Any) -> datetime | None:
        """The moment as it was written; raises ValidationError for what is none, and for a day that
        can only be mistyped.
        """
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.strptime(str(value)[: len("2026-01-01T00:00")], MOMENT_FORMAT)  # noqa: DTZ007 -- the zone stands in another field
        except ValueError as error:
            message = _("Write the day and the hour, such as 2026-03-01T17:00.")
            raise forms.ValidationError(message) from error
        if fault := check_day(moment.date(), name=""):
            raise forms.ValidationError(fault.as_text(gettext))
        return moment


def moment_in_zone(moment: datetime | None, zone: str) -> datetime | None:
    """The moment that the clocks of the zone show so, in UTC."""
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if moment else None


def shown_in_zone(moment: datetime | None, zone: str) -> datetime | None:
    """The moment as the clocks of the zone show it, without one."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if moment else None


def long_text(label: Any, rows: int, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    """A field for text of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, **kwargs)


def several(label: Any, **kwargs: Any) -> forms.MultipleChoiceField:
    """A field of boxes to tick."""
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple, **kwargs
    )
