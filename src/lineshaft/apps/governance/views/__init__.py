"""Pages of governance, by noun."""

from lineshaft.apps.governance.views.bodies import (
    list_bodies,
    show_body,
)
from lineshaft.apps.governance.views.body_verbs import (
    add_seat,
    close_seat,
    end_appointment,
    establish_body,
    fill_seats,
)
from lineshaft.apps.governance.views.policies import (
    list_policies,
    show_policy,
    show_policy_version,
)
from lineshaft.apps.governance.views.policy_verbs import (
    adopt_policy,
    attest_policy,
    comment_on_policy,
    draft_policy,
    revise_policy,
    state_position,
    withdraw_draft,
)

__all__ = [
    "add_seat",
    "adopt_policy",
    "attest_policy",
    "close_seat",
    "comment_on_policy",
    "draft_policy",
    "end_appointment",
    "establish_body",
    "fill_seats",
    "list_bodies",
    "list_policies",
    "revise_policy",
    "show_body",
    "show_policy",
    "show_policy_version",
    "state_position",
    "withdraw_draft",
]
