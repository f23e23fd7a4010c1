"""The filter of the network's list of match tests."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.funding.forms.fields import offer
from lineshaft.apps.funding.rules import MatchStatus, MatchTest

MATCH_TEST_LABELS = {
    MatchTest.STATUTE: _("Non-federal share"),
    MatchTest.LEVERAGE: _("Leverage of base money"),
    MatchTest.EPACT: _("Share by kind of project"),
}
MATCH_STATUS_LABELS = {
    MatchStatus.AT_RISK: _("At risk"),
    MatchStatus.BELOW: _("Below"),
    MatchStatus.HOLDS: _("Holds"),
    MatchStatus.OPEN: _("No money yet"),
}


class MatchTestFilterForm(forms.Form):
    """Narrows the list by sponsor, recipient, test and standing."""

    agency = forms.ChoiceField(label=_("Agency"), required=False)
    institute = forms.ChoiceField(label=_("Institute"), required=False)
    test = forms.ChoiceField(label=_("Test"), required=False)
    status = forms.ChoiceField(label=_("Standing"), required=False)

    def __init__(
        self,
        *args: Any,
        agencies: Iterable[tuple[str, str]],
        institutes: Iterable[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        offer(self, "agency", agencies)
        offer(self, "institute", institutes)
        offer(self, "test", MATCH_TEST_LABELS.items())
        offer(self, "status", MATCH_STATUS_LABELS.items())
