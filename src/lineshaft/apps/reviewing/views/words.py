"""What the pages of reviewing share: the ways to them, choices, tones, sentences."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.network import queries as network
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import Reviewer
from lineshaft.web import formats
from lineshaft.web.pages import Crumb, Tag, Tone

SEAT_TONES: Final[dict[str, Tone]] = {
    rules.INVITED: "due",
    rules.ACCEPTED: "ok",
    rules.DECLINED: "quiet",
    rules.LEFT: "quiet",
}


def pool_crumbs(reviewer: Reviewer | None = None) -> tuple[Crumb, ...]:
    """The way to the pool, and to a record from one of its pages."""
    listed = Crumb(_("Reviewers"), reverse("reviewing:list_reviewers"))
    if reviewer is None:
        return (listed,)
    return (listed, Crumb(formats.local_name(reviewer.person), reviewer.get_absolute_url()))


def own_crumbs() -> tuple[Crumb, ...]:
    """The way to what one is asked to review."""
    return (Crumb(_("Invitations to panels"), reverse("reviewing:list_panel_invitations")),)


def panel_crumbs(competition: Competition, stage: Stage | None = None) -> tuple[Crumb, ...]:
    """The way to the panels of a competition, and to one of them from its pages."""
    above = (
        Crumb(_("Competitions"), reverse("competitions:list_competitions")),
        Crumb(competition.code, competition.get_absolute_url()),
    )
    if stage is None:
        return above
    panels = Crumb(_("Panels"), reverse("reviewing:list_panels", args=[competition.key]))
    return (*above, panels, Crumb(formats.local_name(stage), panel_url(competition, stage)))


def panel_url(competition: Competition, stage: Stage) -> str:
    """The page of the panel of a stage."""
    return reverse("reviewing:show_panel", args=[competition.key, stage.number])


def area_choices() -> list[tuple[str, Any]]:
    """Every technology area, by name."""
    rows = network.technology_areas().order_by("name", "pk")
    return [(area.key, formats.local_name(area)) for area in rows]


def area_names(reviewer: Reviewer) -> str:
    """The reviewer's technology areas in a line."""
    return formats.joined([formats.local_name(area) for area in reviewer.technology_areas.all()])


def employer_name(reviewer: Reviewer) -> str:
    """The organisation for which the person stands, a dash for none."""
    organisation = reviewer.person.organisation
    return formats.local_name(organisation) if organisation else formats.MISSING


def declared_tag(reviewer: Reviewer) -> Tag:
    """What they declared, as a word."""
    if reviewer.is_political_appointee is None:
        return Tag(_("Not declared"), "quiet")
    if reviewer.is_political_appointee:
        return Tag(_("Political appointee"), "bad")
    return Tag(_("No political appointee"), "ok")
