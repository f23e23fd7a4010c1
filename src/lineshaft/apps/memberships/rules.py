"""What memberships decides: who may admit and end, which tier fits whom, and when spans collide.

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
from lineshaft.kernel.workflow import Workflow, term_of
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role


class EndReason(StrEnum):
    """Why an agreement ended; empty while none is given."""

    NOT_ENDED = ""
    TERM_ENDED = "term_ended"
    LEFT = "left"
    DUES_UNPAID = "dues_unpaid"
    BREACH = "breach"
    INSTITUTE_ENDED = "institute_ended"


class RateClass(StrEnum):
    """At what rate a member books equipment."""

    FREE = "free"
    REDUCED = "reduced"
    MEMBER = "member"
    FULL = "full"


TRANSITIONS: Final[dict[str, Workflow]] = {}
"""An agreement has no states: whether it is in force follows from its span and the day."""

_ADMITTERS: Final = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR, Role.INSTITUTE_MANAGER})

PERMISSIONS: Final[dict[str, Permission]] = permissions(
    Permission(
        "admit_member",
        gettext_noop("Only the institute's manager or the programme office may admit a member."),
        roles=_ADMITTERS,
    ),
    Permission(
        "end_membership",
        gettext_noop("Only the institute's manager or the programme office may end a membership."),
        roles=_ADMITTERS,
    ),
    Permission(
        "set_tier_terms",
        gettext_noop("Only the institute's manager or the programme office may set its terms."),
        roles=_ADMITTERS,
    ),
)

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
_WAIVER_NEEDED: Final = gettext_noop(
    "An organisation owned in %(country)s joins only with a waiver given for its case "
    "(%(rule)s). Enter the reference of the waiver."
)
REFERENCE_LENGTH_MAX: Final = 200
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_OVERLAP: Final = gettext_noop(
    "%(organisation)s is a member of %(institute)s from %(starts_on)s until %(ends_on)s already. "
    "End that agreement, or start this one later."
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


DUES_MAX_MINOR: Final = 10**12
"""A slip above: no membership costs ten thousand million a year."""

NUMBER_MAX: Final = 1_000
"""Seats, votes, months and days of a tier beyond this are slips."""

_NOT_LATER: Final = gettext_noop(
    "Terms of this tier hold from %(last)s on. New ones begin later than that; what held stays."
)


def refuse_terms_day(in_force_on: date, last: date | None) -> Refusal | None:
    """Why terms can't begin on that day after those that began on `last`, or None."""
    if last is None or in_force_on > last:
        return None
    return Refusal("not_later", _NOT_LATER, params={"last": Day(last)})


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


def refuse_participation(
    profile: JurisdictionProfile, ownership_country: str, *, waiver_reference: str, on: date
) -> Refusal | None:
    """Why an organisation owned in that country can't join on that day, or None.

    Only a rule that bars without a waiver refuses; an unknown country of ownership is not barred.
    *Source*: the profile's participation rules (42 U.S.C. 18972 in the United States' profile).
    """
    if not ownership_country or waiver_reference.strip():
        return None
    for rule in profile.participation_rules_in_force(on, ownership_country):
        if rule.needs_waiver:
            return Refusal(
                "waiver_needed",
                _WAIVER_NEEDED,
                rule.authority.citation,
                {"country": ownership_country, "rule": Term(rule.name)},
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
