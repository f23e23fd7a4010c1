"""A topic, a competition that is open, a question on it and a kept search, for the table of
addresses.
"""

from datetime import UTC, datetime
from typing import Final

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.queries import Search
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")
MILLION_MINOR: Final = 100_000_000


def competing(organisation: Organisation, users: dict[str, User]) -> dict[str, object]:
    """What the addresses of competitions name; the search is the learner's."""
    proposal = competitions.TopicProposal("Anvils", "Nobody makes them.")
    topic = competitions.propose_topic(SYSTEM, proposal, now=NOW)
    endorsement = competitions.endorse_topic(SYSTEM, topic, organisation, now=NOW)
    terms = competitions.CompetitionTerms(
        title="Anvil institute",
        summary="One institute for anvils.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=70 * MILLION_MINOR,
        opens_at=NOW,
    )
    draft = competitions.draft_competition(
        SYSTEM,
        competitions.CompetitionProposal("2022-DOD-1", "institute", "four_stage", terms),
        now=NOW,
    )
    opened = competitions.open_competition(SYSTEM, draft, now=NOW)
    learner = Actor(user_id=users["learner"].pk, label=users["learner"].name)
    competitions.ask_question(learner, opened, "May we?", now=NOW)
    saved = competitions.save_search(
        learner, competitions.SearchTerms("Mine", Search(words="anvils")), now=NOW
    )
    return {
        "competitions:key": opened.key,
        "competitions:pk": topic.pk,
        "competitions:topic_id": topic.pk,
        "competitions:delete_search:pk": saved.pk,
        "competitions:endorsement": endorsement.pk,
        "competitions:number": 1,
        "competitions:set_criteria:number": 2,
        "competitions:set_anchors:number": 2,
        "competitions:amend_stage:number": 2,
        "competitions:criterion": 1,
        "competitions:download_notice:number": 0,
        "competitions:language": "en",
    }
