"""Fields of funding's pages. A movement carries its id in the form: a second click is harmless."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.models import (
    CONTRIBUTION_STATE_LABELS,
    TRANSFER_CODE_LABELS,
    Agreement,
    Contribution,
)
from lineshaft.apps.network.models import Agency, Organisation
from lineshaft.apps.network.queries import (
    OrganisationReference,
    organisations_by_reference,
    profile_in_use,
)
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.money import parse_money
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import local_name

_SCHEMES = ("uei", "ror", "ein")


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AmountField(forms.CharField):
    """An amount as a person writes it; cleans to minor units of `currency`, None for nothing."""

    def __init__(self, *, currency: str, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.currency = currency
        self.widget.attrs["inputmode"] = "decimal"
        self.label_suffix = ""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_money(text, self.currency).amount_minor
        except Invalid as error:
            raise forms.ValidationError(
                [fault.as_text(gettext) for fault in error.errors]
            ) from error


class FilesInput(forms.ClearableFileInput):
    """Takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=FilesInput(), **options)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files if file]


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

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount_minor"] = AmountField(
            currency=currency, label=gettext("Amount in %(currency)s") % {"currency": currency}
        )
        self.order_fields(["amount_minor", "occurred_on", "reference"])


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


class SignForm(forms.Form):
    """What an agreement says, as both sides signed it."""

    number = forms.CharField(
        label=_("Number"),
        max_length=64,
        help_text=_("The award's own number, the same in every system."),
    )
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    agency = forms.ChoiceField(label=_("Agency"))
    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput())
    starts_on = forms.DateField(label=_("Starts on"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Ends on"), widget=DayInput(), help_text=_("The first day after the term.")
    )

    def __init__(
        self, *args: Any, agencies: Sequence[Agency], currency: str, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.agencies = {agency.key: agency for agency in agencies}
        agency_field = self.fields["agency"]
        assert isinstance(agency_field, forms.ChoiceField)  # noqa: S101 -- declared above
        agency_field.choices = [(agency.key, local_name(agency)) for agency in agencies]
        self.fields["federal_total_minor"] = AmountField(
            currency=currency,
            label=gettext("Federal total in %(currency)s") % {"currency": currency},
        )
        self.fields["cost_share_required_minor"] = AmountField(
            currency=currency,
            label=gettext("Cost share required in %(currency)s") % {"currency": currency},
            required=False,
            help_text=gettext("Empty where the agreement names none: the matching rule binds."),
        )

    def clean_agency(self) -> Agency:
        """The agency of that key, one of those offered."""
        return self.agencies[self.cleaned_data["agency"]]


class ConfirmForm(forms.Form):
    """A change of state that has no way back."""

    is_confirmed = forms.BooleanField(label=_("I know that this can not be undone"))


class TerminateForm(ConfirmForm):
    """Why an agreement ends before its term."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    field_order = ("reason", "is_confirmed")


class ContributionForm(forms.Form):
    """A claim of cost share with its valuation and evidence."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    agreement = forms.ModelChoiceField(
        label=_("Agreement"), queryset=Agreement.objects.none(), empty_label=None
    )
    contributor = forms.CharField(
        label=_("Contributor"),
        max_length=300,
        help_text=_("Name of the organisation, or its UEI, ROR or EIN."),
    )
    kind = forms.ChoiceField(label=_("Kind"))
    occurred_on = forms.DateField(label=_("Date"), widget=DayInput())
    units = forms.DecimalField(
        label=_("Units"),
        max_digits=14,
        decimal_places=4,
        min_value=0,
        required=False,
        help_text=_("Hours, square metres or pieces, where the value is units times a rate."),
    )
    basis_of_value = forms.CharField(
        label=_("Basis of value"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How the value was found: pay records, appraisal, price list."),
    )
    is_federal_origin = forms.BooleanField(
        label=_("The money is of federal origin, and so does not count"), required=False
    )
    other_award = forms.CharField(
        label=_("Other award"),
        max_length=64,
        required=False,
        help_text=_("Number of another federal award that already counts it."),
    )
    external_id = forms.CharField(label=_("Own number"), max_length=120, required=False)
    evidence = forms.CharField(
        label=_("Evidence kept elsewhere"),
        max_length=200,
        required=False,
        help_text=_("The record in your own books that proves it."),
    )
    evidence_files = FilesField(label=_("Evidence files"), required=False)

    def __init__(
        self, *args: Any, actor: Actor, agreements: QuerySet[Agreement], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        profile = profile_in_use()
        self.actor = actor
        agreement_field = self.fields["agreement"]
        assert isinstance(agreement_field, forms.ModelChoiceField)  # noqa: S101 -- declared above
        agreement_field.queryset = agreements
        kind_field = self.fields["kind"]
        assert isinstance(kind_field, forms.ChoiceField)  # noqa: S101 -- declared above
        kind_field.choices = [(kind.key, local_name(kind)) for kind in profile.cost_share_kinds]
        self.fields["amount_minor"] = AmountField(
            currency=profile.currency,
            label=gettext("Amount in %(currency)s") % {"currency": profile.currency},
        )
        self.fields["rate_minor"] = AmountField(
            currency=profile.currency, label=_("Rate for one unit"), required=False
        )
        self.order_fields(
            [
                "agreement",
                "contributor",
                "kind",
                "amount_minor",
                "occurred_on",
                "units",
                "rate_minor",
            ]
        )

    def clean_contributor(self) -> Organisation:
        """The one organisation that the text names."""
        text = self.cleaned_data["contributor"].strip()
        reference = OrganisationReference(
            name=text, identifiers=tuple((scheme, text) for scheme in _SCHEMES)
        )
        found = organisations_by_reference(self.actor, [reference])[0]
        if not found:
            raise forms.ValidationError(
                gettext("No organisation is registered under this name or number.")
            )
        if len(found) > 1:
            raise forms.ValidationError(
                gettext("Several organisations bear this name. Give the UEI, ROR or EIN.")
            )
        return found[0]


class AcceptForm(forms.Form):
    """How much of a claim counts, and why the rest does not."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Wanted where less than the claim is accepted."),
    )

    def __init__(self, *args: Any, contribution: Contribution, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["accepted_minor"] = AmountField(
            currency=contribution.currency,
            label=gettext("Accepted amount in %(currency)s") % {"currency": contribution.currency},
            initial=str(contribution.claimed.amount),
        )
        self.order_fields(["accepted_minor", "reason"])


class ReasonForm(forms.Form):
    """A decision that wants its reason."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class EvidenceForm(forms.Form):
    """More proof of a contribution."""

    evidence_files = FilesField(label=_("Evidence files"), required=False)
    reference = forms.CharField(label=_("Evidence kept elsewhere"), max_length=200, required=False)


class ContributionFilterForm(forms.Form):
    """Narrows the list of contributions."""

    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    fiscal_year = forms.IntegerField(
        label=_("Fiscal year"), required=False, min_value=1990, max_value=2200
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = profile_in_use().cost_share_kinds
        _offer(self, "state", CONTRIBUTION_STATE_LABELS.items())
        _offer(self, "kind", [(kind.key, local_name(kind)) for kind in kinds])


class TransferFilterForm(forms.Form):
    """Narrows the list of transfers."""

    code = forms.ChoiceField(label=_("Kind"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=DayInput())
    before = forms.DateField(label=_("Before"), required=False, widget=DayInput())

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self, "code", TRANSFER_CODE_LABELS.items())


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it was nothing; None for a form that is only shown."""
    return request.POST if request.method == "POST" else None


def chosen(form: forms.Form) -> dict[str, Any]:
    """What a filter form narrows by; what was not understood narrows nothing."""
    form.full_clean()
    cleaned: dict[str, Any] = getattr(form, "cleaned_data", {})
    return {name: value for name, value in cleaned.items() if value not in {None, ""}}


def initial_day(today: date) -> dict[str, Any]:
    """The day a form starts with."""
    return {"occurred_on": today}


def _offer(form: forms.Form, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared by the form
    field.choices = [("", gettext("All")), *choices]
