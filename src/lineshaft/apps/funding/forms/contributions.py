"""Forms of cost share."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField, FilesField, offer
from lineshaft.apps.funding.models import (
    CONTRIBUTION_STATE_LABELS,
    Agreement,
    Contribution,
)
from lineshaft.apps.funding.rules import (
    FIRST_FISCAL_YEAR,
    LAST_FISCAL_YEAR,
    UNITS_DECIMALS,
    UNITS_DIGITS,
)
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import organisations_named, profile_in_use
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput


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
        max_digits=UNITS_DIGITS,
        decimal_places=UNITS_DECIMALS,
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
        found = organisations_named(self.actor, self.cleaned_data["contributor"].strip())
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


class EvidenceForm(forms.Form):
    """More proof of a contribution."""

    evidence_files = FilesField(label=_("Evidence files"), required=False)
    reference = forms.CharField(label=_("Evidence kept elsewhere"), max_length=200, required=False)


class ContributionFilterForm(forms.Form):
    """Narrows the list of contributions."""

    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    fiscal_year = forms.IntegerField(
        label=_("Fiscal year"),
        required=False,
        min_value=FIRST_FISCAL_YEAR,
        max_value=LAST_FISCAL_YEAR,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = profile_in_use().cost_share_kinds
        offer(self, "state", CONTRIBUTION_STATE_LABELS.items())
        offer(self, "kind", [(kind.key, local_name(kind)) for kind in kinds])
