"""How much an import or an export takes on, each with its unit and its reason.

A file that is beyond a limit is refused with the limit named; nothing is cut off silently.
"""

from dataclasses import dataclass
from typing import Final

SOURCE_BYTES_MAX: Final = 64 * 1024 * 1024
"""Bytes of a file as it arrives. The largest real list so far has 3 MB."""

UNPACKED_BYTES_MAX: Final = 256 * 1024 * 1024
"""Bytes after decompression, all parts of a workbook together."""

UNPACKED_RATIO_MAX: Final = 100
"""Unpacked bytes for one packed byte. Tables pack 5 to 20 times; a bomb a thousand times."""

UNPACKED_FREE_BYTES: Final = 8 * 1024 * 1024
"""Bytes up to which the ratio is not looked at: short, repetitive tables pack very well."""

ARCHIVE_PARTS_MAX: Final = 2_000
"""Parts of a workbook; each sheet, image and style is one."""

ROWS_MAX: Final = 200_000
"""Rows of a table. One transaction takes them all; ten times the largest national list."""

COLUMNS_MAX: Final = 400
"""Columns of a table; the widest public education file has 220."""

CELLS_MAX: Final = 8_000_000
"""Cells of a workbook's sheet, blank ones in between counted: each takes memory."""

CELL_CHARACTERS_MAX: Final = 20_000
"""Characters of one cell; a spreadsheet itself stops at 32,767."""

TEXT_CHARACTERS_MAX: Final = 200_000_000
"""Characters of all text cells of a sheet together: one shared text may stand in each."""

LINE_CHARACTERS_MAX: Final = 2_000_000
"""Characters of one line of a text file; without it a file of one line would fill the memory."""

JSON_BYTES_MAX: Final = 64 * 1024 * 1024
"""Bytes of JSON, which is read as a whole."""

MAPPING_BYTES_MAX: Final = 64 * 1024
"""Bytes of a mapping file; the longest that ships has 3 KB."""

ERRORS_MAX: Final = 200
"""Errors of a run that are kept and shown; the rest is counted."""

VALUE_SHOWN_CHARACTERS: Final = 60
"""Characters of a refused value that are shown."""

INLINE_BYTES_MAX: Final = 512 * 1024
"""Bytes up to which a page checks an upload at once; above it a job does, with progress."""

SHEETS_MAX: Final = 50
"""Sheets of a workbook, each of which is looked at for the same headings."""

NOTICES_MAX: Final = 100
"""Rows of a file that somebody is asked to look at; beyond these the file itself is to be looked
at."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How much of a file a reader takes on; what an import takes unless something else is said."""

    source_bytes: int = SOURCE_BYTES_MAX
    unpacked_bytes: int = UNPACKED_BYTES_MAX
    rows: int = ROWS_MAX
    line_characters: int = LINE_CHARACTERS_MAX


FOR_IMPORT: Final = FileLimits()
