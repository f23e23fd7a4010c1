"""Reviewers and seats for tests of this and of every app above."""

from typing import Any

from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, make_open, stage_of
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.services import register_person
from lineshaft.apps.network.tests.factories import make_technology_area
from lineshaft.apps.reviewing import services
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.apps.reviewing.rules import Sector
from lineshaft.apps.reviewing.services import ReviewerRow, ReviewingTerms
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor
from tests.replaying import Numbers, replayed

_numbers = Numbers(__name__)

REVIEW = 2
"""The stage of `two_step` that reviews first."""


@replayed
def make_reviewer(
    name: str = "Rita Reviewer",
    *,
    sector: str = Sector.INDUSTRY,
    organisation: Organisation | None = None,
    user: User | None = None,
    email: str = "",
    **terms: Any,
) -> Reviewer:
    """Somebody in the pool; with a user where one is given."""
    make_technology_area("robotics")
    address = email or (user.email if user else f"reviewer{next(_numbers)}@example.org")
    register_person(SYSTEM, name, email=address, organisation=organisation, user=user, now=NOW)
    row = ReviewerRow(address, ReviewingTerms(sector, **terms))
    return services.add_reviewer(SYSTEM, row, now=NOW)


def make_reviewing_user(name: str = "Rita Reviewer", **options: Any) -> Reviewer:
    """Somebody in the pool who signs in."""
    return make_reviewer(name, user=make_user(name), **options)


def actor_of_reviewer(reviewer: Reviewer) -> Actor:
    """The reviewer as an actor."""
    return Actor(user_id=reviewer.person.user_id, label=reviewer.person.name)


def make_panel_stage(competition: Competition | None = None, number: int = REVIEW) -> Stage:
    """A stage that reviews, of a competition that is open."""
    stage = stage_of(competition or make_open(), number)
    return Stage.objects.select_related("competition__institute").get(pk=stage.pk)


@replayed
def make_invitation(
    stage: Stage | None = None, reviewer: Reviewer | None = None, *, load_most: int | None = None
) -> PanelSeat:
    """An invitation that waits for an answer."""
    asked = [reviewer or make_reviewing_user()]
    (seat,) = services.invite_to_panel(
        SYSTEM, stage or make_panel_stage(), asked, load_most=load_most, now=NOW
    )
    return seat


@replayed
def make_seat(
    stage: Stage | None = None, reviewer: Reviewer | None = None, *, load_most: int = 6
) -> PanelSeat:
    """A seat that its reviewer accepted, who is no political appointee."""
    return services.accept_panel_invitation(
        SYSTEM,
        make_invitation(stage, reviewer),
        load_most=load_most,
        is_political_appointee=False,
        now=NOW,
    )
