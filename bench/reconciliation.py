"""Lines of a payment file and of a bank's statement, matched by the rules with as many entries.

Two institutes, one with a thousand drawdowns and one with ten thousand, over one fiscal year and
ten agreements. Of ten drawdowns five are named in both sources by their reference, three are known
by amount and day alone, one came in two parts, and one was never paid: instead both sources have a
line that the ledger lacks. The rules join all that they may in one run; what is left is explained
in one act. Then the pages are asked for on the production server; a page's queries must be as many
with ten thousand lines as with a thousand.

    python bench/reconciliation.py [--drawdowns 10000] [--only postgresql]
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import pages
from bench.program import Home, make_ready, on_core, run, scratch_database
from bench.report import AtMost, Exactly, Report, Row, Section

POSTGRESQL: Final = "postgres://postgres@127.0.0.1:5432/postgres"
VENDORS: Final = ("postgresql", "sqlite")
SOURCES: Final = {"payment": "payment file", "bank": "bank's statement"}
DRAWDOWNS: Final = 10_000
PART: Final = 10
"""So many times fewer drawdowns has the institute that the large one is compared with."""

AGREEMENTS: Final = 10
BATCH_ROWS: Final = 10_000
YEAR: Final = 2025
STARTS_ON: Final = date(2024, 10, 1)
DAYS: Final = 350
NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)
REQUESTS: Final = 20
PAGE_MS_MAX: Final = 300.0
MATCH_S_MAX: Final = 10.0
GROWTH_MAX: Final = 2.0
"""A line may take this much longer among ten times as many; a search of all with all, ten times."""

PAGES: Final = {
    "reconciliation": "an institute's reconciliation",
    "lines": "its lines",
    "lines_deep": "the same list, last page",
    "entries": "the entries beside them",
    "unmatched": "its unmatched lines",
}


def _rows(vendor: str) -> list[Row]:
    name = f"reconciliation.{vendor}"
    rows = [Row(f"drawdowns, {vendor}", f"{name}.drawdowns")]
    for source, title in SOURCES.items():
        of = f"{name}.{source}"
        rows += [
            Row(f"{title} matched, {vendor}", f"{of}.match", bound=AtMost(MATCH_S_MAX)),
            Row(
                f"{title}: a line, beside one of {PART} times fewer, {vendor}",
                f"{of}.per_line",
                f"{of}.per_line_before",
                bound=AtMost(GROWTH_MAX),
            ),
        ]
    rows.append(Row(f"what is left explained in one act, {vendor}", f"{name}.explain"))
    for key, title in PAGES.items():
        rows += [
            Row(f"{title}, {vendor}: median", f"{name}.{key}.median", bound=AtMost(PAGE_MS_MAX)),
            Row(
                f"{title}, {vendor}: queries, beside those with {PART} times fewer lines",
                f"{name}.{key}.queries",
                f"{name}.{key}.queries_before",
                bound=Exactly(1),
            ),
        ]
    return rows


SECTION: Final = Section(
    "Reconciliation",
    "Lines matched by the rules with as many entries of the ledger, what is left explained in one"
    " act, and the pages as a finance officer asks for them, on the production server. Baseline:"
    f" the same with {PART} times fewer.",
    [row for vendor in VENDORS for row in _rows(vendor)],
)


def measure(
    report: Report,
    *,
    postgresql: str = POSTGRESQL,
    drawdowns: int = DRAWDOWNS,
    vendors: Sequence[str] = VENDORS,
) -> None:
    """Fill the books of both institutes in each database, match them, and ask for the pages."""
    for vendor in vendors:
        with _home(vendor, postgresql) as home:
            _measure(report, home, vendor, drawdowns)


@contextlib.contextmanager
def _home(vendor: str, postgresql: str) -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "network"
        folder.mkdir()
        if vendor == "sqlite":
            yield Home(folder)
            return
        with scratch_database(postgresql, f"lineshaft_reconciled_{time.time_ns()}") as address:
            yield Home(folder, address)


def _measure(report: Report, home: Home, vendor: str, drawdowns: int) -> None:
    name = f"reconciliation.{vendor}"
    make_ready(home)
    before = _child(home, "--books", str(drawdowns // PART))
    found = _child(home, "--books", str(drawdowns))
    report(f"{name}.drawdowns", drawdowns, "", "")
    for source in SOURCES:
        lines, seconds = found["lines"][source], found["match_s"][source]
        joined = ", ".join(f"{count:,} by {rule}" for rule, count in found["by_rule"].items())
        report(f"{name}.{source}.match", seconds, "s", f"{lines:,} lines; {joined}")
        for figure, measured in (("per_line", found), ("per_line_before", before)):
            used_us = measured["used_s"][source] / measured["lines"][source] * 1e6
            report(f"{name}.{source}.{figure}", used_us, "µs", "of the program's processor time")
    report(f"{name}.explain", found["explain_s"], "s", f"{found['left']:,} lines")
    with pages.server(home) as port, on_core(0):
        for key in PAGES:
            timed = pages.time_page(port, found["paths"][key], found["cookie"], REQUESTS)
            note = f"p95 {timed.p95_ms:.1f} ms, {timed.size_bytes / 1000:.0f} kB"
            report(f"{name}.{key}.median", timed.median_ms, "ms", note)
            report(f"{name}.{key}.queries", found["queries"][key], "queries", "")
            report(f"{name}.{key}.queries_before", before["queries"][key], "queries", "")


def _child(home: Home, *words: str) -> dict[str, Any]:
    """What this file finds in a process that has the instance's environment."""
    answer = run(home.command(sys.executable, str(Path(__file__).resolve()), *words))
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return found


# ------------------------------------------------------- in the process that has the program loaded


def books(drawdowns: int) -> dict[str, Any]:
    """An institute with so many drawdowns and their lines: matched, looked at, and explained."""
    from django.db import connection  # noqa: PLC0415 -- after django.setup

    from lineshaft.apps.funding import services  # noqa: PLC0415 -- as above
    from lineshaft.apps.funding.models import StatementLine  # noqa: PLC0415 -- as above
    from lineshaft.apps.funding.queries import (  # noqa: PLC0415 -- as above
        ReconciliationScope,
        lines_in,
        state_q,
    )
    from lineshaft.apps.funding.rules import LineSource, LineState  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.models import Institute  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    actor = Actor.system("bench")
    key = f"bench-{drawdowns}"
    _fill(actor, key, drawdowns)
    institute = Institute.objects.get(key=key)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    lines, match_s, used_s = {}, {}, {}
    by_rule: dict[str, int] = {}
    for source in LineSource:
        mine = StatementLine.objects.filter(institute=institute, source=source)
        lines[str(source)] = mine.count()
        started_s, used_before_s = time.perf_counter(), time.process_time()
        outcome = services.match_lines(actor, institute, source, now=NOW)
        match_s[str(source)] = time.perf_counter() - started_s
        used_s[str(source)] = time.process_time() - used_before_s
        by_rule = dict(outcome.matches_by_rule)
    looked_at = inspect(key)
    scope = ReconciliationScope(institute, LineSource.BANK, date.min, date.max)
    open_lines = lines_in(actor, scope).filter(state_q(LineState.UNMATCHED))
    left = list(open_lines.values_list("pk", flat=True))
    started_s = time.perf_counter()
    services.explain_lines(actor, left, id=_id(key, "explained"), reason="a fee", now=NOW)
    explain_s = time.perf_counter() - started_s
    return {
        "lines": lines,
        "match_s": match_s,
        "used_s": used_s,
        "by_rule": by_rule,
        "left": len(left),
        "explain_s": explain_s,
        **looked_at,
    }


def _id(*parts: str | int) -> Any:
    from lineshaft.kernel.ids import derived_id  # noqa: PLC0415 -- after django.setup

    return derived_id("reconciliation", *parts)


def _fill(actor: Any, key: str, drawdowns: int) -> None:
    from lineshaft.apps.funding import services  # noqa: PLC0415 -- after django.setup

    agreement_ids = _agreement_ids(actor, key)
    rows: list[Any] = []
    paid: list[Any] = []
    banked: list[Any] = []
    for number, (amount, on) in enumerate(_drawn(drawdowns)):
        under = agreement_ids[number % AGREEMENTS]
        rows += _drawdown(key, number, under, amount, on)
        for part, booked_on, named in _parts(number, amount, on):
            line: dict[str, Any] = {"amount_minor": part, "currency": "USD", **named}
            line |= {"booked_on": booked_on, "counterparty": f"Firm {number % 40}"}
            paid.append(services.PaymentLine(agreement_id=under, **line))
            institute_id = _institute(key).pk
            banked.append(services.BankLine(institute_id=institute_id, account="main", **line))
    for start in range(0, len(rows), BATCH_ROWS):
        batch = rows[start : start + BATCH_ROWS]
        services.post_transfers(actor, batch, now=NOW, why="bench")
    services.record_payments(actor, paid, now=NOW, why="bench")
    services.record_statements(actor, banked, now=NOW, why="bench")


def _drawn(drawdowns: int) -> Iterator[tuple[int, date]]:
    """The amount and the day of each drawdown."""
    chance = Random(20261126)
    for number in range(drawdowns):
        yield (
            chance.randrange(10_000, 1_000_000),
            STARTS_ON + timedelta(days=number * DAYS // drawdowns),
        )


def _parts(number: int, amount: int, on: date) -> list[tuple[int, date, dict[str, str]]]:
    """The lines that a drawdown comes as: amount, day, and what names it."""
    turn = number % 10
    named = {"reference": f"P-{number}", "text": f"DRAW R-{number} FY{YEAR}"}
    if turn < 5:
        return [(amount, on + timedelta(days=turn * 3), named)]
    later = on + timedelta(days=number % 4)
    if turn < 8:
        return [(amount, later, {"reference": f"P-{number}"})]
    if turn == 8:
        half = amount // 2
        halves = enumerate((half, amount - half))
        return [(part, later, {**named, "reference": f"P-{number}-{n}"}) for n, part in halves]
    return [(-25, later, {"text": "monthly fee", "reference": f"F-{number}"})]


def _drawdown(key: str, number: int, under: int, amount: int, on: date) -> list[Any]:
    from lineshaft.apps.funding.rules import TransferCode  # noqa: PLC0415 -- after django.setup
    from lineshaft.apps.funding.services import TransferRow  # noqa: PLC0415 -- as above

    codes = (TransferCode.AUTHORISE, TransferCode.OBLIGATE, TransferCode.DRAW)
    ids = [_id(key, number, str(code)) for code in codes]
    return [
        TransferRow(
            pk,
            under,
            code,
            amount,
            "USD",
            on,
            pending_id=ids[1] if code is TransferCode.DRAW else None,
            reference=f"R-{number}" if code is TransferCode.DRAW else "",
        )
        for code, pk in zip(codes, ids, strict=True)
    ]


def _institute(key: str) -> Any:
    from lineshaft.apps.network.models import Institute  # noqa: PLC0415 -- after django.setup

    return Institute.objects.get_or_create(key=key, defaults={"name": key, "status": "active"})[0]


def _agreement_ids(actor: Any, key: str) -> list[int]:
    from lineshaft.apps.funding import services  # noqa: PLC0415 -- after django.setup
    from lineshaft.apps.network.models import Agency  # noqa: PLC0415 -- as above

    agency = Agency.objects.get_or_create(key="BENCH", defaults={"name": "Bench"})[0]
    found = []
    for place in range(AGREEMENTS):
        terms = services.AgreementTerms(
            number=f"{key}-{place}",
            currency="USD",
            signed_on=STARTS_ON,
            starts_on=STARTS_ON,
            ends_on=date(STARTS_ON.year + 5, 10, 1),
            federal_total_minor=2**50,
        )
        signed = services.sign_agreement(actor, _institute(key), agency, terms=terms, now=NOW)
        services.activate_agreement(actor, signed.pk, today=NOW.date(), now=NOW)
        found.append(signed.pk)
    return found


def inspect(key: str) -> dict[str, Any]:
    """What to ask for, as whom, and how many queries each page makes once the caches are warm."""
    from django.conf import settings  # noqa: PLC0415 -- after django.setup
    from django.db import connection  # noqa: PLC0415 -- as above
    from django.test import Client  # noqa: PLC0415 -- as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(_finance(key))
    paths = _paths(key)
    queries = {}
    for name, path in paths.items():
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        queries[name] = len(captured)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    return {"paths": paths, "cookie": cookie, "queries": queries}


def _finance(key: str) -> Any:
    from lineshaft.plumbing.access.models import Grant, User  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.roles import Role, ScopeKind  # noqa: PLC0415 -- as above

    holder = User.objects.create_user(f"{key}@example.org", name="Finance")
    Grant.objects.create(
        user=holder,
        role=Role.INSTITUTE_FINANCE,
        scope_kind=ScopeKind.INSTITUTE,
        scope_id=key,
        starts_on=STARTS_ON,
    )
    return holder


def _paths(key: str) -> dict[str, str]:
    from django.urls import reverse  # noqa: PLC0415 -- after django.setup

    def path(name: str, asked: str) -> str:
        return f"{reverse(f'funding:{name}', args=[key])}?fiscal_year={YEAR}{asked}"

    return {
        "reconciliation": path("show_reconciliation", ""),
        "lines": path("list_lines", "&source=bank"),
        "lines_deep": path("list_lines", "&source=bank&page=999999"),
        "entries": path("list_entries", "&source=bank"),
        "unmatched": path("list_lines", "&source=bank&state=unmatched"),
    }


def main() -> int:
    """Print one line for each figure; within an instance, what was found there as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--drawdowns", type=int, default=DRAWDOWNS)
    parser.add_argument("--only", choices=VENDORS)
    parser.add_argument("--postgresql", default=POSTGRESQL)
    parser.add_argument("--books", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.books:
        import django  # noqa: PLC0415 -- only this process loads the program

        django.setup()
        print(json.dumps(books(chosen.books)))
        return 0

    def report(name: str, value: float, unit: str, note: str) -> None:
        print(f"{name:<48} {value:>14,.2f} {unit:<12} {note}", flush=True)

    vendors = (chosen.only,) if chosen.only else VENDORS
    measure(report, postgresql=chosen.postgresql, drawdowns=chosen.drawdowns, vendors=vendors)
    return 0


if __name__ == "__main__":
    sys.exit(main())
