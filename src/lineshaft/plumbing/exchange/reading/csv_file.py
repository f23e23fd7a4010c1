"""Reading CSV strictly: one encoding, one delimiter, the same number of cells in every row.

The encoding is UTF-8 (with or without mark), UTF-16 with its mark, or the one that the mapping
names. It is never guessed: a guess that is wrong spoils names for good. A row's number is the one a
spreadsheet shows, so a cell with line breaks counts once and a blank line counts.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.faults import FileRefused, shortened
from lineshaft.plumbing.exchange.reading.table import BadRow, RawRow, RawTable, ReadOptions
from lineshaft.plumbing.exchange.spec import RowError

DELIMITERS: Final = (",", ";", "\t", "|")
REMARK: Final = "#"
"""Begins the lines above the headings in which an export says where it comes from."""

SAMPLE_CHARACTERS: Final = 64 * 1024
SAMPLE_ROWS: Final = 20
CHUNK_BYTES: Final = 256 * 1024

SAVE_AS_UTF8: Final = gettext_noop(
    "Save the file as “CSV UTF-8” in the spreadsheet program, or name its encoding in the mapping "
    '(encoding = "cp1252").'
)


def read_csv(content: BinaryIO, options: ReadOptions) -> RawTable:
    """The table of a CSV file. Raises FileRefused, also while the rows are drawn."""
    encoding = _encoding(content, options.encoding)
    text = _Text(content, encoding, options.limits.line_characters)
    delimiter = options.delimiter or _delimiter(text.sample())
    records = _records(text, delimiter)
    number, first = next((record for record in records if _is_heading(record[1])), (0, []))
    if not first:
        raise FileRefused(
            gettext_noop("The file has no row of headings."),
            gettext_noop("Name the columns in the first row."),
        )
    headings = tuple(cell.strip() for cell in first)
    if len(headings) > limits.COLUMNS_MAX:
        raise too_many_columns(number)
    return RawTable(headings, _rows(records, headings, options.limits.rows))


def _is_heading(record: list[str]) -> bool:
    """Whether this row counts as the headings: not blank, and no remark of an export (`#`)."""
    return not _is_blank(record) and not record[0].startswith(REMARK)


def _is_blank(record: list[str]) -> bool:
    return not any(cell.strip() for cell in record)


def too_many_columns(row: int) -> FileRefused:
    """The refusal of a table that is too wide."""
    return FileRefused(
        gettext_noop("The table has more than %(limit)s columns."),
        gettext_noop("Leave out the columns that are not needed."),
        row=row,
        limit=limits.COLUMNS_MAX,
    )


def too_many_rows(limit: int = limits.ROWS_MAX) -> FileRefused:
    """The refusal of a table that is too long."""
    return FileRefused(
        gettext_noop("The table has more than %(limit)s rows."),
        gettext_noop("Split its rows over several files."),
        limit=limit,
    )


def _encoding(content: BinaryIO, named: str) -> str:
    content.seek(0)
    head = content.read(4096)
    content.seek(0)
    if named:
        return named
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    is_utf32 = head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not is_utf32:
        return "utf-16"
    if b"\x00" in head:
        raise FileRefused(
            gettext_noop("The file holds zero bytes: it is no text, or UTF-16 without its mark."),
            SAVE_AS_UTF8,
        )
    return "utf-8"


class _Text:
    """The file as lines of text; a byte that does not decode is located in the whole file."""

    def __init__(self, content: BinaryIO, encoding: str, line_characters: int) -> None:
        self._content = content
        self._encoding = encoding
        self._line_characters = line_characters

    def sample(self) -> str:
        """The beginning of the text; ends at a whole line unless that is longer than the sample."""
        sample = ""
        for line in self.lines():
            sample += line
            if len(sample) >= SAMPLE_CHARACTERS:
                break
        return sample

    def lines(self) -> Iterator[str]:
        self._content.seek(0)
        reader = io.TextIOWrapper(
            _Unclosable(self._content),  # type: ignore[type-var] # typeshed wants raw, too
            encoding=self._encoding,
            errors="strict",
            newline="",
        )
        number = 0
        try:
            while line := reader.readline(self._line_characters + 1):
                number += 1
                if len(line) > self._line_characters:
                    raise FileRefused(
                        gettext_noop("Line %(line)s has more than %(limit)s characters."),
                        gettext_noop("Check that the file has line ends and closed quotes."),
                        line=number,
                        limit=self._line_characters,
                    )
                yield line
        except UnicodeError as error:
            raise self._undecodable() from error

    def _undecodable(self) -> FileRefused:
        decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        self._content.seek(0)
        offset = 0
        line = 1
        while True:
            chunk = self._content.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                line += decoder.decode(chunk, final=not chunk).count("\n")
            except UnicodeDecodeError as error:
                place = offset - pending + error.start
                line += error.object[: error.start].count(b"\n")
                found = " ".join(f"{byte:02X}" for byte in error.object[error.start :][:4])
                return self._refusal(line, place, found)
            except UnicodeError:
                return self._refusal(line, offset, "")
            if not chunk:
                return self._refusal(line, offset, "")
            offset += len(chunk)

    def _refusal(self, line: int, place: int, found: str) -> FileRefused:
        return FileRefused(
            gettext_noop(
                "The file is not %(encoding)s: line %(line)s, byte %(byte)s of the file "
                "(%(found)s) stands for no character."
            ),
            SAVE_AS_UTF8,
            encoding=self._encoding.removesuffix("-sig").upper(),
            line=line,
            byte=place + 1,
            found=found,
        )


class _Unclosable(io.BufferedIOBase):
    """Lends a file to a text reader without giving it away when that reader goes."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._content.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._content.read(CHUNK_BYTES if size < 0 else size)


def _delimiter(sample: str) -> str:
    """The delimiter that splits the first rows into the most cells, the same number in each."""
    best = (0, 0, ",")
    for place, delimiter in enumerate(DELIMITERS):
        try:
            rows = [
                row
                for row, _at in zip(
                    csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter),
                    range(SAMPLE_ROWS),
                    strict=False,
                )
                if row and not row[0].startswith(REMARK)
            ]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        same = sum(len(row) == width for row in rows)
        if width > 1:
            best = max(best, (same * min(width, limits.COLUMNS_MAX), -place, delimiter))
    return best[2]


def _records(text: _Text, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    reader = csv.reader(text.lines(), delimiter=delimiter, strict=True)
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(
                gettext_noop("Row %(number)s can't be read as CSV: %(reason)s."),
                gettext_noop(
                    "Most often a quotation mark is not closed, or stands inside a cell and must "
                    "be doubled."
                ),
                row=number,
                number=number,
                reason=str(error),
            ) from error
        yield number, record


def _rows(
    records: Iterator[tuple[int, list[str]]], headings: tuple[str, ...], rows_max: int
) -> Iterator[RawRow]:
    width = len(headings)
    count = 0
    for number, record in records:
        if _is_blank(record):
            continue
        count += 1
        if count > rows_max:
            raise too_many_rows(rows_max)
        yield number, record if len(record) == width else _ragged(number, record, width)


def _ragged(number: int, record: list[str], width: int) -> BadRow:
    fault = RowError(
        number,
        "",
        shortened(", ".join(record)),
        gettext_noop("The row has %(found)s cells, but there are %(wanted)s headings."),
        gettext_noop(
            "Put a cell that holds the delimiter in quotation marks; copy a file again that was "
            "not copied to its end."
        ),
        {"found": len(record), "wanted": width},
    )
    return BadRow((fault,))
