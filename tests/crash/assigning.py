"""Of the verbs that are broken off: those of assignments, on a competition of their own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Conflict, Stage, Submission
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import Assignment, AssignmentRun, PanelSeat, Reviewer
from tests.crash.competing import TERMS
from tests.crash.scenarios import ACTOR, NOW

CODE: Final = "2022-8"
ASKED: Final = rules.AssignmentTerms(demand=1, employer_most=None)


def _stage() -> Stage:
    stages = Stage.objects.select_related("competition__institute")
    return stages.get(competition__code=CODE, number=2)


def _run() -> AssignmentRun:
    return AssignmentRun.objects.select_related("stage").latest("pk")


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _seat() -> PanelSeat:
    return PanelSeat.objects.filter(stage=_stage()).earliest("pk")


def _prepare() -> None:
    """A competition in review with one application and a panel of both sectors."""
    proposal = competitions.CompetitionProposal(CODE, "institute", "four_stage", TERMS)
    competitions.draft_competition(ACTOR, proposal, now=NOW)
    held = Competition.objects.get(code=CODE)
    competitions.open_competition(ACTOR, held, now=NOW)
    call = Stage.objects.get(competition=held, number=1)
    made = Application.objects.create(
        competition=held,
        number=1,
        title="Anvils",
        lead=Organisation.objects.earliest("pk"),
        state="submitted",
        begun_at=NOW,
        changed_at=NOW,
    )
    said = {"title": "Anvils", "title_zh": "", "abstract": "Anvils.", "abstract_zh": ""}
    Submission.objects.create(
        application=made,
        stage=call,
        number=1,
        content={"terms": said},
        digest="0" * 64,
        submitted_at=NOW,
        submitted_by="Ada",
    )
    competitions.begin_review(ACTOR, held, now=_after(call))
    for name, sector in (("Rita", "industry"), ("Rolf", "government")):
        person = Person.objects.create(name=name, email=f"{name.lower()}@anvil.example")
        reviewer = Reviewer.objects.create(
            person=person, sector=sector, added_at=NOW, added_by="test"
        )
        PanelSeat.objects.create(
            stage=_stage(), reviewer=reviewer, state=rules.ACCEPTED, load_most=3, invited_at=NOW
        )


def _after(stage: Stage) -> datetime:
    assert stage.ends_at is not None
    return stage.ends_at + timedelta(minutes=1)


def _propose() -> None:
    """A proposal that was computed."""
    run = reviewing.propose_assignment(ACTOR, _stage(), ASKED, now=NOW)
    reviewing.compute_assignment(
        run.pk, now=NOW, report=lambda *_said: None, check_stop=lambda: None
    )


def _close() -> None:
    """Have a conflict close the one pair there is."""
    Conflict.objects.create(
        application=_application(),
        person=_seat().reviewer.person,
        kind="financial",
        origin="declared",
        about="shares",
        found_at=NOW,
    )


ASSIGNING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "reviewing.propose_assignment": lambda: reviewing.propose_assignment(
        ACTOR, _stage(), ASKED, now=NOW
    ),
    "reviewing.stop_proposal": lambda: reviewing.stop_proposal(ACTOR, _run(), now=NOW),
    "reviewing.discard_proposal": lambda: reviewing.discard_proposal(ACTOR, _run(), now=NOW),
    "reviewing.settle_change": lambda: reviewing.settle_change(
        ACTOR, _stage(), added=[(_application().pk, _seat().pk)], now=NOW
    ),
    "reviewing.adopt_assignment": lambda: reviewing.adopt_assignment(ACTOR, _run(), now=NOW),
    "reviewing.unassign_reviewer": lambda: reviewing.unassign_reviewer(
        ACTOR, Assignment.objects.get(), why="Ill", now=NOW
    ),
    "reviewing.assign_reviewer": lambda: reviewing.assign_reviewer(
        ACTOR, _stage(), application_id=_application().pk, seat_id=_seat().pk, now=NOW
    ),
    "reviewing.take_back_conflicted": lambda: reviewing.take_back_conflicted(
        ACTOR, _stage(), now=NOW
    ),
}

BEFORE_ASSIGNING: Final[dict[str, Callable[[], object]]] = {
    "reviewing.propose_assignment": _prepare,
    "reviewing.adopt_assignment": _propose,
    "reviewing.take_back_conflicted": _close,
}
"""What has to happen before."""
