"""What an agreement must keep: a tier that fits, a span that collides with no other.

Tiers come from the jurisdiction profile. Invariants: an agreement is a half-open span of days; two
agreements of one organisation with one institute never share a day; a member joins an institute
that takes members.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.apps.network.rules import InstituteStatus
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import Day, Term, gettext_noop
from lineshaft.kernel.workflow import term_of


class EndReason(StrEnum):
    """Why an agreement ended; empty while none is given."""

    NOT_ENDED = ""
    TERM_ENDED = "term_ended"
    LEFT = "left"
    DUES_UNPAID = "dues_unpaid"
    BREACH = "breach"
    INSTITUTE_ENDED = "institute_ended"
    TIER_CHANGED = "tier_changed"


TAKES_MEMBERS: Final = frozenset(
    {
        InstituteStatus.ACTIVE,
        InstituteStatus.CURE_PERIOD,
        InstituteStatus.RECOGNISED_UNFUNDED,
        InstituteStatus.TERMINATED,
    }
)
"""States in which agreements are entered; for a terminated institute only past ones, see
`refuse_institute`."""

TAKES_NEW_MEMBERS: Final = TAKES_MEMBERS - {InstituteStatus.TERMINATED}
"""States in which an institute offers memberships."""

_NOT_OPEN: Final = gettext_noop(
    "%(institute)s is “%(status)s” and has no members yet. Establish it first."
)
_HAS_ENDED: Final = gettext_noop(
    "%(institute)s is terminated. Only agreements that have ended can still be entered."
)
_UNKNOWN_TIER: Final = gettext_noop("“%(tier)s” is no membership tier. There are: %(known)s.")
_TIER_OF_OTHERS: Final = gettext_noop(
    "The tier “%(tier)s” is not for organisations of the kind “%(kind)s”. Choose another tier."
)
REFERENCE_LENGTH_MAX: Final = 200
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_OVERLAP: Final = gettext_noop(
    "%(organisation)s is a member of %(institute)s from %(starts_on)s until %(ends_on)s already. "
    "End that agreement, or start this one later."
)
_BOTH_MEMBERS: Final = gettext_noop(
    "“%(merged)s” and “%(survivor)s” are both members of %(institute)s on a day between "
    "%(starts_on)s and %(ends_on)s. End one of the two agreements first, or keep them apart."
)
_OPEN_END: Final = Term(gettext_noop("further notice"))
_SIGNED_LATE: Final = gettext_noop(
    "An agreement is signed on or before the day it ends. It was signed on %(signed_on)s and ends "
    "on %(ends_on)s."
)
_ENDS_BEFORE_START: Final = gettext_noop(
    "The agreement started on %(starts_on)s, so it cannot end on %(ends_on)s. Choose a later day."
)
_ENDED_ALREADY: Final = gettext_noop("The agreement ended on %(ends_on)s already.")


def refuse_institute(
    institute: str, status: str, *, ends_on: date | None, today: date
) -> Refusal | None:
    """Why an institute in that state can't take this agreement, or None."""
    if status not in TAKES_MEMBERS:
        return Refusal(
            "institute_not_open",
            _NOT_OPEN,
            params={"institute": institute, "status": term_of(status)},
        )
    if status == InstituteStatus.TERMINATED and (ends_on is None or ends_on > today):
        return Refusal("institute_terminated", _HAS_ENDED, params={"institute": institute})
    return None


def refuse_tier(profile: JurisdictionProfile, tier: str, kind: str) -> Refusal | None:
    """Why an organisation of that kind can't hold the tier, or None."""
    found = next((entry for entry in profile.tiers if entry.key == tier), None)
    if found is None:
        return Refusal(
            "unknown_tier",
            _UNKNOWN_TIER,
            params={"tier": tier, "known": ", ".join(entry.key for entry in profile.tiers)},
        )
    kind_entry = profile.organisation_kind(kind)
    if found.groups and kind_entry.group not in found.groups:
        return Refusal(
            "tier_of_others",
            _TIER_OF_OTHERS,
            params={"tier": Term(found.name), "kind": Term(kind_entry.name)},
        )
    return None


def refuse_reference(reference: str) -> Refusal | None:
    """Why the reference of a waiver can't be kept, or None."""
    if len(reference.strip()) <= REFERENCE_LENGTH_MAX:
        return None
    return Refusal("too_long", _TOO_LONG, params={"most": REFERENCE_LENGTH_MAX})


def refuse_overlap(
    wanted: Span, held: Iterable[Span], *, organisation: str, institute: str
) -> Refusal | None:
    """Why an agreement over that span can't stand beside those held, or None."""
    for span in held:
        if span.overlaps(wanted):
            return Refusal(
                "overlapping_membership",
                _OVERLAP,
                params={
                    "organisation": organisation,
                    "institute": institute,
                    "starts_on": Day(span.starts_on),
                    "ends_on": Day(span.ends_on) if span.ends_on else _OPEN_END,
                },
            )
    return None


def overlapping_agreements(merged: str, survivor: str, *, institute: str, span: Span) -> Refusal:
    """That two records can't be one organisation, since both hold an agreement on one day."""
    return Refusal(
        "memberships_overlap",
        _BOTH_MEMBERS,
        params={
            "merged": merged,
            "survivor": survivor,
            "institute": institute,
            "starts_on": Day(span.starts_on),
            "ends_on": Day(span.ends_on) if span.ends_on else _OPEN_END,
        },
    )


def refuse_signature(signed_on: date | None, ends_on: date | None) -> Refusal | None:
    """Why an agreement can't have been signed on that day, or None."""
    if signed_on is None or ends_on is None or signed_on <= ends_on:
        return None
    return Refusal(
        "signed_after_end",
        _SIGNED_LATE,
        params={"signed_on": Day(signed_on), "ends_on": Day(ends_on)},
    )


def refuse_end(span: Span, ends_on: date) -> Refusal | None:
    """Why an agreement over that span can't end on that day, or None."""
    if ends_on <= span.starts_on:
        return Refusal(
            "ends_before_start",
            _ENDS_BEFORE_START,
            params={"starts_on": Day(span.starts_on), "ends_on": Day(ends_on)},
        )
    if span.ends_on is not None and span.ends_on <= ends_on:
        return Refusal("ended_already", _ENDED_ALREADY, params={"ends_on": Day(span.ends_on)})
    return None
