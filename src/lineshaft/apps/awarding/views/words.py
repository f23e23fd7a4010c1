"""What the pages of awarding share: the way to them, tabs, titles, tones."""

from collections.abc import Iterable
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import (
    FACTOR_LABELS,
    PLAN_RATING_LABELS,
    PlanAnalysis,
    SiteVisit,
)
from lineshaft.apps.awarding.queries import Candidate
from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions.models import OUTCOME_LABELS, Competition
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.navigation import competition_tabs
from lineshaft.web.pages import Crumb, Tab, Tag, Tone, actor_of
from lineshaft.web.tables import Cell

VISIT_TONES: Final[dict[str, Tone]] = {
    rules.VISIT_PLANNED: "due",
    rules.VISIT_HELD: "due",
    rules.VISIT_REPORTED: "ok",
    rules.VISIT_CANCELLED: "quiet",
}
RATING_TONES: Final[dict[str, Tone]] = {
    rules.PlanRating.SOUND: "ok",
    rules.PlanRating.CONDITIONAL: "quiet",
    rules.PlanRating.DOUBTFUL: "due",
    rules.PlanRating.UNSOUND: "bad",
}


def competition_to_read(request: HttpRequest, key: str) -> tuple[Actor, Competition]:
    """Who asks, and the competition; raises NotFound where it may not be seen."""
    actor = actor_of(request)
    return actor, competitions.competition_by_key(actor, key)


def running_crumbs(competition: Competition, *crumbs: Crumb) -> tuple[Crumb, ...]:
    """The way to a page of the competition."""
    return (Crumb(competition.code, competition.get_absolute_url()), *crumbs)


def tabs_for(actor: Actor, competition: Competition, current: str) -> tuple[Tab, ...]:
    """The competition's tabs for whoever runs it; none for the panel, which reads few of them."""
    if not competitions.may_read_submissions(actor, competition):
        return ()
    return competition_tabs(competition.key, current)


def visits_crumb(competition: Competition) -> Crumb:
    """The list of the competition's visits."""
    return Crumb(_("Site visits"), reverse("awarding:list_visits", args=[competition.key]))


def visit_title(visit: SiteVisit) -> str:
    """The application's title as it was handed in; its number where that was withdrawn."""
    title = formats.local_of(visit, "title")
    return title or _("Application %(number)s") % {"number": visit.application.number}


def visit_tag(visit: SiteVisit, *, is_withdrawn: bool = False) -> Tag:
    """The state of a visit as a word."""
    if is_withdrawn:
        return Tag(_("Application withdrawn"), "bad")
    return Tag(str(visit.get_state_display()), VISIT_TONES[visit.state])


def rating_tag(analysis: PlanAnalysis) -> Tag | None:
    """What the analyst thinks of the plan, as a word; None before."""
    if not analysis.rating:
        return None
    label = PLAN_RATING_LABELS[rules.PlanRating(analysis.rating)]
    return Tag(str(label), RATING_TONES[analysis.rating])


OUTCOME_TONES: Final[dict[Outcome, Tone]] = {
    Outcome.SELECTED: "ok",
    Outcome.WAITLISTED: "due",
    Outcome.NOT_SELECTED: "quiet",
}


def competition_crumbs(competition: Competition) -> tuple[Crumb, ...]:
    """The way to a competition that the reader runs."""
    listed = Crumb(_("Competitions"), reverse("competitions:list_competitions"))
    return (listed, Crumb(competition.code, competition.get_absolute_url()))


def selection_crumbs(competition: Competition) -> tuple[Crumb, ...]:
    """The way to a page of its selection."""
    url = reverse("awarding:show_selection", args=[competition.key])
    return (*competition_crumbs(competition), Crumb(_("Selection"), url))


def outcome_cell(outcome: Outcome | None, url: str | None = None) -> Cell:
    """What was decided or is chosen, as a word."""
    if outcome is None:
        return Cell(_("Not chosen yet"), url)
    return Cell(str(OUTCOME_LABELS[outcome]), url, tag=OUTCOME_TONES[outcome])


def numbered(one: Candidate) -> str:
    """A candidate by number and title."""
    said = {"number": one.application.number, "title": formats.local_name(one)}
    return _("%(number)s: %(title)s") % said


def enumerated(candidates: Iterable[Candidate]) -> str:
    """Candidates by number, as an enumeration; a dash for none."""
    numbers = [formats.number(one.application.number) for one in candidates]
    return formats.joined(numbers) or formats.MISSING


def factor_name(key: str) -> str:
    """What a factor, or a bound that every scenario keeps to, is called."""
    kind = key.partition(":")[0]
    if kind == "awards":
        return _("The number of awards announced")
    if kind == "budget":
        return pgettext("of a scenario", "The budget")
    return str(FACTOR_LABELS[rules.FactorKind(kind)])


def factor_text(factor: rules.Factor) -> str:
    """A factor with its number and its group, in a line."""
    label = FACTOR_LABELS[factor.kind]
    if factor.kind is rules.FactorKind.OVERLAP_ONCE:
        return str(label)
    if factor.value:
        said = {"label": label, "group": group_name(factor), "number": factor.number}
        return _("%(label)s (%(group)s): %(number)s") % said
    return _("%(label)s: %(number)s") % {"label": label, "number": factor.number}


def group_name(factor: rules.Factor) -> str:
    """The state or the kind of organisation that a factor names."""
    if factor.kind is rules.FactorKind.LEAD_KIND_LEAST:
        kinds = {one.key: formats.local_name(one) for one in formats.profile().organisation_kinds}
        return kinds.get(factor.value, factor.value)
    return formats.region(factor.value)


def by_id(candidates: Iterable[Candidate], ids: Iterable[int]) -> list[Candidate]:
    """The candidates of those applications, in the order of the list."""
    wanted = set(ids)
    return [one for one in candidates if one.application.pk in wanted]
