"""A competition in review with an application that it judges, for the table of addresses; and the
role of the reviewer, which is held over a competition.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.tests.applicants import fill
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import grant_role
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")
MILLION_MINOR: Final = 100_000_000
OF_COMPETITION: Final = (
    *("list_stage_outcomes", "decide_stage_outcomes", "tell_stage_outcomes"),
    *("export_stage_outcomes", "show_topic_overlaps", "judge_topic_overlap"),
)


def gated(lead: Organisation, users: dict[str, User]) -> dict[str, object]:
    """What the addresses of a stage that judges name."""
    terms = competitions.CompetitionTerms(
        title="Hammer institute",
        summary="One institute for hammers.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=70 * MILLION_MINOR,
        opens_at=NOW,
    )
    proposal = competitions.CompetitionProposal("2022-DOD-2", "institute", "four_stage", terms)
    draft = competitions.draft_competition(SYSTEM, proposal, now=NOW)
    opened = competitions.open_competition(SYSTEM, draft, now=NOW)
    made = competitions.start_application(SYSTEM, opened, lead, title="Hammers", now=NOW)
    fill(SYSTEM, made, now=NOW)
    submission = competitions.submit_application(SYSTEM, made, now=NOW)
    ends_at = Stage.objects.get(competition=opened, number=1).ends_at
    assert ends_at is not None
    competitions.begin_review(SYSTEM, opened, now=ends_at + timedelta(minutes=1))
    grant = RoleGrant(Role.REVIEWER, ScopeKind.COMPETITION, opened.key)
    grant_role(SYSTEM, users["reviewer"], grant, starts_on=date(2021, 10, 1), now=NOW)
    return {
        **{f"competitions:{name}:key": opened.key for name in OF_COMPETITION},
        **{f"competitions:{name}:number": 2 for name in OF_COMPETITION},
        **{f"competitions:{name}:pk": submission.pk for name in OF_COMPETITION},
        "competitions::number": 2,
        "competitions:submission_id": submission.pk,
        "competitions:of": "institute",
        "competitions:other": Institute.objects.earliest("pk").pk,
        "awarding:key": opened.key,
    }
