"""Fields, formats and help of the pages of topics."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms.fields import Choices, long_text, several
from lineshaft.apps.competitions.models import TOPIC_STATE_LABELS
from lineshaft.apps.competitions.services import TOPIC_LEVELS
from lineshaft.plumbing.sharing import LEVEL_LABELS


class TopicFilters(forms.Form):
    """Which topics are listed."""

    q = forms.CharField(label=_("Words"), max_length=rules.TITLE_MAX, required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Open or taken up")), *TOPIC_STATE_LABELS.items()],
    )
    area = forms.ChoiceField(label=_("Technology area"), required=False)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", _("All")), *areas]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """What was asked for; a wrong choice narrows nothing."""
        found = self.cleaned_data if self.is_valid() else {}
        names = {"words": "q", "state": "state", "area": "area"}
        return {name: str(found.get(field, "")) for name, field in names.items()}


class TopicForm(forms.Form):
    """A topic to propose."""

    speaker = forms.ChoiceField(label=_("For"), required=False)
    title = forms.CharField(label=_("Title"), max_length=rules.TITLE_MAX)
    title_zh = forms.CharField(
        label=_("Title in Chinese"), max_length=rules.TITLE_MAX, required=False
    )
    text = long_text(
        _("Need"),
        8,
        _("Which manufacturing problem it is, who has it, and why nobody alone can solve it."),
        max_length=rules.TOPIC_TEXT_MAX,
    )
    text_zh = long_text(_("Need in Chinese"), 6, required=False, max_length=rules.TOPIC_TEXT_MAX)
    areas = several(_("Technology areas"))
    level = forms.ChoiceField(
        label=_("Shared with"),
        choices=[(level.value, LEVEL_LABELS[level]) for level in TOPIC_LEVELS],
    )

    def __init__(self, *args: Any, speakers: Choices, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["speaker"].choices = list(speakers)  # type: ignore[attr-defined]
        self.fields["areas"].choices = list(areas)  # type: ignore[attr-defined]


class EndorseForm(forms.Form):
    """An endorsement."""

    organisation = forms.TypedChoiceField(label=_("For"), coerce=int)
    remark = long_text(
        _("Remark"),
        3,
        _("What the organisation would bring, for everybody who reads the topic."),
        required=False,
        max_length=rules.REMARK_MAX,
    )

    def __init__(self, *args: Any, organisations: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined]


class MergeForm(forms.Form):
    """Into which topic another is merged."""

    into = forms.TypedChoiceField(label=_("Into"), coerce=int)
    why = forms.CharField(label=_("Reason"), max_length=rules.REMARK_MAX)

    def __init__(self, *args: Any, topics: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = list(topics)  # type: ignore[attr-defined]


class TakeUpForm(forms.Form):
    """Which competition takes a topic up."""

    competition = forms.ChoiceField(label=_("Competition"))

    def __init__(self, *args: Any, competitions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["competition"].choices = list(competitions)  # type: ignore[attr-defined]


class WhyForm(forms.Form):
    """Why something is withdrawn or cancelled."""

    why = long_text(_("Reason"), 3, max_length=rules.REASON_MAX)
