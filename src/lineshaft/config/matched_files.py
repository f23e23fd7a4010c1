"""Files that are compared with each other, read row by row: of awards, of organisations.

A file is read as strictly as an import (one encoding, every row as wide as the headings), but may
be larger. Anything that is wrong ends the reading with one sentence: the file, the row, what is
wrong, how to mend it.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lineshaft.kernel.errors import Invalid, TooLarge
from lineshaft.kernel.text import fill, gettext_noop
from lineshaft.plumbing.exchange.faults import FileRefused
from lineshaft.plumbing.exchange.limits import FileLimits
from lineshaft.plumbing.exchange.reading.csv_file import SAVE_AS_UTF8
from lineshaft.plumbing.exchange.reading.read import read_table
from lineshaft.plumbing.exchange.reading.table import BadRow, ReadOptions

MIB: Final = 1024 * 1024

_TO_MEND_ENCODING: Final = gettext_noop(
    "Save the file as “CSV UTF-8”, or name its encoding with --encoding."
)


@dataclass(frozen=True, slots=True)
class MatchedFile:
    """An open file: its headings, and its rows with their numbers, each as wide as the headings."""

    headings: Sequence[str]
    rows: Iterator[tuple[int, Sequence[object]]]


@contextmanager
def opened(path: Path, limits: FileLimits, *, encoding: str = "") -> Iterator[MatchedFile]:
    """The file, to be read within the block.

    Raises Invalid for whatever is wrong with the file, also while it is read, TooLarge beyond
    `limits`, and OSError where it cannot be opened.
    """
    options = ReadOptions(encoding=encoding, limits=limits)
    cell_before = csv.field_size_limit(limits.line_characters)
    try:
        with path.open("rb") as content, read_table(content, path.name, options) as table:
            rows = ((row, _whole(path, row, cells)) for row, cells in table.rows)
            yield MatchedFile(table.headings, rows)
    except FileRefused as refused:
        fault = refused.fault
        remedy = _TO_MEND_ENCODING if fault.remedy == SAVE_AS_UTF8 else fault.remedy
        sentences = (fill(part, fault.params) for part in (fault.message, remedy) if part)
        raise invalid(path, " ".join(sentences), row=fault.row) from refused
    except TooLarge as error:
        raise TooLarge(f"{path}: {error.as_text()}", code=error.code) from error
    finally:
        csv.field_size_limit(cell_before)


def invalid(
    path: Path, message: str, *, row: int = 0, column: str = "", **params: object
) -> Invalid:
    """What is wrong, with the place where it stands."""
    place = f"{path}, row {row}" if row else str(path)
    if column:
        place = f"{place}, {column}"
    return Invalid(message="%(text)s", params={"text": f"{place}: {fill(message, params)}"})


def _whole(path: Path, row: int, cells: Sequence[object] | BadRow) -> Sequence[object]:
    if isinstance(cells, BadRow):
        raise invalid(path, cells.faults[0].as_text(), row=row)
    return cells
