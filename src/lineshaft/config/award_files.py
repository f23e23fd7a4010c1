"""Files of awards, read for the comparison of awards: the layouts that are recognised.

A file is recognised by its headings alone: by those that the mappings of the import of awards name.
It is read as strictly as an import (one encoding, every row as wide as the headings), but may be as
large as a nation's awards. Anything that is wrong ends the reading with one sentence: the file, the
row, what is wrong, how to mend it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from lineshaft.apps.network import rules
from lineshaft.apps.network.exchange import IMPORTS
from lineshaft.config.console import Report
from lineshaft.config.matched_files import MIB, invalid, opened
from lineshaft.engines.match.overlap.awards import Award
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange.faults import shortened
from lineshaft.plumbing.exchange.limits import FileLimits
from lineshaft.plumbing.exchange.mapping import ColumnMapping, shipped_mappings

LIMITS: Final = FileLimits(
    source_bytes=8 * 1024 * MIB,
    unpacked_bytes=16 * 1024 * MIB,
    rows=5_000_000,
    line_characters=32_000_000,
)
"""A nation's awards fit: all of NSF since 1959 are half a million rows with 1 GB of abstracts."""

LOOKED_THROUGH_BYTES: Final = 32 * MIB
"""A larger file is looked through before anything of it is kept."""

_REPORT_ROWS: Final = 2_000
_ISO_DAY: Final = "%Y-%m-%d"

type Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a file become an award: by a mapping that ships with the import of awards.

    Headings are known without case. Of the columns those of number and abstract are wanted, the
    others are read where they are there. What a mapping leaves out of an import is compared, too.
    """

    mapping: ColumnMapping

    @property
    def title(self) -> str:
        return self.mapping.title

    @property
    def wanted(self) -> tuple[str, ...]:
        """The headings without which the file is another."""
        sources = self.mapping.sources
        return (*sources["number"].headings, *sources["abstract"].headings)

    def text(self, cells: Cells, column: str) -> str:
        """The text of a column of the import; blank where nothing of it is in the file."""
        source = self.mapping.sources.get(column)
        if source is None:
            return ""
        if source.constant:
            return source.constant
        parts = [cells.get(heading.casefold(), "") for heading in source.headings]
        return source.separator.join(
            part for part in parts if part and part.strip() not in self.mapping.null
        )


@dataclass(frozen=True, slots=True)
class ReadAwards:
    """The awards of some files, each once, and how many rows repeated one of them."""

    awards: tuple[Award, ...]
    repeated: int


class _CellFault(Exception):
    """A cell that cannot be taken: its heading, a sentence, and its text as it is shown."""

    def __init__(self, column: str, message: str, value: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message
        self.value = shortened(value)


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
        if path.stat().st_size > LOOKED_THROUGH_BYTES:
            _look_through(path, encoding, report)
        for row, award in _awards(path, encoding):
            known = found.setdefault(award.award_id, award)
            if known is award:
                if len(found) % _REPORT_ROWS == 0:
                    report(len(found), 0, f"reading {path.name}")
                continue
            if known != award:
                raise invalid(
                    path,
                    gettext_noop(
                        "Award %(award)s stands here and in an earlier row, with other content. "
                        "Leave one of the two out."
                    ),
                    row=row,
                    award=shortened(award.award_id),
                )
            repeated += 1
    return ReadAwards(tuple(found.values()), repeated)


def _look_through(path: Path, encoding: str, report: Report) -> None:
    """Read the file to its end and keep nothing, so that what is wrong at its end is told before
    its texts fill the memory.
    """
    for number, _award_read in enumerate(_awards(path, encoding)):
        if number % _REPORT_ROWS == 0:
            report(number, 0, f"looking through {path.name}")


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
    by_heading = dict(zip(headings, texts, strict=True))
    try:
        award = _read(layout, by_heading)
    except _CellFault as fault:
        raise invalid(
            path, fault.message, row=row, column=fault.column, value=fault.value
        ) from fault
    if not award.award_id:
        column = ", ".join(layout.mapping.sources["number"].headings)
        message = gettext_noop("The award has no number. Enter it, or leave the row out.")
        raise invalid(path, message, row=row, column=column)
    return award


def _layout_of(path: Path, headings: Sequence[str]) -> Layout:
    known = {heading.casefold() for heading in headings}
    layouts = _layouts()
    for layout in layouts:
        if {heading.casefold() for heading in layout.wanted} <= known:
            return layout
    wanted = "; or ".join(f"{', '.join(layout.wanted)} ({layout.title})" for layout in layouts)
    raise invalid(
        path,
        gettext_noop(
            "These are no awards that are known here: columns %(wanted)s are looked for, and there "
            "are %(found)s. Name the columns so in the first row."
        ),
        wanted=wanted,
        found=shortened(", ".join(headings)),
    )


@cache
def _layouts() -> tuple[Layout, ...]:
    return tuple(Layout(mapping) for mapping in shipped_mappings(IMPORTS["awards"]).values())


def _read(layout: Layout, cells: Cells) -> Award:
    programme = layout.text(cells, "programme")
    starts_on = _day(layout, cells, "starts_on")
    return Award(
        award_id=layout.text(cells, "number").strip(),
        abstract=layout.text(cells, "abstract"),
        title=layout.text(cells, "title"),
        lead=layout.text(cells, "investigator"),
        others=rules.names_listed(layout.text(cells, "other_investigators")),
        organisation=layout.text(cells, "recipient"),
        is_firm=rules.is_for_small_firms(layout.text(cells, "source"), programme),
        agency=layout.text(cells, "agency"),
        phase=rules.phase_number(layout.text(cells, "phase")),
        starts_on=starts_on or _first_of_year(layout, cells),
        ends_on=_day(layout, cells, "ends_on"),
    )


def _day(layout: Layout, cells: Cells, column: str) -> dt.date | None:
    text = layout.text(cells, column).strip()
    if not text:
        return None
    for form in (layout.mapping.date_format, _ISO_DAY):
        with suppress(ValueError):
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day, no time
    (heading,) = layout.mapping.sources[column].headings
    message = gettext_noop(
        "“%(value)s” is no day. Write it as 2001-06-30 or 06/30/2001, or leave it blank."
    )
    raise _CellFault(heading, message, text)


def _first_of_year(layout: Layout, cells: Cells) -> dt.date | None:
    text = layout.text(cells, "year").strip()
    if not text:
        return None
    try:
        return dt.date(int(text), 1, 1)
    except ValueError as error:
        (heading,) = layout.mapping.sources["year"].headings
        message = gettext_noop("“%(value)s” is no year. Write four digits, or leave it blank.")
        raise _CellFault(heading, message, text) from error
