"""Pages and verification of a ledger of millions of transfers, posted by the bulk verb.

Twenty agreements of four institutes; one transfer in five is of the first of them. Money is
authorised, obligated and drawn in turn, day by day over the five years of their terms; one
obligation in a hundred is drawn in half. Transfers are posted until there are as many as asked
for or the time is over: how many there were is reported beside the figures. Each page is asked for
on the production server; a page's queries must be as many as with the first ten thousand transfers.

The ledger is re-derived as `lineshaft verify` does it; the baseline sums the same rows, by pair of
accounts and kind, once in DuckDB's memory.

    python bench/millions.py [--transfers 10000000] [--seconds 1800] [--only postgresql]
"""

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import pages
from bench.program import Home, make_ready, on_core, run, scratch_database, seconds_of
from bench.report import AtMost, Exactly, Report, Row, Section

POSTGRESQL: Final = "postgres://postgres@127.0.0.1:5432/postgres"
TRANSFERS: Final = 10_000_000
FILL_S: Final = 1800
VENDORS: Final = ("postgresql", "sqlite")
SHARE_OF_SQLITE: Final = 10
"""SQLite's ledger has so many times fewer transfers, and so much less time to be filled."""

BATCH_ROWS: Final = 10_000
AGREEMENTS: Final = 20
INSTITUTES: Final = 4
STARTS_ON: Final = date(2021, 10, 1)
ENDS_ON: Final = date(2026, 10, 1)
NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)
MIDDLE: Final = date(2024, 3, 31)
AMOUNT_MINOR: Final = 10_000
REQUESTS: Final = 20
PAGE_MS_MAX: Final = 300.0
PAGES: Final = {
    "funding": "an institute's funding",
    "agreement": "balances and transfers of the largest agreement",
    "agreement_deep": "the same list, page 5,000",
    "report": "its SF-425, last period",
    "report_middle": "its SF-425, in mid-term",
    "line": "records behind line 10a in mid-term",
    "line_deep": "the same list, page 5,000",
}


def _rows(vendor: str) -> list[Row]:
    name = f"millions.{vendor}"
    rows = [
        Row(f"transfers, {vendor}", f"{name}.transfers"),
        Row(f"transfers of the largest agreement, {vendor}", f"{name}.largest"),
        Row(f"posted in batches of {BATCH_ROWS:,}, {vendor}", f"{name}.rate"),
    ]
    for key, title in PAGES.items():
        rows += [
            Row(f"{title}, {vendor}: median", f"{name}.{key}.median", bound=AtMost(PAGE_MS_MAX)),
            Row(
                f"{title}, {vendor}: queries, beside those at {BATCH_ROWS:,} transfers",
                f"{name}.{key}.queries",
                f"{name}.{key}.queries_before",
                bound=Exactly(1),
            ),
        ]
    return [
        *rows,
        Row(f"ledger re-derived, {vendor}", f"{name}.derived", f"{name}.duckdb"),
        Row(f"`lineshaft verify`, {vendor}", f"{name}.verify"),
    ]


SECTION: Final = Section(
    "Millions of transfers",
    "Pages as a programme officer asks for them, one request after the other, on the production"
    " server; PostgreSQL has been analysed. Baseline of the re-derivation: one aggregate of the"
    " same rows in DuckDB.",
    [row for vendor in VENDORS for row in _rows(vendor)],
)


def measure(
    report: Report,
    *,
    postgresql: str = POSTGRESQL,
    transfers: int = TRANSFERS,
    seconds: float = FILL_S,
    vendors: Sequence[str] = VENDORS,
) -> None:
    """Fill a ledger of each database, then ask for the pages and verify it."""
    for vendor in vendors:
        part = 1 if vendor == "postgresql" else SHARE_OF_SQLITE
        with _home(vendor, postgresql) as home:
            _measure(report, home, vendor, transfers // part, seconds / part)


@contextlib.contextmanager
def _home(vendor: str, postgresql: str) -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "network"
        folder.mkdir()
        if vendor == "sqlite":
            yield Home(folder)
            return
        with scratch_database(postgresql, f"lineshaft_millions_{time.time_ns()}") as address:
            yield Home(folder, address)


def _measure(report: Report, home: Home, vendor: str, transfers: int, seconds: float) -> None:
    name = f"millions.{vendor}"
    make_ready(home)
    _child(home, "--fill", str(BATCH_ROWS), "--seconds", "0", "--of", str(transfers))
    before = _child(home, "--inspect")
    filled = _child(home, "--fill", str(transfers), "--seconds", str(seconds))
    report(f"{name}.transfers", filled["transfers"], "", f"asked for {transfers:,}")
    report(f"{name}.largest", filled["largest"], "", "")
    report(f"{name}.rate", filled["rate"], "transfers/s", "")
    inspected = _child(home, "--inspect")
    with pages.server(home) as port, on_core(0):
        for key in PAGES:
            timed = pages.time_page(port, inspected["paths"][key], inspected["cookie"], REQUESTS)
            note = f"p95 {timed.p95_ms:.1f} ms, {timed.size_bytes / 1000:.0f} kB"
            report(f"{name}.{key}.median", timed.median_ms, "ms", note)
            report(f"{name}.{key}.queries", inspected["queries"][key], "queries", "")
            report(f"{name}.{key}.queries_before", before["queries"][key], "queries", "")
    derived = _child(home, "--derive")
    report(f"{name}.derived", derived["verify_s"], "s", f"{derived['problems']} problems")
    report(f"{name}.duckdb", derived["duckdb_s"], "s", f"{derived['rows']:,} rows in memory")
    report(f"{name}.verify", seconds_of(home.lineshaft("verify")), "s", "with the audit trail")


def _child(home: Home, *words: str) -> dict[str, Any]:
    """What this file finds in a process that has the instance's environment."""
    answer = run(home.command(sys.executable, str(Path(__file__).resolve()), *words))
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return found


# ------------------------------------------------------- in the process that has the program loaded


def fill(transfers: int, seconds: float, of: int) -> dict[str, Any]:
    """Post batches until there are so many transfers or the time is over, one batch at least.

    `of` is how many there will be in the end, over which the days are spread.
    """
    from django.db import connection  # noqa: PLC0415 -- after django.setup

    from lineshaft.apps.funding import services  # noqa: PLC0415 -- as above
    from lineshaft.apps.funding.models import Transfer  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    agreement_ids = _agreement_ids()
    first = posted = Transfer.objects.count()
    rows = _rows_from(posted, of, agreement_ids)
    started_s = time.perf_counter()
    took_s = 0.0
    while posted < transfers and (posted == first or took_s < seconds):
        batch = [next(rows) for _ in range(min(BATCH_ROWS, transfers - posted))]
        services.post_transfers(Actor.system("bench"), batch, now=NOW, why="bench")
        posted += len(batch)
        took_s = time.perf_counter() - started_s
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    largest = Transfer.objects.filter(agreement_id=agreement_ids[0]).count()
    rate = (posted - first) / took_s if took_s else 0.0
    return {"transfers": posted, "largest": largest, "rate": rate}


def _agreement_ids() -> list[int]:
    from lineshaft.apps.funding import services  # noqa: PLC0415 -- after django.setup
    from lineshaft.apps.funding.models import Agreement  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.models import Agency, Institute  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    actor = Actor.system("bench")
    agency, is_new = Agency.objects.get_or_create(key="BENCH", defaults={"name": "Bench"})
    for place in range(AGREEMENTS if is_new else 0):
        key = f"bench-{place % INSTITUTES}"
        institute, _ = Institute.objects.get_or_create(
            key=key, defaults={"name": key, "status": "active"}
        )
        terms = services.AgreementTerms(
            number=f"M-{place:02}",
            currency="USD",
            signed_on=STARTS_ON,
            starts_on=STARTS_ON,
            ends_on=ENDS_ON,
            federal_total_minor=2**60,
        )
        signed = services.sign_agreement(actor, institute, agency, terms=terms, now=NOW)
        services.activate_agreement(actor, signed.pk, today=NOW.date(), now=NOW)
    return list(Agreement.objects.order_by("number").values_list("pk", flat=True))


def _rows_from(first: int, of: int, agreement_ids: Sequence[int]) -> Iterator[Any]:
    """The rows from the one with that number on; three of them are a turn under one agreement."""
    from lineshaft.apps.funding.rules import TransferCode  # noqa: PLC0415 -- after django.setup
    from lineshaft.apps.funding.services import TransferRow  # noqa: PLC0415 -- as above
    from lineshaft.kernel.ids import derived_id  # noqa: PLC0415 -- as above

    codes = (TransferCode.AUTHORISE, TransferCode.OBLIGATE, TransferCode.DRAW)
    days = (ENDS_ON - STARTS_ON).days
    number = first
    while True:
        turn, step = divmod(number, len(codes))
        others, place = divmod(turn, 5)
        at = 1 + (others * 4 + place - 1) % (AGREEMENTS - 1) if place else 0
        is_half = step == 2 and turn % 100 == 0
        yield TransferRow(
            derived_id("millions", number),
            agreement_ids[at],
            codes[step],
            AMOUNT_MINOR // 2 if is_half else AMOUNT_MINOR,
            "USD",
            STARTS_ON + timedelta(days=min(days - 1, number * days // of)),
            pending_id=derived_id("millions", number - 1) if step == 2 else None,
            reference=f"bench {number}",
        )
        number += 1


def inspect() -> dict[str, Any]:
    """What to ask for, as whom, and how many queries each page makes once the caches are warm."""
    from django.conf import settings  # noqa: PLC0415 -- after django.setup
    from django.db import connection  # noqa: PLC0415 -- as above
    from django.test import Client  # noqa: PLC0415 -- as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(_officer())
    paths = _paths(_agreement_ids()[0])
    queries = {}
    for key, path in paths.items():
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        queries[key] = len(captured)
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}"
    return {"paths": paths, "cookie": cookie, "queries": queries}


def _officer() -> Any:
    from lineshaft.plumbing.access.models import Grant, User  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.roles import Role, ScopeKind  # noqa: PLC0415 -- as above

    email = "officer@example.org"
    officer = User.objects.filter(email=email).first()
    if officer is None:
        officer = User.objects.create_user(email, name="Officer")
        Grant.objects.create(
            user=officer,
            role=Role.PROGRAMME_OFFICER,
            scope_kind=ScopeKind.NETWORK,
            scope_id="",
            starts_on=STARTS_ON,
        )
    return officer


def _paths(agreement_id: int) -> dict[str, str]:
    from django.urls import reverse  # noqa: PLC0415 -- after django.setup

    agreement = reverse("funding:show_agreement", args=[agreement_id])
    report = reverse("funding:show_financial_report", args=[agreement_id])
    line = reverse("funding:show_report_line", args=[agreement_id, "a"])
    middle = f"period_end={MIDDLE.isoformat()}"
    return {
        "funding": reverse("funding:show_funding", args=["bench-0"]),
        "agreement": agreement,
        "agreement_deep": f"{agreement}?page=5000",
        "report": report,
        "report_middle": f"{report}?{middle}",
        "line": f"{line}?{middle}",
        "line_deep": f"{line}?{middle}&page=5000",
    }


def derive() -> dict[str, Any]:
    """How long the ledger takes to be re-derived, and DuckDB to sum the same rows once."""
    import duckdb  # noqa: PLC0415 -- only this process reads with it

    from lineshaft.apps.funding import services  # noqa: PLC0415 -- after django.setup

    started_s = time.perf_counter()
    problems = services.verify_ledger()
    verify_s = time.perf_counter() - started_s
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as engine:
        file = Path(folder) / "transfers.parquet"
        _write_parquet(file, Path(folder))
        engine.execute(f"CREATE TABLE transfer AS SELECT * FROM '{file}'")
        (rows,) = engine.execute("SELECT COUNT(*) FROM transfer").fetchone() or (0,)
        durations = []
        for _ in range(3):
            started_s = time.perf_counter()
            engine.execute(
                "SELECT debit_account_id, credit_account_id, kind, SUM(amount_minor), COUNT(*)"
                " FROM transfer GROUP BY ALL"
            ).fetchall()
            durations.append(time.perf_counter() - started_s)
    return {
        "verify_s": verify_s,
        "problems": len(problems),
        "duckdb_s": statistics.median(durations),
        "rows": rows,
    }


def _write_parquet(file: Path, scratch: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 -- only this process writes with it

    from lineshaft.apps.insight.services.snapshots import database_source  # noqa: PLC0415
    from lineshaft.engines.analytics.facts import FactColumn, FactTable  # noqa: PLC0415
    from lineshaft.engines.analytics.source import arrow_schema, reading  # noqa: PLC0415

    names = ("debit_account_id", "credit_account_id", "amount_minor")
    table = FactTable(
        name="posted",
        grain="one transfer",
        sql=f"SELECT {', '.join(names)}, kind FROM funding_transfer",
        columns=(
            *(FactColumn(name, "int64", "", "A number of the transfer.") for name in names),
            FactColumn("kind", "string", "", "Its kind."),
        ),
    )
    with (
        reading(database_source(), scratch) as read,
        pq.ParquetWriter(file, arrow_schema(table)) as writer,
    ):
        for batch in read.batches(table):
            writer.write_batch(batch)


def main() -> int:
    """Print one line for each figure; within an instance, what was found there as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--transfers", type=int, default=TRANSFERS)
    parser.add_argument("--seconds", type=float, default=FILL_S)
    parser.add_argument("--only", choices=VENDORS)
    parser.add_argument("--postgresql", default=POSTGRESQL)
    for word in ("--fill", "--of"):
        parser.add_argument(word, type=int, help=argparse.SUPPRESS)
    for word in ("--inspect", "--derive"):
        parser.add_argument(word, action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.fill or chosen.inspect or chosen.derive:
        import django  # noqa: PLC0415 -- only these processes load the program

        django.setup()
        if chosen.fill:
            found = fill(chosen.fill, chosen.seconds, chosen.of or chosen.fill)
        else:
            found = inspect() if chosen.inspect else derive()
        print(json.dumps(found))
        return 0

    def report(name: str, value: float, unit: str, note: str) -> None:
        print(f"{name:<48} {value:>14,.2f} {unit:<12} {note}", flush=True)

    measure(
        report,
        postgresql=chosen.postgresql,
        transfers=chosen.transfers,
        seconds=chosen.seconds,
        vendors=(chosen.only,) if chosen.only else VENDORS,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
