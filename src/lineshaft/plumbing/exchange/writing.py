"""Writing tables out: CSV, XLSX and JSON, each saying where it comes from.

Text that a spreadsheet would run as a formula leaves guarded: in CSV behind an apostrophe, which an
import takes away again, in XLSX as plain text with the apostrophe's flag. What is exported can be
imported.
"""

import csv
import datetime as dt
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _

from lineshaft.kernel.money import Money, minor_units
from lineshaft.plumbing.exchange.convert import with_guard
from lineshaft.plumbing.exchange.reading.csv_file import REMARK

type ExportCell = str | int | Decimal | bool | dt.date | dt.datetime | Money | None

BOM: Final = "\ufeff"
FLUSH_ROWS: Final = 500
SHEET_NAME_LENGTH_MAX: Final = 31
COLUMN_WIDTH: Final = 18
SPREADSHEET_INTEGER_MAX: Final = 10**15
"""Whole numbers from here on lose digits in a spreadsheet, and are written as text."""


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column: `key` names it for programs (JSON), `label` for people (CSV, XLSX)."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a table comes from; printed with it. `filters` as the reader chose them."""

    title: str
    generated_at: dt.datetime
    is_demonstration: bool
    filters: Mapping[str, str] = field(default_factory=dict)
    source: str = ""

    def lines(self) -> list[tuple[str, str]]:
        """Label and text of each line, in the reader's language."""
        found = [(_("Table"), self.title)]
        if self.is_demonstration:
            found.append((_("Demonstration"), _("generated records that belong to nobody")))
        found.append((_("Generated at"), self.generated_at.isoformat(timespec="seconds")))
        if self.source:
            found.append((_("Source"), self.source))
        found += [(_("Filter"), f"{name}: {value}") for name, value in self.filters.items()]
        return found


def write_csv(
    columns: Sequence[ExportColumn], rows: Iterable[Sequence[ExportCell]], provenance: Provenance
) -> Iterator[bytes]:
    """The table as CSV in UTF-8 with its mark, piece by piece. Lines above the headings, each
    beginning with `#`, say where it comes from.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    for label, text in provenance.lines():
        writer.writerow([f"{REMARK} {label}: {text}"])
    writer.writerow([with_guard(column.label) for column in columns])
    for count, row in enumerate(rows, 1):
        writer.writerow([_csv_text(cell) for cell in row])
        if count % FLUSH_ROWS == 0:
            yield _drain(buffer)
    yield _drain(buffer)


def write_json(
    columns: Sequence[ExportColumn], rows: Iterable[Sequence[ExportCell]], provenance: Provenance
) -> Iterator[bytes]:
    """The table as JSON: `{"provenance": {...}, "rows": [{...}]}`, piece by piece."""
    about = {
        "title": provenance.title,
        "generated_at": provenance.generated_at.isoformat(timespec="seconds"),
        "is_demonstration": provenance.is_demonstration,
        "source": provenance.source,
        "filters": dict(provenance.filters),
    }
    yield f'{{"provenance": {json.dumps(about, ensure_ascii=False)},\n"rows": ['.encode()
    keys = [column.key for column in columns]
    separator = "\n"
    for row in rows:
        values = {key: _json_value(cell) for key, cell in zip(keys, row, strict=True)}
        yield f"{separator}{json.dumps(values, ensure_ascii=False)}".encode()
        separator = ",\n"
    yield b"\n]}\n"


def write_xlsx(
    columns: Sequence[ExportColumn], rows: Iterable[Sequence[ExportCell]], provenance: Provenance
) -> bytes:
    """The table as a workbook: the rows on its first sheet, where they come from on its second."""
    with tempfile.SpooledTemporaryFile(max_size=16 * 1024 * 1024) as target:
        book = xlsxwriter.Workbook(
            target,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "remove_timezone": True,
            },
        )
        book.set_properties(
            {"title": provenance.title, "created": provenance.generated_at.replace(tzinfo=None)}
        )
        _table_sheet(book, columns, rows, provenance)
        _provenance_sheet(book, provenance)
        book.close()
        target.seek(0)
        return target.read()


class _Formats:
    """The looks of cells, made once for a workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.guarded = book.add_format({"quote_prefix": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._book = book
        self._amounts: dict[str, Any] = {}

    def amount(self, currency: str) -> Any:
        if currency not in self._amounts:
            decimals = minor_units(currency)
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._amounts[currency] = self._book.add_format({"num_format": pattern})
        return self._amounts[currency]


def _table_sheet(
    book: Any,
    columns: Sequence[ExportColumn],
    rows: Iterable[Sequence[ExportCell]],
    provenance: Provenance,
) -> None:
    formats = _Formats(book)
    sheet = book.add_worksheet(_sheet_name(provenance.title))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, max(0, len(columns) - 1), COLUMN_WIDTH)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.label, formats.head)
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            _write_cell(sheet, number, place, cell, formats)


def _write_cell(sheet: Any, row: int, place: int, cell: ExportCell, formats: _Formats) -> None:
    match cell:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, place, cell)
        case int() if abs(cell) >= SPREADSHEET_INTEGER_MAX:
            sheet.write_string(row, place, str(cell))
        case int() | Decimal():
            sheet.write_number(row, place, cell)
        case Money():
            sheet.write_number(row, place, cell.amount, formats.amount(cell.currency))
        case dt.datetime():
            sheet.write_datetime(row, place, cell, formats.moment)
        case dt.date():
            sheet.write_datetime(row, place, cell, formats.day)
        case str():
            is_guarded = with_guard(cell) != cell
            sheet.write_string(row, place, cell, formats.guarded if is_guarded else None)


def _provenance_sheet(book: Any, provenance: Provenance) -> None:
    sheet = book.add_worksheet(_("Provenance")[:SHEET_NAME_LENGTH_MAX])
    sheet.set_column(0, 0, COLUMN_WIDTH)
    sheet.set_column(1, 1, 4 * COLUMN_WIDTH)
    for number, (label, text) in enumerate(provenance.lines()):
        sheet.write_string(number, 0, label)
        sheet.write_string(number, 1, text)


def _sheet_name(title: str) -> str:
    clean = "".join(" " if char in "[]:*?/\\" else char for char in title).strip("' ")
    return clean[:SHEET_NAME_LENGTH_MAX].strip("' ") or "1"


def _csv_text(cell: ExportCell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return with_guard(cell)
        case _:
            return str(_json_value(cell))


def _json_value(cell: ExportCell) -> str | int | bool | None:
    match cell:
        case Money():
            return f"{cell.amount:.{minor_units(cell.currency)}f}"
        case dt.datetime():
            return cell.isoformat(timespec="seconds")
        case dt.date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f")
        case bool() | int() | str() | None:
            return cell


def _drain(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
