"""Forms of joining: applications, signatures, invoices and payments, changes, people."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.forms.agreements import (
    Choices,
    _day,
)
from lineshaft.apps.memberships.models import (
    APPLICATION_STATE_LABELS,
    INVOICE_STATE_LABELS,
)
from lineshaft.apps.network.rules import IDENTIFYING_SCHEMES, SCHEMES
from lineshaft.apps.network.services import OrganisationRow
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.money import minor_units


class OrganisationSearch(forms.Form):
    """Which organisation somebody means, in the address."""

    q = forms.CharField(
        label=_("Name or identifier of the organisation"), required=False, max_length=200
    )
    tier = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput())

    def text(self) -> str:
        """What is looked for; a wrong entry is nothing."""
        return str(self.cleaned_data["q"]).strip() if self.is_valid() else ""


class ApplicationFilters(forms.Form):
    """What narrows the list of applications, in its address."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *APPLICATION_STATE_LABELS.items()],
    )

    def chosen(self) -> dict[str, Any]:
        """The filters that are set; a wrong one narrows nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class InvoiceFilters(ApplicationFilters):
    """What narrows the list of invoices, in its address."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *INVOICE_STATE_LABELS.items()],
    )


def _text(label: Any, *, help_text: Any = "", required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=rules.TEXT_MAX,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ApplyForm(forms.Form):
    """An application for a registered organisation."""

    tier = forms.ChoiceField(label=_("Membership tier"), help_text=_("Dues are of one year."))
    purpose = _text(
        _("What for"), required=False, help_text=_("What the organisation wants to do there.")
    )

    def __init__(self, *args: Any, tiers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = list(tiers)  # type: ignore[attr-defined] # a ChoiceField


class NewOrganisationForm(ApplyForm):
    """An application for an organisation that is not registered yet."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"))
    city = forms.CharField(label=_("City"), max_length=100)
    region = forms.ChoiceField(label=_("State or region"), required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, help_text=_("Two letters, such as US.")
    )
    ownership_country = forms.CharField(
        label=_("Country of ownership"),
        max_length=2,
        help_text=_("Two letters: where those who control it are."),
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    identifier = forms.CharField(
        label=_("Identifier"),
        max_length=60,
        required=False,
        help_text=_("UEI, ROR, UNITID or USCC, so that nobody enters it a second time."),
    )
    is_none_of_these = forms.BooleanField(
        label=_("It is none of the registered organisations that look like it"), required=False
    )

    field_order = (
        "name",
        "kind",
        "city",
        "region",
        "country",
        "ownership_country",
        "website",
        "identifier",
        "is_none_of_these",
        "tier",
        "purpose",
    )

    def __init__(
        self, *args: Any, tiers: Choices, kinds: Choices, regions: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, tiers=tiers, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined] # a ChoiceField
        self.fields["region"].choices = [("", "–"), *regions]  # type: ignore[attr-defined] # as above

    def clean_identifier(self) -> tuple[tuple[str, str], ...]:
        """The identifier with its scheme, known by its form."""
        text = self.cleaned_data["identifier"].strip()
        if not text:
            return ()
        for key in IDENTIFYING_SCHEMES:
            if SCHEMES[key].is_valid(SCHEMES[key].normalise(text)):
                return ((key, text),)
        raise forms.ValidationError(_("This is none of the identifiers. Correct it, or leave it."))

    def row(self) -> OrganisationRow:
        """The organisation as it was entered."""
        names = ("name", "kind", "city", "region", "website")
        return OrganisationRow(
            **{name: self.cleaned_data[name] for name in names},
            country=self.cleaned_data["country"].upper(),
            ownership_country=self.cleaned_data["ownership_country"].upper(),
            identifiers=self.cleaned_data["identifier"],
        )


class ApprovalForm(forms.Form):
    """From when an approved membership counts."""

    starts_on = _day(_("Membership from"), _("The terms in force on this day are agreed."))


class RevisionForm(forms.Form):
    """What changes in an agreement that is not signed by both sides."""

    tier = forms.ChoiceField(label=_("Membership tier"))
    starts_on = _day(_("Membership from"), _("The terms in force on this day are agreed."))
    why = _text(_("Reason"))

    def __init__(self, *args: Any, tiers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = list(tiers)  # type: ignore[attr-defined] # a ChoiceField


class ReasonForm(forms.Form):
    """A decision that wants its reason."""

    reason = _text(_("Reason"))


class WithdrawalForm(forms.Form):
    """A withdrawal, with a reason if one is given."""

    reason = _text(_("Reason"), required=False)


class SignatureForm(forms.Form):
    """Who signs, as what, and under which hash."""

    sha256 = forms.CharField(
        label=_("SHA-256 of the document"),
        max_length=64,
        widget=forms.TextInput(attrs={"readonly": True, "class": "id wide"}),
    )
    name = forms.CharField(label=_("Name"), max_length=rules.NAME_MAX)
    title = forms.CharField(
        label=_("Title"), max_length=rules.NAME_MAX, help_text=_("As what you sign.")
    )
    has_read = forms.BooleanField(label=_("I have read the document and sign it"))

    def signed(self) -> dict[str, str]:
        """What the signature says."""
        return {name: self.cleaned_data[name] for name in ("name", "title", "sha256")}


class PaymentForm(forms.Form):
    """A payment on an invoice. Its id makes a second click harmless."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    received_on = _day(_("Received on"))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=120,
        required=False,
        help_text=_("The number that the bank gives."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = 10 ** minor_units(currency)
        self.fields["amount"] = forms.DecimalField(
            label=_("Amount"),
            min_value=Decimal(1) / self.unit,
            max_digits=15,
            decimal_places=minor_units(currency),
        )
        self.order_fields(["amount", "received_on", "reference"])

    def payment(self) -> dict[str, Any]:
        """The payment; the amount in minor units of the currency."""
        data = dict(self.cleaned_data)
        amount_minor = int(data.pop("amount") * self.unit)
        return data | {"amount_minor": amount_minor}


class RefundForm(forms.Form):
    """When a payment went back. Its id makes a second click harmless."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    refunded_on = _day(_("Refunded on"))

    def refund(self) -> dict[str, Any]:
        """What the verb takes."""
        return dict(self.cleaned_data)


class TierChangeForm(forms.Form):
    """Which tier follows, and from when."""

    tier = forms.ChoiceField(label=_("Membership tier"), help_text=_("Dues are of one year."))
    on = _day(_("From"))

    def __init__(self, *args: Any, tiers: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = list(tiers)  # type: ignore[attr-defined] # a ChoiceField


class ExpulsionForm(ReasonForm):
    """From when a member is out, and why."""

    ends_on = _day(_("Until, not included"), _("The first day without the membership."))

    field_order = ("ends_on", "reason")


class LeavingForm(WithdrawalForm):
    """From when an organisation leaves, with a reason if one is given."""

    ends_on = _day(_("Until, not included"), _("The first day without the membership."))

    field_order = ("ends_on", "reason")


class InvitationForm(forms.Form):
    """Whom to invite, and to what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=rules.ADDRESS_MAX)
    may_act = forms.BooleanField(
        label=_("May act for the organisation: sign, invite, leave"), required=False
    )


class DomainForm(forms.Form):
    """The address at a domain to which its code goes."""

    address = forms.EmailField(
        label=_("An address at the domain"),
        max_length=rules.ADDRESS_MAX,
        help_text=_("A code is mailed there. Public mail services are refused."),
    )


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
