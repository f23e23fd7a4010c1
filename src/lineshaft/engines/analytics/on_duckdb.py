"""Figures on DuckDB, on one machine.

Every connection is private, in memory, and may read the one folder that it was opened for: no other
file, no network, no extension. DuckDB only ever aggregates Parquet; it is no second database.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from lineshaft.engines.analytics.engine import Answer, OpenSnapshot, QueryFailed


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
        connection.execute("SET enable_progress_bar = false")  # it goes amid what is printed
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def add_parquet_view(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    """Make `name` a view of one Parquet file; the values are read when a query asks for them."""
    connection.read_parquet(str(file.resolve())).create_view(name)


class DuckDBEngine:
    """The engine of one machine."""

    @contextmanager
    def opened(self, folder: Path, files: Mapping[str, str]) -> Iterator[OpenSnapshot]:
        with engine_over(folder) as connection:
            for name, file in files.items():
                add_parquet_view(connection, name, folder / file)
            yield _Opened(connection)


class _Opened:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def keep(self, name: str, sql: str) -> None:
        try:
            self._connection.sql(sql).create(name)
        except duckdb.Error as error:
            raise QueryFailed(str(error)) from error

    def ask(self, sql: str) -> Answer:
        try:
            cursor = self._connection.execute(sql)
            columns = tuple(column[0] for column in cursor.description or ())
            return Answer(columns, cursor.fetchall())
        except duckdb.Error as error:
            raise QueryFailed(str(error)) from error
