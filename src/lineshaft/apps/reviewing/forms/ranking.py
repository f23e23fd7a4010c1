"""What the ranked list is narrowed to."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class RankingFilters(forms.Form):
    """By which criterion the list is ranked."""

    criterion = forms.ChoiceField(label=_("Criterion"), required=False)

    def __init__(self, *args: Any, criteria: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["criterion"].choices = [("", _("All, by their weights")), *criteria]  # type: ignore[attr-defined] # a ChoiceField
