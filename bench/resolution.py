"""Resolution of organisations: how well, beside simple rules, and how its time grows.

Quality on the labelled sets that lie beside the repository, with the weights that ship; what the
weights give on sets that they were not learned from says bench/learn_resolution.py. Growth on
invented organisations with a name, town and state, of which three in ten stand there twice: with
another legal form, a letter wrong, or a word less.
"""

import importlib.util
import time
from collections.abc import Iterator
from random import Random
from typing import Final

from bench.program import DATA
from bench.report import AtLeast, AtMost, Report, Row, Section
from bench.resolution_sets import SETS, Labelled, Score, by_address, by_name, score
from lineshaft.engines.match.resolution import Record, engine_named, resolve

SIZES: Final = (10_000, 40_000, 160_000)
SPARK_SIZE: Final = 10_000
SEED: Final = 11
TWICE: Final = 0.3
GROWTH_MAX: Final = 2.0
F1_MIN: Final = {"chicago": 0.8, "ipeds": 0.85}
FORMS: Final = ("", " Inc.", ", LLC", " Corporation", " Co., Ltd.")

SECTION: Final = Section(
    "Resolution of organisations",
    "F1 of pairs with the weights that ship, and of records (B-cubed); baseline: the better of two"
    " simple rules, one name without legal form, and one house. Growth: seconds for one record,"
    " beside those of the smallest size; baseline of a size: the simple rule by name.",
    [
        *(
            row
            for name in SETS
            for row in (
                Row(
                    f"{name}: F1 of pairs",
                    f"resolution.{name}.f1",
                    bound=AtLeast(F1_MIN[name]) if name in F1_MIN else None,
                ),
                Row(
                    f"{name}: F1 of pairs, beside the simple rule",
                    f"resolution.{name}.pairs",
                    f"resolution.{name}.rule",
                ),
                Row(f"{name}: F1 of records", f"resolution.{name}.records"),
            )
        ),
        *(
            row
            for size in SIZES
            for row in (
                Row(
                    f"{size:,} records, DuckDB",
                    f"resolution.{size}.seconds",
                    f"resolution.{size}.rule",
                ),
                Row(
                    f"{size:,} records, DuckDB: a record, beside one of {SIZES[0]:,}",
                    f"resolution.{size}.each",
                    f"resolution.{SIZES[0]}.each",
                    bound=AtMost(GROWTH_MAX),
                ),
            )
        ),
        Row(f"{SPARK_SIZE:,} records, Spark", "resolution.spark.seconds"),
        Row("Spark: records in another organisation than on DuckDB", "resolution.spark.others"),
    ],
)


def measure(report: Report, *, sizes: tuple[int, ...] = SIZES) -> None:
    """Quality where the labelled sets are, then growth."""
    for name, make in SETS.items():
        if DATA.exists():
            _quality(report, name, make())
        else:
            report(f"resolution.{name}.f1", float("nan"), "", f"{DATA} is not there")
    for size in sizes:
        _growth(report, size)
    _on_spark(report)


def _quality(report: Report, name: str, labelled: Labelled) -> None:
    records = [record for record, _label in labelled]
    truth = {record.id: label for record, label in labelled}
    found = score(resolve(records, engine=engine_named("duckdb")).clusters, truth)
    rules: dict[str, Score] = {
        "one name": score({one.id: by_name(one) for one in records}, truth),
        "one house": score({one.id: by_address(one) for one in records}, truth),
    }
    rule = max(rules, key=lambda key: rules[key].f1)
    note = f"P {found.precision:.3f}, R {found.recall:.3f}, {len(records):,} records"
    report(f"resolution.{name}.f1", found.f1, "", note)
    report(f"resolution.{name}.pairs", found.f1, "", "")
    report(f"resolution.{name}.rule", rules[rule].f1, "", rule)
    exact = f"exact {found.exact:.3f}, P {found.record_precision:.3f}, R {found.record_recall:.3f}"
    report(f"resolution.{name}.records", found.record_f1, "", exact)


def _growth(report: Report, size: int) -> None:
    records = list(invented(size))
    started_s = time.perf_counter()
    found = resolve(records, engine=engine_named("duckdb"))
    seconds = time.perf_counter() - started_s
    started_s = time.perf_counter()
    ruled = len({by_name(record) for record in records})
    rule_s = time.perf_counter() - started_s
    report(f"resolution.{size}.seconds", seconds, "s", f"{found.organisations:,} organisations")
    report(f"resolution.{size}.rule", rule_s, "s", f"{ruled:,} names")
    report(f"resolution.{size}.each", seconds / size * 1e6, "µs", "")


def _on_spark(report: Report) -> None:
    if importlib.util.find_spec("pyspark") is None:
        report("resolution.spark.seconds", float("nan"), "s", "pyspark is not installed")
        return
    records = list(invented(SPARK_SIZE))
    engine = engine_named("spark", master="local[2]")
    started_s = time.perf_counter()
    there = resolve(records, engine=engine)
    report("resolution.spark.seconds", time.perf_counter() - started_s, "s", "local[2]")
    here = resolve(records, engine=engine_named("duckdb"))
    others = sum(there.clusters[one] != cluster for one, cluster in here.clusters.items())
    report("resolution.spark.others", others, "", "")


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
