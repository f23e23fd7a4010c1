"""Forms of amendments, waivers and renewals."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.agreements import SignForm
from lineshaft.apps.funding.forms.fields import AmountField, ConfirmForm
from lineshaft.apps.funding.models import AMENDMENT_KIND_LABELS
from lineshaft.apps.funding.rules import AmendmentKind
from lineshaft.apps.network.models import Agency
from lineshaft.kernel.jurisdiction import MatchingRule, WaiverGround
from lineshaft.web.formats import BASIS_POINTS_PER_PERCENT, local_name, percent_bp
from lineshaft.web.forms import DayInput


class AmendForm(forms.Form):
    """What is to change, from when and why; each kind takes the one field that is its own."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, label) for kind, label in AMENDMENT_KIND_LABELS.items()],
    )
    effective_on = forms.DateField(label=_("Takes effect on"), widget=DayInput())
    new_ends_on = forms.DateField(
        label=_("New end of the term"),
        widget=DayInput(),
        required=False,
        help_text=_("For an extension: the first day after the term."),
    )
    new_title = forms.CharField(
        label=_("New scope"),
        max_length=200,
        required=False,
        help_text=_("For a change of scope: what the agreement is for from then on."),
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, *args: Any, currency: str, sponsors: Sequence[Agency] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["added_federal_minor"] = AmountField(
            currency=currency,
            label=gettext("Federal money added in %(currency)s") % {"currency": currency},
            required=False,
            help_text=gettext("For incremental funding."),
        )
        if len(sponsors) > 1:
            self.fields["agency_id"] = forms.TypedChoiceField(
                label=gettext("Whose money"),
                coerce=int,
                empty_value=None,
                required=False,
                choices=[(agency.pk, local_name(agency)) for agency in sponsors],
                help_text=gettext("For incremental funding: the sponsor that adds it."),
            )
        self.order_fields(
            ["kind", "effective_on", "new_ends_on", "agency_id", "added_federal_minor"]
        )

    def clean_kind(self) -> AmendmentKind:
        """The kind, as the rules know it."""
        return AmendmentKind(self.cleaned_data["kind"])


class WaiverForm(forms.Form):
    """Which rule is to be waived, on which ground, by how much, in which days, and why."""

    starts_on = forms.DateField(label=_("Starts on"), widget=DayInput())
    ends_on = forms.DateField(
        label=_("Ends on"), widget=DayInput(), help_text=_("The first day after the waiver.")
    )
    share = forms.DecimalField(
        label=_("Lowered share, per cent"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("The non-federal share that is asked for instead of the rule's."),
    )
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self,
        *args: Any,
        binding: Sequence[MatchingRule],
        grounds: Sequence[WaiverGround],
        currency: str,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["rule_id"] = forms.ChoiceField(
            label=gettext("Rule"),
            choices=[
                (rule.id, f"{rule.id} · {local_name(rule)} · {percent_bp(rule.share_bp)}")
                for rule in binding
            ],
        )
        self.fields["ground"] = forms.ChoiceField(
            label=gettext("Ground"),
            choices=[(ground.key, local_name(ground)) for ground in grounds],
        )
        self.fields["excluded_minor"] = AmountField(
            currency=currency,
            label=gettext("Federal money left out, in %(currency)s") % {"currency": currency},
            required=False,
            help_text=gettext("An amount that the test does not count; instead of a share."),
        )
        self.order_fields(["rule_id", "ground", "share", "excluded_minor", "starts_on", "ends_on"])

    def clean(self) -> dict[str, Any]:
        """The share in basis points, as the rules count."""
        data = super().clean() or self.cleaned_data
        share = data.pop("share", None)
        data["share_bp"] = None if share is None else int(share * BASIS_POINTS_PER_PERCENT)
        return data


class StepForm(forms.Form):
    """A step of a review on its day."""

    on = forms.DateField(label=_("Date"), widget=DayInput())


class DeficienciesForm(StepForm):
    """What the institute is to remedy."""

    deficiencies = forms.CharField(
        label=_("Deficiencies"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What the review found wanting, so that it can be remedied."),
    )


class IneligibleForm(ConfirmForm):
    """That the deficiencies were not remedied in time."""

    on = forms.DateField(label=_("Date"), widget=DayInput())
    progress = forms.CharField(
        label=_("Progress on the performance standards"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    field_order = ("on", "progress", "is_confirmed")


class RenewForm(SignForm):
    """What the agreement that follows says, and what the review found."""

    on = forms.DateField(label=_("Decided on"), widget=DayInput())
    progress = forms.CharField(
        label=_("Progress on the performance standards"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.order_fields(["on", "progress"])
