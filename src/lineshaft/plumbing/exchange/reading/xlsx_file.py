"""Reading XLSX: the named sheet or the first visible one, values only, formulas refused.

A formula's stored result may be stale or made up by whoever wrote the file, so it is no evidence.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import python_calamine

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.faults import FileRefused
from lineshaft.plumbing.exchange.reading.table import BadRow, Cell, RawRow, RawTable, ReadOptions
from lineshaft.plumbing.exchange.reading.xlsx_parts import (
    DAMAGED,
    SAVE_AGAIN,
    SheetPart,
    SheetScan,
    WorkbookParts,
)
from lineshaft.plumbing.exchange.spec import RowError

FORMULA_FOUND: Final = gettext_noop("Cell %(cell)s holds a formula.")
FORMULA_REMEDY: Final = gettext_noop(
    "Copy the column and paste it over itself as values, or type the value."
)
ERROR_FOUND: Final = gettext_noop("Cell %(cell)s holds an error of the spreadsheet.")
ERROR_REMEDY: Final = gettext_noop("Type the right value, or leave the cell blank.")


def read_xlsx(content: BinaryIO, size_bytes: int, options: ReadOptions) -> RawTable:
    """The table of a workbook's sheet. Raises FileRefused."""
    parts = WorkbookParts(content, size_bytes)
    sheets = parts.sheets()
    if len(sheets) > limits.SHEETS_MAX:
        raise FileRefused(
            gettext_noop("The workbook has %(sheets)s sheets, more than %(most)s."),
            gettext_noop("Send the sheet with the rows as a workbook of its own."),
            sheets=len(sheets),
            most=limits.SHEETS_MAX,
        )
    sheet = _choose(sheets, options.sheet)
    scan = parts.scan(sheet)
    rows = _numbered(_values(content, sheet.name))
    number, first = next(rows, (0, []))
    if not first:
        raise FileRefused(
            gettext_noop("The sheet “%(sheet)s” is empty."),
            gettext_noop(
                "Name the columns in its first row, or name another sheet in the mapping."
            ),
            sheet=sheet.name,
        )
    faults = _faults(number, scan)
    if faults:
        raise FileRefused(faults[0].message, faults[0].remedy, row=number, **faults[0].params)
    headings = tuple(_heading(cell) for cell in first)
    others: list[SheetPart] = []
    if not options.sheet:
        others = [one for one in sheets if not one.is_hidden and one is not sheet]
        _refuse_same(content, parts, sheet, others, headings)
    return RawTable(headings, _checked(rows, scan), sheet.name, tuple(one.name for one in others))


def _refuse_same(
    content: BinaryIO,
    parts: WorkbookParts,
    sheet: SheetPart,
    others: Sequence[SheetPart],
    headings: Sequence[str],
) -> None:
    """Raise FileRefused where another sheet has the same headings: its rows would be left out."""
    same = [one.name for one in others if _headings(content, parts, one) == set(headings)]
    if same:
        raise FileRefused(
            gettext_noop("Several sheets have the same columns: %(sheets)s. Only one is read."),
            gettext_noop(
                "Put all rows on one sheet, send each sheet as a file of its own, or name one in "
                "the mapping."
            ),
            sheets=", ".join([sheet.name, *same]),
        )


def _headings(content: BinaryIO, parts: WorkbookParts, sheet: SheetPart) -> set[str]:
    """The headings of a sheet that is not to be read; none where it is beyond a limit."""
    try:
        parts.scan(sheet)
        _number, first = next(_numbered(_values(content, sheet.name)), (0, []))
    except FileRefused:
        return set()
    return {_heading(cell) for cell in first}


def _choose(sheets: list[SheetPart], named: str) -> SheetPart:
    if named:
        for sheet in sheets:
            if sheet.name == named:
                return sheet
        raise FileRefused(
            gettext_noop("The workbook has no sheet “%(sheet)s”; it has: %(sheets)s."),
            gettext_noop("Name one of them in the mapping."),
            sheet=named,
            sheets=", ".join(sheet.name for sheet in sheets),
        )
    visible = [sheet for sheet in sheets if not sheet.is_hidden]
    if not visible:
        raise FileRefused(DAMAGED, SAVE_AGAIN)
    return visible[0]


def _values(content: BinaryIO, sheet: str) -> Iterator[Sequence[Any]]:
    content.seek(0)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(content) as workbook:
            yield from workbook.get_sheet_by_name(sheet).iter_rows()
    except python_calamine.CalamineError as error:
        raise FileRefused(DAMAGED, SAVE_AGAIN) from error


def _numbered(rows: Iterator[Sequence[Any]]) -> Iterator[tuple[int, list[Cell]]]:
    for number, row in enumerate(rows, 1):
        if any(cell.strip() if isinstance(cell, str) else True for cell in row):
            yield number, [_cell(cell) for cell in row]


def _cell(value: Any) -> Cell:
    if isinstance(value, dt.timedelta | dt.time):
        return str(value)
    cell: Cell = value
    return cell


def _heading(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _checked(rows: Iterator[tuple[int, list[Cell]]], scan: SheetScan) -> Iterator[RawRow]:
    faulty = sorted(scan.formulas.keys() | scan.errors.keys())
    for number, cells in rows:
        # A formula without a result and an error have no value, so their row may seem blank.
        while faulty and faulty[0] < number:
            blank = faulty.pop(0)
            yield blank, BadRow(_faults(blank, scan))
        faults = _faults(number, scan)
        if faults:
            faulty.remove(number)
        yield number, BadRow(faults) if faults else cells
    for number in faulty:
        yield number, BadRow(_faults(number, scan))


def _faults(number: int, scan: SheetScan) -> tuple[RowError, ...]:
    formulas = scan.formulas.get(number, [])
    errors = [cell for cell in scan.errors.get(number, []) if cell not in formulas]
    return (
        *(_fault(number, cell, FORMULA_FOUND, FORMULA_REMEDY) for cell in formulas),
        *(_fault(number, cell, ERROR_FOUND, ERROR_REMEDY) for cell in errors),
    )


def _fault(number: int, cell: str, message: str, remedy: str) -> RowError:
    return RowError(number, "", "", message, remedy, {"cell": cell})
