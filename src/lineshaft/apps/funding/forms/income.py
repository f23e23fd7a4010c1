"""Forms of programme income and of the terms of reporting."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField
from lineshaft.apps.funding.forms.transfers import MovementForm
from lineshaft.apps.funding.models import ACTIVITY_LABELS, BASIS_LABELS, ReportingTerms
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.web.formats import local_name


class IncomeForm(MovementForm):
    """Programme income that came in."""

    stream = forms.ChoiceField(label=_("Stream"))
    payer = forms.CharField(label=_("Payer"), max_length=200)
    description = forms.CharField(label=_("Description"), max_length=300, required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, currency=currency, **options)
        choose(
            self,
            "stream",
            [one for one in profile_in_use().income_streams if one.is_programme_income],
        )
        self.fields["amount_minor"].label = gettext("Came in, in %(currency)s") % {
            "currency": currency
        }
        self.fields["cost_of_earning_minor"] = AmountField(
            currency=currency,
            label=gettext("Costs of earning it, in %(currency)s") % {"currency": currency},
            required=False,
            help_text=gettext("Taken off, where the award did not bear them."),
        )
        self.order_fields(
            [
                "stream",
                "payer",
                "description",
                "amount_minor",
                "cost_of_earning_minor",
                "occurred_on",
                "reference",
            ]
        )


class IncomeUseForm(MovementForm):
    """What programme income was spent on."""

    category = forms.ChoiceField(label=_("Category"))
    description = forms.CharField(label=_("What it was spent on"), max_length=300)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, currency=currency, **options)
        choose(self, "category", profile_in_use().cost_categories)
        self.order_fields(["category", "description", "amount_minor", "occurred_on", "reference"])


class ReportingTermsForm(forms.Form):
    """How an agreement is reported on."""

    report_term = forms.ChoiceField(label=_("Financial reports"))
    basis = forms.ChoiceField(label=_("Basis of accounting"), choices=BASIS_LABELS.items())
    income_method = forms.ChoiceField(label=_("Use of programme income"))
    recipient_account = forms.CharField(
        label=_("Recipient's account number"), max_length=64, required=False
    )
    activity = forms.ChoiceField(
        label=_("Kind of project"),
        choices=[("", _("Not stated")), *ACTIVITY_LABELS.items()],
        required=False,
        help_text=_("Some laws ask for another share of demonstration than of research."),
    )
    reason = forms.CharField(
        label=_("Approval"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For cost sharing: the decision by which the agency approved it."),
    )

    def __init__(self, *args: Any, terms: ReportingTerms, **options: Any) -> None:
        names = ("report_term", "basis", "income_method", "recipient_account", "activity")
        options["initial"] = {name: getattr(terms, name) for name in names}
        super().__init__(*args, **options)
        profile = profile_in_use()
        choose(self, "report_term", [one for one in profile.report_terms if one.months])
        choose(self, "income_method", profile.income_methods)


def choose(form: forms.Form, name: str, entries: Any) -> None:
    """Let the field choose among entries of the profile."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared by the form
    field.choices = [(one.key, local_name(one)) for one in entries]
