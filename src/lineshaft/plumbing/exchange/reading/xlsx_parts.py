"""Looking into a workbook before anything else does: limits, formulas, and where each one stands.

A workbook is a zip of XML. The reader that gives its values keeps no limits of its own and takes a
formula's last result for a value; so every part is first unpacked under the limits, without
trusting the sizes the zip states, and the sheet is read once for its cells' addresses. Document
types, and with them entities, are refused.
"""

import re
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.faults import FileRefused
from lineshaft.plumbing.exchange.reading.csv_file import too_many_columns, too_many_rows
from lineshaft.plumbing.exchange.reading.source import CHUNK_BYTES, UnpackedCounter

_LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_ENCRYPTED_FLAG: Final = 1
_WORKSHEET_TYPE: Final = "/relationships/worksheet"
_STRINGS_TYPE: Final = "/relationships/sharedStrings"
_ADDRESS: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_PLACE: Final = re.compile(r"[0-9]{1,9}")

DAMAGED: Final = gettext_noop("The workbook is damaged or not a workbook.")
SAVE_AGAIN: Final = gettext_noop("Open it in the spreadsheet program and save it again as XLSX.")


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet by its name in the workbook, and the part that holds it."""

    name: str
    path: str
    is_hidden: bool


@dataclass(slots=True)
class SheetScan:
    """What a sheet holds beside values: cells with a formula and cells with an error."""

    formulas: dict[int, list[str]] = field(default_factory=dict)
    errors: dict[int, list[str]] = field(default_factory=dict)


class WorkbookParts:
    """The parts of a workbook, each unpacked under the limits."""

    def __init__(self, content: BinaryIO, size_bytes: int) -> None:
        self._content = content
        try:
            with zipfile.ZipFile(content) as archive:
                self._parts = {part.filename: part for part in archive.infolist()}
                is_double = len(self._parts) != len(archive.infolist())
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise FileRefused(DAMAGED, SAVE_AGAIN) from error
        if is_double or len(self._parts) > limits.ARCHIVE_PARTS_MAX:
            raise FileRefused(DAMAGED, SAVE_AGAIN)
        counter = UnpackedCounter(size_bytes)
        for name in self._parts:
            for chunk in self.chunks(name):
                counter.add(len(chunk))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The part's content, piece by piece. Raises FileRefused for a part that is not there,
        is encrypted, or is not as long as the zip says.
        """
        part = self._parts.get(name)
        if part is None or part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise FileRefused(DAMAGED, SAVE_AGAIN)
        if part.flag_bits & _ENCRYPTED_FLAG:
            raise FileRefused(
                gettext_noop("The workbook is protected by a password."),
                gettext_noop("Save it without a password."),
            )
        self._content.seek(part.header_offset)
        header = self._content.read(_LOCAL_HEADER.size)
        if len(header) != _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
            raise FileRefused(DAMAGED, SAVE_AGAIN)
        *_fields, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        start = part.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
        unpacked_bytes = 0
        for chunk in self._unpacked(start, part):
            unpacked_bytes += len(chunk)
            yield chunk
        if unpacked_bytes != part.file_size:
            raise FileRefused(DAMAGED, SAVE_AGAIN)

    def _unpacked(self, start: int, part: zipfile.ZipInfo) -> Iterator[bytes]:
        left = part.compress_size
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        is_packed = part.compress_type == zipfile.ZIP_DEFLATED
        pending = b""
        while left or pending:
            if not pending:
                # Another part may be read in between, so the place is set each time.
                self._content.seek(start + part.compress_size - left)
                pending = self._content.read(min(CHUNK_BYTES, left))
                left -= len(pending)
                if not pending:
                    raise FileRefused(DAMAGED, SAVE_AGAIN)
            if not is_packed:
                yield pending
                pending = b""
                continue
            try:
                chunk = inflate.decompress(pending, CHUNK_BYTES)
            except zlib.error as error:
                raise FileRefused(DAMAGED, SAVE_AGAIN) from error
            pending = inflate.unconsumed_tail
            if chunk:
                yield chunk
            if inflate.eof:
                return
        # What zlib holds back at the end of its input is bounded by its window.
        if is_packed and (rest := inflate.flush()):
            yield rest

    def sheets(self) -> list[SheetPart]:
        """The sheets in the order of the workbook."""
        targets = self._targets()
        found: list[SheetPart] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if _local(name) != "sheet":
                return
            relation = next((text for key, text in attributes.items() if key.endswith(":id")), "")
            kind, path = targets.get(relation, ("", ""))
            if kind.endswith(_WORKSHEET_TYPE):
                is_hidden = attributes.get("state", "visible") != "visible"
                found.append(SheetPart(attributes.get("name", ""), path, is_hidden))

        parser = _parser()
        parser.StartElementHandler = start
        self._parse(parser, "xl/workbook.xml")
        return found

    def scan(self, sheet: SheetPart) -> SheetScan:
        """Read the sheet's cells once: where formulas and errors stand, and within the limits."""
        scanner = _SheetScanner(self._string_lengths())
        parser = _parser()
        parser.StartElementHandler = scanner.start
        parser.EndElementHandler = scanner.end
        parser.CharacterDataHandler = scanner.characters
        self._parse(parser, sheet.path)
        return scanner.scan

    def _targets(self) -> dict[str, tuple[str, str]]:
        targets: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if _local(name) == "Relationship":
                target = attributes.get("Target", "")
                path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
                targets[attributes.get("Id", "")] = (attributes.get("Type", ""), path)

        parser = _parser()
        parser.StartElementHandler = start
        self._parse(parser, "xl/_rels/workbook.xml.rels")
        return targets

    def _string_lengths(self) -> "array[int]":
        path = next(
            (path for kind, path in self._targets().values() if kind.endswith(_STRINGS_TYPE)), ""
        )
        lengths = array("L")
        if path not in self._parts:
            return lengths

        def start(name: str, _attributes: dict[str, str]) -> None:
            if _local(name) == "si":
                lengths.append(0)

        def characters(text: str) -> None:
            if lengths:
                lengths[-1] += len(text)

        parser = _parser()
        parser.StartElementHandler = start
        parser.CharacterDataHandler = characters
        self._parse(parser, path)
        return lengths

    def _parse(self, parser: expat.XMLParserType, path: str) -> None:
        try:
            for chunk in self.chunks(path):
                parser.Parse(chunk, False)  # noqa: FBT003 -- expat's own signature
            parser.Parse(b"", True)  # noqa: FBT003 -- as above
        except expat.ExpatError as error:
            raise FileRefused(DAMAGED, SAVE_AGAIN) from error


class _SheetScanner:
    """Follows the cells of a sheet; raises as soon as a limit is passed."""

    def __init__(self, string_lengths: "array[int]") -> None:
        self.scan = SheetScan()
        self._string_lengths = string_lengths
        self._row = 0
        self._column = 0
        self._rows_max = 0
        self._columns_max = 0
        self._characters = 0
        self._is_shared = False
        self._is_value = False
        self._value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "row":
                self._row = _row_number(attributes.get("r", ""), self._row + 1)
                self._column = 0
            case "c":
                self._start_cell(attributes)
            case "f":
                self.scan.formulas.setdefault(self._row, []).append(self._address())
            case "v" | "t":
                self._is_value = True
                self._value = ""

    def end(self, name: str) -> None:
        if _local(name) not in {"v", "t"}:
            return
        self._is_value = False
        length = len(self._value)
        if self._is_shared:
            place = int(self._value) if _PLACE.fullmatch(self._value) else -1
            if not 0 <= place < len(self._string_lengths):
                raise FileRefused(DAMAGED, SAVE_AGAIN)
            length = self._string_lengths[place]
        self._characters += length
        if length > limits.CELL_CHARACTERS_MAX or self._characters > limits.TEXT_CHARACTERS_MAX:
            raise FileRefused(
                gettext_noop("Cell %(cell)s holds more text than is taken."),
                gettext_noop("A cell may hold %(limit)s characters. Shorten it."),
                row=self._row,
                cell=self._address(),
                limit=limits.CELL_CHARACTERS_MAX,
            )

    def characters(self, text: str) -> None:
        if self._is_value and len(self._value) <= limits.CELL_CHARACTERS_MAX:
            self._value += text

    def _start_cell(self, attributes: dict[str, str]) -> None:
        address = _ADDRESS.fullmatch(attributes.get("r", ""))
        if address:
            self._column = _column_number(address[1])
            self._row = int(address[2])
        else:
            self._column += 1
        kind = attributes.get("t", "")
        self._is_shared = kind == "s"
        if kind == "e":
            self.scan.errors.setdefault(self._row, []).append(self._address())
        self._rows_max = max(self._rows_max, self._row)
        self._columns_max = max(self._columns_max, self._column)
        if self._columns_max > limits.COLUMNS_MAX:
            raise too_many_columns(self._row)
        if (
            self._rows_max > limits.ROWS_MAX
            or self._rows_max * self._columns_max > limits.CELLS_MAX
        ):
            raise too_many_rows()

    def _address(self) -> str:
        return f"{column_letters(self._column)}{self._row}"


def column_letters(number: int) -> str:
    """The letters of a spreadsheet's column: 1 is A, 28 is AB."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _row_number(text: str, following: int) -> int:
    """The number that a row states, or the following one. Raises FileRefused for no number."""
    if not text:
        return following
    if not _PLACE.fullmatch(text):
        raise FileRefused(DAMAGED, SAVE_AGAIN)
    return int(text)


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1]


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def _refuse_document_type(*_declaration: object) -> None:
    raise FileRefused(DAMAGED, SAVE_AGAIN)
