"""Fields that several pages of awarding use."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise

type Choices = Sequence[tuple[str, str | Promise]]


def long_text(label: Any, rows: int, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    """A field for text of several lines."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, widget=widget, **kwargs)
