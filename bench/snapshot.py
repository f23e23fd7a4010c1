"""Rows a second of a snapshot: database to Parquet, with the hash, as `lineshaft snapshot` does it.

The demonstration at scale 1 is loaded; each fact's own query is then joined with a row of numbers,
so that it gives `copies` times its rows without a database of that size. The baseline fetches the
same rows with the sqlite3 module and throws them away.

    .venv/bin/python bench/snapshot.py [--copies 25] [--rounds 3]
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.program import Home, run
from bench.report import Report, Row, Section
from lineshaft.apps.funding.facts import FACTS as FUNDING_FACTS
from lineshaft.apps.memberships.facts import FACTS as MEMBERSHIP_FACTS
from lineshaft.apps.network.facts import FACTS as NETWORK_FACTS
from lineshaft.engines.analytics.facts import FactTable
from lineshaft.engines.analytics.snapshot import write_snapshot
from lineshaft.engines.analytics.source import DatabaseSource
from lineshaft.kernel.periods import FiscalYear

TAKEN_AT: Final = datetime(2022, 11, 20, tzinfo=UTC)
SECTION: Final = Section(
    "Snapshot",
    "Facts from SQLite through ADBC and Arrow to synced Parquet with a hash of their content."
    " Baseline: the same rows fetched by Python's sqlite3 and thrown away.",
    [
        Row("rows a second", "snapshot.rate", "snapshot.fetch_rate", "snapshot.ratio"),
        Row("rows", "snapshot.rows"),
    ],
)


def measure(report: Report, *, copies: int = 25, rounds: int = 3) -> None:
    """Load, then time both; the fastest of `rounds` counts."""
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name) / "network")
        run(home.lineshaft("load"))
        database = home.folder / "lineshaft.sqlite3"
        facts = [_multiplied(fact, copies) for fact in _facts()]
        written, fetched, rows = [], [], 0
        for number in range(rounds):
            started = time.perf_counter()
            manifest = write_snapshot(
                DatabaseSource("sqlite", str(database)),
                facts,
                Path(name) / "snapshots",
                taken_at=TAKEN_AT + timedelta(hours=number),
                fiscal_year=FiscalYear(10),
                program="bench",
            )
            written.append(time.perf_counter() - started)
            rows = manifest.rows
            fetched.append(_seconds_of(lambda: _fetch(database, facts)))
    note = f"fastest of {rounds}"
    report("snapshot.rows", rows, "rows", f"{copies} copies of the demonstration's facts")
    report("snapshot.rate", rows / min(written), "rows/s", note)
    report("snapshot.fetch_rate", rows / min(fetched), "rows/s", note)
    report("snapshot.ratio", min(fetched) / min(written), "", "to fetching alone")


def _facts() -> tuple[FactTable, ...]:
    """The facts that the program declares."""
    return (*NETWORK_FACTS, *MEMBERSHIP_FACTS, *FUNDING_FACTS)


def _multiplied(fact: FactTable, copies: int) -> FactTable:
    """The fact with each of its rows `copies` times; names and numbers are the program's own."""
    columns = ", ".join(f"fact.{name}" for name in fact.column_names)
    numbers = (
        "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL"
        f" SELECT number + 1 FROM numbers WHERE number < {copies}) SELECT number FROM numbers"
    )
    sql = f"SELECT {columns} FROM ({fact.sql}) AS fact CROSS JOIN ({numbers}) AS copy"
    return replace(fact, sql=sql)


def _fetch(database: Path, facts: list[FactTable]) -> None:
    connection = sqlite3.connect(database)
    for fact in facts:
        cursor = connection.execute(fact.sql)
        while cursor.fetchmany(10_000):
            pass
    connection.close()


def _seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    """Print one line for each number."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--copies", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()

    def report(name: str, value: float, unit: str, note: str) -> None:
        print(f"{name:<24} {value:>14,.2f} {unit:<8} {note}", flush=True)

    measure(report, copies=chosen.copies, rounds=chosen.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
