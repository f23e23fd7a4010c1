"""The form of a promise of cost share."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.contributions import ContributorField
from lineshaft.apps.funding.forms.fields import AmountField
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.web.forms import DayInput

CASH = "cash"
IN_KIND = "in_kind"


class CommitmentForm(forms.Form):
    """What an organisation promised, by when, and in which letter."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    agreement = forms.ModelChoiceField(
        label=_("Agreement"), queryset=Agreement.objects.none(), empty_label=None
    )
    form = forms.ChoiceField(label=_("Form"), choices=[(CASH, _("Cash")), (IN_KIND, _("In-kind"))])
    promised_on = forms.DateField(label=_("Promised on"), widget=DayInput())
    due_on = forms.DateField(
        label=_("Due on"), widget=DayInput(), help_text=_("The last day by which it is brought.")
    )
    reference = forms.CharField(
        label=_("Letter"),
        max_length=200,
        help_text=_("The letter or contract in which it was promised."),
    )

    def __init__(
        self, *args: Any, actor: Actor, agreements: QuerySet[Agreement], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        currency = profile_in_use().currency
        agreement_field = self.fields["agreement"]
        assert isinstance(agreement_field, forms.ModelChoiceField)  # noqa: S101 -- declared above
        agreement_field.queryset = agreements
        self.fields["contributor"] = ContributorField(actor=actor)
        self.fields["amount_minor"] = AmountField(
            currency=currency, label=gettext("Amount in %(currency)s") % {"currency": currency}
        )
        self.order_fields(["agreement", "contributor", "form", "amount_minor"])
