"""Reads of memberships: who belongs to which institute, and what each tier asks and gives."""

from lineshaft.apps.memberships.queries.agreements import (
    Counted,
    in_force_q,
    in_period_q,
    institute_keys_joined_by,
    may_read_terms,
    member_agreement_by_id,
    members_counted,
    members_of,
    members_visible_to,
    memberships_counted,
    memberships_of,
)
from lineshaft.apps.memberships.queries.tiers import (
    TierOffer,
    tier_offers,
    tier_terms_history,
    tier_terms_on,
)

__all__ = [
    "Counted",
    "TierOffer",
    "in_force_q",
    "in_period_q",
    "institute_keys_joined_by",
    "may_read_terms",
    "member_agreement_by_id",
    "members_counted",
    "members_of",
    "members_visible_to",
    "memberships_counted",
    "memberships_of",
    "tier_offers",
    "tier_terms_history",
    "tier_terms_on",
]
