"""From a raw table and a mapping to checked rows, every fault collected.

The headings are matched once; then each row costs a few calls per column. A file whose headings do
not fit is refused before any row is read.
"""

import difflib
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import convert
from lineshaft.plumbing.exchange.faults import CellRefused, FaultList, FileRefused, shortened
from lineshaft.plumbing.exchange.mapping import (
    ANY_OTHER,
    ColumnMapping,
    ColumnSource,
    RowFilter,
)
from lineshaft.plumbing.exchange.reading.table import BadRow, Cell, RawTable
from lineshaft.plumbing.exchange.spec import Column, ColumnKind, ImportSpec, Row, RowError, Value

NEAR: Final = 0.75
"""How alike two headings must be for one to be offered for the other."""

HEADINGS_SHOWN: Final = 60
"""Headings of a file that a refusal lists: as many as fit a screen."""

REPORT_EVERY_ROWS: Final = 500

REQUIRED: Final = gettext_noop("The cell is blank, but this column must be filled.")
REQUIRED_REMEDY: Final = gettext_noop("Fill it, or leave the row out.")
TWICE: Final = gettext_noop("The same value stands in row %(first)s already.")
TWICE_REMEDY: Final = gettext_noop("Keep one of the two rows.")


@dataclass(slots=True)
class Checked:
    """What reading a table gave."""

    rows: list[Row] = field(default_factory=list)
    rows_read: int = 0
    rows_filtered: int = 0
    faults: FaultList = field(default_factory=FaultList)
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reader:
    """How one column is read: its text out of the raw cells, then its value out of the text."""

    column: Column
    heading: str
    text_of: Callable[[Sequence[Cell]], str]
    convert: Callable[[str], Value]
    seen: dict[str, int]


def check_rows(
    table: RawTable,
    spec: ImportSpec,
    mapping: ColumnMapping | None,
    *,
    currency: str,
    report: Callable[[int, int, str], None],
) -> Checked:
    """Every row of the table, typed, and every fault in it. Raises FileRefused."""
    places = _places(table.headings)
    used = mapping or _by_name(table.headings, spec)
    _refuse_missing(used, table, spec)
    readers = [_reader(spec.column(name), source, places, used, currency)
               for name, source in used.sources.items()]  # fmt: skip
    absent: dict[str, Value] = {
        column.name: "" if column.kind in {ColumnKind.TEXT, ColumnKind.CHOICE} else None
        for column in spec.columns
        if column.name not in used.sources
    }
    filters = [_filter(row_filter, places) for row_filter in used.filters]
    checked = Checked(ignored=_ignored(table.headings, used))
    for number, cells in table.rows:
        checked.rows_read += 1
        if checked.rows_read % REPORT_EVERY_ROWS == 0:
            report(checked.rows_read, 0, gettext_noop("Reading the rows"))
        if isinstance(cells, BadRow):
            for fault in cells.faults:
                checked.faults.add(fault)
        elif all(is_taken(cells) for is_taken in filters):
            values = dict(absent)
            for reader in readers:
                values[reader.column.name] = _value(reader, number, cells, checked.faults)
            checked.rows.append(Row(number, values))
        else:
            checked.rows_filtered += 1
    return checked


def choose_mapping(
    headings: Sequence[str], spec: ImportSpec, mappings: dict[str, ColumnMapping]
) -> ColumnMapping | None:
    """The one shipped mapping that fits a file whose own headings do not; None without any."""
    own = _by_name(headings, spec)
    if all(column.name in own.sources for column in spec.columns if column.is_required):
        return None
    fitting = [mapping for mapping in mappings.values() if mapping.headings <= set(headings)]
    return fitting[0] if len(fitting) == 1 else None


def _value(reader: _Reader, number: int, cells: Sequence[Cell], faults: FaultList) -> Value:
    column = reader.column
    text = ""
    try:
        text = reader.text_of(cells)
        if text or not column.is_required:
            value = reader.convert(text)
            if not (column.is_identifier and text):
                return value
            first = reader.seen.setdefault(text, number)
            if first == number:
                return value
            refused = CellRefused(TWICE, TWICE_REMEDY, first=first)
        else:
            refused = CellRefused(REQUIRED, REQUIRED_REMEDY)
    except CellRefused as raised:
        refused = raised
    faults.add(
        RowError(
            number,
            reader.heading,
            shortened(refused.text or text),
            refused.message,
            refused.remedy,
            refused.params,
        )
    )
    return None


def _places(headings: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        if heading and heading in places:
            raise FileRefused(
                gettext_noop("The heading “%(heading)s” stands twice, in columns %(columns)s."),
                gettext_noop("Rename one of the two, or delete it."),
                heading=heading,
                columns=f"{places[heading] + 1}, {place + 1}",
            )
        places[heading] = place
    return places


def _by_name(headings: Sequence[str], spec: ImportSpec) -> ColumnMapping:
    by_key: dict[str, list[str]] = {}
    for heading in filter(None, headings):
        by_key.setdefault(convert.heading_key(heading), []).append(heading)
    sources = {}
    for column in spec.columns:
        for name in (column.name, *column.aliases):
            found = by_key.get(convert.heading_key(name), [])
            if len(found) > 1:
                raise FileRefused(
                    gettext_noop("The headings %(headings)s both stand for the column %(meant)s."),
                    gettext_noop("Rename one of the two, or delete it."),
                    column=column.name,
                    headings=", ".join(found),
                    meant=column.name,
                )
            if found:
                sources[column.name] = ColumnSource((found[0],))
                break
    return ColumnMapping(key="", kind=spec.kind, title="", sources=sources)


def _refuse_missing(mapping: ColumnMapping, table: RawTable, spec: ImportSpec) -> None:
    found = [heading for heading in table.headings if heading]
    if mapping.key:
        missing = sorted(mapping.headings - set(found))
    else:
        taken = {name for source in mapping.sources.values() for name in source.headings}
        unused = [heading for heading in found if heading not in taken]
        missing = [
            column.name
            for column in spec.columns
            if column.name not in mapping.sources
            and (column.is_required or _near(column.name, unused))
        ]
    if not missing:
        return
    near = [
        f"{name}: {alike[0]}"
        for name in missing
        if (alike := _near(name, [heading for heading in found if heading not in mapping.headings]))
    ]
    if table.other_sheets:
        raise FileRefused(
            gettext_noop("The sheet “%(sheet)s” lacks the column %(missing)s; it has: %(found)s."),
            gettext_noop(
                "Only the first sheet is read: move the table there, or name its sheet in a "
                "mapping. The others are: %(sheets)s."
            ),
            row=1,
            sheet=table.sheet,
            sheets=", ".join(table.other_sheets),
            missing=", ".join(missing),
            found=_listed(found),
        )
    message = gettext_noop("The file lacks the column %(missing)s; it has: %(found)s.")
    remedy = (
        gettext_noop("Rename the heading that is meant (perhaps %(near)s), or use a mapping.")
        if near
        else gettext_noop("Add the column, or use a mapping that says where its values stand.")
    )
    raise FileRefused(
        message,
        remedy,
        row=1,
        missing=", ".join(missing),
        found=_listed(found),
        near="; ".join(near),
    )


def _listed(headings: Sequence[str]) -> str:
    more = " …" if len(headings) > HEADINGS_SHOWN else ""
    return ", ".join(headings[:HEADINGS_SHOWN]) + more


def _near(name: str, headings: Sequence[str]) -> list[str]:
    by_key = {convert.heading_key(heading): heading for heading in headings}
    keys = difflib.get_close_matches(convert.heading_key(name), by_key, n=1, cutoff=NEAR)
    return [by_key[key] for key in keys]


def _ignored(headings: Sequence[str], mapping: ColumnMapping) -> tuple[str, ...]:
    if ANY_OTHER in mapping.ignored:
        return ()
    used = mapping.headings | mapping.ignored
    return tuple(heading for heading in headings if heading and heading not in used)


def _filter(row_filter: RowFilter, places: dict[str, int]) -> Callable[[Sequence[Cell]], bool]:
    place = places[row_filter.heading]

    def is_taken(cells: Sequence[Cell]) -> bool:
        text = convert.plain_text(cells[place])
        is_kept = not row_filter.keep or text in row_filter.keep
        return is_kept and text not in row_filter.drop

    return is_taken


def _reader(
    column: Column,
    source: ColumnSource,
    places: dict[str, int],
    mapping: ColumnMapping,
    currency: str,
) -> _Reader:
    return _Reader(
        column=column,
        heading=", ".join(source.headings) or column.name,
        text_of=_text_reader(source, places, mapping),
        convert=convert.converter(column, currency=currency, date_format=mapping.date_format),
        seen={},
    )


def _text_reader(
    source: ColumnSource, places: dict[str, int], mapping: ColumnMapping
) -> Callable[[Sequence[Cell]], str]:
    if source.constant:
        return lambda _cells: source.constant
    text_of = _cells_reader(source, places, mapping.null)
    if mapping.has_control:
        return lambda cells: convert.without_control(text_of(cells))
    return text_of


def _cells_reader(
    source: ColumnSource, places: dict[str, int], null: frozenset[str]
) -> Callable[[Sequence[Cell]], str]:
    at = {heading: places[heading] for heading in source.headings}
    if source.template:
        return lambda cells: _translated(_filled(source, at, cells, null), source)
    if len(at) == 1:
        (only,) = at.values()
        if not source.values:
            return lambda cells: _cell_text(cells, only, null)
        return lambda cells: _translated(_cell_text(cells, only, null), source)
    return lambda cells: _translated(
        source.separator.join(
            text for place in at.values() if (text := _cell_text(cells, place, null))
        ),
        source,
    )


def _cell_text(cells: Sequence[Cell], place: int, null: frozenset[str]) -> str:
    text = convert.plain_text(cells[place])
    if text in null:
        return ""
    convert.refuse_formula(text)
    return convert.without_guard(text)


def _filled(
    source: ColumnSource, at: dict[str, int], cells: Sequence[Cell], null: frozenset[str]
) -> str:
    texts = {heading: _cell_text(cells, place, null) for heading, place in at.items()}
    if not all(texts.values()):
        return ""
    return "".join(
        text + (texts[heading] if heading else "")
        for text, heading in _template_parts(source.template)
    )


def _translated(text: str, source: ColumnSource) -> str:
    if not source.values or not text:
        return text
    found = source.values.get(text, source.values.get(ANY_OTHER))
    if found is None:
        raise CellRefused(
            gettext_noop("The mapping has no translation for this value."),
            gettext_noop("Add it under values in the mapping; it lists: %(listed)s."),
            listed=", ".join(source.values),
        )
    return found


def _template_parts(template: str) -> Iterator[tuple[str, str]]:
    for text, heading, _spec, _conversion in string.Formatter().parse(template):
        yield text, heading or ""
