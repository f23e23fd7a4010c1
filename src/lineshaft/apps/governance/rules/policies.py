"""What governance decides: who drafts, adopts and follows a common policy, and when.

A common policy lives in versions. A version is a draft until it is adopted, withdrawn or replaced
by the next draft; what was adopted stays, and is in force from its day until the next one's. Before
its day an adoption can be revoked. Each institute at work says of a version that it adopts it or
deviates from it, and attests once a fiscal year that it kept to what it had said.

*Source*: the areas are those for which the founding papers ask the network's council for common
policies (National Network for Manufacturing Innovation: A Preliminary Design, January 2013).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

from lineshaft.apps.network.rules import InstituteStatus
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Day, gettext_noop
from lineshaft.kernel.workflow import term_of


class PolicyArea(StrEnum):
    """What a common policy is about."""

    SME_COLLABORATION = "sme_collaboration"
    SHARED_SERVICES = "shared_services"
    INTELLECTUAL_PROPERTY = "intellectual_property"
    CONTRACT_RESEARCH = "contract_research"
    OPERATIONS = "operations"
    FINANCE = "finance"
    MARKET_AND_BRAND = "market_and_brand"


class PositionKind(StrEnum):
    """What an institute says of a version."""

    ADOPTS = "adopts"
    DEVIATES = "deviates"


class Standing(StrEnum):
    """How an institute stands towards the version in force."""

    ADOPTS = "adopts"
    DEVIATES = "deviates"
    BEHIND = "behind"
    SILENT = "silent"


DRAFT: Final = "draft"
ADOPTED: Final = "adopted"
WITHDRAWN: Final = "withdrawn"
REPLACED: Final = "replaced"
REVOKED: Final = "revoked"

AT_WORK: Final = frozenset(
    {InstituteStatus.ACTIVE, InstituteStatus.CURE_PERIOD, InstituteStatus.RECOGNISED_UNFUNDED}
)
"""States in which an institute is asked for its position."""

TEXT_MAX: Final = 40_000
"""Characters of a policy's text in one language."""

TITLE_MAX: Final = 200
CHANGED_MAX: Final = 500
IN_FORCE_WITHIN_DAYS: Final = 2 * 366
"""A version comes into force so long after its adoption at most; a later day is a slip."""

REMARK_MAX: Final = 2_000
REFERENCE_MAX: Final = 200

_NOT_AT_WORK: Final = gettext_noop(
    "%(institute)s is “%(status)s”. Only an institute at work has a position on a common policy."
)
_NOT_ADOPTED: Final = gettext_noop(
    "Version %(number)s is “%(state)s”. An institute's position is on a version that was adopted."
)
_OVERTAKEN: Final = gettext_noop(
    "Version %(number)s was overtaken by version %(later)s. State the position on that one."
)
_NO_REASON: Final = gettext_noop(
    "Say from what the institute deviates and why, so that others can learn from it."
)
_BEFORE_ADOPTION: Final = gettext_noop(
    "A policy is in force from the day of its adoption, %(adopted_on)s, or later. Choose a later "
    "day than %(in_force_on)s."
)
_NOT_YET_ADOPTED: Final = gettext_noop(
    "The adoption lies ahead, on %(adopted_on)s. Enter it once the council has decided."
)
_TOO_FAR: Final = gettext_noop(
    "A policy is in force within two years after its adoption on %(adopted_on)s. Choose an earlier "
    "day than %(in_force_on)s."
)
_NOT_AFTER_LAST: Final = gettext_noop(
    "Version %(number)s is in force from %(last)s. The next one begins later than that."
)
_IN_FORCE_ALREADY: Final = gettext_noop(
    "Version %(number)s is in force from %(in_force_on)s. What is in force ends with the next "
    "version: draft one."
)
_REVOKED_WHY: Final = gettext_noop("Say why the adoption is revoked.")
_NOTHING_NEW: Final = gettext_noop("The text is the same as that of version %(number)s.")
_CLOSED: Final = gettext_noop(
    "Version %(number)s is “%(state)s”. Only a draft is open to comments."
)
_YEAR_OPEN: Final = gettext_noop(
    "Fiscal year %(year)s lasts until %(ends_on)s. Attest it once it is over."
)
_NOT_IN_FORCE: Final = gettext_noop(
    "No version of this policy was in force in fiscal year %(year)s."
)
_NOT_SPOKEN: Final = gettext_noop(
    "The institute had not said by the end of fiscal year %(year)s how it stands towards this "
    "policy, so there is nothing that it kept to."
)
_ATTESTED: Final = gettext_noop("Fiscal year %(year)s is attested already.")
_NOT_KEPT_WHY: Final = gettext_noop("Say in what the institute did not keep to it, and why.")


class VersionLike(Protocol):
    """What a rule reads of a version."""

    @property
    def number(self) -> int: ...

    @property
    def in_force_on(self) -> date | None: ...


def version_in_force[VersionT: VersionLike](
    versions: Iterable[VersionT], on: date
) -> VersionT | None:
    """The version in force on that day, or None."""
    begun = [one for one in versions if one.in_force_on is not None and one.in_force_on <= on]
    return max(begun, key=lambda one: (one.in_force_on, one.number), default=None)


def standing(kind: str | None, stated_on: int | None, in_force: int | None) -> Standing:
    """How an institute stands whose last position was `kind` on version number `stated_on`.

    A position on a later version than the one in force speaks for both.
    """
    if kind is None or stated_on is None:
        return Standing.SILENT
    if in_force is not None and stated_on < in_force:
        return Standing.BEHIND
    return Standing.ADOPTS if kind == PositionKind.ADOPTS else Standing.DEVIATES


def refuse_adoption(
    *, adopted_on: date, in_force_on: date, today: date, last: VersionLike | None
) -> Refusal | None:
    """Why a version can't be adopted from that day on, or None; `last` was adopted before it."""
    if adopted_on > today:
        return Refusal("not_yet_adopted", _NOT_YET_ADOPTED, params={"adopted_on": Day(adopted_on)})
    if in_force_on < adopted_on:
        return Refusal(
            "before_adoption",
            _BEFORE_ADOPTION,
            params={"adopted_on": Day(adopted_on), "in_force_on": Day(in_force_on)},
        )
    if in_force_on > adopted_on + timedelta(days=IN_FORCE_WITHIN_DAYS):
        return Refusal(
            "too_far",
            _TOO_FAR,
            params={"adopted_on": Day(adopted_on), "in_force_on": Day(in_force_on)},
        )
    if last is not None and last.in_force_on is not None and in_force_on <= last.in_force_on:
        return Refusal(
            "not_after_last",
            _NOT_AFTER_LAST,
            params={"number": last.number, "last": Day(last.in_force_on)},
        )
    return None


def refuse_revoking(
    number: int, in_force_on: date | None, *, today: date, why: str
) -> Refusal | None:
    """Why the adoption of the version that is in force from that day can't be revoked, or None."""
    if in_force_on is not None and in_force_on <= today:
        return Refusal(
            "in_force_already",
            _IN_FORCE_ALREADY,
            params={"number": number, "in_force_on": Day(in_force_on)},
        )
    return None if why.strip() else Refusal("no_reason", _REVOKED_WHY)


def refuse_same_text(
    texts: tuple[str, str], before: tuple[str, str], *, number: int, is_revoked: bool
) -> Refusal | None:
    """Why these texts, English and Chinese, are no new version, or None.

    What was revoked, such as an adoption entered with a wrong day, may be drafted again as it was.
    """
    if texts != before or is_revoked:
        return None
    return Refusal("nothing_new", _NOTHING_NEW, params={"number": number})


def refuse_comment(number: int, state: str) -> Refusal | None:
    """Why the version of that number and state is not open to comments, or None."""
    if state == DRAFT:
        return None
    return Refusal("closed", _CLOSED, params={"number": number, "state": term_of(state)})


def refuse_institute(institute: str, status: str) -> Refusal | None:
    """Why an institute in that state has no position on a policy, or None."""
    if status in AT_WORK:
        return None
    return Refusal(
        "not_at_work", _NOT_AT_WORK, params={"institute": institute, "status": term_of(status)}
    )


def refuse_position(
    kind: PositionKind, reason: str, *, number: int, state: str, later: int | None
) -> Refusal | None:
    """Why an institute can't say so of the version of that number and state, or None.

    `later` is the number of a version in force that has overtaken it.
    """
    if state != ADOPTED:
        return Refusal(
            "not_adopted", _NOT_ADOPTED, params={"number": number, "state": term_of(state)}
        )
    if later is not None and later > number:
        return Refusal("overtaken", _OVERTAKEN, params={"number": number, "later": later})
    if kind is PositionKind.DEVIATES and not reason.strip():
        return Refusal("no_reason", _NO_REASON)
    return None


def refuse_attestation(
    *,
    year: int,
    ends_on: date,
    today: date,
    is_in_force: bool,
    has_spoken: bool,
    is_attested: bool,
) -> Refusal | None:
    """Why that fiscal year, which ends before `ends_on`, can't be attested, or None.

    `has_spoken` tells whether the institute had said by its end how it stands.
    """
    if today < ends_on:
        return Refusal("year_open", _YEAR_OPEN, params={"year": year, "ends_on": Day(ends_on)})
    if not is_in_force:
        return Refusal("not_in_force", _NOT_IN_FORCE, params={"year": year})
    if not has_spoken:
        return Refusal("not_spoken", _NOT_SPOKEN, params={"year": year})
    if is_attested:
        return Refusal("attested", _ATTESTED, params={"year": year})
    return None


def refuse_silence(*, is_kept: bool, remark: str) -> Refusal | None:
    """Why a policy that was not kept can't be attested without a word, or None."""
    if is_kept or remark.strip():
        return None
    return Refusal("no_remark", _NOT_KEPT_WHY)
