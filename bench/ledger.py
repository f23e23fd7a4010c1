"""Ledger transfers per second, as a ratio to bare SQL inserts of the same rows in one database.

The bare rows go into the same table with its indexes, checks and foreign keys, by the faster of a
multi-row INSERT and the driver's own executemany, each batch in one transaction. What the bulk verb
adds is what the ratio shows: permission, locks, limits, holds, balances, idempotence, audit event.
Rounds alternate, so that both see the same table sizes; the median counts.

    .venv/bin/python bench/ledger.py [--postgresql ADDRESS] [--rows 10000] [--rounds 5]
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

POSTGRESQL = "postgres://postgres@127.0.0.1:5432/postgres"
RATIO_FLOOR = 0.4
QUERIES_MAX = 8
BEGIN_AND_END = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")
AGREEMENTS = 20
VALUES_ROWS = 1_000
SINGLE_POSTS = 300

type Report = Callable[[str, float, str, str], None]


def run(
    report: Report, *, postgresql: str = POSTGRESQL, rows: int = 10_000, rounds: int = 5
) -> None:
    """Measure on a SQLite file and on a scratch PostgreSQL database, each in its own process.

    Calls `report(name, value, unit, note)` once for each figure; a PostgreSQL that does not answer
    is reported as a note without a value of its own (NaN).
    """
    with tempfile.TemporaryDirectory() as folder:
        for line in _measured(f"sqlite:///{folder}/ledger.sqlite3", folder, rows, rounds):
            report(*line)
        try:
            scratch = _scratch_database(postgresql)
        except OSError as error:
            report("ledger.postgresql", float("nan"), "", f"skipped: {error}")
            return
        with scratch as url:
            for line in _measured(url, folder, rows, rounds):
                report(*line)


@contextmanager
def _dropped_after(postgresql: str, name: str) -> Iterator[str]:
    import psycopg  # noqa: PLC0415 -- only where PostgreSQL is measured

    try:
        yield f"{postgresql.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(postgresql, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _scratch_database(postgresql: str) -> Any:
    import psycopg  # noqa: PLC0415 -- only where PostgreSQL is measured

    name = f"lineshaft_bench_{os.getpid()}"
    try:
        with psycopg.connect(postgresql, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
    except psycopg.OperationalError as error:
        raise OSError(str(error).splitlines()[0]) from error
    return _dropped_after(postgresql, name)


def _measured(url: str, folder: str, rows: int, rounds: int) -> list[tuple[str, float, str, str]]:
    """Run this file again on one database; the settings read its address from the environment."""
    done = subprocess.run(
        [  # noqa: S607 -- env is where every system has it
            "env",
            f"DATABASE_URL={url}",
            f"LINESHAFT_VAR={folder}",
            "DJANGO_SETTINGS_MODULE=lineshaft.config.settings",
            sys.executable,
            str(Path(__file__).resolve()),
            "--measure",
            f"--rows={rows}",
            f"--rounds={rounds}",
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return [tuple(line) for line in json.loads(done.stdout)]


def _measure(rows: int, rounds: int) -> list[tuple[str, float, str, str]]:
    import django  # noqa: PLC0415 -- after the environment is set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- as above
    from django.db import connection  # noqa: PLC0415 -- as above

    call_command("migrate", verbosity=0, run_syncdb=True, skip_checks=True)
    vendor = connection.vendor
    ledger = _Ledger()
    ways: dict[str, Callable[[Sequence[Any]], None]] = {
        "values": ledger.insert_values,
        "executemany": ledger.insert_many,
    }
    if vendor == "postgresql":
        ways["copy"] = ledger.insert_copy
    seconds: dict[str, list[float]] = {name: [] for name in (*ways, "post_transfers")}
    for _ in range(rounds + 1):  # the first round warms up and is thrown away
        for name, way in ways.items():
            lines = ledger.lines(ledger.rows(rows))
            seconds[name].append(_timed(partial(way, lines)))
        batch = ledger.rows(rows)
        seconds["post_transfers"].append(_timed(partial(ledger.post, batch)))
    median = {name: statistics.median(found[1:]) for name, found in seconds.items()}
    bare_name = min(("values", "executemany"), key=lambda name: median[name])
    ratio = median[bare_name] / median["post_transfers"]
    results = [
        (f"ledger.{vendor}.bare_inserts", rows / median[bare_name], "rows/s", bare_name),
        (f"ledger.{vendor}.batch", rows / median["post_transfers"], "transfers/s", f"of {rows}"),
        (f"ledger.{vendor}.batch_ratio", ratio, "", f"to bare inserts, floor {RATIO_FLOOR}"),
    ]
    if "copy" in median:
        copied = median["copy"] / median["post_transfers"]
        results.append((f"ledger.{vendor}.batch_ratio_to_copy", copied, "", "to a bare COPY"))
    return results + ledger.single_posts(vendor)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class _Ledger:
    """Twenty agreements in an empty database, and batches that keep within their limits."""

    def __init__(self) -> None:
        from lineshaft.apps.funding import services  # noqa: PLC0415 -- after django.setup
        from lineshaft.apps.funding.models import Account  # noqa: PLC0415 -- as above
        from lineshaft.apps.funding.rules import CODES, TransferCode  # noqa: PLC0415 -- as above
        from lineshaft.apps.network.models import Agency, Institute  # noqa: PLC0415 -- as above
        from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

        self.services, self.codes, self.code = services, CODES, TransferCode
        self.actor, self.now = Actor.system("bench"), datetime(2026, 11, 23, tzinfo=UTC)
        self.day = date(2026, 11, 1)
        self.random = random.Random(20261123)
        agency = Agency.objects.create(key="BENCH", name="Bench")
        institute = Institute.objects.create(key="bench", name="Bench", status="active")
        terms = services.AgreementTerms(
            "", "USD", date(2024, 1, 1), date(2024, 1, 1), date(2030, 1, 1), 2**60
        )
        self.agreements = []
        for place in range(AGREEMENTS):
            numbered = services.AgreementTerms(
                **{name: getattr(terms, name) for name in terms.__slots__}
                | {"number": f"B-{place}"}
            )
            signed = services.sign_agreement(
                self.actor, institute, agency, terms=numbered, now=self.now
            )
            services.activate_agreement(self.actor, signed.pk, today=self.day, now=self.now)
            self.agreements.append(signed)
        self.accounts = {
            (account.agreement_id, account.kind): account.pk for account in Account.objects.all()
        }

    def rows(self, count: int) -> list[Any]:
        """A third authorised, a third obligated, a third drawn, spread over the agreements."""
        rows: list[Any] = []
        for place in range(count):
            agreement = self.agreements[(place // 3) % AGREEMENTS]
            code = (self.code.AUTHORISE, self.code.OBLIGATE, self.code.DRAW)[place % 3]
            pending = rows[-1].id if code is self.code.DRAW else None
            rows.append(
                self.services.TransferRow(
                    uuid.UUID(int=self.random.getrandbits(128), version=4),
                    agreement.pk,
                    code,
                    1_000_000,
                    "USD",
                    self.day,
                    pending_id=pending,
                    reference=f"bench {place}",
                )
            )
        return rows

    def lines(self, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The same rows as the table holds them."""
        return [
            (
                row.id,
                row.agreement_id,
                self.codes[row.code].kind.value,
                row.code.value,
                self.accounts[(None, "appropriation")]
                if row.code is self.code.AUTHORISE
                else self.accounts[(row.agreement_id, "award")],
                self.accounts[
                    (row.agreement_id, "award" if row.code is self.code.AUTHORISE else "drawn")
                ],
                row.amount_minor,
                row.currency,
                row.occurred_on,
                row.pending_id,
                None,
                row.reference,
                "",
                None,
                self.now,
            )
            for row in rows
        ]

    def post(self, rows: Sequence[Any]) -> None:
        self.services.post_transfers(self.actor, rows, now=self.now, why="bench")

    def insert_values(self, lines: Sequence[tuple[Any, ...]]) -> None:
        """Multi-row INSERTs."""
        from django.db import connection, transaction  # noqa: PLC0415 -- after django.setup

        one = f"({', '.join(['%s'] * len(lines[0]))})"
        with transaction.atomic(), connection.cursor() as cursor:
            for start in range(0, len(lines), VALUES_ROWS):
                part = [self._adapted(line) for line in lines[start : start + VALUES_ROWS]]
                cursor.execute(
                    f"{self._insert()} {', '.join([one] * len(part))}",
                    [value for line in part for value in line],
                )

    def insert_many(self, lines: Sequence[tuple[Any, ...]]) -> None:
        """The driver's own way for many rows."""
        from django.db import connection, transaction  # noqa: PLC0415 -- as above

        one = f"({', '.join(['%s'] * len(lines[0]))})"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(f"{self._insert()} {one}", [self._adapted(line) for line in lines])

    def insert_copy(self, lines: Sequence[tuple[Any, ...]]) -> None:
        """PostgreSQL's bulk protocol, for comparison."""
        from django.db import connection, transaction  # noqa: PLC0415 -- as above

        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY funding_transfer ({self._columns()}) FROM STDIN") as copy,
        ):
            for line in lines:
                copy.write_row(line)

    def single_posts(self, vendor: str) -> list[tuple[str, float, str, str]]:
        """Single posts per second and as a ratio to a bare single insert; queries of one."""
        from django.db import connection  # noqa: PLC0415 -- after django.setup
        from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

        bare = [
            _timed(partial(self.insert_many, [line]))
            for line in self.lines(self.rows(SINGLE_POSTS))
        ]
        posts = [
            _timed(partial(self.services.post_transfer, self.actor, row, now=self.now))
            for row in self.rows(SINGLE_POSTS)
        ]
        queries = 0
        for row in self.rows(3):
            with CaptureQueriesContext(connection) as captured:
                self.services.post_transfer(self.actor, row, now=self.now)
            asked = [one for one in captured if not one["sql"].startswith(BEGIN_AND_END)]
            queries = max(queries, len(asked))
        per_post, per_bare = statistics.median(posts), statistics.median(bare)
        return [
            (f"ledger.{vendor}.single", 1 / per_post, "transfers/s", "median"),
            (f"ledger.{vendor}.single_ratio", per_bare / per_post, "", "to a bare single insert"),
            (
                f"ledger.{vendor}.single_queries",
                queries,
                "queries",
                f"bound {QUERIES_MAX}, beside BEGIN and COMMIT",
            ),
        ]

    def _insert(self) -> str:
        return f"INSERT INTO funding_transfer ({self._columns()}) VALUES"

    @staticmethod
    def _columns() -> str:
        from lineshaft.apps.funding.services.book import COLUMNS  # noqa: PLC0415 -- as above

        return ", ".join((*COLUMNS, "recorded_by_id", "recorded_at"))

    @staticmethod
    def _adapted(line: tuple[Any, ...]) -> tuple[Any, ...]:
        from django.db import connection  # noqa: PLC0415 -- as above

        if connection.vendor == "postgresql":
            return line
        return tuple(
            value.hex
            if isinstance(value, uuid.UUID)
            else str(value)
            if isinstance(value, date)
            else value
            for value in line
        )


def main() -> int:
    """Print one line for each figure; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--postgresql", default=POSTGRESQL)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(_measure(chosen.rows, chosen.rounds)))
        return 0
    found: dict[str, float] = {}

    def report(name: str, value: float, unit: str, note: str) -> None:
        found[name] = value
        print(f"{name:<40} {value:>12,.2f} {unit:<12} {note}", flush=True)

    run(report, postgresql=chosen.postgresql, rows=chosen.rows, rounds=chosen.rounds)
    missed = [
        name
        for name, value in found.items()
        if (name == "ledger.postgresql.batch_ratio" and value < RATIO_FLOOR)
        or (name.endswith("single_queries") and value > QUERIES_MAX)
    ]
    if missed:
        print(f"missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
