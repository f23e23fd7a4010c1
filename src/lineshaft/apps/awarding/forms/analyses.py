"""Forms of the analysis of business plans: the assumptions, and the analyst's judgement."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import PLAN_RATING_LABELS
from lineshaft.kernel.money import Money
from lineshaft.web.fields import AmountField, Choices, PercentField, long_text


class AssumptionsForm(forms.Form):
    """What an analysis takes for granted; a stream or letter left empty follows the common value.

    Percentages go in and come out as basis points.
    """

    honoured_bp = PercentField(
        label=_("Share of a promise that comes, in per cent"),
        help_text=_("The mean of a beta distribution with the weight of 20 observations."),
    )
    spread_bp = PercentField(
        label=_("How far revenue may miss its plan, in per cent"),
        help_text=_("The standard deviation of the logarithm; half of its square is shared."),
    )
    cost_spread_bp = PercentField(
        label=_("How far cost may miss its plan, in per cent"),
        help_text=_("The standard deviation of the logarithm."),
    )
    years_after = forms.TypedChoiceField(
        label=_("Years beyond the term"),
        coerce=int,
        choices=[(one, str(one)) for one in range(rules.YEARS_BEYOND_MOST + 1)],
        help_text=_("They cost what the last year of the term costs, without federal money."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=rules.ANALYSIS_SEED_MAX,
        help_text=_("The same seed gives the same draws."),
    )
    reason = long_text(
        _("Why these assumptions"),
        3,
        _("Needed where they differ from those before."),
        required=False,
        max_length=rules.ANALYSIS_REASON_MAX,
    )

    def __init__(
        self, *args: Any, currency: str, promises: Choices, streams: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reserve_minor"] = AmountField(
            currency=currency, label=gettext("Reserve at the start"), required=False
        )
        self.promises, self.streams = promises, streams
        for key, label in streams:
            self.fields[f"spread_{key}"] = PercentField(
                label=gettext("How far “%(stream)s” may miss its plan, in per cent")
                % {"stream": label},
                required=False,
            )
        for key, label in promises:
            self.fields[f"honoured_{key}"] = PercentField(
                label=gettext("Share of what %(giver)s promised that comes, in per cent")
                % {"giver": label},
                required=False,
            )
        first = ("honoured_bp", "spread_bp", "cost_spread_bp", "reserve_minor", "years_after")
        others = (f"spread_{key}" for key, _label in streams)
        letters = (f"honoured_{key}" for key, _label in promises)
        self.order_fields([*first, "seed", *others, *letters, "reason"])

    def assumptions(self) -> rules.Assumptions:
        """What was entered."""
        data = self.cleaned_data
        return rules.Assumptions(
            honoured_bp=data["honoured_bp"],
            spread_bp=data["spread_bp"],
            cost_spread_bp=data["cost_spread_bp"],
            reserve_minor=data["reserve_minor"] or 0,
            years_after=data["years_after"],
            seed=data["seed"],
            honoured=self._given("honoured", self.promises),
            spreads=self._given("spread", self.streams),
        )

    def _given(self, name: str, rows: Choices) -> dict[str, int]:
        said = {key: self.cleaned_data[f"{name}_{key}"] for key, _label in rows}
        return {key: value for key, value in said.items() if value is not None}


class JudgementForm(forms.Form):
    """What the analyst makes of a plan."""

    rating = forms.ChoiceField(
        label=_("Rating"), choices=list(PLAN_RATING_LABELS.items()), widget=forms.RadioSelect
    )
    judgement = long_text(_("Judgement"), 10, max_length=rules.JUDGEMENT_MAX)
    seen = forms.CharField(widget=forms.HiddenInput(), required=False, max_length=40)


def initial_of_assumptions(said: rules.Assumptions, currency: str) -> dict[str, Any]:
    """What the form begins with."""
    reserve = Money(said.reserve_minor, currency).amount
    return {
        "honoured_bp": _percent(said.honoured_bp),
        "spread_bp": _percent(said.spread_bp),
        "cost_spread_bp": _percent(said.cost_spread_bp),
        "reserve_minor": f"{reserve:f}" if said.reserve_minor else "",
        "years_after": said.years_after,
        "seed": said.seed,
        **{f"honoured_{key}": _percent(value) for key, value in said.honoured.items()},
        **{f"spread_{key}": _percent(value) for key, value in said.spreads.items()},
    }


def _percent(value_bp: int) -> Decimal:
    return Decimal(value_bp) / 100
