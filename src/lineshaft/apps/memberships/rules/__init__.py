"""What memberships decides: who may do what, which tier fits whom, and when spans collide."""

from lineshaft.apps.memberships.rules.agreements import (
    REFERENCE_LENGTH_MAX,
    TAKES_MEMBERS,
    TAKES_NEW_MEMBERS,
    EndReason,
    refuse_end,
    refuse_institute,
    refuse_overlap,
    refuse_reference,
    refuse_signature,
    refuse_tier,
)
from lineshaft.apps.memberships.rules.participation import (
    refuse_participation,
)
from lineshaft.apps.memberships.rules.permissions import (
    PERMISSIONS,
    TRANSITIONS,
)
from lineshaft.apps.memberships.rules.tiers import (
    DUES_MAX_MINOR,
    NUMBER_MAX,
    RateClass,
    refuse_terms_day,
)

__all__ = [
    "DUES_MAX_MINOR",
    "NUMBER_MAX",
    "PERMISSIONS",
    "REFERENCE_LENGTH_MAX",
    "TAKES_MEMBERS",
    "TAKES_NEW_MEMBERS",
    "TRANSITIONS",
    "EndReason",
    "RateClass",
    "refuse_end",
    "refuse_institute",
    "refuse_overlap",
    "refuse_participation",
    "refuse_reference",
    "refuse_signature",
    "refuse_terms_day",
    "refuse_tier",
]
