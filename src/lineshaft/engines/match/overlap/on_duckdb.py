"""Candidates on one machine: words and shingles in numpy, all counting and joining in DuckDB.

DuckDB uses every core, keeps to `MEMORY_LIMIT` and puts what does not fit on the disk, so the
memory of the whole run stays bounded by the texts themselves.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import batched
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from lineshaft.engines.match.overlap.candidates import (
    COMMON,
    COUNTED,
    FEW,
    PAIRS,
    REPEATED,
    SIZES,
    Bounds,
    Candidates,
    Progress,
    Records,
    filled,
)
from lineshaft.engines.match.overlap.words import Reader, postings
from lineshaft.kernel.text import gettext_noop

MEMORY_LIMIT: Final = "3GB"
BATCH_AWARDS: Final = 2_000
_READING: Final = gettext_noop("reading abstracts")
_STEPS: Final = (
    ("counted", COUNTED, gettext_noop("counting shingles")),
    ("common", COMMON, gettext_noop("setting common passages apart")),
    ("repeated", REPEATED, gettext_noop("keeping what is shared")),
    ("sizes", SIZES, gettext_noop("measuring abstracts")),
    ("few", FEW, gettext_noop("looking at names and titles")),
    ("pairs", PAIRS, gettext_noop("pairing awards")),
)


def find_candidates(records: Records, bounds: Bounds, progress: Progress) -> Candidates:
    """The pairs that are worth a comparison."""
    with _connection() as connection:
        _fill(connection, records, progress)
        for number, (name, statement, what) in enumerate(_STEPS):
            progress(number, len(_STEPS), what)
            connection.execute(f"CREATE TABLE {name} AS {filled(statement, bounds)}")
            if name == "sizes":
                connection.execute("DROP TABLE postings")
        found = connection.sql("SELECT a, b FROM pairs ORDER BY a, b").fetchnumpy()
        common = connection.sql("SELECT shingle FROM common ORDER BY shingle").fetchnumpy()
    return Candidates(
        np.asarray(found["a"], dtype=np.int32),
        np.asarray(found["b"], dtype=np.int32),
        np.asarray(common["shingle"], dtype=np.int64),
    )


def _fill(connection: duckdb.DuckDBPyConnection, records: Records, progress: Progress) -> None:
    connection.execute("CREATE TABLE postings (shingle BIGINT, award INTEGER)")
    connection.execute("CREATE TABLE award_keys (key BIGINT, award INTEGER)")
    reader = Reader()
    done = 0
    for batch in batched(records, BATCH_AWARDS, strict=False):
        progress(done, len(records), _READING)
        shingles, awards = postings(((one.number, one.text) for one in batch), reader)
        table = pa.table({"shingle": shingles, "award": awards})
        connection.from_arrow(table).insert_into("postings")
        keys = [(key, one.number) for one in batch for key in one.keys]
        if keys:
            columns = zip(*keys, strict=True)
            table = pa.table(dict(zip(("key", "award"), map(list, columns), strict=True)))
            connection.from_arrow(table).insert_into("award_keys")
        done += len(batch)


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A private connection that reads and writes no file but its own, which go with it."""
    with tempfile.TemporaryDirectory(prefix="lineshaft-overlap-") as folder:
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": MEMORY_LIMIT,
                "preserve_insertion_order": "false",
                "temp_directory": folder,
            }
        )
        try:
            connection.execute("SET enable_progress_bar = false")  # it goes amid what is printed
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            yield connection
        finally:
            connection.close()
