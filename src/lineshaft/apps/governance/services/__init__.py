"""What governance writes, verb by verb: common policies, and the bodies that decide."""

from lineshaft.apps.governance.services.bodies import LEVELS as BODY_LEVELS
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

__all__ = [
    "BODY_LEVELS",
    "LEVELS",
    "BodyTerms",
    "Filling",
    "PolicyProposal",
    "SeatTerms",
    "Wording",
    "add_seat",
    "adopt_policy",
    "attest_policy",
    "close_seat",
    "comment_on_policy",
    "draft_policy",
    "end_appointment",
    "establish_body",
    "fill_seats",
    "revise_policy",
    "state_position",
    "withdraw_draft",
]
