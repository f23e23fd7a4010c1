"""Pages of memberships: members and their agreements, and what a membership costs and gives."""

from lineshaft.apps.memberships.views.members import (
    admit_member,
    end_membership,
    export_members,
    list_members,
    list_memberships,
    show_member,
)
from lineshaft.apps.memberships.views.tiers import compare_tiers, list_tiers, set_tier_terms

__all__ = [
    "admit_member",
    "compare_tiers",
    "end_membership",
    "export_members",
    "list_members",
    "list_memberships",
    "list_tiers",
    "set_tier_terms",
    "show_member",
]
