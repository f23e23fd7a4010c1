"""Snapshots: the facts of one moment as Parquet files in a folder that never changes.

A snapshot is written beside its place, synced and moved there in one step, then the pointer
`current` is moved to it in one step: a reader finds a whole snapshot or none, whenever the writer
is killed. Its name carries the moment and the first digits of its hash.

The hash is over what the tables hold (names, types, rows as a bag), not over the bytes of the
files: equal data gives an equal hash, whatever the order of the rows, the database, or the version
of the library that wrote the file. The manifest keeps the sha256 of each file beside it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lineshaft.engines.analytics.facts import (
    FactColumn,
    FactError,
    FactTable,
    check_distinct,
)
from lineshaft.engines.analytics.on_duckdb import add_parquet_view, engine_over
from lineshaft.engines.analytics.source import DatabaseSource, Reading, arrow_schema, reading
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.periods import FiscalYear

MANIFEST_FILE: Final = "manifest.json"
POINTER_FILE: Final = "current"
HASH_DIGITS: Final = 12
_UNFINISHED: Final = ".unfinished-"
_MOST_YEARS: Final = 60  # a mistyped century opens no report, and 60 bits fit into one number
_CONTENT_SQL: Final = """
    SELECT count(*),
           coalesce(sum(md5_number_lower(to_json(content))), 0)::VARCHAR,
           coalesce(sum(md5_number_upper(to_json(content))), 0)::VARCHAR
    FROM content
"""

PERIODS: Final = FactTable(
    name="periods",
    grain="one fiscal year that the data reaches, up to the one in which the snapshot was taken",
    sql="",
    columns=(
        FactColumn("fiscal_year", "int64", "", "number of the fiscal year"),
        FactColumn("starts_on", "date", "day", "first day of the fiscal year"),
        FactColumn("ends_on", "date", "day", "first day after the fiscal year"),
    ),
)


@dataclass(frozen=True, slots=True)
class GivenTable:
    """A table whose rows come from the caller (a list of the profile, say), not from SQL."""

    table: FactTable
    rows: tuple[Mapping[str, Any], ...]


class SnapshotStopped(RuntimeError):
    """The caller asked to stop; nothing was left behind."""


class SnapshotDamaged(RuntimeError):
    """A snapshot is not there, or not what its manifest says."""


@dataclass(frozen=True, slots=True)
class TableManifest:
    """One Parquet file: `content` is the digest of its rows, `sha256` that of its bytes."""

    name: str
    grain: str
    columns: tuple[tuple[str, str, str, str, bool], ...]  # name, type, unit, meaning, is_nullable
    rows: int
    size_bytes: int
    sha256: str
    content: str

    @property
    def file_name(self) -> str:
        return f"{self.name}.parquet"


@dataclass(frozen=True, slots=True)
class SnapshotManifest:
    """What a snapshot folder holds; `folder` is where it lies."""

    folder: Path
    hash: str
    taken_at: datetime
    program: str
    tables: tuple[TableManifest, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def size_bytes(self) -> int:
        return sum(table.size_bytes for table in self.tables)


@dataclass(frozen=True, slots=True)
class SnapshotProgress:
    """How far a snapshot is: the table in work, rows written in all."""

    table: str
    tables_done: int
    tables_total: int
    rows_done: int


Progress = Callable[[SnapshotProgress], None]


def write_snapshot(
    source: DatabaseSource,
    facts: Iterable[FactTable],
    folder: Path,
    *,
    taken_at: datetime,
    fiscal_year: FiscalYear,
    program: str,
    given: Iterable[GivenTable] = (),
    progress: Progress = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> SnapshotManifest:
    """A new snapshot under `folder`, and the pointer moved to it.

    All facts are read in one transaction. Beside them it holds the `given` tables and `periods`,
    the fiscal years from the earliest date in the facts to `taken_at`. Raises FactError for a fact
    that is not what it declares, SnapshotStopped when `should_stop` says so between two batches.
    """
    read = check_distinct(facts)
    lists = tuple(given)
    tables = check_distinct((*read, *(one.table for one in lists), PERIODS))
    folder.mkdir(parents=True, exist_ok=True)
    with _unfinished(folder) as unfinished:
        with reading(source, unfinished) as transaction:
            earliest = _write_tables(
                transaction, read, unfinished, progress=progress, should_stop=should_stop
            )
        for one in (*lists, _periods(fiscal_year, earliest=earliest, taken_on=taken_at.date())):
            _write_given(one, unfinished)
        with engine_over(unfinished) as engine:
            described = tuple(_describe(engine, table, unfinished) for table in tables)
        digest = _hash_of(described)
        moment = taken_at.astimezone(UTC)
        name = f"snapshot-{moment:%Y%m%dT%H%M%SZ}-{digest[:HASH_DIGITS]}"
        manifest = SnapshotManifest(folder / name, digest, moment, program, described)
        _write_synced(unfinished / MANIFEST_FILE, _manifest_text(manifest))
        _sync_folder(unfinished)
        _place(unfinished, manifest.folder)
    _point_at(folder, manifest.name)
    return manifest


def current_snapshot(folder: Path) -> Path | None:
    """The folder of the newest snapshot, None before the first."""
    pointer = folder / POINTER_FILE
    if not pointer.is_file():
        return None
    return folder / pointer.read_text(encoding="utf-8").strip()


def read_manifest(folder: Path) -> SnapshotManifest:
    """The manifest of a snapshot; raises SnapshotDamaged when it cannot be read."""
    try:
        data: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        return SnapshotManifest(
            folder=folder,
            hash=data["hash"],
            taken_at=datetime.fromisoformat(data["taken_at"]),
            program=data["program"],
            tables=tuple(
                TableManifest(
                    name=table["name"],
                    grain=table["grain"],
                    columns=tuple(
                        (c["name"], c["type"], c["unit"], c["meaning"], c["is_nullable"])
                        for c in table["columns"]
                    ),
                    rows=table["rows"],
                    size_bytes=table["bytes"],
                    sha256=table["sha256"],
                    content=table["content"],
                )
                for table in data["tables"]
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotDamaged(f"{folder.name}: no readable manifest: {error}") from error


def check_snapshot(folder: Path) -> list[str]:
    """What is wrong with a snapshot, in sentences; empty when bytes, rows and hash all agree."""
    try:
        manifest = read_manifest(folder)
    except SnapshotDamaged as error:
        return [str(error)]
    problems = []
    with engine_over(folder) as engine:
        for table in manifest.tables:
            file = folder / table.file_name
            name = f"{folder.name}: {table.file_name}"
            if not file.is_file():
                problems.append(f"{name} is missing")
            elif _sha256_of(file) != table.sha256:
                problems.append(f"{name} is not the file that was written")
            elif _content_of(engine, table.columns, file)[1] != table.content:
                problems.append(f"{name} does not give its digest again")
    if _hash_of(manifest.tables) != manifest.hash:
        problems.append(f"{folder.name}: the tables do not give the snapshot's hash")
    if not folder.name.endswith(f"-{manifest.hash[:HASH_DIGITS]}"):
        problems.append(f"{folder.name}: the folder does not bear its hash")
    return problems


def prune_snapshots(
    folder: Path, *, pinned: Container[str], keep_latest: int, unfinished_before: datetime
) -> tuple[str, ...]:
    """Names of the snapshots removed: all but the pinned, the current and the latest few.

    What a killed writer left unfinished before that moment goes too.
    """
    current = current_snapshot(folder)
    named = sorted(path for path in folder.glob("snapshot-*") if path.is_dir())
    kept = {path.name for path in named[max(0, len(named) - keep_latest) :]}
    removed = []
    for path in named:
        if path.name in kept or path.name in pinned or path == current:
            continue
        shutil.rmtree(path)
        removed.append(path.name)
    for path in folder.glob(f"{_UNFINISHED}*"):
        if path.stat().st_mtime < unfinished_before.timestamp():
            shutil.rmtree(path)
    return tuple(removed)


def _write_tables(
    transaction: Reading,
    tables: tuple[FactTable, ...],
    folder: Path,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> date | None:
    """Write each table's file; the earliest date found in any date column."""
    earliest: date | None = None
    rows_done = 0
    for done, table in enumerate(tables):
        progress(SnapshotProgress(table.name, done, len(tables), rows_done))
        with _parquet(folder, table) as writer:
            for batch in transaction.batches(table):
                if should_stop():
                    raise SnapshotStopped(f"stopped while reading {table.name}")
                writer.write_batch(batch)
                rows_done += len(batch)
                found = _earliest_date(batch, table)
                if found is not None and (earliest is None or found < earliest):
                    earliest = found
                progress(SnapshotProgress(table.name, done, len(tables), rows_done))
    progress(SnapshotProgress("", len(tables), len(tables), rows_done))
    return earliest


def _earliest_date(batch: pa.RecordBatch, table: FactTable) -> date | None:
    found = [
        pc.min(batch.column(position)).as_py()
        for position, column in enumerate(table.columns)
        if column.type == "date"
    ]
    return min((day for day in found if day is not None), default=None)


def _periods(fiscal_year: FiscalYear, *, earliest: date | None, taken_on: date) -> GivenTable:
    last = fiscal_year.period_of(taken_on).year
    first = fiscal_year.period_of(min(earliest or taken_on, taken_on)).year
    periods = [
        fiscal_year.period(year) for year in range(max(first, last - _MOST_YEARS + 1), last + 1)
    ]
    return GivenTable(
        PERIODS,
        tuple(
            {"fiscal_year": period.year, "starts_on": period.starts_on, "ends_on": period.ends_on}
            for period in periods
        ),
    )


def _write_given(given: GivenTable, folder: Path) -> None:
    schema = arrow_schema(given.table)
    try:
        batch = pa.RecordBatch.from_pylist([dict(row) for row in given.rows], schema=schema)
    except (pa.ArrowException, TypeError) as error:
        raise FactError(f"table {given.table.name!r}: {error}") from error
    with _parquet(folder, given.table) as writer:
        writer.write_batch(batch)


@contextmanager
def _parquet(folder: Path, table: FactTable) -> Iterator[pq.ParquetWriter]:
    with (folder / f"{table.name}.parquet").open("wb") as file:
        with pq.ParquetWriter(file, arrow_schema(table), compression="zstd") as writer:
            yield writer
        file.flush()
        os.fsync(file.fileno())


def _describe(engine: duckdb.DuckDBPyConnection, table: FactTable, folder: Path) -> TableManifest:
    file = folder / f"{table.name}.parquet"
    columns = tuple(
        (column.name, column.type, column.unit, column.meaning, column.is_nullable)
        for column in table.columns
    )
    rows, content = _content_of(engine, columns, file)
    return TableManifest(
        name=table.name,
        grain=table.grain,
        columns=columns,
        rows=rows,
        size_bytes=file.stat().st_size,
        sha256=_sha256_of(file),
        content=content,
    )


def _content_of(
    engine: duckdb.DuckDBPyConnection,
    columns: tuple[tuple[str, str, str, str, bool], ...],
    file: Path,
) -> tuple[int, str]:
    """Rows, and a digest of schema and rows that does not depend on the order of the rows.

    Each row, as JSON, is hashed to 128 bits; the halves are added up as whole numbers. A bag of
    rows has one such sum, and two bags share it only by an accident of 2^-128.
    """
    add_parquet_view(engine, "content", file)
    rows, low, high = engine.execute(_CONTENT_SQL).fetchall()[0]
    schema = [[name, kind] for name, kind, *_ in columns]
    text = json.dumps([schema, rows, low, high], ensure_ascii=False, separators=(",", ":"))
    return int(rows), hashlib.sha256(text.encode()).hexdigest()


def _hash_of(tables: tuple[TableManifest, ...]) -> str:
    text = "".join(f"{table.name} {table.rows} {table.content}\n" for table in tables)
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _manifest_text(manifest: SnapshotManifest) -> str:
    return json.dumps(
        {
            "hash": manifest.hash,
            "taken_at": manifest.taken_at.isoformat(),
            "program": manifest.program,
            "tables": [
                {
                    "name": table.name,
                    "grain": table.grain,
                    "rows": table.rows,
                    "bytes": table.size_bytes,
                    "sha256": table.sha256,
                    "content": table.content,
                    "columns": [
                        {
                            "name": name,
                            "type": kind,
                            "unit": unit,
                            "meaning": meaning,
                            "is_nullable": is_nullable,
                        }
                        for name, kind, unit, meaning, is_nullable in table.columns
                    ],
                }
                for table in manifest.tables
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder to write in; gone at the end unless it was moved to its place."""
    path = folder / f"{_UNFINISHED}{new_id()}"
    path.mkdir()
    try:
        yield path
    finally:
        if path.exists():
            shutil.rmtree(path)


def _place(unfinished: Path, final: Path) -> None:
    """Move a finished snapshot to its place; the same moment and hash is the same snapshot."""
    if not final.exists():
        unfinished.rename(final)
        _sync_folder(final.parent)


def _point_at(folder: Path, name: str) -> None:
    pointer = folder / name / POINTER_FILE
    _write_synced(pointer, name + "\n")
    pointer.replace(folder / POINTER_FILE)
    _sync_folder(folder)


def _write_synced(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
