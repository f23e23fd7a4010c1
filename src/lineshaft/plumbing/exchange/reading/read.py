"""The one way to read a table: whatever the format, the same headings and rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, assert_never

from lineshaft.plumbing.exchange.reading.csv_file import read_csv
from lineshaft.plumbing.exchange.reading.json_file import read_json
from lineshaft.plumbing.exchange.reading.source import Format, open_source
from lineshaft.plumbing.exchange.reading.table import RawTable, ReadOptions
from lineshaft.plumbing.exchange.reading.xlsx_file import read_xlsx


@contextmanager
def read_table(
    content: BinaryIO, name: str, options: ReadOptions | None = None
) -> Iterator[RawTable]:
    """The table of an open file, within the block. Raises TooLarge for a file beyond the limit,
    else FileRefused, also while the rows are drawn.
    """
    chosen = options or ReadOptions()
    with open_source(content, name, chosen.limits) as source:
        match source.format:
            case Format.CSV:
                yield read_csv(source.content, chosen)
            case Format.XLSX:
                yield read_xlsx(source.content, source.size_bytes, chosen)
            case Format.JSON:
                yield read_json(source.content, source.size_bytes)
            case _:
                assert_never(source.format)
