"""Forms of cost share."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField, FilesField, offer
from lineshaft.apps.funding.forms.valuation import valuation_fields
from lineshaft.apps.funding.models import (
    CONTRIBUTION_STATE_LABELS,
    Agreement,
    Contribution,
)
from lineshaft.apps.funding.rules import (
    FIRST_FISCAL_YEAR,
    LAST_FISCAL_YEAR,
)
from lineshaft.apps.network.queries import organisations_named, profile_in_use
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.jurisdiction import CostShareKind
from lineshaft.plumbing.actor import Actor
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput

_LEADING = ("agreement", "contributor", "occurred_on", "kind")
_ASK_FOR_FIELDS = {
    "hx-get": "",
    "hx-trigger": "change",
    "hx-include": "#valuation-fields",
    "hx-select": "#valuation-fields",
    "hx-target": "#valuation-fields",
    "hx-swap": "outerHTML",
    "hx-disabled-elt": "#valuation-fields",
}
"""Another kind is valued otherwise: its fields replace those shown, and keep what was typed. Until
they come nothing can be typed into those that go."""


class ContributorField(forms.CharField):
    """The one organisation that a name or number names; cleans to it."""

    def __init__(self, *, actor: Actor, **options: Any) -> None:
        super().__init__(
            label=_("Contributor"),
            max_length=300,
            help_text=_("Name of the organisation, or its UEI, ROR or EIN."),
            **options,
        )
        self.actor = actor

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = organisations_named(self.actor, text.strip())
        if not found:
            raise forms.ValidationError(
                gettext("No organisation is registered under this name or number.")
            )
        if len(found) > 1:
            raise forms.ValidationError(
                gettext("Several organisations bear this name. Give the UEI, ROR or EIN.")
            )
        return found[0]


class ContributionForm(forms.Form):
    """A claim of cost share with its evidence, and with the valuation that its kind wants.

    `is_line`: the claim that it is a line of says whose it is, and under which agreement.
    """

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    agreement = forms.ModelChoiceField(
        label=_("Agreement"), queryset=Agreement.objects.none(), empty_label=None
    )
    kind = forms.ChoiceField(label=_("Kind"))
    occurred_on = forms.DateField(label=_("Date"), widget=DayInput())
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
        self,
        *args: Any,
        actor: Actor,
        agreements: QuerySet[Agreement],
        kind: CostShareKind,
        is_line: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        profile = profile_in_use()
        self.fields["contributor"] = ContributorField(actor=actor)
        agreement_field = self.fields["agreement"]
        assert isinstance(agreement_field, forms.ModelChoiceField)  # noqa: S101 -- declared above
        agreement_field.queryset = agreements
        kind_field = self.fields["kind"]
        assert isinstance(kind_field, forms.ChoiceField)  # noqa: S101 -- declared above
        kind_field.choices = [(one.key, local_name(one)) for one in profile.cost_share_kinds]
        kind_field.initial = kind.key
        kind_field.widget.attrs |= _ASK_FOR_FIELDS
        valued = valuation_fields(kind, profile.currency)
        self._valued_names = ("amount_minor", *valued)
        self.fields |= valued
        self.fields["amount_minor"] = AmountField(
            currency=profile.currency,
            label=gettext("Amount in %(currency)s") % {"currency": profile.currency},
            required=kind.is_cash,
            help_text=""
            if kind.is_cash
            else gettext("Empty claims all that it is worth by the entries below."),
        )
        self.order_fields([*_LEADING, *self._valued_names])
        if is_line:
            del self.fields["agreement"], self.fields["contributor"]

    @property
    def leading_fields(self) -> list[forms.BoundField]:
        """What every contribution says, up to its kind."""
        return [self[name] for name in _LEADING if name in self.fields]

    @property
    def valued_fields(self) -> list[forms.BoundField]:
        """The amount, and what the kind is valued by."""
        return [self[name] for name in self._valued_names]

    @property
    def trailing_fields(self) -> list[forms.BoundField]:
        """What every contribution says of its origin and evidence."""
        shown = [*self.leading_fields, *self.valued_fields]
        names = {field.name for field in shown}
        return [field for field in self.visible_fields() if field.name not in names]


class AcceptForm(forms.Form):
    """How much of a claim counts, and why the rest does not."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Wanted where less than the claim is accepted, or it looks claimed twice."),
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
