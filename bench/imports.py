"""Importing real lists of organisations, beside bare reading and inserting of the same rows.

The list goes in by the command, into a network that has its reference data and nothing else. The
baseline reads the same file with the csv module and inserts the same columns by `executemany` into
one table without a key, in a file of its own: no checks, no identity, no search index, no audit.
"""

import csv
import gzip
import shutil
import sqlite3
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any, Final

from bench.program import DATA, ROOT, Failed, Home, run, scratch_database, seconds_of, timed
from bench.report import AtMost, Report, Row, Section

LISTS: Final = {
    "ipeds_hd2020": DATA / "reference_tables" / "ipeds_hd2020.csv.gz",
    "sbir_firms": DATA / "entity_resolution" / "sbir_firms.csv.gz",
}
MAPPINGS: Final = ROOT / "src" / "lineshaft" / "apps" / "network" / "mappings"
SECONDS_MAX: Final = 10.0
DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

SECTION: Final = Section(
    "Import",
    "`lineshaft import organisations FILE` from the start of the process to its end, into a network"
    " with its reference data. Baseline: the csv module and `executemany` of the same columns into"
    " a bare table of SQLite.",
    [
        row
        for vendor, database in DATABASES.items()
        for key in LISTS
        for row in (
            Row(
                f"{key}, {database}: seconds",
                f"import.{vendor}.{key}.seconds",
                bound=AtMost(SECONDS_MAX),
            ),
            Row(
                f"{key}, {database}: beside bare rows",
                f"import.{vendor}.{key}.whole",
                f"import.{key}.bare",
            ),
            Row(f"{key}, {database}: rows a second", f"import.{vendor}.{key}.rate"),
            Row(f"{key}, {database}: the same file again", f"import.{vendor}.{key}.again"),
        )
    ],
)


def measure(report: Report, *, postgresql: str, rounds: int = 3) -> None:
    """Import each list that is there; the fastest of `rounds` counts, for the baseline too."""
    for key, path in LISTS.items():
        if not path.exists():
            report(f"import.sqlite.{key}.seconds", float("nan"), "s", f"{path} is not there")
            continue
        with tempfile.TemporaryDirectory() as folder:
            bare = min(_bare(path, key, Path(folder) / f"{n}.sqlite3") for n in range(rounds))
            report(f"import.{key}.bare", bare, "s", "read and inserted bare")
            _on_sqlite(report, key, path, Path(folder), rounds)
            try:
                _on_postgresql(report, key, path, Path(folder) / "postgresql", postgresql)
            except Failed as reason:
                report(f"import.postgresql.{key}.seconds", float("nan"), "s", str(reason))


def _on_sqlite(report: Report, key: str, path: Path, folder: Path, rounds: int) -> None:
    empty = Home(folder / "empty")
    _create(empty)
    found = []
    for n in range(rounds):
        home = Home(folder / str(n))
        shutil.copytree(empty.folder, home.folder)
        found.append(_import(home, path))
    _report(report, "sqlite", key, min(found), path)
    again = seconds_of(home.lineshaft("import", "organisations", str(path)))
    report(f"import.sqlite.{key}.again", again, "s", "nothing changes")


def _on_postgresql(report: Report, key: str, path: Path, folder: Path, server: str) -> None:
    with scratch_database(server, f"lineshaft_bench_{key}") as address:
        home = Home(folder, address)
        _create(home)
        _report(report, "postgresql", key, _import(home, path), path)
        again = seconds_of(home.lineshaft("import", "organisations", str(path)))
        report(f"import.postgresql.{key}.again", again, "s", "nothing changes")


def _report(report: Report, vendor: str, key: str, found: tuple[float, float], path: Path) -> None:
    seconds, used_s = found
    rows = sum(1 for _ in _rows(path))
    note = f"{rows:,} rows; {used_s:.1f} s of processor time"
    report(f"import.{vendor}.{key}.seconds", seconds, "s", note)
    report(f"import.{vendor}.{key}.whole", seconds, "s", "")
    report(f"import.{vendor}.{key}.rate", rows / seconds, "rows/s", "")


def _create(home: Home) -> None:
    """An empty database with the reference network in it."""
    run(home.lineshaft("migrate", "--verbosity", "0"))
    load = (
        "from lineshaft.apps.network.services import load_reference_network;"
        "from lineshaft.plumbing import clock;"
        "from lineshaft.plumbing.actor import Actor;"
        "load_reference_network(Actor.system('bench'), now=clock.now())"
    )
    run(home.lineshaft("shell", "--no-imports", "--command", load))


def _import(home: Home, path: Path) -> tuple[float, float]:
    return timed(home.lineshaft("import", "organisations", str(path)))


def _rows(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _columns(key: str) -> list[str]:
    """The columns of the file that the shipped mapping reads."""
    mapping = tomllib.loads((MAPPINGS / f"{key}.toml").read_text())
    named = mapping["columns"].values()
    return [one["from"] if isinstance(one, dict) else one for one in named]


def _bare(path: Path, key: str, target: Path) -> float:
    columns = _columns(key)
    started_s = time.perf_counter()
    with sqlite3.connect(target) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        named = ", ".join(f'"{column}"' for column in columns)
        connection.execute(f"CREATE TABLE bare ({named})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO bare VALUES ({marks})",
            ([row[column] for column in columns] for row in _rows(path)),
        )
    connection.close()
    return time.perf_counter() - started_s
