"""Forms of replies: the texts, and the document."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.services import text_field


class ReplyForm(forms.Form):
    """A text for the reply as a whole, and one for each remark. `seen` is the revision that was
    read, so that nobody overwrites what came after.
    """

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(
        self, *args: Any, numbers: Iterable[int], texts: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = (rules.WHOLE, *numbers)
        for number in self.numbers:
            is_whole = number == rules.WHOLE
            label = (
                gettext("The reply as a whole")
                if is_whole
                else gettext("Reply to remark %(number)s") % {"number": number}
            )
            self.fields[text_field(number)] = forms.CharField(
                label=label,
                required=False,
                max_length=rules.REPLY_MAX,
                initial=texts.get(str(number), ""),
                widget=forms.Textarea(attrs={"rows": 8 if is_whole else 4}),
            )

    def texts(self) -> dict[int, str]:
        """What was entered, by the number of the remark."""
        return {number: self.cleaned_data[text_field(number)] for number in self.numbers}

    def field_of(self, number: int) -> forms.BoundField:
        """The field of that text."""
        return self[text_field(number)]


class ReplyDocumentForm(forms.Form):
    """The reply as a PDF."""

    file = forms.FileField(label=_("PDF"))


class ConfirmReplyForm(forms.Form):
    """A page that asks for nothing but the button."""
