"""The form with which a file is sent for a dry run."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.plumbing.exchange import limits

NO_MAPPING = ""


class ImportForm(forms.Form):
    """A file, and how its columns are to be read. Nothing is written before the report is seen."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX or JSON, also packed with gzip. The first row names the columns."),
        max_length=150,
        error_messages={
            "required": _("Choose the file that holds the table."),
            "empty": _("The file is empty. Choose the file that holds the table."),
        },
        widget=forms.ClearableFileInput(
            attrs={"accept": ".csv,.txt,.tsv,.xlsx,.json,.gz"},
        ),
    )
    mapping = forms.ChoiceField(
        label=_("Mapping"),
        help_text=_("How the columns of this file are named. Usually it is found by itself."),
        required=False,
    )
    mapping_file = forms.FileField(
        label=_("Your own mapping"),
        help_text=_("A TOML file, for a spreadsheet whose columns have other names."),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".toml"}),
    )

    def __init__(self, *args: Any, mappings: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(NO_MAPPING, _("By the names of the columns")), *mappings.items()]
        self.fields["mapping"].choices = choices  # type: ignore[attr-defined] # a ChoiceField

    def clean_mapping_file(self) -> Any:
        """Refuse a mapping file that is far too large to be one."""
        chosen = self.cleaned_data["mapping_file"]
        if chosen and chosen.size > limits.MAPPING_BYTES_MAX:
            raise forms.ValidationError(_("This is too large for a mapping file."))
        return chosen
