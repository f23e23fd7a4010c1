"""What memberships writes, verb by verb."""

from lineshaft.apps.memberships.services.agreements import (
    SUBJECT,
    AdmitOutcome,
    MemberRow,
    admit_member,
    admit_members,
    end_membership,
)
from lineshaft.apps.memberships.services.tiers import (
    TierOfferRow,
    set_tier_terms,
)

__all__ = [
    "SUBJECT",
    "AdmitOutcome",
    "MemberRow",
    "TierOfferRow",
    "admit_member",
    "admit_members",
    "end_membership",
    "set_tier_terms",
]
