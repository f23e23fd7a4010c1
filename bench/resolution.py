"""Resolution of organisations: how well, beside simple rules, and how its time grows.

Quality on the labelled sets that lie beside the repository: with the weights that ship, which were
learned from these sets among others, and with weights learned without the set
(bench/learn_resolution.py). Growth on invented organisations with a name, town and state, of which
three in ten stand there twice: with another legal form, a letter wrong, or a word less.

    python bench/resolution.py --resolve NUMBER    so many on DuckDB, and what it took
"""

import resource
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.drawing import Curve, Growth
from bench.learn_resolution import knowledge, left_out
from bench.program import DATA
from bench.report import AtLeast, AtMost, Exactly, Report, Row, Section
from bench.resolution_sets import SETS, Labelled, Score, by_address, by_name, score
from lineshaft.engines.match.resolution import Record, engine_named, resolve
from lineshaft.engines.on_spark import Cluster, connected
from lineshaft.kernel.errors import Unavailable

SIZES: Final = (10_000, 20_000, 40_000, 80_000, 160_000)
ON_SPARK: Final = (10_000, 40_000)
SEED: Final = 11
TWICE: Final = 0.3
GROWTH_MAX: Final = 2.0
F1_MIN: Final = {"chicago": 0.8, "ipeds": 0.85}
FORMS: Final = ("", " Inc.", ", LLC", " Corporation", " Co., Ltd.")
MASTER: Final = "local-cluster[2,1,3072]"

SAID: Final = {
    "precision": "precision of pairs",
    "recall": "recall of pairs",
    "f1": "F1 of pairs",
    "record_precision": "precision of records",
    "record_recall": "recall of records",
    "record_f1": "F1 of records",
    "exact": "organisations found exactly",
}


def _quality_rows(name: str) -> list[Row]:
    of_set = f"resolution.{name}"
    f1 = f"{of_set}.f1"
    aimed = [AtLeast(F1_MIN[name])] if name in F1_MIN else []
    return [
        *(
            Row(f"{name}: {said}", f"{of_set}.{key}", f"{of_set}.rule.{key}")
            for key, said in SAID.items()
        ),
        Row(f"{name}: F1 of pairs, beside equal text", f1, f"{of_set}.text.f1"),
        *(Row(f"{name}: F1 of pairs, by itself", f1, bound=bound) for bound in aimed),
        Row(f"{name}: F1 of pairs, learned without this set", f"{of_set}.without"),
    ]


SECTION: Final = Section(
    "Resolution of organisations",
    "Of pairs, and of records (B-cubed: of each record's organisation, how much was found and how"
    " much of what was found belongs to it), with the weights that ship; exactly: without a record"
    " too many or too few. Baseline: the better of two simple rules, one name without legal form,"
    " and one house, read as the engine reads them; beside them, equal text. Growth: on invented"
    " organisations; baseline of a record's time is that at the smallest size; Spark with two"
    " workers on this machine, whose start is not counted.",
    [
        *(row for name in SETS for row in _quality_rows(name)),
        *(
            row
            for size in SIZES
            for row in (
                Row(
                    f"{size:,} records, DuckDB, beside the simple rule by name",
                    f"resolution.duckdb.{size}",
                    f"resolution.rule.{size}",
                ),
                Row(
                    f"{size:,} records, DuckDB: a record, beside one of {SIZES[0]:,}",
                    f"resolution.each.{size}",
                    f"resolution.each.{SIZES[0]}",
                    bound=AtMost(GROWTH_MAX),
                ),
            )
        ),
        *(
            row
            for size in ON_SPARK
            for row in (
                Row(
                    f"{size:,} records, Spark, beside DuckDB",
                    f"resolution.spark.{size}",
                    f"resolution.duckdb.{size}",
                ),
                Row(
                    f"{size:,} records: those in another organisation on Spark",
                    f"resolution.spark.{size}.others",
                    bound=Exactly(0),
                ),
            )
        ),
    ],
    [
        Growth(
            "resolution",
            "Seconds to put records of organisations together, by their number",
            "records",
            (
                Curve("DuckDB", {size: f"resolution.duckdb.{size}" for size in SIZES}),
                Curve("Spark", {size: f"resolution.spark.{size}" for size in ON_SPARK}),
            ),
        )
    ],
)


def measure(
    report: Report, *, sizes: tuple[int, ...] = SIZES, on_spark: tuple[int, ...] = ON_SPARK
) -> None:
    """Quality where the labelled sets are, then growth on DuckDB and on Spark."""
    if DATA.exists():
        for name, make in SETS.items():
            _quality(report, name, make())
        for name, found in left_out(knowledge()).items():
            report(f"resolution.{name}.without", found.f1, "", str(found))
    else:
        report(f"resolution.{next(iter(SETS))}.f1", float("nan"), "", f"{DATA} is not there")
    clusters = {size: _growth(report, size) for size in sizes}
    _on_spark(report, {size: clusters[size] for size in on_spark})


def _quality(report: Report, name: str, labelled: Labelled) -> None:
    records = [record for record, _label in labelled]
    truth = {record.id: label for record, label in labelled}
    found = score(resolve(records, engine=engine_named("duckdb")).clusters, truth)
    rules: dict[str, Score] = {
        "one name": score({one.id: by_name(one) for one in records}, truth),
        "one house": score({one.id: by_address(one) for one in records}, truth),
    }
    rule = max(rules, key=lambda key: rules[key].f1)
    for key in SAID:
        note = f"{len(records):,} records" if key == "f1" else ""
        report(f"resolution.{name}.{key}", getattr(found, key), "", note)
        report(f"resolution.{name}.rule.{key}", getattr(rules[rule], key), "", rule)
    texts = (
        {one.id: one.name.lower() for one in records},
        {one.id: one.address.lower() or one.id for one in records},
    )
    equal = max(score(clusters, truth).f1 for clusters in texts)
    report(f"resolution.{name}.text.f1", equal, "", "names or addresses as they stand")


def _growth(report: Report, size: int) -> Mapping[str, str]:
    records = list(invented(size))
    started_s = time.perf_counter()
    found = resolve(records, engine=engine_named("duckdb"))
    seconds = time.perf_counter() - started_s
    started_s = time.perf_counter()
    ruled = len({by_name(record) for record in records})
    rule_s = time.perf_counter() - started_s
    report(f"resolution.duckdb.{size}", seconds, "s", f"{found.organisations:,} organisations")
    report(f"resolution.rule.{size}", rule_s, "s", f"{ruled:,} names")
    report(f"resolution.each.{size}", seconds / size * 1e6, "µs", "")
    return found.clusters


def _on_spark(report: Report, here: Mapping[int, Mapping[str, str]]) -> None:
    try:
        with connected(Cluster(MASTER)):
            engine = engine_named("spark", Cluster(MASTER))
            for size, clusters in here.items():
                records = list(invented(size))
                started_s = time.perf_counter()
                there = resolve(records, engine=engine).clusters
                seconds = time.perf_counter() - started_s
                others = sum(there[one] != cluster for one, cluster in clusters.items())
                report(f"resolution.spark.{size}", seconds, "s", "")
                report(f"resolution.spark.{size}.others", others, "", "")
    except Unavailable as reason:
        for size in here:
            report(f"resolution.spark.{size}", float("nan"), "s", str(reason))


def invented(size: int) -> Iterator[Record]:
    """So many records, in no order that tells anything."""
    from bench.lookalikes import named  # noqa: PLC0415 -- loads the demonstration

    random = Random(SEED)
    number = 0
    for name, city, state in named(size):
        copies = 2 if random.random() < TWICE else 1
        for copy in range(copies):
            if number == size:
                return
            text = _written_anew(name, random) if copy else name
            yield Record(f"{number:07}", text, city=city, state=state)
            number += 1


def _written_anew(name: str, random: Random) -> str:
    words = name.split()
    match random.randrange(3):
        case 0:
            return name + random.choice(FORMS)
        case 1 if len(words) > 2:
            return " ".join(words[:-1])
        case _:
            at = random.randrange(1, len(name))
            return name[:at] + name[at + 1 :]


def main(arguments: list[str]) -> int:
    """Print the processor time and the most memory that one resolution takes."""
    records = list(invented(int(arguments[1])))
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = resolve(records, engine=engine_named("duckdb"))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak_mb = after.ru_maxrss / 1024
    print(f"{found.organisations:,} organisations, {cpu_s:.1f} s of CPU, {peak_mb:,.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
