"""What a decision on an organisation's participation leaves open to those who act for it.

Limits are a closed set: a decision that wants another one wants code first. They bind the rows and
the doors of the institute for which they were decided, and, where somebody belongs to the network
through nothing else, those of every other institute too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lineshaft.kernel.decisions import Citation


class Gate(StrEnum):
    """A door at which limits are asked."""

    MEMBERSHIP = "membership"
    PROJECT = "project"
    BOOKING = "booking"
    FILE_DOWNLOAD = "file_download"
    SEARCH = "search"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one decision leaves open to an organisation at an institute.

    `is_shut` leaves what is public; `standing` says why, as a word. Where it is not shut, None
    stands for no limit: `files_up_to` is the highest sharing level of a file, `projects` and
    `institutes` are those named (the own institute is always among these), `barred_bookings` the
    kinds of equipment that are not booked. `subject` is the decision in the audit trail,
    `reference` how a person finds it, `until` the first day without it.
    """

    institute: str
    organisation_id: int
    subject: tuple[str, str]
    reference: str
    standing: str
    citation: Citation | None = None
    is_shut: bool = False
    files_up_to: str | None = None
    may_search: bool = True
    may_export: bool = True
    barred_bookings: frozenset[str] = frozenset()
    projects: frozenset[str] | None = None
    institutes: frozenset[str] | None = None
    until: date | None = None

    def shuts(self, gate: Gate | None) -> bool:
        """Whether behind that gate (None for a plain read) only what is public is left."""
        return self.is_shut or (gate is Gate.SEARCH and not self.may_search)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far somebody reads beyond what is public.

    `has_network` opens what is shared with the network, of the institutes in `named` alone unless
    that is None; the rows of the institutes in `shut` are read as the public reads them.
    """

    has_network: bool
    shut: frozenset[str] = frozenset()
    named: frozenset[str] | None = None

    def opens_network_of(self, institute: str) -> bool:
        """Whether a row that is shared with the network and belongs there is read."""
        is_named = self.named is None or not institute or institute in self.named
        return self.has_network and is_named and institute not in self.shut


def reach_of(
    limits: Collection[Limits],
    gate: Gate | None,
    *,
    joined: Collection[str],
    staffed: Collection[str],
    is_open: bool,
) -> Reach:
    """The reach of somebody under these limits at a gate, None for a plain read.

    `joined` are the institutes to which they belong, `staffed` those whose every record they read
    by their role, which no limit takes away; `is_open` tells that they belong to the network by
    something without limits as well.
    """
    shut = frozenset(one.institute for one in limits if one.shuts(gate)) - frozenset(staffed)
    if is_open:
        return Reach(has_network=True, shut=shut)
    open_ones = [one for one in limits if not one.shuts(gate) and one.institute in joined]
    lists = [one.institutes for one in open_ones]
    if any(names is None for names in lists):
        return Reach(has_network=True, shut=shut)
    named = frozenset[str]().union(*(names for names in lists if names is not None))
    own = frozenset(one.institute for one in open_ones)
    return Reach(has_network=bool(open_ones), shut=shut, named=named | own)
