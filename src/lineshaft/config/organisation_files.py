"""Files of organisations, read to be resolved: a row is a record, a column what is known of it; and
files of rules, which say of two records that they are one, or are two.

A file is read as strictly as an import (one encoding, every row as wide as the headings), but may
hold as many rows as one machine can compare. Anything that is wrong ends the reading with one
sentence: the file, the row, what is wrong, how to mend it.
"""

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lineshaft.config.matched_files import MIB, invalid, opened
from lineshaft.engines.match.resolution import IdPair, Record, contradiction
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
RULE_COLUMNS: Final = ("one", "other", "rule")
MUST_LINK: Final = "must_link"
CANNOT_LINK: Final = "cannot_link"


@dataclass(frozen=True, slots=True)
class Rules:
    """Pairs of ids that somebody knows to be one organisation, and to be two."""

    must_link: tuple[IdPair, ...] = ()
    cannot_link: tuple[IdPair, ...] = ()

    def __len__(self) -> int:
        return len(self.must_link) + len(self.cannot_link)


def read_records(path: Path, *, encoding: str = "") -> Iterator[Record]:
    """The records of a file, row by row; columns that are not known are passed over.

    Raises Invalid for whatever is wrong with the file, also while it is read, TooLarge beyond
    LIMITS, and OSError where it cannot be opened.
    """
    with opened(path, LIMITS, encoding=encoding) as file:
        places = _places(path, file.headings, COLUMNS, REQUIRED)
        for row, cells in file.rows:
            yield _record(path, row, cells, places)


def read_rules(path: Path, *, encoding: str = "") -> Rules:
    """The rules of a file: `one` and `other` are ids of records, `rule` is must_link or
    cannot_link; other columns are passed over.

    Raises Invalid for whatever is wrong with the file and where rules contradict each other,
    TooLarge beyond LIMITS, and OSError where it cannot be opened.
    """
    rows: dict[str, dict[IdPair, int]] = {MUST_LINK: {}, CANNOT_LINK: {}}
    with opened(path, LIMITS, encoding=encoding) as file:
        places = _places(path, file.headings, RULE_COLUMNS, RULE_COLUMNS)
        for row, cells in file.rows:
            rule, pair = _rule(path, row, cells, places)
            rows[rule].setdefault(pair, row)
    found = Rules(tuple(rows[MUST_LINK]), tuple(rows[CANNOT_LINK]))
    _refuse_contradiction(path, found, rows)
    return found


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


def _rule(
    path: Path, row: int, cells: Sequence[object], places: Mapping[str, int]
) -> tuple[str, IdPair]:
    one, other, rule = (str(cells[places[name]] or "").strip() for name in RULE_COLUMNS)
    if not one or not other:
        message = gettext_noop("A rule is of two records. Enter both ids, or leave the row out.")
        raise invalid(path, message, row=row, column="other" if one else "one")
    if one == other:
        message = gettext_noop("%(id)s is one record. Enter two, or leave the row out.")
        raise invalid(path, message, row=row, id=shortened(one))
    if rule not in {MUST_LINK, CANNOT_LINK}:
        message = gettext_noop(
            "“%(rule)s” is no rule. Enter must_link for one organisation, cannot_link for two."
        )
        raise invalid(path, message, row=row, column="rule", rule=shortened(rule))
    return rule, (min(one, other), max(one, other))


def _refuse_contradiction(
    path: Path, found: Rules, rows: Mapping[str, Mapping[IdPair, int]]
) -> None:
    contradicted = contradiction(found.must_link, found.cannot_link)
    if contradicted is None:
        return
    one, other = contradicted.apart
    chain = (
        f"{left} = {right} (row {rows[MUST_LINK][left, right]})"
        for left, right in contradicted.chain
    )
    raise invalid(
        path,
        gettext_noop(
            "%(one)s and %(other)s are said to be two, but are one by %(chain)s. Take one of these "
            "rows out."
        ),
        row=rows[CANNOT_LINK][contradicted.apart],
        one=shortened(one),
        other=shortened(other),
        chain=", ".join(chain),
    )


def _places(
    path: Path, headings: Sequence[str], known: Sequence[str], required: Sequence[str]
) -> dict[str, int]:
    """Where each known column stands. Raises Invalid where one is missing, or stands twice."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = heading_key(heading)
        if key in found:
            message = gettext_noop("The column stands twice. Take one of the two away.")
            raise invalid(path, message, row=1, column=heading)
        if key in known:
            found[key] = place
    missing = [name for name in required if name not in found]
    if missing:
        raise invalid(
            path,
            gettext_noop(
                "There is no column %(missing)s; there are: %(found)s. Name the columns in the "
                "first row: %(required)s."
            ),
            row=1,
            missing=", ".join(missing),
            found=shortened(", ".join(headings)),
            required=_named(known, required),
        )
    return found


def _named(known: Sequence[str], required: Sequence[str]) -> str:
    others = ", ".join(name for name in known if name not in required)
    wanted = " and ".join([", ".join(required[:-1]), required[-1]])
    return f"{wanted}, and what else is known of {others}" if others else wanted
