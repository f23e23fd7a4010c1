"""Opening a file for a reader: its format by its content, gzip unpacked within limits.

Size is looked at before anything is read. What comes out is a plain, seekable file.
"""

import codecs
import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Refused, TooLarge
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.faults import FileRefused
from lineshaft.plumbing.files.rules import CONTROL, SNIFF_BYTES

CHUNK_BYTES: Final = 256 * 1024
HEAD_BYTES: Final = 4096
MIB: Final = 1024 * 1024


class Format(StrEnum):
    """The formats that are read."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Source:
    """A plain file at hand, and how to read it."""

    content: BinaryIO
    format: Format
    size_bytes: int


def refuse_source_size(size_bytes: int, bounds: limits.FileLimits = limits.FOR_IMPORT) -> None:
    """Raise TooLarge for a file beyond the limit; no byte of it is read."""
    if size_bytes > bounds.source_bytes:
        raise TooLarge(
            gettext_noop(
                "The file has %(size_mb)s MB; at most %(limit_mb)s MB are taken. Leave out columns "
                "that are not needed, or split the rows over several files."
            ),
            code="file_too_large",
            params={
                "size_mb": -(-size_bytes // MIB),
                "limit_mb": bounds.source_bytes // MIB,
            },
        )


def refuse_hidden_characters(content: BinaryIO) -> None:
    """Raise Refused, with the place, for a text whose beginning holds a control character.

    What is no text at all is left to the check of its kind; what stands further in the text, to
    that of its cell.
    """
    content.seek(0)
    head = content.read(SNIFF_BYTES)
    content.seek(0)
    hidden = CONTROL.search(head)
    if hidden is None or head.startswith(_MAGIC):
        return
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return
    raise Refused(
        Refusal(
            "file_control_character",
            gettext_noop(
                "Line %(line)s holds a control character, which can't be seen (%(found)s, byte "
                "%(byte)s of the file): it is no plain text, or UTF-16 without its mark. Save the "
                "table as “CSV UTF-8” in the spreadsheet program and send that file."
            ),
            params={
                "line": head.count(b"\n", 0, hidden.start()) + 1,
                "byte": hidden.start() + 1,
                "found": f"{hidden[0][0]:02X}",
            },
        )
    )


def size_of(content: BinaryIO) -> int:
    """The size in bytes, without reading; the position is at the start afterwards."""
    size_bytes = content.seek(0, io.SEEK_END)
    content.seek(0)
    return size_bytes


@contextmanager
def open_source(
    content: BinaryIO, name: str, bounds: limits.FileLimits = limits.FOR_IMPORT
) -> Iterator[Source]:
    """The file as a plain one of a known format. Raises TooLarge and FileRefused."""
    refuse_source_size(size_of(content), bounds)
    if content.read(2) != b"\x1f\x8b":
        yield _source(content, name)
        return
    content.seek(0)
    with tempfile.SpooledTemporaryFile(max_size=8 * MIB) as plain:
        _unpack(content, plain, bounds)
        yield _source(plain, name.removesuffix(".gz"))


class UnpackedCounter:
    """Counts what comes out of compressed content and refuses a bomb before it bursts."""

    def __init__(self, packed_bytes: int, bounds: limits.FileLimits = limits.FOR_IMPORT) -> None:
        self._packed_bytes = max(1, packed_bytes)
        self._bounds = bounds
        self._unpacked_bytes = 0

    def add(self, size_bytes: int) -> None:
        """Count some more bytes. Raises FileRefused beyond either limit."""
        self._unpacked_bytes += size_bytes
        if self._unpacked_bytes > self._bounds.unpacked_bytes:
            raise FileRefused(
                gettext_noop("Unpacked, the file has more than %(limit_mb)s MB."),
                gettext_noop("Split its rows over several files."),
                limit_mb=self._bounds.unpacked_bytes // MIB,
            )
        is_long = self._unpacked_bytes > limits.UNPACKED_FREE_BYTES
        if is_long and self._unpacked_bytes > limits.UNPACKED_RATIO_MAX * self._packed_bytes:
            raise FileRefused(
                gettext_noop(
                    "Unpacked, the file is more than %(ratio)s times as large as it came; real "
                    "tables are not, compression bombs are."
                ),
                gettext_noop("Send the table uncompressed."),
                ratio=limits.UNPACKED_RATIO_MAX,
            )


def _unpack(
    content: BinaryIO,
    plain: BinaryIO | tempfile.SpooledTemporaryFile[bytes],
    bounds: limits.FileLimits,
) -> None:
    counter = UnpackedCounter(size_of(content), bounds)
    try:
        with gzip.GzipFile(fileobj=content) as packed:
            while chunk := packed.read(CHUNK_BYTES):
                counter.add(len(chunk))
                plain.write(chunk)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileRefused(
            gettext_noop("The gzip file is damaged or incomplete."),
            gettext_noop("Copy or download it again, or send the table uncompressed."),
        ) from error
    plain.seek(0)


def _source(content: BinaryIO | tempfile.SpooledTemporaryFile[bytes], name: str) -> Source:
    size_bytes = content.seek(0, io.SEEK_END)
    content.seek(0)
    head = content.read(HEAD_BYTES)
    content.seek(0)
    if not head.strip():
        raise FileRefused(
            gettext_noop("The file is empty."),
            gettext_noop("Choose the file that holds the table; its first row names the columns."),
        )
    return Source(content, _format_of(head, name), size_bytes)  # type: ignore[arg-type]


def _format_of(head: bytes, name: str) -> Format:
    if head.startswith(_ZIP):
        return Format.XLSX
    for magic, what in _OTHER_FORMATS:
        if head.startswith(magic):
            raise FileRefused(
                gettext_noop("This is no table but %(what)s."),
                gettext_noop("Save the table as CSV (UTF-8) or as XLSX and send that file."),
                what=what,
            )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_list = start.startswith(b"[") and start[1:].lstrip().startswith((b"{", b"]"))
    if is_list or PurePosixPath(name.lower()).suffix == ".json":
        return Format.JSON
    return Format.CSV


_ZIP: Final = b"PK\x03\x04"
_OTHER_FORMATS: Final = (
    (b"\xd0\xcf\x11\xe0", "XLS (Excel 97-2003)"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "gzip in gzip"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
)
_MAGIC: Final = (_ZIP, *(magic for magic, _what in _OTHER_FORMATS))
