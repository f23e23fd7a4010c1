"""Forms of costs. Each carries the id of its transfer: a second click is harmless."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import FilesField, offer
from lineshaft.apps.funding.forms.transfers import MovementForm
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.web.formats import local_name

STANDING_LABELS = {
    "encumbered": _("Encumbered"),
    "to_pay": _("To be paid"),
    "paid": _("Paid"),
}


class CostMoveForm(MovementForm):
    """What moves a cost that stands, with its proof."""

    evidence = forms.CharField(
        label=_("Evidence kept elsewhere"),
        max_length=200,
        required=False,
        help_text=_("The record in your own books that proves it."),
    )
    evidence_files = FilesField(label=_("Evidence files"), required=False)


class CostForm(CostMoveForm):
    """A cost or an encumbrance: what for, to whom, how much."""

    category = forms.ChoiceField(label=_("Category"))
    payee = forms.CharField(
        label=_("Payee"),
        max_length=200,
        help_text=_("The supplier, or the group of staff paid. No names of single staff."),
    )
    description = forms.CharField(label=_("Description"), max_length=300, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        field.choices = [(one.key, local_name(one)) for one in profile_in_use().cost_categories]
        self.fields["amount_minor"].help_text = gettext("The federal share of the cost.")
        self.order_fields(
            ["category", "payee", "description", "amount_minor", "occurred_on", "reference"]
        )


class CostFilterForm(forms.Form):
    """Narrows the list of costs."""

    standing = forms.ChoiceField(label=_("State"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "standing", STANDING_LABELS.items())
        categories = profile_in_use().cost_categories
        offer(self, "category", [(one.key, local_name(one)) for one in categories])
