"""Files of organisations, read to be resolved: a row is a record, a column what is known of it.

A file is read as strictly as an import (one encoding, every row as wide as the headings), but may
hold as many rows as one machine can compare. Anything that is wrong ends the reading with one
sentence: the file, the row, what is wrong, how to mend it.
"""

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from lineshaft.config.matched_files import MIB, invalid, opened
from lineshaft.engines.match.resolution import Record
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange.convert import heading_key, with_guard
from lineshaft.plumbing.exchange.faults import shortened
from lineshaft.plumbing.exchange.limits import FileLimits

LIMITS: Final = FileLimits(
    source_bytes=2 * 1024 * MIB, unpacked_bytes=4 * 1024 * MIB, rows=10_000_000
)
"""Every employer of a large nation fits."""

COLUMNS: Final = (
    "id",
    "name",
    "address",
    "city",
    "state",
    "zip",
    "phone",
    "country",
    "latitude",
    "longitude",
)
REQUIRED: Final = ("id", "name")
OUTPUT: Final = ("id", "cluster")


def read_records(path: Path, *, encoding: str = "") -> Iterator[Record]:
    """The records of a file, row by row; columns that are not known are passed over.

    Raises Invalid for whatever is wrong with the file, also while it is read, TooLarge beyond
    LIMITS, and OSError where it cannot be opened.
    """
    with opened(path, LIMITS, encoding=encoding) as file:
        places = _places(path, file.headings)
        for row, cells in file.rows:
            yield _record(path, row, cells, places)


def write_clusters(path: Path, clusters: Mapping[str, str]) -> None:
    """Write one line for each record: its id, and the id that stands for its organisation.

    The file appears once it is whole; where writing ends early, one that was there stays. What is
    no file, such as /dev/stdout, is written to.
    """
    if path.exists() and not path.is_file():
        _write(path, clusters)
        return
    target = path.resolve()
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        whole = Path(folder, target.name)
        _write(whole, clusters)
        whole.replace(target)


def _write(path: Path, clusters: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(OUTPUT)
        writer.writerows(
            (with_guard(one), with_guard(cluster)) for one, cluster in clusters.items()
        )


def _record(path: Path, row: int, cells: Sequence[object], places: Mapping[str, int]) -> Record:
    texts = {
        column: "" if cells[place] is None else str(cells[place]).strip()
        for column, place in places.items()
    }
    if not texts["id"]:
        message = gettext_noop("The record has no id. Enter one, or leave the row out.")
        raise invalid(path, message, row=row, column="id")
    return Record(**texts)


def _places(path: Path, headings: Sequence[str]) -> dict[str, int]:
    """Where each known column stands. Raises Invalid where one is missing, or stands twice."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = heading_key(heading)
        if key in found:
            message = gettext_noop("The column stands twice. Take one of the two away.")
            raise invalid(path, message, row=1, column=heading)
        if key in COLUMNS:
            found[key] = place
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise invalid(
            path,
            gettext_noop(
                "There is no column %(missing)s; there are: %(found)s. Name the columns in the "
                "first row: id and name, and what else is known of %(others)s."
            ),
            row=1,
            missing=", ".join(missing),
            found=shortened(", ".join(headings)),
            others=", ".join(COLUMNS[len(REQUIRED) :]),
        )
    return found
