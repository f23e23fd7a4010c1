"""A competition in review, with what was handed in and its panel, for tests of assignments."""

from datetime import datetime
from typing import Final

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.tests.factories import SYSTEM, after_deadline, make_open, stage_of
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.tests.factories import make_organisation, make_person
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer, ReviewerText
from lineshaft.plumbing.access.models import User
from tests.replaying import replayed

WORDS: Final = (
    "casting of light alloys in vacuum",
    "photonic chips and their packaging",
    "robots that weld heavy plates",
    "bonding of fibre composites",
    "sensors for the health of machines",
    "recycling of polymers by solvents",
)
"""Fields that share no word."""


def field(place: int) -> str:
    """The field of that place, over and over."""
    return WORDS[place % len(WORDS)]


def make_application(
    competition: Competition, number: int, *, lead: Organisation | None = None, text: str = ""
) -> Application:
    """An application that was handed in at the first stage."""
    stage = stage_of(competition, 1)
    assert stage.starts_at is not None
    row = Application.objects.create(
        competition=competition,
        number=number,
        title=f"Application {number}",
        lead=lead or make_organisation(),
        state=competition_rules.SUBMITTED,
        begun_at=stage.starts_at,
        changed_at=stage.starts_at,
    )
    said = text or field(number)
    Submission.objects.create(
        application=row,
        stage=stage,
        number=1,
        content={
            "terms": {"title": row.title, "title_zh": "", "abstract": said, "abstract_zh": ""},
            "need": {"text": f"We need {said}."},
        },
        digest=f"{number:064x}",
        submitted_at=stage.starts_at,
        submitted_by="Ada Applicant",
    )
    return row


@replayed
def make_judged(applications: int = 2, *, now: datetime | None = None) -> Stage:
    """The first stage that judges, begun, of a competition with so many applications."""
    competition = make_open(template="four_stage", agencies=("DOC",))
    for number in range(1, applications + 1):
        make_application(competition, number)
    competitions.begin_review(SYSTEM, competition, now=now or after_deadline(competition))
    return Stage.objects.select_related("competition").get(competition=competition, number=2)


def make_seat(
    stage: Stage,
    name: str = "Rita Reviewer",
    *,
    text: str = "",
    sector: str = rules.Sector.INDUSTRY,
    load_most: int = 6,
    employer: Organisation | None = None,
    user: User | None = None,
    email: str = "",
) -> PanelSeat:
    """Somebody who has accepted a seat, with a text of their own where one is given."""
    person = make_person(name, organisation=employer, user=user, email=email)
    moment = stage.began_at
    assert moment is not None
    reviewer = Reviewer.objects.create(
        person=person, sector=sector, load_most=load_most, added_at=moment, added_by="test"
    )
    if text:
        ReviewerText.objects.create(reviewer=reviewer, title=text, text=text, added_at=moment)
    return PanelSeat.objects.create(
        stage=stage,
        reviewer=reviewer,
        state=rules.ACCEPTED,
        load_most=load_most,
        invited_at=moment,
        answered_at=moment,
    )


def make_panel(stage: Stage, count: int, *, load_most: int = 6) -> list[PanelSeat]:
    """So many people, each of a field, two of three from the private half."""
    return [
        make_seat(
            stage,
            f"Reviewer {place}",
            text=field(place),
            sector=rules.Sector.GOVERNMENT if place % 3 == 0 else rules.Sector.INDUSTRY,
            load_most=load_most,
        )
        for place in range(count)
    ]
