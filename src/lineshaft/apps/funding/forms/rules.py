"""The form of an imagined rule: which figure of the profile is changed, and to what."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.rules import RuleKind
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.jurisdiction import MatchingSubject
from lineshaft.kernel.money import minor_units
from lineshaft.web.formats import BASIS_POINTS_PER_PERCENT, MILLION, local_name


class ImagineForm(forms.Form):
    """One rule and its figures as they might be; an empty figure stays as it is.

    Cleans to `kind`, `rule_id`, `share_bp`, and `least` and `most` in the rule's own unit.
    """

    rule = forms.ChoiceField(label=_("Rule"), required=False)
    share = forms.DecimalField(
        label=_("Share, per cent"),
        required=False,
        min_value=0,
        max_value=99,
        decimal_places=2,
        help_text=_("Of a matching rule."),
    )
    least = forms.IntegerField(label=_("At least"), required=False, min_value=0, max_value=10_000)
    most = forms.IntegerField(
        label=_("At most"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=_("Years of a term or of the falling money, millions of a band."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["rule"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        field.choices = [("", gettext("None")), *_choices()]

    def clean(self) -> dict[str, Any]:
        """The figures in the units that the rules count in."""
        data = super().clean() or self.cleaned_data
        kind, _colon, rule_id = data.pop("rule", "").partition(":")
        share = data.pop("share", None)
        scale = 1
        if kind == RuleKind.BAND:
            scale = MILLION * 10 ** minor_units(profile_in_use().currency)
        for name in ("least", "most"):
            value = data.get(name)
            data[name] = None if value is None else value * scale
        data["kind"] = RuleKind(kind) if kind else None
        data["rule_id"] = rule_id
        data["share_bp"] = None if share is None else int(share * BASIS_POINTS_PER_PERCENT)
        if data["least"] and data["most"] and data["least"] > data["most"]:
            self.add_error("most", gettext("This is below the least."))
        return data


def _choices() -> list[tuple[str, str]]:
    """Every rule whose figure can be imagined, as `kind:id`."""
    profile = profile_in_use()
    return [
        *(
            (f"{RuleKind.MATCHING}:{rule.id}", f"{rule.id} · {local_name(rule)}")
            for rule in profile.matching_rules
            if rule.subject in {MatchingSubject.INSTITUTE, MatchingSubject.EXTENSION_CENTRE}
        ),
        *(
            (f"{RuleKind.TERM}:{one.id}", gettext("%(id)s · length of the term") % {"id": one.id})
            for one in profile.terms
        ),
        *(
            (f"{RuleKind.BAND}:{one.id}", gettext("%(id)s · federal total") % {"id": one.id})
            for one in profile.funding_bands
        ),
        *(
            (
                f"{RuleKind.FALLING}:{one.id}",
                gettext("%(id)s · falling federal money") % {"id": one.id},
            )
            for one in profile.funding_profiles
        ),
    ]
