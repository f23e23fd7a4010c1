"""Fields, formats and help of the pages of the pool: filters, a record, one's own, texts."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import SECTOR_LABELS
from lineshaft.apps.reviewing.queries import ACTIVE, RETIRED, PoolSearch
from lineshaft.apps.reviewing.services import OwnTerms, ReviewingTerms

type Choices = list[tuple[str, Any]]

DECLARATION_CHOICES: Final = (
    ("", _("Not declared")),
    ("no", _("No, I am none")),
    ("yes", _("Yes, I am one")),
)
ANSWERS: Final = {"yes": True, "no": False}
DECLARATION_HELP: Final = _(
    "Somebody appointed to a position of government by reason of politics. Nobody who is sits among"
    " those who review institutes."
)


class PoolFilters(forms.Form):
    """Which reviewers are listed."""

    q = forms.CharField(label=_("Words"), max_length=200, required=False)
    area = forms.ChoiceField(label=_("Technology area"), required=False)
    sector = forms.ChoiceField(
        label=_("Sector"), required=False, choices=[("", _("All")), *SECTOR_LABELS.items()]
    )
    employer = forms.CharField(label=_("Employer"), max_length=200, required=False)
    activity = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", pgettext_lazy("reviewers", "Active")),
            (RETIRED, pgettext_lazy("reviewers", "Retired")),
            ("all", _("All")),
        ],
    )
    load = forms.IntegerField(
        label=_("Takes on at least"), required=False, min_value=1, max_value=rules.LOAD_MOST
    )

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", _("All")), *areas]  # type: ignore[attr-defined] # a ChoiceField

    def chosen(self) -> PoolSearch:
        """What was asked for; a wrong choice narrows nothing."""
        found = self.cleaned_data if self.is_valid() else {}
        return PoolSearch(
            words=found.get("q", ""),
            area=found.get("area", ""),
            sector=found.get("sector", ""),
            employer=found.get("employer", ""),
            activity=found.get("activity", "") or ACTIVE,
            load_least=found.get("load"),
        )


class CandidateFilters(PoolFilters):
    """Which reviewers could be invited: who does not review any more is not asked."""

    activity = None  # type: ignore[assignment] # takes the field away


class SeenForm(forms.Form):
    """A form that knows which revision was read, so that nobody overwrites what came after."""

    seen = forms.IntegerField(widget=forms.HiddenInput(), required=False)


class ReviewingForm(SeenForm):
    """What a record and the reviewer's own page both say."""

    areas = forms.MultipleChoiceField(
        label=_("Technology areas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    load_most = forms.IntegerField(
        label=_("Applications at most"),
        min_value=1,
        max_value=rules.LOAD_MOST,
        initial=rules.LOAD_USUAL,
        help_text=_("In one stage of a competition."),
    )
    statement = forms.CharField(
        label=_("What they know"),
        required=False,
        max_length=rules.STATEMENT_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In their own words: fields, methods, industries."),
    )

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = areas  # type: ignore[attr-defined] # a ChoiceField


class ReviewerForm(ReviewingForm):
    """A record of the pool, for whoever keeps it."""

    sector = forms.ChoiceField(label=_("Sector"), choices=list(SECTOR_LABELS.items()))

    field_order: Iterable[str] | None = ("seen", "sector", "areas", "load_most", "statement")

    def terms(self) -> ReviewingTerms:
        """What was entered."""
        data = self.cleaned_data
        return ReviewingTerms(
            data["sector"], tuple(data["areas"]), data["load_most"], data["statement"]
        )


class NewReviewerForm(ReviewerForm):
    """Somebody for the pool."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Whoever is registered under it is taken; invitations go there."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        required=False,
        help_text=_("For somebody who is not registered yet."),
    )
    name_zh = forms.CharField(label=_("Chinese name"), max_length=200, required=False)
    organisation = forms.CharField(
        label=_("Employer"),
        max_length=300,
        required=False,
        help_text=_("The name or number of an organisation, for somebody not registered yet."),
    )

    field_order = (
        *("seen", "email", "name", "name_zh", "organisation"),
        *("sector", "areas", "load_most", "statement"),
    )


class OwnReviewingForm(ReviewingForm):
    """What reviewers say of themselves."""

    is_political_appointee = forms.ChoiceField(
        label=_("Are you a political appointee?"),
        choices=list(DECLARATION_CHOICES),
        required=False,
        help_text=DECLARATION_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["statement"].label = _("What you know")
        self.fields["statement"].help_text = _("In your own words: fields, methods, industries.")

    def terms(self) -> OwnTerms:
        """What was entered."""
        data = self.cleaned_data
        return OwnTerms(
            tuple(data["areas"]),
            data["load_most"],
            data["statement"],
            ANSWERS.get(data["is_political_appointee"]),
        )


class TextsForm(forms.Form):
    """Texts to add: one by its fields, or many pasted."""

    title = forms.CharField(label=_("Title"), max_length=rules.TEXT_TITLE_MAX, required=False)
    text = forms.CharField(
        label=_("Abstract"),
        required=False,
        max_length=rules.TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    year = forms.IntegerField(
        label=_("Year"), required=False, min_value=rules.YEAR_LEAST, max_value=9999
    )
    pasted = forms.CharField(
        label=_("Or many at once"),
        required=False,
        max_length=rules.TEXT_MAX * 20,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "A blank line between texts. The first line of each is its title, the rest the"
            " abstract; a last line of four digits is the year."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Wants at least one text, and of one by its fields the title."""
        data: dict[str, Any] = super().clean() or {}
        has_pasted = bool(data.get("pasted", "").strip())
        has_rest = bool(data.get("text", "").strip()) or data.get("year") is not None
        if not data.get("title", "").strip() and (has_rest or not has_pasted):
            self.add_error("title", _("Write a title, or paste texts."))
        return data

    def rows(self) -> tuple[rules.TextRow, ...]:
        """What was entered."""
        data = self.cleaned_data
        one = (rules.TextRow(data["title"], data["text"], data["year"]),) if data["title"] else ()
        return (*one, *rules.texts_pasted(data["pasted"]))
