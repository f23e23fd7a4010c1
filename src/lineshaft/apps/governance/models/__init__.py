"""The tables of governance: common policies, and the bodies that decide."""

from lineshaft.apps.governance.models.bodies import (
    BODY_KIND_LABELS,
    BODY_TRIGGERS,
    SEAT_KIND_LABELS,
    WAY_LABELS,
    Appointment,
    Body,
    Seat,
)
from lineshaft.apps.governance.models.policies import (
    AREA_LABELS,
    POLICY_TRIGGERS,
    POSITION_LABELS,
    STATE_LABELS,
    CommonPolicy,
    PolicyAttestation,
    PolicyComment,
    PolicyPosition,
    PolicyVersion,
)

TRIGGERS = (*POLICY_TRIGGERS, *BODY_TRIGGERS)

__all__ = [
    "AREA_LABELS",
    "BODY_KIND_LABELS",
    "POSITION_LABELS",
    "SEAT_KIND_LABELS",
    "STATE_LABELS",
    "TRIGGERS",
    "WAY_LABELS",
    "Appointment",
    "Body",
    "CommonPolicy",
    "PolicyAttestation",
    "PolicyComment",
    "PolicyPosition",
    "PolicyVersion",
    "Seat",
]
