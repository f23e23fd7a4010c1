"""A meeting of a board behind closed doors, and a delegation, for the table of addresses."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from lineshaft.apps.governance import services as governance
from lineshaft.apps.governance.models import Body
from lineshaft.apps.governance.rules import Attending, MeetingForm
from lineshaft.apps.network.models import Person
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role
from lineshaft.plumbing.sharing import SharingLevel

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")
OF_MEETINGS: Final = (
    "show_meeting",
    "record_attendance",
    "open_meeting",
    "close_meeting",
    "cancel_meeting",
    "approve_minutes",
    "download_minutes",
    "add_agenda_item",
    "note_item",
    "attach_paper",
    "download_paper",
    "disclose_conflict",
    "propose_motion",
    "open_election",
    "show_motion",
    "nominate_candidate",
    "open_vote",
    "cast_vote",
    "record_votes",
    "close_vote",
    "drop_motion",
    "add_action",
    "close_action",
)
"""Addresses of a meeting."""


def meeting_of(board: Body, person: Person) -> dict[str, object]:
    """A meeting with a paper, a vote that is open and an action; finance may appoint people."""
    terms = governance.MeetingTerms(
        MeetingForm.IN_PERSON, NOW, place="Room 1", level=SharingLevel.RESTRICTED
    )
    agenda = (governance.Topic("Fees"),)
    meeting = governance.call_meeting(SYSTEM, board, terms, agenda=agenda, now=NOW)
    item = meeting.items.get()
    paper = governance.Paper("paper.txt", BytesIO(b"kept"))
    governance.attach_paper(SYSTEM, item, paper, now=NOW)
    governance.record_attendance(SYSTEM, meeting, {1: Attending.PRESENT}, now=NOW)
    governance.open_meeting(SYSTEM, meeting, now=NOW)
    motion = governance.propose_motion(SYSTEM, item, governance.Question("Halve them."), now=NOW)
    governance.open_vote(SYSTEM, motion, now=NOW)
    governance.add_action(
        SYSTEM, meeting, "Tell the members", owner=person, due_on=NOW.date(), now=NOW
    )
    given = governance.DelegationTerms(
        "appoint_person",
        NOW.date(),
        "Staff",
        role=Role.INSTITUTE_FINANCE,
        institute=board.institute,
    )
    delegated = governance.delegate(SYSTEM, given, now=NOW)
    numbers = dict.fromkeys(("meeting", "item", "motion", "paper", "action"), 1)
    of_meeting: dict[str, object] = {f"governance:{name}:key": board.key for name in OF_MEETINGS}
    return (
        of_meeting
        | {f"governance:{name}": number for name, number in numbers.items()}
        | {f"bodies:{name}": number for name, number in numbers.items()}
        | {"governance:language": "en", "governance:revoke_delegation:pk": delegated.pk}
        | {"delegations:pk": delegated.pk}
    )
