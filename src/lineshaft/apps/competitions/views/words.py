"""What the pages of competitions share: the way to them, choices, tones, stations."""

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.competitions import rules
from lineshaft.apps.competitions.forms import Choices
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.competitions.services import day_in, moment_in
from lineshaft.apps.network import queries as network
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, Step, StepState, Tag, Tone

COMPETITION_TONES: Final[dict[str, Tone]] = {
    rules.DRAFT: "quiet",
    rules.ANNOUNCED: "quiet",
    rules.OPEN: "due",
    rules.IN_REVIEW: "quiet",
    rules.SELECTING: "quiet",
    rules.DECIDED: "quiet",
    rules.PUBLISHED: "ok",
    rules.CANCELLED: "bad",
}
TOPIC_TONES: Final[dict[str, Tone]] = {
    rules.PROPOSED: "quiet",
    rules.TAKEN_UP: "ok",
    rules.MERGED: "quiet",
    rules.WITHDRAWN: "quiet",
}


def opportunity_crumbs(competition: Competition | None = None) -> tuple[Crumb, ...]:
    """The way to the list, and to a competition from one of its pages."""
    listed = Crumb(_("Opportunities"), reverse("competitions:list_opportunities"))
    if competition is None:
        return (listed,)
    return (listed, Crumb(competition.code, competition.get_absolute_url()))


def running_crumbs(competition: Competition | None = None) -> tuple[Crumb, ...]:
    """The way to what one runs, and to a competition from the pages on which it is written."""
    listed = Crumb(_("Competitions"), reverse("competitions:list_competitions"))
    if competition is None:
        return (listed,)
    return (listed, Crumb(competition.code, competition.get_absolute_url()))


def topic_crumbs() -> tuple[Crumb, ...]:
    """The way to the topics."""
    return (Crumb(_("Topics"), reverse("competitions:list_topics")),)


def state_tag(competition: Competition) -> Tag:
    """The state as a word."""
    return Tag(str(competition.get_state_display()), COMPETITION_TONES[competition.state])


def area_choices() -> Choices:
    """Every technology area, by name."""
    rows = network.technology_areas().order_by("name", "pk")
    return [(area.key, formats.local_name(area)) for area in rows]


def agency_choices(*, is_short: bool = False) -> Choices:
    """Every agency, by key; for a filter the key alone."""
    rows = network.agencies().order_by("key")
    if is_short:
        return [(one.key, one.key) for one in rows]
    return [(one.key, f"{one.key}: {formats.local_name(one)}") for one in rows]


def stations(competition: Competition) -> tuple[Step, ...]:
    """The stages of a competition as a line of stations, with the day on which each is to end."""
    return tuple(
        Step(formats.local_name(stage), _state_of(competition, stage), _note_of(competition, stage))
        for stage in competition.stages.all()
    )


def _state_of(competition: Competition, stage: Stage) -> StepState:
    if stage.ended_at is not None:
        return "done"
    is_now = stage.number == competition.stage_number and competition.state in rules.RUNNING
    return "now" if is_now else "next"


def _note_of(competition: Competition, stage: Stage) -> str:
    """The deadline with its hour; of the other stages the day, or how long they are to take."""
    if stage.ends_at is None:
        return ngettext("%(days)s day", "%(days)s days", stage.days) % {"days": stage.days}
    if stage.is_handed_in and stage.ended_at is None:
        return moment_in(competition.zone, stage.ends_at)
    return day_in(competition.zone, stage.ended_at or stage.ends_at)
