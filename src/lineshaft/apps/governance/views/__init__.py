"""Pages of governance, by noun."""

from lineshaft.apps.governance.views.policies import list_policies, show_policy, show_policy_version
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
    "adopt_policy",
    "attest_policy",
    "comment_on_policy",
    "draft_policy",
    "list_policies",
    "revise_policy",
    "show_policy",
    "show_policy_version",
    "state_position",
    "withdraw_draft",
]
