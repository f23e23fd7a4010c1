"""Common policies for tests of this and of every app above."""

from datetime import UTC, date, datetime

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import PolicyVersion
from lineshaft.apps.governance.rules import PolicyArea
from lineshaft.apps.governance.services import PolicyProposal, Wording
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.sharing import SharingLevel

NOW = datetime(2022, 9, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
SYSTEM = Actor.system("test")
BEGINNING = date(2021, 10, 1)


def make_draft(
    title: str = "Sharing test beds",
    *,
    text: str = "Each institute opens its test beds.\n\nIt states its rates.",
    level: str = SharingLevel.PUBLIC,
) -> PolicyVersion:
    """The first draft of a new policy."""
    proposal = PolicyProposal(
        PolicyArea.SHARED_SERVICES, title, Wording(text, "各中心开放试验平台。"), level=level
    )
    return services.draft_policy(SYSTEM, proposal, now=NOW)


def adopt(version: PolicyVersion, on: date = BEGINNING) -> PolicyVersion:
    """The version, adopted and in force on that day."""
    return services.adopt_policy(
        SYSTEM, version, decision="Council, vote 3", adopted_on=on, in_force_on=on, now=NOW
    )


def make_adopted(title: str = "Sharing test beds", on: date = BEGINNING) -> PolicyVersion:
    """A policy whose first version is in force from that day on."""
    return adopt(make_draft(title), on)


def revise(version: PolicyVersion, text: str = "Each institute opens its labs.") -> PolicyVersion:
    """The next draft of the same policy."""
    wording = Wording(text, changed="Laboratories too")
    return services.revise_policy(SYSTEM, version.policy, wording, now=NOW)
