"""What every reader gives: headings, and rows of raw cells numbered as their author sees them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lineshaft.plumbing.exchange.limits import FOR_IMPORT, FileLimits
from lineshaft.plumbing.exchange.spec import RowError

type Cell = str | int | float | Decimal | bool | dt.date | dt.datetime | None


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be read as such; the rows after it can."""

    faults: tuple[RowError, ...]


type RawRow = tuple[int, Sequence[Cell] | BadRow]


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as it stands in the file. `rows` yields (row number, cells) once, blank rows left
    out; every row has as many cells as there are headings. A workbook's table names its `sheet`,
    and the other visible ones that are not read.
    """

    headings: tuple[str, ...]
    rows: Iterator[RawRow]
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a mapping says about the file. Empty: found out from the content.

    The limits hold for a file as it arrives, packed with gzip, and as CSV.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    limits: FileLimits = FOR_IMPORT
