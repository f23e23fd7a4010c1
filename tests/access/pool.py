"""A reviewer with a text, and a panel with a seat and an invitation, for the table of addresses.

The invitation is the reviewer's of the personas; the competition is the one that is open.
"""

from datetime import UTC, datetime
from typing import Final

from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.network import services as network
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.rules import Sector, TextRow
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")
PANEL_STAGE: Final = 2
OF_SEAT: Final = ("remove_from_panel", "name_panel_chair")
OF_INVITATION: Final = ("accept_panel_invitation", "decline_panel_invitation", "leave_panel")


def pooled(users: dict[str, User]) -> dict[str, object]:
    """What the addresses of reviewing name."""
    user = users["reviewer"]
    terms = reviewing.ReviewingTerms(Sector.INDUSTRY)
    network.register_person(SYSTEM, user.name, email=user.email, user=user, now=NOW)
    own = reviewing.add_reviewer(SYSTEM, reviewing.ReviewerRow(user.email, terms), now=NOW)
    row = reviewing.ReviewerRow("other@pool.example", terms, "Olga Other")
    other = reviewing.add_reviewer(SYSTEM, row, now=NOW)
    reviewing.add_reviewer_texts(SYSTEM, other, [TextRow("Anvils")], now=NOW)
    competition = Competition.objects.get(code="2022-DOD-1")
    stage = Stage.objects.get(competition=competition, number=PANEL_STAGE)
    seats = reviewing.invite_to_panel(SYSTEM, stage, [own, other], now=NOW)
    invited, seat = sorted(seats, key=lambda one: one.reviewer_id)
    reviewing.accept_panel_invitation(
        SYSTEM, seat, load_most=3, is_political_appointee=False, now=NOW
    )
    return {
        "reviewing:key": competition.key,
        "reviewing:number": PANEL_STAGE,
        "reviewing:pk": other.pk,
        "reviewing:reviewer_id": other.pk,
        "reviewing:remove_reviewer_text:pk": other.texts.get().pk,
        **{f"reviewing:{name}:pk": seat.pk for name in OF_SEAT},
        **{f"reviewing:{name}:pk": invited.pk for name in OF_INVITATION},
        "reviewing:seat_id": invited.pk,
    }
