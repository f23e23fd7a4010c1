"""Forms of the desk: what somebody needs, what to look for in the audit trail."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.desk.rules import NEED_LENGTH_MAX
from lineshaft.web import formats
from lineshaft.web.verbs import verb_name


class NeedForm(forms.Form):
    """A need in a sentence, and where the firm is."""

    need = forms.CharField(
        label=_("What do you need?"),
        max_length=NEED_LENGTH_MAX,
        help_text=_("One sentence, in your own words. English or Chinese."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    region = forms.ChoiceField(label=_("Where is your firm?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [
            (code, (name_zh if formats.is_chinese() else "") or name)
            for code, name, name_zh in formats.profile().place_codes.codes
        ]
        self.fields["region"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("Anywhere")),
            *sorted(regions, key=lambda one: one[1]),
        ]


class AuditFilter(forms.Form):
    """What to look for in the audit trail."""

    verb = forms.ChoiceField(label=_("Verb"), required=False)
    institute = forms.ChoiceField(label=_("Institute"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(
        self,
        *args: Any,
        verbs: Iterable[str],
        institutes: Iterable[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [  # type: ignore[attr-defined] # a ChoiceField
            ("", _("Any")),
            *sorted(((verb, verb_name(verb)) for verb in verbs), key=lambda pair: pair[1]),
        ]
        self.fields["institute"].choices = [  # type: ignore[attr-defined] # as above
            ("", _("Any")),
            *institutes,
        ]
