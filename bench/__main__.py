"""Run the benchmarks, judge them by their bounds, and write docs/reference/benchmarks.md.

    python -m bench                       everything, into the document
    python -m bench --only ledger,pages   some of them
    python -m bench --only pages --update --scale 100
                                          those alone, in the document in the place of the old
    python -m bench --scale 10            another large scale than 100
    python -m bench --transfers 1000000   another ledger than of 10 million transfers
    python -m bench --quick               fewer rounds, scales 1 and 5, no set-up: for trying

Only a whole run, or one that updates some sections, writes the document; any other writes beside
it, into var/bench. The exit status
is 1 where a bound does not hold or a benchmark fails.
"""

import argparse
import importlib
import sqlite3
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench import imports, lookalikes, millions, pages, reconciliation, startup
from bench.program import FOLDER, Failed
from bench.report import (
    DOCUMENT,
    AtLeast,
    AtMost,
    Findings,
    Report,
    Row,
    Section,
    document,
    load_of_machine,
    with_sections,
    write,
)

POSTGRESQL: Final = "postgres://postgres@127.0.0.1:5432/postgres"
LARGE_SCALE: Final = 100
QUICK_SCALE: Final = 5
QUICK_TRANSFERS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Options:
    """How thoroughly to measure."""

    scale: int
    is_quick: bool
    postgresql: str
    transfers: int
    is_update: bool = False


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What it shows, and what measures it."""

    section: Callable[[Options], Section]
    measure: Callable[[Report, Options], None]


LEDGER: Final = Section(
    "Ledger",
    "Transfers posted by the bulk verb, a batch in one transaction, and one by one. Baseline: the"
    " same rows inserted bare into the same table of the same database.",
    [
        Row(
            "batch, PostgreSQL",
            "ledger.postgresql.batch",
            "ledger.postgresql.bare_inserts",
            "ledger.postgresql.batch_ratio",
            AtLeast(0.4),
        ),
        Row(
            "batch, SQLite",
            "ledger.sqlite.batch",
            "ledger.sqlite.bare_inserts",
            "ledger.sqlite.batch_ratio",
        ),
        *(
            row
            for vendor in ("postgresql", "sqlite")
            for row in (
                Row(
                    f"single post, {vendor}",
                    f"ledger.{vendor}.single",
                    ratio=f"ledger.{vendor}.single_ratio",
                ),
                Row(
                    f"queries of a single post beside BEGIN and COMMIT, {vendor}",
                    f"ledger.{vendor}.single_queries",
                    bound=AtMost(8),
                ),
            )
        ),
    ],
)


def measure_ledger(report: Report, options: Options) -> None:
    from bench import ledger  # noqa: PLC0415 -- only where it is measured

    rows, rounds = (3_000, 2) if options.is_quick else (10_000, 5)
    ledger.run(report, postgresql=options.postgresql, rows=rows, rounds=rounds)


def measure_millions(report: Report, options: Options) -> None:
    millions.measure(report, postgresql=options.postgresql, transfers=options.transfers)


def measure_reconciliation(report: Report, options: Options) -> None:
    drawdowns = 1_000 if options.is_quick else reconciliation.DRAWDOWNS
    reconciliation.measure(report, postgresql=options.postgresql, drawdowns=drawdowns)


def measure_snapshot(report: Report, options: Options) -> None:
    from bench import snapshot  # noqa: PLC0415 -- as above

    copies, rounds = (3, 1) if options.is_quick else (25, 3)
    snapshot.measure(report, copies=copies, rounds=rounds)


def measure_figures(report: Report, options: Options) -> None:
    from bench import figures  # noqa: PLC0415 -- as above

    figures.measure(report, scale=options.scale, rounds=2 if options.is_quick else 5)


def measure_lookalikes(report: Report, options: Options) -> None:
    organisations = 10_000 if options.is_quick else lookalikes.ORGANISATIONS
    lookalikes.measure(report, postgresql=options.postgresql, organisations=organisations)


def measure_overlap(report: Report, options: Options) -> None:
    from bench import overlap  # noqa: PLC0415 -- only where it is measured

    if options.is_quick:
        overlap.measure(report, sizes=(7_000, 28_000), on_spark=(28_000,))
    else:
        overlap.measure(report)


def measure_awards(report: Report, options: Options) -> None:
    from bench import awards  # noqa: PLC0415 -- as above

    number = 5_000 if options.is_quick else awards.AWARDS
    awards.measure(report, postgresql=options.postgresql, awards=number)


def measure_resolution(report: Report, options: Options) -> None:
    from bench import resolution  # noqa: PLC0415 -- as above

    if options.is_quick:
        resolution.measure(report, sizes=resolution.SIZES[:2], on_spark=resolution.ON_SPARK[:1])
    else:
        resolution.measure(report)


def measure_assignment(report: Report, options: Options) -> None:
    from bench import assignment  # noqa: PLC0415 -- as above

    if options.is_quick:
        assignment.measure(report, applications=1_000, reviewers=560)
    else:
        assignment.measure(report)


def measure_affinity(report: Report, _options: Options) -> None:
    from bench import affinity  # noqa: PLC0415 -- as above

    affinity.measure(report)


def measure_competitions(report: Report, options: Options) -> None:
    from bench import competitions  # noqa: PLC0415 -- as above

    if options.is_quick:
        competitions.measure(report, sizes=competitions.QUICK_SIZES, requests=5)
    else:
        competitions.measure(report)


def competition_section(options: Options) -> Section:
    from bench import competitions  # noqa: PLC0415 -- as above

    return competitions.section(
        competitions.QUICK_SIZES if options.is_quick else competitions.SIZES
    )


def scales(options: Options) -> tuple[int, ...]:
    return (1, options.scale)


def section_of(name: str) -> Section:
    """The section that a benchmark's own module declares; it loads much, so only when it runs."""
    found: Section = importlib.import_module(f"bench.{name}").SECTION
    return found


BENCHMARKS: Final[dict[str, Benchmark]] = {
    "startup": Benchmark(
        lambda _options: startup.SECTION,
        lambda report, options: startup.measure(
            report, has_setup=not options.is_quick, rounds=1 if options.is_quick else 3
        ),
    ),
    "imports": Benchmark(
        lambda _options: imports.SECTION,
        lambda report, options: imports.measure(
            report, postgresql=options.postgresql, rounds=1 if options.is_quick else 3
        ),
    ),
    "ledger": Benchmark(lambda _options: LEDGER, measure_ledger),
    "millions": Benchmark(lambda _options: millions.SECTION, measure_millions),
    "reconciliation": Benchmark(lambda _options: reconciliation.SECTION, measure_reconciliation),
    "snapshot": Benchmark(lambda _options: section_of("snapshot"), measure_snapshot),
    "figures": Benchmark(lambda _options: section_of("figures"), measure_figures),
    "lookalikes": Benchmark(lambda _options: lookalikes.SECTION, measure_lookalikes),
    "overlap": Benchmark(lambda _options: section_of("overlap"), measure_overlap),
    "awards": Benchmark(lambda _options: section_of("awards"), measure_awards),
    "resolution": Benchmark(lambda _options: section_of("resolution"), measure_resolution),
    "assignment": Benchmark(lambda _options: section_of("assignment"), measure_assignment),
    "affinity": Benchmark(lambda _options: section_of("affinity"), measure_affinity),
    "competitions": Benchmark(competition_section, measure_competitions),
    "pages": Benchmark(
        lambda options: pages.section(scales(options)),
        lambda report, options: pages.measure(
            report, scales=scales(options), requests=20 if options.is_quick else 60
        ),
    ),
}


def main(arguments: list[str]) -> int:
    chosen, names = parse(arguments)
    load = load_of_machine()
    print(f"Before the run {load}; a busy machine makes every number worse.")
    findings = [measured(name, chosen) for name in names]
    databases = [f"SQLite {sqlite3.sqlite_version}", server_version(chosen.postgresql)]
    command = " ".join(["python -m bench", *arguments])
    text = document(findings, command=command, load=load, databases=databases)
    is_whole = not arguments
    if chosen.is_update:
        text = with_sections(DOCUMENT.read_text(encoding="utf-8"), findings, load=load)
    tried = FOLDER / "reference" / DOCUMENT.name
    target = DOCUMENT if is_whole or chosen.is_update else tried
    write(target, text, findings)
    print(f"\n{text}\nWritten to {target}.")
    missed = [line for found in findings for line in found.missed()]
    for line in missed:
        print(f"Does not hold: {line}", file=sys.stderr)
    return 1 if missed else 0


def parse(arguments: list[str]) -> tuple[Options, list[str]]:
    description = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("bench", description=description)
    parser.add_argument("--only", default="", help=f"some of {','.join(BENCHMARKS)}")
    parser.add_argument("--scale", type=int, default=0, help=f"the large scale ({LARGE_SCALE})")
    parser.add_argument("--transfers", type=int, default=0, help=f"({millions.TRANSFERS:,})")
    parser.add_argument("--update", action="store_true", help="into the document, with --only")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for trying")
    parser.add_argument("--postgresql", default=POSTGRESQL, help="address of a server")
    given = parser.parse_args(arguments)
    names = given.only.split(",") if given.only else list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    scale = given.scale or (QUICK_SCALE if given.quick else LARGE_SCALE)
    transfers = given.transfers or (QUICK_TRANSFERS if given.quick else millions.TRANSFERS)
    if given.update and (given.quick or not given.only):
        parser.error("--update takes --only, and measures as thoroughly as a whole run")
    return Options(scale, given.quick, given.postgresql, transfers, given.update), names


def measured(name: str, options: Options) -> Findings:
    """What one benchmark found; its failure is part of that, so that the others still run."""
    benchmark = BENCHMARKS[name]
    print(f"\n{name}", flush=True)
    findings = Findings(benchmark.section(options))
    try:
        benchmark.measure(findings.report, options)
    except Failed as reason:
        findings.failure = str(reason)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is shown and counts
        traceback.print_exc()
        findings.failure = f"{type(error).__name__}: {error}"
    return findings


def server_version(address: str) -> str:
    """The version of the PostgreSQL server, or that none answers."""
    psycopg = importlib.import_module("psycopg")
    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            (version,) = connection.execute("SHOW server_version").fetchone()
    except psycopg.OperationalError:
        return "no PostgreSQL"
    return f"PostgreSQL {version}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
