"""Forms of budgets: a period's days, and an amount of each kind in each category."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import AmountField
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.web.formats import local_name
from lineshaft.web.forms import DayInput


class BudgetForm(forms.Form):
    """A budget period; `lines` of the cleaned data are (category, federal, non-federal)."""

    starts_on = forms.DateField(label=_("Starts on"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Ends on"), widget=DayInput(), help_text=_("The first day after the period.")
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.categories = profile_in_use().cost_categories
        for category in self.categories:
            named = {"category": local_name(category), "currency": currency}
            for prefix, label in (
                ("federal", gettext("%(category)s, federal, in %(currency)s")),
                ("nonfederal", gettext("%(category)s, non-federal, in %(currency)s")),
            ):
                self.fields[f"{prefix}_{category.key}"] = AmountField(
                    currency=currency, label=label % named, required=False
                )

    def clean(self) -> dict[str, Any]:
        """Gather the categories in which something is planned."""
        data = super().clean() or self.cleaned_data
        planned = [
            (
                category.key,
                data.pop(f"federal_{category.key}", None) or 0,
                data.pop(f"nonfederal_{category.key}", None) or 0,
            )
            for category in self.categories
        ]
        data["lines"] = tuple(line for line in planned if line[1] or line[2])
        return data


class BudgetRevisionForm(BudgetForm):
    """A budget period as it stands from now on, and why."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, currency=currency, **options)
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])
