"""Of the verbs that are broken off: those of the pool of reviewers and of panels, on a competition
of their own.
"""

from collections.abc import Callable
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Person
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.apps.reviewing.rules import Sector, TextRow
from lineshaft.plumbing.access.models import User
from tests.crash.competing import TERMS, WHY
from tests.crash.scenarios import ACTOR, NOW

CODE: Final = "2022-4"
REVIEWING: Final = reviewing.ReviewingTerms(Sector.INDUSTRY)


def _draft() -> Competition:
    proposal = competitions.CompetitionProposal(CODE, "institute", "two_step", TERMS)
    draft = competitions.draft_competition(ACTOR, proposal, now=NOW)
    return competitions.open_competition(ACTOR, draft, now=NOW)


def _stage() -> Stage:
    return Stage.objects.get(competition__code=CODE, number=2)


def _row(name: str) -> reviewing.ReviewerRow:
    return reviewing.ReviewerRow(f"{name.lower()}@pool.example", REVIEWING, name)


def _reviewer(name: str) -> Reviewer:
    return Reviewer.objects.get(person__name=name)


def _seat(name: str) -> PanelSeat:
    return PanelSeat.objects.get(reviewer__person__name=name)


def _invite(*names: str) -> object:
    return reviewing.invite_to_panel(ACTOR, _stage(), [_reviewer(one) for one in names], now=NOW)


def _accept(name: str) -> object:
    return reviewing.accept_panel_invitation(
        ACTOR, _seat(name), load_most=3, is_political_appointee=False, now=NOW
    )


def _prepare_person() -> None:
    User.objects.create_user("pola@pool.example", name="Pola")
    network.register_person(ACTOR, "Pola", email="pola@pool.example", now=NOW)


POOL_VERBS: Final[dict[str, Callable[[], object]]] = {
    "network.give_person_user": lambda: network.give_person_user(
        ACTOR,
        Person.objects.get(name="Pola"),
        User.objects.get(email="pola@pool.example"),
        now=NOW,
    ),
    "reviewing.add_reviewer": lambda: reviewing.add_reviewer(ACTOR, _row("Rita"), now=NOW),
    "reviewing.add_reviewers": lambda: reviewing.add_reviewers(
        ACTOR, [_row("Rita"), _row("Sven"), _row("Tara")], now=NOW
    ),
    "reviewing.edit_reviewer": lambda: reviewing.edit_reviewer(
        ACTOR, _reviewer("Rita"), reviewing.ReviewingTerms(Sector.ACADEMIA, load_most=2), now=NOW
    ),
    "reviewing.edit_own_reviewing": lambda: reviewing.edit_own_reviewing(
        ACTOR, _reviewer("Sven"), reviewing.OwnTerms(is_political_appointee=False), now=NOW
    ),
    "reviewing.add_reviewer_texts": lambda: reviewing.add_reviewer_texts(
        ACTOR, _reviewer("Rita"), [TextRow("Welds"), TextRow("Presses")], now=NOW
    ),
    "reviewing.remove_reviewer_text": lambda: reviewing.remove_reviewer_text(
        ACTOR, _reviewer("Rita").texts.get(title="Presses"), now=NOW
    ),
    "reviewing.give_reviewer_access": lambda: reviewing.give_reviewer_access(
        ACTOR, _reviewer("Rita"), now=NOW
    ),
    "reviewing.retire_reviewer": lambda: reviewing.retire_reviewer(
        ACTOR, _reviewer("Tara"), why=WHY, now=NOW
    ),
    "reviewing.restore_reviewer": lambda: reviewing.restore_reviewer(
        ACTOR, _reviewer("Tara"), now=NOW
    ),
    "reviewing.invite_to_panel": lambda: _invite("Rita", "Sven", "Tara"),
    "reviewing.accept_panel_invitation": lambda: _accept("Rita"),
    "reviewing.decline_panel_invitation": lambda: reviewing.decline_panel_invitation(
        ACTOR, _seat("Sven"), why=WHY, now=NOW
    ),
    "reviewing.name_panel_chair": lambda: reviewing.name_panel_chair(ACTOR, _seat("Rita"), now=NOW),
    "reviewing.leave_panel": lambda: reviewing.leave_panel(ACTOR, _seat("Rita"), why=WHY, now=NOW),
    "reviewing.remove_from_panel": lambda: reviewing.remove_from_panel(
        ACTOR, _seat("Tara"), why=WHY, now=NOW
    ),
}

BEFORE_POOL: Final[dict[str, Callable[[], object]]] = {
    "network.give_person_user": _prepare_person,
    "reviewing.invite_to_panel": _draft,
}
