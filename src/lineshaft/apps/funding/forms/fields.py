"""Fields and forms that several of funding's pages use."""

from datetime import date
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.files.uploads import refuse_cut_upload
from lineshaft.web import fields

PREFILLED_MAX: Final = 500
"""Letters that a link may fill into one field."""


class AmountField(fields.AmountField):
    """The same, whose label ends without a colon."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(currency=currency, **options)
        self.label_suffix = ""


class FilesInput(forms.ClearableFileInput):
    """Takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=FilesInput(), **options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files if file]


class ConfirmForm(forms.Form):
    """A change of state that has no way back."""

    is_confirmed = forms.BooleanField(label=_("I know that this can not be undone"))


class ReasonForm(forms.Form):
    """A decision that wants its reason."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it was nothing; None for a form that is only shown.

    Raises TooLarge where a file was cut off: the form would otherwise go on without it.
    """
    if request.method != "POST":
        return None
    sent = request.POST
    refuse_cut_upload(request)
    return sent


def chosen(form: forms.Form) -> dict[str, Any]:
    """What a filter form narrows by; what was not understood narrows nothing."""
    form.full_clean()
    cleaned: dict[str, Any] = getattr(form, "cleaned_data", {})
    return {name: value for name, value in cleaned.items() if value not in {None, ""}}


def prefilled(request: HttpRequest) -> dict[str, str]:
    """What a link to a form fills in beforehand: the address's own words, still to be checked."""
    given = ((name, str(value)) for name, value in request.GET.items())
    return {name: value[:PREFILLED_MAX] for name, value in given if value and name != "id"}


def initial_day(today: date) -> dict[str, Any]:
    """The day a form starts with."""
    return {"occurred_on": today}


def offer(form: forms.Form, name: str, choices: Any) -> None:
    """Let a filter's field choose among these, or none of them."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared by the form
    field.choices = [("", gettext("All")), *choices]
