"""Forms of claims: whose claim it is, and what is decided on each of its lines."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.contributions import ContributorField
from lineshaft.apps.funding.forms.fields import AmountField
from lineshaft.apps.funding.models import Agreement, Contribution
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.actor import Actor
from lineshaft.web.forms import DayInput

LATER: Final = ""
ACCEPT: Final = "accept"
REFUSE: Final = "refuse"


class ClaimForm(forms.Form):
    """Whose claim, on which agreement, over which period."""

    id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    agreement = forms.ModelChoiceField(
        label=_("Agreement"), queryset=Agreement.objects.none(), empty_label=None
    )
    starts_on = forms.DateField(label=_("Starts on"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Ends on"), widget=DayInput(), help_text=_("The first day after the period.")
    )
    number = forms.CharField(label=_("Own number"), max_length=120, required=False)

    def __init__(
        self, *args: Any, actor: Actor, agreements: QuerySet[Agreement], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        agreement_field = self.fields["agreement"]
        assert isinstance(agreement_field, forms.ModelChoiceField)  # noqa: S101 -- declared above
        agreement_field.queryset = agreements
        self.fields["contributor"] = ContributorField(actor=actor)
        self.order_fields(["agreement", "contributor"])


class DecideClaimForm(forms.Form):
    """For each line that is open: accept it, in part too, refuse it, or leave it for later."""

    def __init__(self, *args: Any, lines: Sequence[Contribution], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines
        for line in lines:
            self.fields[f"{line.pk}-decision"] = forms.ChoiceField(
                label=_("Decision"),
                choices=[
                    (LATER, _("Leave open")),
                    (ACCEPT, _("Accept")),
                    (REFUSE, _("Refuse")),
                ],
                required=False,
            )
            self.fields[f"{line.pk}-accepted_minor"] = AmountField(
                currency=line.currency,
                label=gettext("Accepted amount in %(currency)s") % {"currency": line.currency},
                initial=str(line.claimed.amount),
                required=False,
            )
            self.fields[f"{line.pk}-reason"] = forms.CharField(
                label=_("Reason"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def fields_of(self, line: Contribution) -> list[forms.BoundField]:
        """The three fields of a line."""
        return [self[f"{line.pk}-{name}"] for name in ("decision", "accepted_minor", "reason")]

    def decided(self) -> Mapping[UUID, Mapping[str, Any]]:
        """What was decided, by line; `decision` is one of accept and refuse."""
        found: dict[UUID, Mapping[str, Any]] = {}
        for line in self.lines:
            given = {
                name: self.cleaned_data[f"{line.pk}-{name}"]
                for name in ("decision", "accepted_minor", "reason")
            }
            if given["decision"] != LATER:
                found[line.pk] = given
        return found
