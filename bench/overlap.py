"""Overlapping awards: quality and speed beside TF-IDF with sparse-dot-topn, and growth with size.

Quality is measured on the development files beside the repository, where there are any. Larger
corpora are resampled from their abstracts: each award of a corpus takes an abstract of the files in
turn; in a first copy and one in twenty of the others 3 % of the words are replaced, in every other
copy 30 %, by words drawn from the abstracts at random. So most pairs of copies are as far from each
other as two awards on one subject, and some overlap. Every size is measured by a process of its
own, which also tells the memory that it took.

    python bench/overlap.py --search ENGINE NUMBER     search a resampled corpus, as JSON
    python bench/overlap.py --baseline NUMBER          the same with the baseline
"""

import csv
import datetime as dt
import gzip
import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django
import numpy as np

from bench.drawing import Curve, Growth
from bench.program import DATA, Failed, run
from bench.report import AtLeast, AtMost, Exactly, Report, Row, Section
from lineshaft.engines.match.overlap.awards import Award, Fields, Overlap
from lineshaft.engines.match.overlap.on_duckdb import find_candidates
from lineshaft.engines.match.overlap.search import overlaps
from lineshaft.engines.on_spark import Cluster

FOLDER: Final = DATA / "funding_overlap"
FILES: Final = {
    "nsf": ("nsf_dms_awards_to2008.csv.gz",),
    "sbir": tuple(f"sbir_awards_part{number}.csv.gz" for number in (1, 2, 3)),
}
COMPARED: Final = 28_025
"""Awards in the comparison of speed: as many abstracts as the whole NSF list has."""

SIZES: Final = (7_000, 28_000, 56_000, 100_000, 250_000)
ON_SPARK: Final = (28_000, 56_000, 100_000)
GROWTH_FROM: Final = 28_000
"""The growth is that from here to the largest size; below, the start counts for much."""

MILLION: Final = 1_000_000
LARGEST_S_MAX: Final = 900.0
LARGEST_MB_MAX: Final = 8_000.0
EDITED_SHARE: Final = 0.3
LIGHTLY_EDITED_SHARE: Final = 0.03
LIGHT_EVERY: Final = 20
SEED: Final = 11
BASELINE_COSINE: Final = 0.6
TOP_N: Final = 50
MASTER: Final = "local-cluster[2,1,3072]"

LABELS: Final = {
    "collaborative": "collaborative",
    "transfer_same_pi_same_title_other_org": "transfer",
    "phase1_phase2_same_firm_title": "phases",
    "same_phase_same_firm_title_other_department": "departments",
}

NAMES: Final = {"nsf": "NSF", "sbir": "SBIR"}
READ: Final = {"text": "by text", "all": "by all fields"}
SAID: Final = {
    "collaborative": "collaborations found",
    "transfer": "transfers found",
    "phases": "later phases found",
    "departments": "same title in two departments found",
    "precision": "precision",
    "recall": "recall of all labels",
    "f1": "F1",
    "flagged": "pairs flagged",
}
OF_FILE: Final = {
    "nsf": ("collaborative", "transfer", "precision", "recall", "f1", "flagged"),
    "sbir": ("phases", "departments", "precision", "recall", "f1", "flagged"),
}
BOUNDS: Final = {
    ("nsf", "all", "transfer"): AtLeast(0.95),
    ("sbir", "all", "phases"): AtLeast(0.9),
    ("sbir", "all", "departments"): AtLeast(0.7),
}
"""On the figure itself; the baseline reads no fields, so that no ratio stands there."""


def _quality_row(name: str, how: str, figure: str) -> Row:
    bound = BOUNDS.get((name, how, figure))
    return Row(
        f"{NAMES[name]}, {READ[how]}: {SAID[figure]}",
        f"overlap.{name}.{how}.{figure}",
        "" if bound else f"overlap.{name}.baseline.{figure}",
        bound=bound,
    )


SECTION: Final = Section(
    "Overlapping awards",
    "Pairs of awards that overlap. Recall is of the labelled pairs, precision the share of flagged"
    " pairs that a label or an equal beginning explains; nobody labelled all, so it is a lower"
    " bound. Baseline: TF-IDF of the abstracts, cosine at least .6, by scikit-learn and"
    " sparse-dot-topn. docs/reference/overlap.md says what was aimed at beyond these rows and what"
    " limits it. Growth: by text, on corpora resampled from both files; Spark with two workers on"
    " this machine, whose start is not counted.",
    [
        *(
            _quality_row(name, how, figure)
            for name, figures in OF_FILE.items()
            for how in READ
            for figure in figures
        ),
        Row(
            f"all pairs of {COMPARED:,} abstracts by text",
            "overlap.speed.duckdb",
            "overlap.speed.baseline",
            "overlap.speed.ratio",
            AtMost(1.0),
        ),
        *(
            Row(
                f"{size:,} awards, DuckDB",
                f"overlap.duckdb.{size}",
                bound=AtMost(LARGEST_S_MAX) if size == SIZES[-1] else None,
            )
            for size in SIZES
        ),
        Row(
            f"{SIZES[-1]:,} awards, DuckDB: memory at most",
            "overlap.duckdb.memory",
            bound=AtMost(LARGEST_MB_MAX),
        ),
        Row(
            f"power of the number by which time grows, {GROWTH_FROM:,} to {SIZES[-1]:,} awards",
            "overlap.duckdb.power",
        ),
        Row(f"{MILLION:,} awards, by that growth (not run)", "overlap.duckdb.million"),
        *(
            row
            for size in ON_SPARK
            for row in (
                Row(
                    f"{size:,} awards, Spark, beside DuckDB",
                    f"overlap.spark.{size}",
                    f"overlap.duckdb.{size}",
                ),
                Row(
                    f"{size:,} awards: pairs or scores that differ on Spark",
                    f"overlap.spark.{size}.others",
                    bound=Exactly(0),
                ),
            )
        ),
    ],
    [
        Growth(
            "overlap",
            "Seconds to find all overlapping pairs, by the number of awards",
            "awards",
            (
                Curve("DuckDB", {size: f"overlap.duckdb.{size}" for size in SIZES}),
                Curve("Spark", {size: f"overlap.spark.{size}" for size in ON_SPARK}),
            ),
        )
    ],
)


def measure(
    report: Report, *, sizes: tuple[int, ...] = SIZES, on_spark: tuple[int, ...] = ON_SPARK
) -> None:
    """Quality on the files, speed beside the baseline, growth on DuckDB and on Spark."""
    if not FOLDER.exists():
        report("overlap.nsf.text.transfer", float("nan"), "", "no award files beside this tree")
        return
    for name in FILES:
        _quality(report, name)
    _speed(report)
    measured = {size: _searched(report, size) for size in sizes}
    _growth(report, measured)
    for size in on_spark:
        _on_spark(report, size, measured[size])


def _searched(report: Report, size: int) -> dict[str, Any]:
    found = _in_own_process("--search", "duckdb", str(size))
    note = f"{found['count']:,} pairs, {found['peak_mb']:,.0f} MB, {found['cpu_s']:.0f} s of CPU"
    report(f"overlap.duckdb.{size}", found["took_s"], "s", note)
    return found


def _growth(report: Report, measured: Mapping[int, dict[str, Any]]) -> None:
    """The memory of the largest size, and the growth up to it, where enough was measured."""
    largest = max(measured)
    report("overlap.duckdb.memory", measured[largest]["peak_mb"], "MB", f"{largest:,} awards")
    if not largest > GROWTH_FROM or GROWTH_FROM not in measured:
        return
    first, last = measured[GROWTH_FROM]["took_s"], measured[largest]["took_s"]
    power = math.log(last / first) / math.log(largest / GROWTH_FROM)
    report("overlap.duckdb.power", power, "", "1 is linear")
    report("overlap.duckdb.million", last * (MILLION / largest) ** power, "s", "not run")


def _quality(report: Report, name: str) -> None:
    awards = awards_of(name)
    truth = Truth(name)
    flagged: dict[str, set[tuple[str, str]]] = {"baseline": set(_baseline_pairs(awards))}
    for fields in Fields:
        pairs: list[Overlap] = overlaps(awards, engine=find_candidates, fields=fields)
        flagged[fields.value] = {(pair.a, pair.b) for pair in pairs}
    for how, found in flagged.items():
        for figure, value in truth.figures(found).items():
            report(f"overlap.{name}.{how}.{figure}", value, "", "")


class Truth:
    """The labelled pairs of a file, and the groups of awards whose texts begin alike."""

    def __init__(self, name: str) -> None:
        self.labels: dict[tuple[str, str], str] = {}
        for row in _rows(f"{name}_truth_pairs.csv.gz"):
            first, second, label, *_rest = row.values()
            self.labels[min(first, second), max(first, second)] = label
        self._groups: dict[str, str] = {}
        if name == "nsf":
            rows = _rows(FILES[name][0])
            self._groups = {row["award_id"]: row["text_dup_group"] for row in rows}

    def figures(self, found: set[tuple[str, str]]) -> dict[str, float]:
        """Recall by label and of all, the precision's lower bound, F1 of these, flagged."""
        recalls = {}
        wanted = {pair for pair, label in self.labels.items() if label in LABELS}
        for label, short in LABELS.items():
            pairs = {pair for pair, of_pair in self.labels.items() if of_pair == label}
            if pairs:
                recalls[short] = len(pairs & found) / len(pairs)
        precision = sum(map(self._is_explained, found)) / len(found) if found else 0.0
        recall = len(wanted & found) / len(wanted)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        said = {"precision": precision, "recall": recall, "f1": f1, "flagged": float(len(found))}
        return recalls | said

    def _is_explained(self, pair: tuple[str, str]) -> bool:
        groups = [self._groups.get(award, "") for award in pair]
        return pair in self.labels or bool(groups[0] and groups[0] == groups[1])


def awards_of(name: str) -> tuple[Award, ...]:
    """What the files hold, in the layouts that the program knows."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")
    django.setup()
    from lineshaft.config.award_files import read_awards  # noqa: PLC0415 -- after django.setup

    return read_awards(FOLDER / file for file in FILES[name]).awards


def _rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(FOLDER / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _baseline_pairs(awards: tuple[Award, ...]) -> Iterator[tuple[str, str]]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 -- only here
    from sparse_dot_topn import sp_matmul_topn  # noqa: PLC0415 -- as above

    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True, dtype=np.float32)
    matrix = vectors.fit_transform([award.abstract for award in awards])
    product = sp_matmul_topn(matrix, matrix.T.tocsr(), top_n=TOP_N, threshold=BASELINE_COSINE)
    similar = product.tocoo()
    for row, column in zip(similar.row.tolist(), similar.col.tolist(), strict=True):
        a, b = awards[row].award_id, awards[column].award_id
        if a < b:
            yield a, b


def _speed(report: Report) -> None:
    ours = _in_own_process("--search", "duckdb", str(COMPARED))
    theirs = _in_own_process("--baseline", str(COMPARED))
    note = f"{COMPARED:,} abstracts of both files; {{:.0f}} s of CPU, {{:,.0f}} MB"
    report("overlap.speed.duckdb", ours["took_s"], "s", note.format(ours["cpu_s"], ours["peak_mb"]))
    report(
        "overlap.speed.baseline",
        theirs["took_s"],
        "s",
        note.format(theirs["cpu_s"], theirs["peak_mb"]),
    )
    report("overlap.speed.ratio", ours["took_s"] / theirs["took_s"], "", "")


def _on_spark(report: Report, size: int, here: dict[str, Any]) -> None:
    name = f"overlap.spark.{size}"
    try:
        found = _in_own_process("--search", "spark", str(size))
    except Failed as reason:
        report(name, float("nan"), "s", str(reason))
        return
    report(name, found["took_s"], "s", f"{found['count']:,} pairs")
    others = {tuple(one) for one in found["pairs"]} ^ {tuple(one) for one in here["pairs"]}
    report(f"{name}.others", len(others), "", "")


def _in_own_process(*words: str) -> dict[str, Any]:
    said = run([sys.executable, __file__, *words])
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


# ------------------------------------------------------------------------- in a process of its own


def resampled(number: int) -> list[Award]:
    """A corpus of so many awards; up to as many as the files hold they stand as they are."""
    awards = [award for name in FILES for award in awards_of(name)]
    Random(SEED).shuffle(awards)
    if number <= len(awards):
        return awards[:number]
    random = Random(SEED)
    words = [word for award in awards[:2_000] for word in award.abstract.split()]
    made = list(awards)
    for copy in count(1):
        for award in islice(awards, number - len(made)):
            is_light = random.randrange(LIGHT_EVERY) == 0
            share = LIGHTLY_EDITED_SHARE if is_light else EDITED_SHARE
            text = " ".join(
                random.choice(words) if random.random() < share else word
                for word in award.abstract.split()
            )
            made.append(Award(f"{award.award_id}-{copy}", text, starts_on=dt.date(2000, 1, 1)))
        if len(made) == number:
            return made
    raise AssertionError


def search(engine: str, number: int) -> None:
    """Search the corpus by text and print what it took."""
    chosen = find_candidates
    if engine == "spark":
        from lineshaft.engines.match.overlap.on_spark import spark_engine  # noqa: PLC0415

        chosen = spark_engine(Cluster(MASTER))
    awards = resampled(number)
    _print_measured(
        lambda: [
            (pair.a, pair.b, pair.score)
            for pair in overlaps(awards, engine=chosen, fields=Fields.TEXT)
        ]
    )


def _print_measured(work: Callable[[], list[Any]]) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF)
    started_s = time.perf_counter()
    pairs = work()
    took_s = time.perf_counter() - started_s
    after = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "count": len(pairs),
        "took_s": took_s,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": after.ru_maxrss / 1024,
        "pairs": pairs,
    }
    print(json.dumps(found))


def main(arguments: list[str]) -> int:
    """What the benchmark runs in processes of their own."""
    if arguments[0] == "--search":
        search(arguments[1], int(arguments[2]))
    else:
        awards = tuple(resampled(int(arguments[1])))
        _print_measured(lambda: list(_baseline_pairs(awards)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
