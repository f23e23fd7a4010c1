"""What governance decides of meetings: when one may be called, who has to be there, and how often a
body meets.

A meeting is called, open, closed, and at last minuted, or it is cancelled before it opens. A
written procedure is a meeting without a room: its votes are in by its last day. Quorum is a share
of the seats that are filled on the day, to be exceeded: the profile's rule for bodies of the kind
where there is one, else the body's charter, else half.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from lineshaft.apps.governance.rules.bodies import Check
from lineshaft.kernel.authority import BASIS_POINTS
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.jurisdiction import BodyMeasure, BodyRule
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.plumbing.sharing import SharingLevel


class MeetingForm(StrEnum):
    """How those who decide come together."""

    IN_PERSON = "in_person"
    REMOTE = "remote"
    HYBRID = "hybrid"
    WRITTEN = "written"


class Attending(StrEnum):
    """How somebody who holds a seat was there, or why not."""

    PRESENT = "present"
    REMOTE = "remote"
    EXCUSED = "excused"
    ABSENT = "absent"
    LEFT = "left"


CALLED: Final = "called"
OPEN: Final = "open"
CLOSED: Final = "closed"
MINUTED: Final = "minuted"
CANCELLED: Final = "cancelled"

HELD: Final = frozenset({OPEN, CLOSED, MINUTED})
"""States of a meeting that takes or took place."""

THERE: Final = frozenset({Attending.PRESENT, Attending.REMOTE})
"""Who counts to the quorum."""

QUORUM_ABOVE_BP: Final = 5_000
"""Where neither a rule nor the charter says otherwise: more than half of the filled seats."""

LEVELS_IN_ORDER: Final = tuple(SharingLevel)
NOTE_MAX: Final = 10_000
LINK_MAX: Final = 500
LENGTH_MAX: Final = timedelta(days=31)
WRITTEN_MAX: Final = timedelta(days=366)

_NO_PLACE: Final = gettext_noop("Name the place where the body meets.")
_NO_LINK: Final = gettext_noop("Give the link by which to take part.")
_NO_LAST_DAY: Final = gettext_noop("A written procedure has a last day. Enter it.")
_LAST_DAY_EARLY: Final = gettext_noop(
    "The last day of a written procedure, %(closes_on)s, comes after the day on which it begins, "
    "%(starts_on)s."
)
_ENDS_EARLY: Final = gettext_noop("The meeting ends after it begins.")
_TOO_LONG: Final = gettext_noop(
    "A meeting takes %(days)s days at most. Look at the day on which it ends."
)
_LAST_DAY_LATE: Final = gettext_noop(
    "A written procedure runs for a year at most, so until %(last)s. Enter a day up to that one."
)
_TOO_WIDE: Final = gettext_noop(
    "The body itself is shared less widely than that. Choose a narrower level for the meeting."
)
_NO_INSTITUTE_LEVEL: Final = gettext_noop(
    "The body is the network's, so there are no members of an institute to share with. Choose "
    "another level."
)
_BODY_YOUNGER: Final = gettext_noop(
    "The body was established on %(established_on)s. It meets from that day on."
)
_NOT_YET: Final = gettext_noop("The meeting is called for %(starts_on)s. It can open on that day.")
_FIXED: Final = gettext_noop(
    "The meeting is over and its record fixed, or it was cancelled. Nothing can be added."
)
_VOTE_OPEN: Final = gettext_noop(
    "The vote on motion %(number)s is open. Close it before the meeting."
)
_NO_REASON: Final = gettext_noop("Say why the meeting is cancelled.")
_NO_SEAT_HELD: Final = gettext_noop("Nobody held seat %(number)s on %(day)s.")


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many have to be there: more than this share of the seats that count, and who says so.

    `citation` is None where the charter or the custom of this program does.
    """

    above_bp: int
    citation: Citation | None = None

    def needed(self, seats: int) -> int:
        """So many at least out of so many seats; never fewer than one."""
        return seats * self.above_bp // BASIS_POINTS + 1


def quorum_of(rules: Iterable[BodyRule], charter_above_bp: int | None) -> Quorum:
    """The quorum of a body under the profile's rules in force and its charter."""
    for rule in rules:
        if rule.measure is BodyMeasure.QUORUM_SHARE_ABOVE_BP:
            return Quorum(rule.number, rule.authority.citation)
    return Quorum(QUORUM_ABOVE_BP if charter_above_bp is None else charter_above_bp)


def meets_often_enough(rules: Iterable[BodyRule], held: int) -> tuple[Check, ...]:
    """How a body that met so often within a year stands under the rules that ask how often."""
    return tuple(
        Check(rule, held, held >= rule.number)
        for rule in rules
        if rule.measure is BodyMeasure.MEETINGS_A_YEAR_LEAST
    )


def refuse_meeting(
    form: MeetingForm,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    closes_on: date | None,
    place: str,
    link: str,
    established_on: date,
) -> Refusal | None:
    """Why a meeting of that form can't be called so, or None."""
    starts_on = starts_at.date()
    if starts_on < established_on:
        return Refusal(
            "body_younger", _BODY_YOUNGER, params={"established_on": Day(established_on)}
        )
    if ends_at is not None and ends_at <= starts_at:
        return Refusal("ends_early", _ENDS_EARLY)
    if ends_at is not None and ends_at - starts_at > LENGTH_MAX:
        return Refusal("too_long", _TOO_LONG, params={"days": LENGTH_MAX.days})
    if form in {MeetingForm.IN_PERSON, MeetingForm.HYBRID} and not place:
        return Refusal("no_place", _NO_PLACE)
    if form in {MeetingForm.REMOTE, MeetingForm.HYBRID} and not link:
        return Refusal("no_link", _NO_LINK)
    if form is MeetingForm.WRITTEN and closes_on is None:
        return Refusal("no_last_day", _NO_LAST_DAY)
    if closes_on is not None and closes_on <= starts_on:
        days = {"closes_on": Day(closes_on), "starts_on": Day(starts_on)}
        return Refusal("last_day_early", _LAST_DAY_EARLY, params=days)
    if closes_on is not None and closes_on - starts_on > WRITTEN_MAX:
        params = {"last": Day(starts_on + WRITTEN_MAX)}
        return Refusal("last_day_late", _LAST_DAY_LATE, params=params)
    return None


def refuse_level(level: str, *, of_body: str, is_of_institute: bool) -> Refusal | None:
    """Why a meeting of a body that is shared so can't be shared at that level, or None."""
    if level == SharingLevel.INSTITUTE and not is_of_institute:
        return Refusal("no_institute_level", _NO_INSTITUTE_LEVEL)
    order = LEVELS_IN_ORDER
    if order.index(SharingLevel(level)) < order.index(SharingLevel(of_body)):
        return Refusal("too_wide", _TOO_WIDE)
    return None


def refuse_opening(starts_at: datetime, *, now: datetime) -> Refusal | None:
    """Why a meeting called for that moment can't open now, or None: not before its day."""
    if now.date() < starts_at.date():
        return Refusal("not_yet", _NOT_YET, params={"starts_on": Day(starts_at.date())})
    return None


def refuse_record(state: str) -> Refusal | None:
    """Why nothing more can be entered of a meeting in that state, or None."""
    if state in {MINUTED, CANCELLED}:
        return Refusal("record_fixed", _FIXED)
    return None


def refuse_agenda(state: str) -> Refusal | None:
    """Why the agenda of a meeting in that state is closed, or None."""
    if state not in {CALLED, OPEN}:
        return Refusal("record_fixed", _FIXED)
    return None


def refuse_close(motions_open: Iterable[int]) -> Refusal | None:
    """Why a meeting with votes that are open can't be closed, or None."""
    for number in motions_open:
        return Refusal("vote_open", _VOTE_OPEN, params={"number": number})
    return None


def refuse_cancelling(reason: str) -> Refusal | None:
    """Why a meeting can't be cancelled with such a reason, or None."""
    return None if reason.strip() else Refusal("no_reason", _NO_REASON)


def refuse_attendance(seats: Iterable[int], held: Iterable[int], day: date) -> Refusal | None:
    """Why attendance of these seats can't be recorded where those were held, or None."""
    for number in sorted(set(seats) - set(held)):
        params = {"number": number, "day": Day(day)}
        return Refusal("seat_not_held", _NO_SEAT_HELD, params=params)
    return None
