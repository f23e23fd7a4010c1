"""A competition whose review has begun, with its panel and assignments, for tests of judging."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lineshaft.apps.competitions import queries as competitions
from lineshaft.apps.competitions import services as competition_services
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    make_applicant,
    make_application,
    pdf_of,
)
from lineshaft.apps.competitions.tests.factories import (
    NOW,
    SYSTEM,
    after_deadline,
    make_open,
    stage_of,
)
from lineshaft.apps.network.tests.factories import make_organisation, make_person
from lineshaft.apps.reviewing import rules, services
from lineshaft.apps.reviewing.models import Assignment, PanelSeat, Review, Reviewer
from lineshaft.apps.reviewing.rules import Remarks
from lineshaft.apps.reviewing.services import ReviewEntry
from lineshaft.kernel.competitions import Blindness
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.replaying import Numbers, replayed

REVIEW: Final = 2
"""The number of the stage that judges, in the template of four stages."""

_names = Numbers(__name__)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody on the panel, with the user and as the actor that they are."""

    user: User
    seat: PanelSeat
    actor: Actor


@dataclass(frozen=True, slots=True)
class Judged:
    """A competition in review: its applications with their teams, its panel, who reviews what."""

    competition: Competition
    stage: Stage
    applications: tuple[Application, ...]
    applicants: tuple[Applicant, ...]
    panel: tuple[Sitting, ...]
    assignments: Mapping[tuple[int, int], Assignment]

    @property
    def now(self) -> datetime:
        """A moment within the stage."""
        assert self.stage.began_at is not None
        return self.stage.began_at + timedelta(hours=1)

    def assignment(self, application: int = 0, reviewer: int = 0) -> Assignment:
        """Who of the panel reviews which application, by their places."""
        return self.assignments[application, reviewer]


@replayed
def make_judged(
    applications: int = 1,
    reviewers: int = 2,
    *,
    blindness: Blindness = Blindness.SINGLE,
    chair: int | None = None,
    content: Callable[[Applicant], Mapping[str, Any]] = lambda _who: {},
    documents: Sequence[tuple[str, str]] = (),
    **options: Any,
) -> Judged:
    """A competition whose first review has begun; everybody on the panel reviews everything.

    `chair` is the place of who chairs the panel; `content` gives parts that stand in the place of
    what was written; `documents` are kinds and names of files of each application.
    """
    competition = make_open(template="four_stage", agencies=("DOC",), **options)
    Stage.objects.filter(competition=competition, number=REVIEW).update(blindness=blindness)
    applicants = [
        make_applicant(f"Applicant {place}", f"Anvil Works {next(_names)}")
        for place in range(applications)
    ]
    made = []
    for place, who in enumerate(applicants):
        application = make_application(competition, who, title=f"Casting {place}")
        for kind, name in documents:
            competition_services.attach_document(
                who.actor, application, kind, pdf_of(2), name=name, now=NOW
            )
        made.append(hand_in(application, content(who)))
    competition_services.begin_review(SYSTEM, competition, now=after_deadline(competition))
    competition.refresh_from_db()
    stage = stage_of(competition, REVIEW)
    panel = [make_sitting(stage, is_chair=place == chair) for place in range(reviewers)]
    assignments = {
        (row, place): assign(sitting.seat, application)
        for row, application in enumerate(made)
        for place, sitting in enumerate(panel)
    }
    return Judged(competition, stage, tuple(made), tuple(applicants), tuple(panel), assignments)


def hand_in(application: Application, content: Mapping[str, Any]) -> Application:
    """Let the application be handed in as it stands, whatever it lacks."""
    whole = competitions.whole_application(application)
    Submission.objects.create(
        application=application,
        stage=stage_of(application.competition, 1),
        number=1,
        content={**competitions.contents_of(whole), **content},
        digest="0" * 64,
        submitted_at=NOW,
        submitted_by="Ada Applicant",
    )
    Application.objects.filter(pk=application.pk).update(state="submitted")
    return application


def make_sitting(stage: Stage, *, is_chair: bool = False, name: str = "") -> Sitting:
    """Somebody who sits on the panel of the stage."""
    said = name or f"Reviewer {next(_names)}"
    user = make_user(said)
    person = make_person(said, organisation=make_organisation(f"Institute of {said}"), user=user)
    reviewer = Reviewer.objects.create(
        person=person, sector=rules.Sector.ACADEMIA, added_at=NOW, added_by="test"
    )
    seat = PanelSeat.objects.create(
        stage=stage,
        reviewer=reviewer,
        state=rules.ACCEPTED,
        load_most=50,
        is_chair=is_chair,
        invited_at=NOW,
        answered_at=NOW,
    )
    return Sitting(user, seat, Actor(user_id=user.pk, label=said))


def assign(seat: PanelSeat, application: Application) -> Assignment:
    """Let somebody on the panel review the application."""
    return Assignment.objects.create(
        seat=seat, application=application, origin=rules.Origin.HAND, made_at=NOW, made_by="test"
    )


def whole_entry(judged: Judged, score: int = 4, word: str = "Sound") -> ReviewEntry:
    """A review that lacks nothing, of the same score on each criterion."""
    numbers = [one.number for one in judged.stage.criteria.all()]
    return ReviewEntry(
        {number: Remarks(score, f"{word} strength {number}", "") for number in numbers},
        summary=f"{word} summary",
        confidential=f"{word} secret",
    )


@replayed
def submitted(
    judged: Judged, application: int = 0, reviewer: int = 0, *, score: int = 4, word: str = "Sound"
) -> Review:
    """A review that was written and submitted."""
    actor, assignment = judged.panel[reviewer].actor, judged.assignment(application, reviewer)
    entry = whole_entry(judged, score, word)
    services.write_review(actor, assignment, entry, now=judged.now)
    return services.submit_review(actor, assignment, now=judged.now)


def discussed(judged: Judged, *, why: str = "It is time.") -> Judged:
    """The same with its discussion open."""
    services.open_discussion(SYSTEM, judged.stage, why=why, now=judged.now)
    return judged


def make_officer() -> tuple[User, Actor]:
    """Somebody of the programme office, who runs every competition."""
    user = make_user("Olga Officer")
    make_grant(user, Role.PROGRAMME_OFFICER)
    grant = RoleGrant(Role.PROGRAMME_OFFICER, ScopeKind.NETWORK, "")
    return user, Actor(user_id=user.pk, label=user.name, grants=frozenset({grant}))
