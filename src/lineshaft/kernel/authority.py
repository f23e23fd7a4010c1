"""On what a rule of a profile rests, and what every entry of a profile is called.

Invariant: an authority states its citation, how sure it is, and the days on which it binds.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from lineshaft.kernel.decisions import Citation
from lineshaft.kernel.spans import Span

BASIS_POINTS: Final = 10_000


class Sureness(StrEnum):
    """How sure a rule's text is: read in the law, seen in a page, from a seed paper, remembered, or
    our own.
    """

    LAW = "law"
    PAGE = "page"
    SEED = "seed"
    RECOLLECTION = "recollection"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Authority:
    """Why a rule binds: citation, sureness, and the days in force."""

    citation: Citation
    sureness: Sureness
    in_force: Span

    def is_in_force(self, on: date) -> bool:
        return self.in_force.contains(on)


@dataclass(frozen=True, slots=True)
class Named:
    """An entry with a stable key and its name in the profile's two languages."""

    key: str
    name: str
    name_zh: str
