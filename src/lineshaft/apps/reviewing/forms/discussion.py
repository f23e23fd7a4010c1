"""Forms of the discussion of an application: a remark, the consensus."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions.models import Criterion
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.forms.reviews import ROWS, score_choices
from lineshaft.apps.reviewing.models import PanelSeat
from lineshaft.apps.reviewing.services import ConsensusEntry
from lineshaft.web import formats


class RemarkForm(forms.Form):
    """Something said to the panel."""

    text = forms.CharField(
        label=_("Your remark"),
        max_length=rules.POST_MAX,
        widget=forms.Textarea(attrs={"rows": ROWS}),
        help_text=_("The panel of this application and whoever runs the competition read it."),
    )


class ConsensusForm(forms.Form):
    """What the panel came to."""

    text = forms.CharField(
        label=_("What the panel came to, and why"),
        max_length=rules.CONSENSUS_MAX,
        widget=forms.Textarea(attrs={"rows": 2 * ROWS}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)

    def __init__(
        self,
        *args: Any,
        criteria: Sequence[Criterion],
        seats: Iterable[PanelSeat],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[rules.field_name("score", one.number)] = forms.TypedChoiceField(
                label=gettext("Score: %(criterion)s") % {"criterion": formats.local_name(one)},
                choices=score_choices(one),
                coerce=int,
                widget=forms.RadioSelect,
            )
        self.fields["agreed"] = forms.TypedMultipleChoiceField(
            label=gettext("Who agreed"),
            choices=[(one.pk, formats.local_name(one.reviewer.person)) for one in seats],
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
        )
        self.order_fields([name for name in self.fields if name != "text"])

    def entry(self) -> ConsensusEntry:
        """What the panel came to."""
        said = self.cleaned_data
        return ConsensusEntry(
            text=said["text"],
            scores={
                one.number: said[rules.field_name("score", one.number)] for one in self.criteria
            },
            agreed=said["agreed"],
        )
