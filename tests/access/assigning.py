"""A competition in review with an application, a panel, a proposal and an assignment, for the table
of addresses.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing import services as reviewing
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")


def assigning(organisation: Organisation) -> dict[str, object]:
    """What the addresses of assignments name."""
    terms = competitions.CompetitionTerms(
        title="Hammer institute",
        summary="One institute for hammers.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=7_000_000_000,
        opens_at=NOW,
    )
    draft = competitions.draft_competition(
        SYSTEM,
        competitions.CompetitionProposal("2022-DOD-3", "institute", "four_stage", terms),
        now=NOW,
    )
    opened = competitions.open_competition(SYSTEM, draft, now=NOW)
    made = _handed_in(opened, organisation)
    call = Stage.objects.get(competition=opened, number=1)
    assert call.ends_at is not None
    competitions.begin_review(SYSTEM, opened, now=call.ends_at + timedelta(minutes=1))
    stage = Stage.objects.select_related("competition").get(competition=opened, number=2)
    seat = _seat(stage, "Rita Hammer")
    free = _seat(stage, "Fred Free")
    assigned = reviewing.assign_reviewer(
        SYSTEM, stage, application_id=made.pk, seat_id=seat.pk, now=NOW
    )
    run = reviewing.propose_assignment(SYSTEM, stage, rules.AssignmentTerms(demand=1), now=NOW)
    reviewing.compute_assignment(
        run.pk, now=NOW, report=lambda *_said: None, check_stop=lambda: None
    )
    return {
        "reviewing:key": opened.key,
        "reviewing:number": 2,
        "reviewing:pk": run.pk,
        "reviewing:proposal": run.pk,
        "reviewing:application": made.pk,
        "reviewing:seat": free.pk,
        "reviewing:assignment": assigned.pk,
    }


def _handed_in(opened: Competition, lead: Organisation) -> Application:
    made = Application.objects.create(
        competition=opened,
        number=1,
        title="Hammers",
        lead=lead,
        state="submitted",
        begun_at=NOW,
        changed_at=NOW,
    )
    said = {"title": "Hammers", "title_zh": "", "abstract": "Hammers.", "abstract_zh": ""}
    Submission.objects.create(
        application=made,
        stage=Stage.objects.get(competition=opened, number=1),
        number=1,
        content={"terms": said},
        digest="0" * 64,
        submitted_at=NOW,
        submitted_by="Ada",
    )
    return made


def _seat(stage: Stage, name: str) -> PanelSeat:
    reviewer = Reviewer.objects.create(
        person=Person.objects.create(name=name), sector="industry", added_at=NOW, added_by="test"
    )
    return PanelSeat.objects.create(
        stage=stage, reviewer=reviewer, state=rules.ACCEPTED, load_most=3, invited_at=NOW
    )
