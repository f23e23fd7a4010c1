"""Files of awards, read for the comparison of awards: the layouts that are recognised.

A file is recognised by its headings alone. It is read as strictly as an import (one encoding, every
row as wide as the headings), but may be as large as a nation's awards. Anything that is wrong ends
the reading with one sentence: the file, the row, what is wrong, how to mend it.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lineshaft.config.console import Report
from lineshaft.config.matched_files import MIB, invalid, opened
from lineshaft.engines.match.overlap.awards import Award
from lineshaft.plumbing.exchange.faults import shortened
from lineshaft.plumbing.exchange.limits import FileLimits

LIMITS: Final = FileLimits(
    source_bytes=8 * 1024 * MIB,
    unpacked_bytes=16 * 1024 * MIB,
    rows=5_000_000,
    line_characters=32_000_000,
)
"""A nation's awards fit: all of NSF since 1959 are half a million rows with 1 GB of abstracts."""

_REPORT_ROWS: Final = 2_000
_PHASE: Final = re.compile(r"phase\s+(i{1,3}|[123])\b", re.IGNORECASE)
_PHASES: Final = {"i": 1, "ii": 2, "iii": 3, "1": 1, "2": 2, "3": 3}

_NSF_NAME: Final = "National Science Foundation"
"""The agency of every award in NSF's own files, which have no column for it."""

type Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a file become an award."""

    name: str
    id_column: str
    award: Callable[[Cells], Award]


@dataclass(frozen=True, slots=True)
class ReadAwards:
    """The awards of some files, each once, and how many rows repeated one of them."""

    awards: tuple[Award, ...]
    repeated: int


class _CellFault(Exception):
    """A cell that cannot be taken; the message is a sentence, `column` its heading."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_awards(
    paths: Iterable[Path], *, encoding: str = "", report: Report = lambda _done, _total, _note: None
) -> ReadAwards:
    """The awards of the files. An award that stands twice with the same content is read once.

    Raises Invalid for whatever is wrong with a file, TooLarge beyond `LIMITS`, and OSError where it
    cannot be opened.
    """
    found: dict[str, Award] = {}
    repeated = 0
    for path in paths:
        for row, award in _awards(path, encoding):
            known = found.setdefault(award.award_id, award)
            if known is award:
                if len(found) % _REPORT_ROWS == 0:
                    report(len(found), 0, f"reading {path.name}")
                continue
            if known != award:
                raise invalid(
                    path,
                    (
                        "Award %(award)s stands here and in an earlier row, with other content. "
                        "Leave one of the two out."
                    ),
                    row=row,
                    award=shortened(award.award_id),
                )
            repeated += 1
    return ReadAwards(tuple(found.values()), repeated)


def _awards(path: Path, encoding: str) -> Iterator[tuple[int, Award]]:
    with opened(path, LIMITS, encoding=encoding) as file:
        layout = _layout_of(path, file.headings)
        headings = [heading.casefold() for heading in file.headings]
        for row, cells in file.rows:
            yield row, _award(path, row, layout, headings, cells)


def _award(
    path: Path, row: int, layout: Layout, headings: Sequence[str], cells: Sequence[object]
) -> Award:
    texts = ("" if cell is None else str(cell) for cell in cells)
    try:
        award = layout.award(dict(zip(headings, texts, strict=True)))
    except _CellFault as fault:
        raise invalid(path, str(fault), row=row, column=fault.column) from fault
    if not award.award_id:
        message = "The award has no number. Enter it, or leave the row out."
        raise invalid(path, message, row=row, column=layout.id_column)
    return award


def _layout_of(path: Path, headings: Sequence[str]) -> Layout:
    known = {heading.casefold() for heading in headings}
    for layout in LAYOUTS:
        if {layout.id_column, "abstract"} <= known:
            return layout
    wanted = " or ".join(f"{layout.id_column}, abstract ({layout.name})" for layout in LAYOUTS)
    raise invalid(
        path,
        (
            "These are no awards that are known here: columns %(wanted)s are looked for, and there "
            "are %(found)s. Name the columns so in the first row."
        ),
        wanted=wanted,
        found=shortened(", ".join(headings)),
    )


def _nsf(cells: Cells) -> Award:
    return Award(
        award_id=cells["award_id"].strip(),
        abstract=cells["abstract"],
        title=cells.get("title", ""),
        lead=cells.get("pi_name", ""),
        others=tuple(
            name.strip() for name in cells.get("co_pi_names", "").split(",") if name.strip()
        ),
        organisation=cells.get("organization", ""),
        agency=cells.get("agency") or _NSF_NAME,
        starts_on=_day(cells, "start_date"),
        ends_on=_day(cells, "end_date"),
    )


def _sbir(cells: Cells) -> Award:
    phase = _PHASE.search(cells.get("phase", ""))
    return Award(
        award_id=cells["sbir_id"].strip(),
        abstract=cells["abstract"],
        title=cells.get("title", ""),
        lead=cells.get("pi_name", ""),
        organisation=cells.get("firm", ""),
        is_firm=True,
        agency=cells.get("department", ""),
        phase=_PHASES[phase[1].lower()] if phase else 0,
        starts_on=_first_of_year(cells, "award_year"),
    )


def _day(cells: Cells, column: str) -> dt.date | None:
    text = cells.get(column, "").strip()
    if not text:
        return None
    try:
        month, day, year = map(int, text.split("/"))
        return dt.date(year, month, day)
    except ValueError as error:
        raise _CellFault(
            column, f"{shortened(text)!r} is no day. Write it as MM/DD/YYYY, or leave it blank."
        ) from error


def _first_of_year(cells: Cells, column: str) -> dt.date | None:
    text = cells.get(column, "").strip()
    if not text:
        return None
    try:
        return dt.date(int(text), 1, 1)
    except ValueError as error:
        raise _CellFault(
            column, f"{shortened(text)!r} is no year. Write four digits, or leave it blank."
        ) from error


LAYOUTS: Final = (Layout("NSF", "award_id", _nsf), Layout("SBIR/STTR", "sbir_id", _sbir))
