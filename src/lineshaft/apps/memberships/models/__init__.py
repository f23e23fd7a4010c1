"""Records of memberships: agreements, and the terms of tiers."""

from lineshaft.apps.memberships.models.agreements import (
    AGREEMENT_TRIGGERS,
    END_REASON_LABELS,
    MemberAgreement,
)
from lineshaft.apps.memberships.models.tiers import (
    RATE_CLASS_LABELS,
    TIER_TRIGGERS,
    TierTerms,
)

TRIGGERS = (*AGREEMENT_TRIGGERS, *TIER_TRIGGERS)

__all__ = [
    "END_REASON_LABELS",
    "RATE_CLASS_LABELS",
    "TRIGGERS",
    "MemberAgreement",
    "TierTerms",
]
