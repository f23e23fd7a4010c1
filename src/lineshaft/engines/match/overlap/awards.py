"""What is compared, and what a comparison says: plain values."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class Fields(StrEnum):
    """What of an award may be read."""

    TEXT = "text"
    """The abstract alone."""
    ALL = "all"
    """The abstract, and title, people, organisation, agency, phase and dates beside it."""


class Kind(StrEnum):
    """What an overlap is, by its evidence."""

    SAME_WORK = "same_work"
    """The same work stands in two awards, and nothing in them says why."""
    CONTINUATION = "continuation"
    """One follows the other: a later phase, a renewal, an investigator who took the award along."""
    COLLABORATION = "collaboration"
    """Parts of one work, awarded to several at a time."""
    BOILERPLATE = "boilerplate"
    """Most of what they share stands in many other awards, too."""


@dataclass(frozen=True, slots=True)
class Award:
    """One award as its file has it. Whatever is not known is empty, zero or None."""

    award_id: str
    abstract: str
    title: str = ""
    lead: str = ""
    """Name of who leads the work."""
    others: tuple[str, ...] = ()
    """Names of who leads it beside them."""
    organisation: str = ""
    is_firm: bool = False
    """Whether the organisation is so small that two awards to it are related by that alone."""
    agency: str = ""
    phase: int = 0
    starts_on: dt.date | None = None
    """The first day; of an award of which only the year is known, 1 January."""
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of words that two abstracts share; places are offsets of characters, end excluded."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int

    def __str__(self) -> str:
        return f"{self.a_start}-{self.a_end}:{self.b_start}-{self.b_end}"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two awards that overlap; `a` stands before `b` in the order of their ids.

    `score` is from 0 to 1. `share_a` and `share_b` say how much of each abstract, common passages
    left out, stands in passages that both have. `facts` names what agrees beside the text.
    """

    a: str
    b: str
    score: float
    kind: Kind
    share_a: float
    share_b: float
    facts: tuple[str, ...]
    passages: tuple[Passage, ...]
