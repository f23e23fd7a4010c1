"""Topics and competitions for tests of this and of every app above."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.models import Competition, Stage, Topic
from lineshaft.apps.competitions.services import (
    CompetitionProposal,
    CompetitionTerms,
    TopicProposal,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import make_agency, make_institute, make_technology_area
from lineshaft.kernel.competitions import CompetitionKind
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import SharingLevel
from tests.replaying import Numbers, replayed

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
"""A Monday; summer time begins in New York on the Sunday after it."""

TODAY = NOW.date()
SYSTEM = Actor.system("test")
ZONE = "America/New_York"
MILLION_MINOR = 100_000_000
CODES = Numbers(__name__)


def make_terms(**changes: Any) -> CompetitionTerms:
    """Terms with which a competition of DOE can open at `NOW`."""
    terms = CompetitionTerms(
        title="Smart manufacturing institute",
        title_zh="智能制造创新中心",
        summary="One institute for sensors, controls and models.",
        summary_zh="征集一家智能制造创新中心。",
        text="The institute shows smart manufacturing in plants.\n\nIt is open to all.",
        eligibility="Non-profits of the United States.",
        agencies=("DOE",),
        areas=("robotics",),
        floor_minor=70 * MILLION_MINOR,
        ceiling_minor=70 * MILLION_MINOR,
        total_minor=70 * MILLION_MINOR,
        awards_least=0,
        awards_most=1,
        term_months_least=60,
        term_months_most=84,
        match_share_bp=5_000,
        opens_at=NOW,
        zone=ZONE,
    )
    return replace(terms, **changes)


@replayed
def make_draft(
    code: str = "",
    *,
    kind: CompetitionKind = CompetitionKind.INSTITUTE,
    template: str = "two_step",
    institute: Institute | None = None,
    **changes: Any,
) -> Competition:
    """A competition that is being written; with terms with which it can open."""
    make_technology_area("robotics")
    for key in changes.get("agencies", ("DOE",)):
        make_agency(key)
    proposal = CompetitionProposal(
        code=code or f"2026-{next(CODES)}",
        kind=kind,
        template=template,
        terms=make_terms(**changes),
        institute=institute,
    )
    return services.draft_competition(SYSTEM, proposal, now=NOW)


@replayed
def make_open(code: str = "", *, now: datetime = NOW, **options: Any) -> Competition:
    """A competition whose first stage is open since then."""
    return services.open_competition(SYSTEM, make_draft(code, **options), now=now)


@replayed
def make_call(institute: Institute | None = None, **changes: Any) -> Competition:
    """A project call of an institute, open since `NOW` to its members."""
    terms: dict[str, Any] = {
        "level": SharingLevel.INSTITUTE,
        "agencies": (),
        "term_months_least": 12,
        "term_months_most": 18,
    }
    return make_open(
        kind=CompetitionKind.PROJECT_CALL,
        template="project_call",
        institute=institute or make_institute(),
        **(terms | changes),
    )


def stage_of(competition: Competition, number: int) -> Stage:
    """That stage as it stands now."""
    return competition.stages.get(number=number)


def after_deadline(competition: Competition, number: int = 1) -> datetime:
    """A minute after the end of that stage."""
    ends_at = stage_of(competition, number).ends_at
    assert ends_at is not None
    return ends_at + timedelta(minutes=1)


def make_topic(
    title: str = "Bonding of light metals",
    *,
    level: str = SharingLevel.NETWORK,
    organisation: Organisation | None = None,
) -> Topic:
    """A topic that stands open."""
    make_technology_area("robotics")
    proposal = TopicProposal(
        title=title,
        text="Nobody can bond them at a rate.\n\nMany need to.",
        title_zh="轻金属连接",
        areas=("robotics",),
        level=level,
        organisation=organisation,
    )
    return services.propose_topic(SYSTEM, proposal, now=NOW)
