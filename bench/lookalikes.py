"""What is asked before a second record of an organisation is made, among so many organisations, and
how long it takes to look for every pair among them.

Names as somebody writes them: as they stand, with another legal form, with a letter wrong, with a
word more, and of nobody. Each question is one call of the query that the form, the API and an
import ask. The organisations are invented and stored bare, with their keys; a process of its own
asks, after PostgreSQL has been analysed. Pairs are looked for by the verb, as each load and the job
do it: among a tenth of the organisations, among four tenths, and among all.

    python bench/lookalikes.py --ask NUMBER     fill the instance of the environment and ask, as
                                                JSON; run by the benchmark
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import batched, islice
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.program import Failed, Home, run, scratch_database
from bench.report import AtMost, Report, Row, Section

ORGANISATIONS: Final = 250_000
ASKED: Final = 100
BATCH: Final = 10_000
SEED: Final = 7
MEDIAN_MS_MAX: Final = 50.0
SIZES_PC: Final = (10, 40, 100)
"""Pairs are looked for among so many per cent of the organisations, so that it shows how the time
grows: of 250,000 among 25,000, 100,000 and all.
"""

GROWTH_MAX: Final = 2.0
"""The time for one organisation among more, beside that among the fewest: 1 where it is linear. An
all-pairs search would come to 4 and 10.
"""

SECTION: Final = Section(
    "Look-alikes",
    "What is asked before a second record of an organisation is made, among the organisations"
    " counted. Found: of names written with another legal form, a letter wrong or a word more, how"
    " many found the record they were made from. Baseline: the record read by its key.",
    [
        row
        for vendor in ("sqlite", "postgresql")
        for row in (
            Row(f"organisations, {vendor}", f"lookalikes.{vendor}.organisations"),
            Row(
                f"one question, {vendor}: median",
                f"lookalikes.{vendor}.median",
                bound=AtMost(MEDIAN_MS_MAX),
            ),
            Row(
                f"one question beside reading a record, {vendor}",
                f"lookalikes.{vendor}.whole",
                f"lookalikes.{vendor}.by_key",
            ),
            Row(f"queries of one question, {vendor}", f"lookalikes.{vendor}.queries"),
            Row(f"found, {vendor}", f"lookalikes.{vendor}.found"),
            Row(f"every pair, {vendor}", f"lookalikes.{vendor}.pairs"),
            *(
                Row(
                    f"every pair, for one organisation, among {size} % beside {SIZES_PC[0]} %,"
                    f" {vendor}",
                    f"lookalikes.{vendor}.pairs_each_{size}",
                    f"lookalikes.{vendor}.pairs_each_{SIZES_PC[0]}",
                    bound=AtMost(GROWTH_MAX),
                )
                for size in SIZES_PC[1:]
            ),
        )
    ],
)


def measure(report: Report, *, postgresql: str, organisations: int) -> None:
    """Ask on both databases."""
    with tempfile.TemporaryDirectory() as folder:
        _on(report, "sqlite", Home(Path(folder) / "sqlite"), organisations)
        try:
            with scratch_database(postgresql, "lineshaft_bench_lookalikes") as address:
                home = Home(Path(folder) / "postgresql", address)
                _on(report, "postgresql", home, organisations)
        except Failed as reason:
            report("lookalikes.postgresql.median", float("nan"), "ms", str(reason))


def _on(report: Report, vendor: str, home: Home, organisations: int) -> None:
    run(home.lineshaft("migrate", "--verbosity", "0"))
    asked = run(home.command(sys.executable, __file__, "--ask", str(organisations)))
    found = json.loads(asked.splitlines()[-1])
    median_ms = statistics.median(found["durations_ms"])
    p95_ms = statistics.quantiles(found["durations_ms"], n=20, method="inclusive")[-1]
    name = f"lookalikes.{vendor}"
    report(f"{name}.organisations", organisations, "", f"{found['filled_s']:.0f} s to store")
    note = f"p95 {p95_ms:.1f} ms, n {len(found['durations_ms'])}"
    report(f"{name}.median", median_ms, "ms", note)
    report(f"{name}.whole", median_ms, "ms", "")
    report(f"{name}.by_key", found["by_key_ms"], "ms", "the record read by its key")
    report(f"{name}.queries", found["queries"], "queries", "")
    report(f"{name}.found", found["share"], "", f"of {found['misspelt']} names")
    of_all = found["looked"][-1]
    report(f"{name}.pairs", of_all["seconds"], "s", f"{of_all['pairs']:,} pairs")
    for size, looked in zip(SIZES_PC, found["looked"], strict=True):
        each_us = looked["seconds"] * 1e6 / looked["organisations"]
        note = f"of {looked['organisations']:,}, {looked['pairs']:,} pairs"
        report(f"{name}.pairs_each_{size}", each_us, "µs", note)


# ------------------------------------------------------- in the process that has the program loaded


def main(arguments: list[str]) -> int:
    """Fill the instance, ask, and print what was found as one line of JSON."""
    import django  # noqa: PLC0415 -- only this process loads the program

    django.setup()
    number = int(arguments[-1])
    everybody, filled_s, stored = named(number), 0.0, 0
    looked = []
    for size in SIZES_PC:
        wanted = number * size // 100
        filled_s += _fill(islice(everybody, wanted - stored))
        stored = wanted
        looked.append(_find_pairs())
    print(json.dumps(_ask() | {"filled_s": filled_s, "looked": looked}))
    return 0


def named(number: int) -> Iterator[tuple[str, str, str]]:
    """Name, town and region of so many organisations of the demonstration's kinds."""
    from lineshaft.demonstration.calibration import KIND_SHARES  # noqa: PLC0415 -- as above
    from lineshaft.demonstration.names import organisation_names, place_name  # noqa: PLC0415
    from lineshaft.kernel.profile import load_profile  # noqa: PLC0415 -- as above

    random = Random(SEED)
    regions = [code for code, _name, _zh in load_profile("us").place_codes.codes]
    taken: set[str] = set()
    kinds = {kind: organisation_names(random, kind, taken) for kind in KIND_SHARES}
    chosen = random.choices(list(kinds), list(KIND_SHARES.values()), k=number)
    for kind in chosen:
        yield next(kinds[kind]), place_name(random), random.choice(regions)


def _fill(some: Iterable[tuple[str, str, str]]) -> float:
    """Store these organisations with their keys; returns the seconds that took."""
    from django.db import connection, transaction  # noqa: PLC0415 -- as above

    from lineshaft.apps.network.models import Organisation, OrganisationKey  # noqa: PLC0415
    from lineshaft.apps.network.rules import lookalike_keys, match_key  # noqa: PLC0415
    from lineshaft.plumbing import clock  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.bulk import insert_rows  # noqa: PLC0415 -- as above

    started_s = time.perf_counter()
    for part in batched(some, BATCH, strict=False):
        with transaction.atomic():
            rows = Organisation.objects.bulk_create(
                Organisation(
                    name=name,
                    kind="industry_sme",
                    city=city,
                    region=region,
                    match_key=match_key(name, region=region, city=city),
                    registered_at=clock.now(),
                )
                for name, city, region in part
            )
            keys = [
                (row.pk, key)
                for row in rows
                for key in lookalike_keys([row.name], region=row.region)
            ]
            insert_rows(OrganisationKey, ("organisation_id", "key"), keys)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return time.perf_counter() - started_s


def _find_pairs() -> dict[str, float]:
    """Look for every pair there is: organisations, pairs, seconds."""
    from lineshaft.apps.network.models import Organisation  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.services import find_lookalikes  # noqa: PLC0415 -- as above
    from lineshaft.plumbing import clock  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    started_s = time.perf_counter()
    pairs = find_lookalikes(Actor.system("bench"), now=clock.now())
    seconds = time.perf_counter() - started_s
    return {"organisations": Organisation.objects.count(), "pairs": pairs, "seconds": seconds}


def _ask() -> dict[str, Any]:
    from django.db import connection  # noqa: PLC0415 -- as above
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- as above

    from lineshaft.apps.network.models import Organisation  # noqa: PLC0415 -- as above
    from lineshaft.apps.network.queries import lookalikes  # noqa: PLC0415 -- as above
    from lineshaft.plumbing.actor import Actor  # noqa: PLC0415 -- as above

    actor, random = Actor.public(), Random(SEED)
    rows = list(Organisation.objects.order_by("match_key")[: ASKED * 50 : 50])
    durations, by_key, found, misspelt = [], [], 0, 0
    for place, row in enumerate(rows):
        name = WRITTEN[place % len(WRITTEN)](row.name, random)
        started_s = time.perf_counter()
        alike = lookalikes(actor, name, region=row.region, city=row.city)
        durations.append((time.perf_counter() - started_s) * 1000)
        started_s = time.perf_counter()
        Organisation.objects.get(pk=row.pk)
        by_key.append((time.perf_counter() - started_s) * 1000)
        if place % len(WRITTEN) not in NOT_MISSPELT:
            misspelt += 1
            found += any(one.organisation.pk == row.pk for one in alike)
    with CaptureQueriesContext(connection) as captured:
        lookalikes(actor, rows[0].name, region=rows[0].region, city=rows[0].city)
    return {
        "durations_ms": durations,
        "by_key_ms": statistics.median(by_key),
        "queries": len(captured),
        "share": found / misspelt,
        "misspelt": misspelt,
    }


def _other_form(name: str, _random: Random) -> str:
    return f"{name.removesuffix('Inc.').removesuffix('LLC').removesuffix('Co.')} Corp"


def _letter_wrong(name: str, random: Random) -> str:
    at = random.randrange(1, len(name.split(maxsplit=1)[0]))
    return f"{name[:at]}x{name[at + 1 :]}"


def _word_more(name: str, _random: Random) -> str:
    first, *rest = name.split()
    return " ".join([first, "United", *rest])


def _of_nobody(name: str, random: Random) -> str:
    return "".join(random.sample(name.replace(" ", ""), len(name.replace(" ", ""))))


WRITTEN: Final[tuple[Callable[[str, Random], str], ...]] = (
    lambda name, _random: name,
    _other_form,
    _letter_wrong,
    _word_more,
    _of_nobody,
)
NOT_MISSPELT: Final = frozenset({0, 4})
"""Places in `WRITTEN` of what is written as it stands, and of nobody."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
