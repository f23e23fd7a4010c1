"""Which files may be stored: their kinds, found from the content, and their sizes.

A file's kind is what its bytes say, never its name or what a browser claims; the name only tells a
CSV from a text. What is not on the list is refused. Nothing stored here is ever run or shown inside
a page: it is downloaded.
"""

import io
import json
import re
import unicodedata
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

EMPTY_BYTES: Final = 0
SNIFF_BYTES: Final = 8192
"""Bytes looked at to tell text from binary content."""

CHUNK_BYTES: Final = 1024 * 1024
"""Bytes copied at a time, so that memory does not grow with the file."""

NAME_LENGTH_MAX: Final = 150
"""Characters. Most file systems stop at 255 bytes, and Chinese takes three a character."""


class MediaType(StrEnum):
    """The kinds of file that can be stored."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    CSV = "text/csv"
    TEXT = "text/plain"
    JSON = "application/json"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    GZIP = "application/gzip"


DOCUMENTS: Final = frozenset(MediaType) - {MediaType.GZIP}
"""What may be stored as evidence, or as any other document."""

TABLES: Final = frozenset(
    {MediaType.CSV, MediaType.TEXT, MediaType.JSON, MediaType.XLSX, MediaType.GZIP}
)
"""What may be stored as the source of an import."""

_MAGIC: Final = (
    (b"%PDF-", MediaType.PDF),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x1f\x8b", MediaType.GZIP),
)
_OFFICE_PARTS: Final = (
    ("xl/workbook.xml", MediaType.XLSX),
    ("word/document.xml", MediaType.DOCX),
)
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MARKUP: Final = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|svg|script|\?xml)", re.IGNORECASE
)
_UNSAFE_IN_NAME: Final = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")


def media_type_of(content: BinaryIO, name: str) -> MediaType | None:
    """The kind of a file by its bytes, or None for one that is not on the list.

    Reads from the start and leaves the position at the start again.
    """
    content.seek(0)
    head = content.read(SNIFF_BYTES)
    content.seek(0)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"PK\x03\x04"):
        found = _office_type(content)
        content.seek(0)
        return found
    return _text_type(head, name)


def refuse_file_size(size_bytes: int, limit_bytes: int) -> Refusal | None:
    """Refuse an empty file, and one beyond the limit."""
    if size_bytes == EMPTY_BYTES:
        return Refusal(
            "file_empty", gettext_noop("The file is empty. Choose the file that holds the content.")
        )
    if size_bytes > limit_bytes:
        return Refusal(
            "file_too_large",
            gettext_noop(
                "The file is larger than %(limit_mb)s MB. Send it in parts, or compress its images."
            ),
            params={"limit_mb": limit_bytes // (1024 * 1024)},
        )
    return None


def refuse_media_type(found: MediaType | None, accepted: frozenset[MediaType]) -> Refusal | None:
    """Refuse a kind of file that is not accepted here; says which are."""
    if found in accepted:
        return None
    return Refusal(
        "file_type",
        gettext_noop(
            "This kind of file is not accepted here. Send one of: %(accepted)s. "
            "The content decides, not the name."
        ),
        params={"accepted": ", ".join(sorted(kind.name for kind in accepted))},
    )


def safe_name(name: str) -> str:
    """The file's own name without folders, control or direction characters; never empty."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = _UNSAFE_IN_NAME.sub("_", unicodedata.normalize("NFC", last)).strip(" .")
    if len(clean) > NAME_LENGTH_MAX:
        suffix = PurePosixPath(clean).suffix[:16]
        clean = clean[: NAME_LENGTH_MAX - len(suffix)] + suffix
    return clean or "file"


def _office_type(content: BinaryIO) -> MediaType | None:
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    for part, media_type in _OFFICE_PARTS:
        if part in names:
            return media_type
    return None


def _text_type(head: bytes, name: str) -> MediaType | None:
    is_utf16 = head.startswith(_UTF16_MARKS)
    if not is_utf16 and (CONTROL.search(head) or _MARKUP.match(head)):
        return None
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == ".csv":
        return MediaType.CSV
    if suffix == ".json" or _looks_like_json(head):
        return MediaType.JSON
    return MediaType.TEXT


def _looks_like_json(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"{", b"[")):
        return False
    try:
        json.load(io.BytesIO(head))
    except ValueError:
        return len(head) == SNIFF_BYTES
    return True
