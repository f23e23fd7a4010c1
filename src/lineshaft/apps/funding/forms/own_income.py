"""Forms of an institute's own income."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField, offer
from lineshaft.apps.funding.forms.income import choose
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.ids import new_id
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput


class OwnIncomeForm(forms.Form):
    """Money that the institute earned. Its id makes a second click harmless."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    stream = forms.ChoiceField(label=_("Stream"))
    received_on = forms.DateField(label=_("Received on"), widget=DayInput())
    payer = forms.CharField(label=_("Payer"), max_length=200, required=False)
    description = forms.CharField(label=_("Description"), max_length=300, required=False)
    external_id = forms.CharField(label=_("Own number"), max_length=120, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        profile = profile_in_use()
        choose(self, "stream", profile.income_streams)
        self.fields["amount_minor"] = AmountField(
            currency=profile.currency,
            label=gettext("Amount in %(currency)s") % {"currency": profile.currency},
        )
        self.order_fields(["stream", "payer", "description", "amount_minor", "received_on"])


class ReversalForm(forms.Form):
    """How much of an entry to take back, and why."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    received_on = forms.DateField(label=_("Date"), widget=DayInput())
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount_minor"] = AmountField(
            currency=currency, label=gettext("Amount in %(currency)s") % {"currency": currency}
        )
        self.order_fields(["amount_minor", "received_on", "reason"])


class OwnIncomeFilterForm(forms.Form):
    """Narrows the list of own income."""

    stream = forms.ChoiceField(label=_("Stream"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DayInput())
    before = forms.DateField(label=_("Before"), required=False, widget=DayInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        streams = profile_in_use().income_streams
        offer(self, "stream", [(one.key, local_name(one)) for one in streams])
