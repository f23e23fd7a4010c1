"""A text checked against the stored awards of other agencies, how large the keys of these are, and
how long it takes to compare all of them, as the job does it.

The awards are those of bench/overlap.py: the files beside the repository, beyond them resampled
copies. A process of its own stores them by the verb, has them compared, and checks texts of stored
awards: of those that overlap with another one, so that it shows what a check finds of the pairs
that the comparison of all has found.

    python bench/awards.py --ask NUMBER     fill the instance of the environment and ask, as JSON;
                                            run by the benchmark
"""

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from random import Random
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.program import Failed, Home, run, scratch_database
from bench.report import AtLeast, AtMost, Report, Row, Section

AWARDS: Final = 250_000
CHECKED: Final = 200
BATCH: Final = 10_000
SEED: Final = 7
MEDIAN_MS_MAX: Final = 250.0
FOUND_MIN: Final = 0.98
"""Of the pairs that the comparison of all has found, what a check of one of the two finds."""

SECTION: Final = Section(
    "Awards stored and checked",
    "A text checked against the stored awards counted, and all of them compared by the job. Found:"
    " of the pairs that the job has found, how many a check of one of the two finds again.",
    [
        row
        for vendor in ("sqlite", "postgresql")
        for row in (
            Row(f"awards, {vendor}", f"awards.{vendor}.awards"),
            Row(f"keys of an award, {vendor}", f"awards.{vendor}.keys"),
            Row(f"size of the keys, {vendor}", f"awards.{vendor}.size"),
            Row(
                f"one check, {vendor}: median",
                f"awards.{vendor}.median",
                bound=AtMost(MEDIAN_MS_MAX),
            ),
            Row(f"queries of one check, {vendor}", f"awards.{vendor}.queries"),
            Row(f"found, {vendor}", f"awards.{vendor}.found", bound=AtLeast(FOUND_MIN)),
            Row(f"all compared by the job, {vendor}", f"awards.{vendor}.job"),
        )
    ],
)


def measure(report: Report, *, postgresql: str, awards: int) -> None:
    """Ask on both databases."""
    with tempfile.TemporaryDirectory() as folder:
        _on(report, "sqlite", Home(Path(folder) / "sqlite"), awards)
        try:
            with scratch_database(postgresql, "lineshaft_bench_awards") as address:
                _on(report, "postgresql", Home(Path(folder) / "postgresql", address), awards)
        except Failed as reason:
            report("awards.postgresql.median", float("nan"), "ms", str(reason))


def _on(report: Report, vendor: str, home: Home, awards: int) -> None:
    run(home.lineshaft("migrate", "--verbosity", "0"))
    asked = run(home.command(sys.executable, __file__, "--ask", str(awards)))
    found = json.loads(asked.splitlines()[-1])
    name = f"awards.{vendor}"
    report(f"{name}.awards", found["awards"], "", f"{found['filled_s']:.0f} s to store")
    report(f"{name}.keys", found["keys"] / found["awards"], "", f"{found['keys']:,} in all")
    size_mb = found["size_bytes"] / 1e6
    report(f"{name}.size", size_mb, "MB", f"the awards themselves {found['texts_bytes'] / 1e6:.0f}")
    durations = found["durations_ms"]
    p95_ms = statistics.quantiles(durations, n=20, method="inclusive")[-1]
    note = f"p95 {p95_ms:.0f} ms, n {len(durations)}"
    report(f"{name}.median", statistics.median(durations), "ms", note)
    report(f"{name}.queries", found["queries"], "queries", "")
    report(f"{name}.found", found["share"], "", f"of {found['pairs_asked']} pairs")
    note = (
        f"{found['pairs']:,} pairs, {found['peak_mb']:,.0f} MB, {found['job_cpu_s']:.0f} s of CPU"
    )
    report(f"{name}.job", found["job_s"], "s", note)


# ------------------------------------------------------- in the process that has the program loaded


def main(arguments: list[str]) -> int:
    """Fill the instance, ask, and print what was found as one line of JSON."""
    import django  # noqa: PLC0415 -- only this process loads the program

    django.setup()
    filled_s = _fill(int(arguments[-1]))
    found = _compare_all() | _sizes() | {"filled_s": filled_s}
    print(json.dumps(found | _ask()))
    return 0


def _rows(number: int) -> Iterator[Any]:
    from bench.overlap import resampled  # noqa: PLC0415 -- after django.setup
    from lineshaft.apps.network.services import AwardRow  # noqa: PLC0415 -- as above

    for place, award in enumerate(resampled(number)):
        yield AwardRow(
            "usaspending",
            f"{place}",
            award.agency or "Nobody",
            "USD",
            title=award.title,
            abstract=award.abstract[:20_000],
            investigator=award.lead,
            other_investigators="; ".join(award.others),
            recipient=award.organisation,
            programme="SBIR" if award.is_firm else "",
            phase=f"Phase {award.phase}" if award.phase else "",
            starts_on=award.starts_on,
        )


def _fill(number: int) -> float:
    """Store so many awards, whose keys the comparison enters; returns the seconds that took."""
    from django.db import connection  # noqa: PLC0415 -- as above

    from lineshaft.apps.network.services import register_outside_awards  # noqa: PLC0415
    from lineshaft.plumbing import clock  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    seconds = 0.0
    for part in batched(_rows(number), BATCH, strict=False):
        started_s = time.perf_counter()
        register_outside_awards(Actor.system("bench"), part, now=clock.now())
        seconds += time.perf_counter() - started_s
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return seconds


def _compare_all() -> dict[str, Any]:
    from lineshaft.apps.network.rules import OverlapScope  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.services import find_overlaps  # noqa: PLC0415 -- as above
    from lineshaft.plumbing import clock  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    before = resource.getrusage(resource.RUSAGE_SELF)
    started_s = time.perf_counter()
    outcome = find_overlaps(Actor.system("bench"), OverlapScope.ALL, now=clock.now())
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "awards": outcome.compared,
        "pairs": outcome.created,
        "job_s": time.perf_counter() - started_s,
        "job_cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": after.ru_maxrss / 1024,
    }


def _sizes() -> dict[str, int]:
    from django.db import connection  # noqa: PLC0415 -- as above

    from lineshaft.apps.network.models import AwardKey, OutsideAward  # noqa: PLC0415 -- as above

    sizes = {}
    with connection.cursor() as cursor:
        for name, model in (("size_bytes", AwardKey), ("texts_bytes", OutsideAward)):
            table = model._meta.db_table
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_total_relation_size(%s)", [table])
            else:
                cursor.execute(
                    "SELECT sum(pgsize) FROM dbstat WHERE name IN"
                    " (SELECT name FROM sqlite_schema WHERE tbl_name = %s)",
                    [table],
                )
            sizes[name] = int(cursor.fetchone()[0])
    return sizes | {"keys": AwardKey.objects.count()}


def _ask() -> dict[str, Any]:
    from django.db import connection  # noqa: PLC0415 -- as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    from lineshaft.apps.network.models import AwardOverlap  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.services import overlaps_with, work_of_award  # noqa: PLC0415
    from lineshaft.plumbing import clock  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    actor, now = Actor.public(), clock.now()
    pairs = list(AwardOverlap.objects.select_related("first__agency", "second"))
    chosen = Random(SEED).sample(pairs, min(CHECKED, len(pairs)))
    durations, again = [], 0
    for pair in chosen:
        work = work_of_award(pair.first)
        started_s = time.perf_counter()
        found = overlaps_with(actor, work, now, without=(pair.first_id,))
        durations.append((time.perf_counter() - started_s) * 1000)
        again += any(one.award.pk == pair.second_id for one in found)
    with CaptureQueriesContext(connection) as captured:
        overlaps_with(actor, work_of_award(chosen[0].first), now)
    return {
        "durations_ms": durations,
        "queries": len(captured),
        "share": again / len(chosen),
        "pairs_asked": len(chosen),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
