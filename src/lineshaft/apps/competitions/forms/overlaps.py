"""The form that judges whether a topic overlaps with something."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.applying import SeenForm
from lineshaft.apps.competitions.forms.fields import long_text
from lineshaft.apps.competitions.models import TOPIC_JUDGEMENT_LABELS


class JudgementForm(SeenForm):
    """What somebody makes of an overlap, and why."""

    judgement = forms.ChoiceField(
        label=_("Judgement"), choices=list(TOPIC_JUDGEMENT_LABELS.items())
    )
    reason = long_text(
        _("Reason"),
        4,
        _("Duplicate or not, say in what the two are alike and in what they differ."),
        max_length=rules.ADVICE_MAX,
    )
