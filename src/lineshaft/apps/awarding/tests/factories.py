"""Competitions whose applications are visited and analysed, for tests of this and upper apps."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from lineshaft.apps.awarding import services
from lineshaft.apps.awarding.models import SiteVisit, VisitMember
from lineshaft.apps.awarding.services import VisitTerms
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import (
    Application,
    Competition,
    Stage,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.queries import contents_of, whole_application
from lineshaft.apps.competitions.rules import SUBMITTED, TeamRole
from lineshaft.apps.competitions.tests.applicants import Applicant, make_applicant
from lineshaft.apps.competitions.tests.factories import (
    MILLION_MINOR,
    SYSTEM,
    make_open,
    stage_of,
)
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.apps.reviewing import rules as reviewing
from lineshaft.apps.reviewing.models import PanelSeat, Reviewer
from lineshaft.kernel.competitions import StageGate
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.replaying import Numbers, replayed

MOMENT: Final = datetime(2026, 8, 3, 12, tzinfo=UTC)
"""A Monday on which the stage of the visits runs."""

VISIT_STAGE: Final = 3
ANALYSIS_STAGE: Final = 4
DAY: Final = timedelta(days=1)
TERMS: Final = VisitTerms("Hall 4, Anvil Street 1", MOMENT + DAY, MOMENT + 2 * DAY, "Bring shoes.")
JPEG: Final = b"\xff\xd8\xff\xe0" + b"photo" * 20
NAMES: Final = Numbers(__name__)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with a user, and as which actor they come."""

    user: User
    person: Person
    actor: Actor


@replayed
def make_visited(*, stage: int = VISIT_STAGE, **options: Any) -> Competition:
    """A competition in four stages that has come to its visits, or to a later stage."""
    shown = make_open(template="four_stage", agencies=("DOC",), **options)
    shown.stages.update(gate=StageGate.OPEN)
    for number in range(2, stage + 1):
        moment = MOMENT - (ANALYSIS_STAGE + 1 - number) * DAY
        shown = competitions.begin_review(SYSTEM, shown, now=moment)
    return shown


def hand_in(
    competition: Competition,
    title: str = "Light castings",
    *,
    applicant: Applicant | None = None,
    parts: Mapping[str, Any] | None = None,
) -> Application:
    """An application that was handed in at the first stage, with these parts of its content."""
    number = next(NAMES)
    who = applicant or make_applicant(f"Applicant {number}", f"Works {number}")
    made = Application.objects.create(
        competition=competition,
        number=competition.applications.count() + 1,
        title=title,
        lead=who.organisation,
        term_months=60,
        begun_at=MOMENT - 100 * DAY,
        begun_by=who.user,
        changed_at=MOMENT - 100 * DAY,
    )
    TeamMember.objects.create(
        application=made,
        user=who.user,
        name=who.user.name,
        organisation=who.organisation,
        role=TeamRole.LEAD,
        joined_at=made.begun_at,
    )
    submit(made, stage_of(competition, 1), parts=parts, title=title)
    return made


def submit(
    application: Application,
    stage: Stage,
    *,
    title: str = "Light castings",
    parts: Mapping[str, Any] | None = None,
    number: int = 1,
    at: datetime = MOMENT - 100 * DAY,
) -> Submission:
    """What the application handed in at a stage."""
    content = contents_of(whole_application(application))
    content["terms"] |= {"title": title, "term_months": 60, "work": "research"}
    content |= parts or {}
    Application.objects.filter(pk=application.pk).update(state=SUBMITTED)
    application.refresh_from_db()
    return Submission.objects.create(
        application=application,
        stage=stage,
        number=number,
        content=content,
        digest=sha256(title.encode()).hexdigest(),
        submitted_at=at,
        submitted_by="Applicant",
    )


def plan_parts(
    *,
    federal: tuple[int, ...] = (40, 30, 20, 10, 0),
    cash: tuple[int, ...] = (10, 20, 30, 40, 50),
    in_kind: tuple[int, ...] = (),
    letters: tuple[dict[str, Any], ...] = (),
    revenue: Mapping[str, Mapping[int, int]] | None = None,
) -> dict[str, Any]:
    """The parts of an application that a plan is counted from, in millions by year from 1."""
    sources = {"federal": federal, "cash": cash, "in_kind": in_kind}
    lines = [
        [source, "other", year, amount * MILLION_MINOR]
        for source, amounts in sources.items()
        for year, amount in enumerate(amounts, start=1)
        if amount
    ]
    streams = [
        [stream, year, amount * MILLION_MINOR]
        for stream, amounts in (revenue or {}).items()
        for year, amount in amounts.items()
    ]
    return {
        "budget": {"lines": lines},
        "revenue": {"lines": streams},
        "commitments": {"letters": list(letters)},
    }


def letter(
    giver: str, *amounts: int, kind: str = "cash", is_federal: bool = False
) -> dict[str, Any]:
    """A letter that commits so many millions a year from the first on."""
    return {
        "giver": giver,
        "kind": kind,
        "signatory": "Bea",
        "signed_on": "2026-01-01",
        "is_federal": is_federal,
        "conditions": "",
        "amounts": [
            [year, amount * MILLION_MINOR] for year, amount in enumerate(amounts, 1) if amount
        ],
    }


def make_somebody(
    name: str = "",
    role: Role | None = None,
    kind: ScopeKind = ScopeKind.NETWORK,
    key: str = "",
) -> Somebody:
    """A person with a user, perhaps with a role."""
    called = name or f"Somebody {next(NAMES)}"
    user = make_user(called)
    grants = []
    if role is not None:
        grants = [RoleGrant(role, kind, key)]
        make_grant(user, role, kind, key)
    person = make_person(called, user=user)
    return Somebody(user, person, Actor(user_id=user.pk, label=called, grants=frozenset(grants)))


def make_officer(name: str = "") -> Somebody:
    """Somebody of the programme office, who runs every competition."""
    return make_somebody(name, Role.PROGRAMME_OFFICER)


def make_seated(stage: Stage, name: str = "", state: str = reviewing.ACCEPTED) -> Somebody:
    """Somebody who sits on the panel of the stage."""
    who = make_somebody(name)
    reviewer = Reviewer.objects.create(
        person=who.person, sector=reviewing.Sector.ACADEMIA, added_at=MOMENT, added_by="test"
    )
    PanelSeat.objects.create(
        stage=stage, reviewer=reviewer, state=state, load_most=5, invited_at=MOMENT
    )
    return who


def make_visit(
    competition: Competition, application: Application | None = None, **changes: Any
) -> SiteVisit:
    """A visit that is planned."""
    visited = application or hand_in(competition)
    terms = VisitTerms(**{name: getattr(TERMS, name) for name in VisitTerms.__slots__} | changes)
    stage = stage_of(competition, VISIT_STAGE)
    return services.plan_visit(SYSTEM, stage, visited, terms, now=MOMENT)


def send(visit: SiteVisit, who: Somebody, *, is_lead: bool = False) -> VisitMember:
    """Somebody on the team of the visit."""
    return services.add_visit_member(SYSTEM, visit, who.person, is_lead=is_lead, now=MOMENT)


def make_held(competition: Competition, lead: Somebody | None = None, **options: Any) -> SiteVisit:
    """A visit that takes place."""
    visit = make_visit(competition, **options)
    send(visit, lead or make_seated(visit.stage), is_lead=True)
    return services.hold_visit(SYSTEM, visit, now=during(visit))


def during(visit: SiteVisit) -> datetime:
    """An hour after the visit begins."""
    return visit.starts_at + timedelta(hours=1)


def photo(content: bytes = JPEG, name: str = "hall.jpg") -> services.Attached:
    """A photo to attach."""
    return services.Attached(io.BytesIO(content), name)
