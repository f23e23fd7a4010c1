"""What governance writes, verb by verb: policies, bodies, meetings and votes, delegations."""

from lineshaft.apps.governance.services.actions import (
    add_action,
    close_action,
)
from lineshaft.apps.governance.services.bodies import (
    LEVELS as BODY_LEVELS,
)
from lineshaft.apps.governance.services.bodies import (
    BodyTerms,
    Filling,
    SeatTerms,
    add_seat,
    close_seat,
    end_appointment,
    establish_body,
    fill_seats,
)
from lineshaft.apps.governance.services.delegations import (
    DelegationTerms,
    delegate,
    has_power_to_delegate,
    may_delegate,
    revoke_delegation,
)
from lineshaft.apps.governance.services.disclosures import (
    disclose_conflict,
)
from lineshaft.apps.governance.services.elections import (
    nominate_candidate,
    open_election,
)
from lineshaft.apps.governance.services.meetings import (
    MEETING_LEVELS,
    CharterTerms,
    MeetingTerms,
    Paper,
    Topic,
    add_agenda_item,
    amend_charter,
    attach_paper,
    call_meeting,
    cancel_meeting,
    close_meeting,
    note_item,
    open_meeting,
    record_attendance,
)
from lineshaft.apps.governance.services.minutes import (
    approve_minutes,
)
from lineshaft.apps.governance.services.minutes_document import (
    candidate_texts,
    moment_text,
    outcome_text,
)
from lineshaft.apps.governance.services.policies import (
    LEVELS,
    PolicyProposal,
    Wording,
    adopt_policy,
    attest_policy,
    comment_on_policy,
    draft_policy,
    revise_policy,
    state_position,
    withdraw_draft,
)
from lineshaft.apps.governance.services.votes import (
    Question,
    Voter,
    cast_vote,
    close_vote,
    drop_motion,
    open_vote,
    propose_motion,
    record_votes,
)

__all__ = [
    "BODY_LEVELS",
    "LEVELS",
    "MEETING_LEVELS",
    "BodyTerms",
    "CharterTerms",
    "DelegationTerms",
    "Filling",
    "MeetingTerms",
    "Paper",
    "PolicyProposal",
    "Question",
    "SeatTerms",
    "Topic",
    "Voter",
    "Wording",
    "add_action",
    "add_agenda_item",
    "add_seat",
    "adopt_policy",
    "amend_charter",
    "approve_minutes",
    "attach_paper",
    "attest_policy",
    "call_meeting",
    "cancel_meeting",
    "candidate_texts",
    "cast_vote",
    "close_action",
    "close_meeting",
    "close_seat",
    "close_vote",
    "comment_on_policy",
    "delegate",
    "disclose_conflict",
    "draft_policy",
    "drop_motion",
    "end_appointment",
    "establish_body",
    "fill_seats",
    "has_power_to_delegate",
    "may_delegate",
    "moment_text",
    "nominate_candidate",
    "note_item",
    "open_election",
    "open_meeting",
    "open_vote",
    "outcome_text",
    "propose_motion",
    "record_attendance",
    "record_votes",
    "revise_policy",
    "revoke_delegation",
    "state_position",
    "withdraw_draft",
]
