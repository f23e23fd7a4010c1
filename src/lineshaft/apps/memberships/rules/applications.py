"""An application for membership: its states, who signs what, and what is refused on the way.

Membership is open to organisations of every size and kind that a tier of the institute is for
(N-07): nothing here looks at size. Invariants: an agreement is signed by both sides under the hash
of one document; a document that was made anew is signed anew.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow


class ApplicationState(StrEnum):
    """Where an application stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    SIGNED = "signed"
    ADMITTED = "admitted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """The two sides of a membership agreement."""

    ORGANISATION = "organisation"
    INSTITUTE = "institute"


OPEN_STATES: Final = (
    ApplicationState.SUBMITTED,
    ApplicationState.APPROVED,
    ApplicationState.SIGNED,
)
"""States in which something is still to be done."""

STATIONS: Final = (
    ApplicationState.SUBMITTED,
    ApplicationState.APPROVED,
    ApplicationState.SIGNED,
    ApplicationState.ADMITTED,
)
"""The way to membership, station by station; each keeps its moment."""

APPLICATION: Final = Workflow(
    name="membership application",
    initial=ApplicationState.SUBMITTED,
    transitions=(
        Transition(
            "approve_application",
            frozenset({ApplicationState.SUBMITTED}),
            ApplicationState.APPROVED,
        ),
        Transition(
            "sign_agreement", frozenset({ApplicationState.APPROVED}), ApplicationState.SIGNED
        ),
        Transition(
            "countersign_agreement", frozenset({ApplicationState.APPROVED}), ApplicationState.SIGNED
        ),
        Transition(
            "admit_applicant", frozenset({ApplicationState.SIGNED}), ApplicationState.ADMITTED
        ),
        Transition("decline_application", frozenset(OPEN_STATES), ApplicationState.DECLINED),
        Transition("withdraw_application", frozenset(OPEN_STATES), ApplicationState.WITHDRAWN),
    ),
    final=frozenset(
        {ApplicationState.ADMITTED, ApplicationState.DECLINED, ApplicationState.WITHDRAWN}
    ),
)

TEXT_MAX: Final = 1_000
NAME_MAX: Final = 200
START_DAYS_AHEAD_MAX: Final = 366
"""A membership that begins later than in a year is applied for later."""

OPEN_MEMBERSHIP: Final = Citation(
    "National Network for Manufacturing Innovation: A Preliminary Design, January 2013, section on "
    "participation"
)
"""Firms of all sizes, start-ups, universities, colleges, laboratories and others join (N-07)."""

_NOT_OFFERED: Final = gettext_noop(
    "%(institute)s offers no such tier to this kind of organisation on %(day)s. Membership is open "
    "to every size and kind for which there is a tier: compare what the institutes offer."
)
_OPEN_ALREADY: Final = gettext_noop(
    "%(organisation)s has applied to %(institute)s already. Follow that application, or withdraw "
    "it first."
)
_HAS_PEOPLE: Final = gettext_noop(
    "%(organisation)s has people of its own here. Ask one of them to invite you, then apply."
)
_OTHERS_ACT: Final = gettext_noop(
    "Others act for %(organisation)s here. Ask one of them to apply, or to let you act for it."
)
_TEXT_MISSING: Final = gettext_noop("Say why, so that the applicant can do something about it.")
_TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")
_NOT_IN_TIME: Final = gettext_noop(
    "The membership begins from %(first)s to %(last)s. Choose a day between."
)
_OTHER_DOCUMENT: Final = gettext_noop(
    "This is not the document that stands today: it was made anew, or altered. Open the agreement "
    "again, read it, and sign what you have read."
)
_SIGNED_ALREADY: Final = gettext_noop("This side has signed the document already.")
_CREDIT_TAKEN: Final = gettext_noop(
    "What invoice %(number)s of this application left over was taken by invoice %(taker)s, so it "
    "can't be closed. Cancel that invoice first."
)
_NO_NAME: Final = gettext_noop("The name is missing: write who signs.")
_NO_TITLE: Final = gettext_noop("The title is missing: write as what somebody signs.")


def refuse_offer(*, is_offered: bool, institute: str, on: date) -> Refusal | None:
    """Refuse a tier that the institute does not offer to such an organisation on that day."""
    if is_offered:
        return None
    return Refusal(
        "tier_not_offered",
        _NOT_OFFERED,
        OPEN_MEMBERSHIP,
        {"institute": institute, "day": Day(on)},
    )


def refuse_second_application(
    *, has_open: bool, organisation: str, institute: str
) -> Refusal | None:
    """Refuse an application beside one that is still open."""
    if not has_open:
        return None
    params = {"organisation": organisation, "institute": institute}
    return Refusal("applied_already", _OPEN_ALREADY, params=params)


def refuse_stranger(*, has_people: bool, is_one: bool, organisation: str) -> Refusal | None:
    """Refuse whoever speaks for an organisation that has people of its own, and is none of them."""
    if is_one or not has_people:
        return None
    return Refusal("has_people", _HAS_PEOPLE, params={"organisation": organisation})


def refuse_bystander(*, has_actors: bool, acts: bool, organisation: str) -> Refusal | None:
    """Refuse whoever belongs to an organisation for which others act, and does not act for it."""
    if acts or not has_actors:
        return None
    return Refusal("others_act", _OTHERS_ACT, params={"organisation": organisation})


def refuse_reason(text: str) -> Refusal | None:
    """Refuse a decision against somebody that gives no reason, or too long a one."""
    if not text.strip():
        return Refusal("reason_missing", _TEXT_MISSING)
    return refuse_text(text)


def refuse_text(text: str, most: int = TEXT_MAX) -> Refusal | None:
    """Refuse a text longer than is kept."""
    if len(text.strip()) <= most:
        return None
    return Refusal("too_long", _TOO_LONG, params={"most": most})


def refuse_closing(number: str, taker: str) -> Refusal | None:
    """Refuse to close an application whose invoice left a credit over that another one took.

    `taker` is the number of that one, or empty.
    """
    if not taker:
        return None
    return Refusal("credit_taken", _CREDIT_TAKEN, params={"number": number, "taker": taker})


def refuse_start(starts_on: date, *, today: date) -> Refusal | None:
    """Refuse a first day of membership that is long past or far ahead."""
    first = date.fromordinal(today.toordinal() - START_DAYS_AHEAD_MAX)
    last = date.fromordinal(today.toordinal() + START_DAYS_AHEAD_MAX)
    if first <= starts_on <= last:
        return None
    params = {"first": Day(first), "last": Day(last)}
    return Refusal("start_out_of_range", _NOT_IN_TIME, params=params)


def refuse_document(given_sha256: str, stored_sha256: str, found_sha256: str) -> Refusal | None:
    """Refuse a signature under another hash than that of the document, as recorded and on disk."""
    if given_sha256 == stored_sha256 == found_sha256:
        return None
    return Refusal("other_document", _OTHER_DOCUMENT)


def refuse_second_signature(side: Side, signed: Collection[str]) -> Refusal | None:
    """Refuse a side's second signature on one document."""
    return Refusal("signed_already", _SIGNED_ALREADY) if side in signed else None


def refuse_signatory(name: str, title: str) -> Refusal | None:
    """Refuse a signature without a name or a title."""
    for missing, text in ((_NO_NAME, name), (_NO_TITLE, title)):
        if not text.strip():
            return Refusal("signatory_missing", missing)
        if refusal := refuse_text(text, NAME_MAX):
            return refusal
    return None
