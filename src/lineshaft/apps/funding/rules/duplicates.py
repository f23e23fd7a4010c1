"""When a contribution looks claimed on two awards. Source: 2 CFR 200.306(b) (law: C-02, test 2).

A suspicion, not a finding: it asks a second person to look and to say why the contribution counts
here. The same file proves the same thing wherever it lies. A reference names a record in one set
of books, so it is the same within an institute, and elsewhere of the same contributor. Without
evidence in common, the same amount of the same kind, from the same contributor, within a month, is
the same contribution. Contributions under one award are not compared: months of one lease are
proved by one paper.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from lineshaft.apps.funding.rules.cost_share import UNIFORM_GUIDANCE
from lineshaft.apps.network.rules import folded_name
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

NEAR: Final = timedelta(days=31)
"""How far apart one contribution may be dated in two books; own figure, a month."""

MARK_LENGTH_MAX: Final = 220
_FILE: Final = "file:"
_REFERENCE: Final = "ref:"


class DuplicateSign(StrEnum):
    """What two contributions have in common."""

    FILE = "file"
    REFERENCE = "reference"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What of a contribution is compared with others."""

    id: UUID
    agreement_id: int
    institute_id: int
    organisation_id: int
    kind: str
    currency: str
    claimed_minor: int
    occurred_on: date


def evidence_mark(*, reference: str, sha256: str = "") -> str:
    """By what evidence is found again: a file by its hash, a reference by its bare letters.

    Empty for a reference of punctuation alone.
    """
    if sha256:
        return f"{_FILE}{sha256}"
    bare = folded_name(reference).replace(" ", "")
    return f"{_REFERENCE}{bare}"[:MARK_LENGTH_MAX] if bare else ""


def is_file_mark(mark: str) -> bool:
    """Whether the mark is a file's hash, and not a reference."""
    return mark.startswith(_FILE)


def sign_of_mark(
    mark: str, one: Claimed, other: Claimed, *, is_same_contributor: bool
) -> DuplicateSign | None:
    """What a mark in common says of two contributions under two awards; None: nothing."""
    if one.agreement_id == other.agreement_id:
        return None
    if is_file_mark(mark):
        return DuplicateSign.FILE
    if is_same_contributor or one.institute_id == other.institute_id:
        return DuplicateSign.REFERENCE
    return None


def is_same_content(one: Claimed, other: Claimed, *, is_same_contributor: bool) -> bool:
    """Whether two contributions under two awards say the same, about the same day."""
    return (
        is_same_contributor
        and one.agreement_id != other.agreement_id
        and (one.kind, one.currency, one.claimed_minor)
        == (other.kind, other.currency, other.claimed_minor)
        and abs(one.occurred_on - other.occurred_on) <= NEAR
    )


def claimed_once(
    duplicate_count: int, *, is_recorder: bool, is_second_line: bool, reason: str
) -> Refusal | None:
    """Refuse what looks claimed on two awards, unless a second person says why it counts here."""
    if not duplicate_count or (is_second_line and not is_recorder and reason.strip()):
        return None
    return Refusal(
        "claimed_twice",
        gettext_noop(
            "It looks claimed on another award too (%(count)s found). The institute's manager or "
            "the sponsoring agency, and not whoever recorded it, may accept it with the reason why "
            "it counts here."
        ),
        citation=UNIFORM_GUIDANCE,
        params={"count": duplicate_count},
    )
