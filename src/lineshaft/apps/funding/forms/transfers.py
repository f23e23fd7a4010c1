"""Forms that move money. A movement carries its id in the form: a second click is harmless."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField, offer
from lineshaft.apps.funding.models import ACCOUNT_KIND_LABELS, TRANSFER_CODE_LABELS
from lineshaft.apps.funding.rules import AccountKind
from lineshaft.apps.network.models import Agency
from lineshaft.kernel.ids import new_id
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput


class MovementForm(forms.Form):
    """An amount to move on a day."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    occurred_on = forms.DateField(label=_("Date"), widget=DayInput())
    reference = forms.CharField(
        label=_("Reference"),
        max_length=120,
        required=False,
        help_text=_("The number of the document that orders it."),
    )

    def __init__(
        self, *args: Any, currency: str, sponsors: Sequence[Agency] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["amount_minor"] = AmountField(
            currency=currency, label=gettext("Amount in %(currency)s") % {"currency": currency}
        )
        if sponsors:
            self.fields["agency_id"] = forms.TypedChoiceField(
                label=gettext("Whose money"),
                coerce=int,
                choices=[(agency.pk, local_name(agency)) for agency in sponsors],
                help_text=gettext("The sponsor of the agreement whose part this is."),
            )
        self.order_fields(["agency_id", "amount_minor", "occurred_on", "reference"])


class ReleaseForm(MovementForm):
    """What to release of an obligation, and why; without an amount, all that is left."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, currency=currency, **options)
        self.fields["amount_minor"].required = False
        self.fields["amount_minor"].help_text = gettext("Empty releases all that is left.")


class CorrectionForm(MovementForm):
    """How much of a transfer to take back, and why; the reference is the transfer itself."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, currency=currency, **options)
        del self.fields["reference"]


class TransferFilterForm(forms.Form):
    """Narrows the list of transfers; by sponsor where several have a part of the agreement."""

    code = forms.ChoiceField(label=_("Kind"), required=False)
    out_of = forms.ChoiceField(label=_("Went out of"), required=False)
    into = forms.ChoiceField(label=_("Came into"), required=False)
    agency = forms.TypedChoiceField(
        label=_("Sponsor"), required=False, coerce=int, empty_value=None
    )
    since = forms.DateField(label=_("From"), required=False, widget=DayInput())
    before = forms.DateField(label=_("Before"), required=False, widget=DayInput())

    def __init__(
        self, *args: Any, sponsors: Sequence[Agency], kinds: Sequence[AccountKind], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        offer(self, "code", TRANSFER_CODE_LABELS.items())
        accounts = [(kind.value, ACCOUNT_KIND_LABELS[kind]) for kind in kinds]
        offer(self, "out_of", accounts)
        offer(self, "into", accounts)
        offer(self, "agency", [(one.pk, local_name(one)) for one in sponsors])
        if len(sponsors) < 2:  # noqa: PLR2004 -- with one sponsor there is nothing to choose
            del self.fields["agency"]
