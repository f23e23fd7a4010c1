"""Reading a database as Arrow record batches, through ADBC and never row by row.

One `reading` is one read transaction: what its tables hold belongs to one moment. Each column is
cast twice, in SQL and in Arrow, to the type that the fact table declares, since the SQLite driver
guesses a column's type from the first rows that it sees (a column that is empty there would come
out as a number).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, assert_never
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as adbc_postgresql
import adbc_driver_sqlite.dbapi as adbc_sqlite
import pyarrow as pa

from lineshaft.engines.analytics.facts import FactColumn, FactError, FactTable

BATCH_ROWS: Final = 122_880  # DuckDB's row group, so that one batch becomes one row group
_WAIT_S: Final = 30.0
_COPY_NAME: Final = "database.sqlite3"
_SQLITE_TYPES: Final = {"int64": "INTEGER", "bool": "INTEGER"}  # every other type travels as text
_SQLITE_FIRST: Final = {"int64": "0", "bool": "0"}
_POSTGRESQL_TYPES: Final = {
    "int64": "bigint",
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
}


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """A database to read: the path of a SQLite file, or a `postgresql://` address."""

    kind: Literal["sqlite", "postgresql"]
    address: str = field(repr=False)  # it may hold a password


class Reading:
    """One read transaction over one database."""

    def __init__(self, connection: Any, kind: Literal["sqlite", "postgresql"]) -> None:
        self._connection = connection
        self._kind = kind

    def batches(self, table: FactTable) -> Iterator[pa.RecordBatch]:
        """The rows of a fact table in batches of its declared schema.

        Raises FactError when the query fails, when a value is not of its column's type, or when
        a column that may not be empty is.
        """
        schema = arrow_schema(table)
        with self._connection.cursor() as cursor:
            if self._kind == "sqlite":
                cursor.adbc_statement.set_options(
                    **{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)}
                )
            try:
                cursor.execute(self._query(table))
                reader = cursor.fetch_record_batch()
            except self._connection.Error as error:
                raise FactError(f"table {table.name!r}: {error}") from error
            is_first = True
            for raw in _guarded(reader, table):
                batch = raw
                if is_first and self._kind == "sqlite":
                    batch = raw.slice(1)  # the row that only tells the driver the types
                is_first = False
                if len(batch):
                    yield _cast(batch, table, schema)

    def _query(self, table: FactTable) -> str:
        match self._kind:
            case "sqlite":
                first = ", ".join(
                    f"{_SQLITE_FIRST.get(column.type, "''")} AS {column.name}"
                    for column in table.columns
                )
                columns = ", ".join(
                    f"CAST({column.name} AS {_SQLITE_TYPES.get(column.type, 'TEXT')})"
                    for column in table.columns
                )
                # Names were checked by FactColumn; the query is the program's own text.
                return f"SELECT {first} UNION ALL SELECT {columns} FROM ({table.sql}) AS fact"  # noqa: S608
            case "postgresql":
                columns = ", ".join(
                    f"CAST({column.name} AS {_POSTGRESQL_TYPES.get(column.type, 'text')})"
                    f" AS {column.name}"
                    for column in table.columns
                )
                return f"SELECT {columns} FROM ({table.sql}) AS fact"  # noqa: S608 -- as above
            case _:
                assert_never(self._kind)


@contextmanager
def reading(source: DatabaseSource, scratch: Path) -> Iterator[Reading]:
    """One read-only view of the database at one moment; nothing is ever written through it.

    SQLite's is a copy in the folder `scratch`, removed at the end. ADBC carries a SQLite library of
    its own, and two libraries that open one file in one process drop each other's locks, which
    corrupts it (sqlite.org/howtocorrupt.html, 2.2.1). So the library that the program itself uses
    makes the copy, and ADBC sees no other file.
    """
    copy = scratch / _COPY_NAME
    match source.kind:
        case "sqlite":
            _copy_sqlite(Path(source.address), copy)
            connection = adbc_sqlite.connect(_sqlite_uri(copy))
        case "postgresql":
            connection = adbc_postgresql.connect(source.address)
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        case _:
            assert_never(source.kind)
    try:
        yield Reading(connection, source.kind)
    finally:
        connection.rollback()
        connection.close()
        copy.unlink(missing_ok=True)


def _copy_sqlite(path: Path, copy: Path) -> None:
    """Copy the database as it is at one moment, in one read transaction."""
    if not path.is_file():
        raise FactError(f"there is no SQLite database at {path}")
    with (
        closing(sqlite3.connect(_sqlite_uri(path), uri=True, timeout=_WAIT_S)) as original,
        closing(sqlite3.connect(copy)) as target,
    ):
        original.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


def _sqlite_uri(path: Path) -> str:
    return f"file:{quote(str(path.resolve()))}?mode=ro"


def arrow_schema(table: FactTable) -> pa.Schema:
    """The Arrow schema that a fact table declares; timestamps are in UTC without saying so."""
    return pa.schema(
        [
            pa.field(column.name, _arrow_type(column), nullable=column.is_nullable)
            for column in table.columns
        ]
    )


def _arrow_type(column: FactColumn) -> pa.DataType:
    if column.decimal is not None:
        return pa.decimal128(*column.decimal)
    return {
        "int64": pa.int64(),
        "string": pa.string(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
        "bool": pa.bool_(),
    }[column.type]


def _guarded(reader: pa.RecordBatchReader, table: FactTable) -> Iterator[pa.RecordBatch]:
    """The reader's batches; what the driver says about a bad value names the table."""
    batches = iter(reader)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except (pa.ArrowException, OSError) as error:
            raise FactError(f"table {table.name!r}: {error}") from error
        yield batch


def _cast(batch: pa.RecordBatch, table: FactTable, schema: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for position, (column, declared) in enumerate(zip(table.columns, schema, strict=True)):
        try:
            array = batch.column(position).cast(declared.type)
        except (pa.ArrowException, ValueError) as error:
            raise FactError(
                f"table {table.name!r}, column {column.name!r}: not {column.type}: {error}"
            ) from error
        if array.null_count and not column.is_nullable:
            raise FactError(
                f"table {table.name!r}, column {column.name!r}: {array.null_count} rows are empty"
            )
        arrays.append(array)
    return pa.record_batch(arrays, schema=schema)
