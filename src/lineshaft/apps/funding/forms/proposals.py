"""The filter of proposed transfers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import offer
from lineshaft.apps.funding.models import PROPOSAL_STATE_LABELS


class ProposalFilterForm(forms.Form):
    """Narrows the list of proposed transfers; the agreement comes from its page's link."""

    state = forms.ChoiceField(label=_("State"), required=False)
    agreement = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput()
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "state", PROPOSAL_STATE_LABELS.items())
