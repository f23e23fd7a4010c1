"""DuckDB, touched in this one place.

Every connection is private, in memory, and may read the one folder that it was opened for: no other
file, no network, no extension. DuckDB only ever aggregates Parquet; it is no second database.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def engine_over(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read the files of `folder` and nothing else; closed at the end."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": str(Path(tempfile.gettempdir()) / "lineshaft-duckdb"),
            "preserve_insertion_order": "false",
        }
    )
    try:
        connection.execute("SET allowed_directories = ?", [[f"{folder.resolve()}/"]])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def add_parquet_view(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    """Make `name` a view of one Parquet file; the values are read when a query asks for them."""
    connection.read_parquet(str(file.resolve())).create_view(name)
