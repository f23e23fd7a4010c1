"""All figures over a snapshot, as a ratio to one DuckDB scan of the same Parquet files.

The demonstration at scale 1 is loaded and snapshotted as a person would do it; its facts are then
copied `scale` times, each copy with keys of its own, so that the distributions stay those of the
demonstration. The baseline reads every value of every table once, on a connection like the one
that computes. Rounds alternate; the fastest of each counts. Spark computes the same afterwards,
with two workers on this machine.

    .venv/bin/python bench/figures.py [--scale 100] [--rounds 5]
    .venv/bin/python bench/figures.py --compute FOLDER    on DuckDB, once, and the most memory in MB
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.program import Home, run
from bench.report import AtMost, Exactly, Report, Row, Section
from lineshaft.engines.analytics.figures import (
    FigureLibrary,
    FigureResults,
    compute,
    load_library,
)
from lineshaft.engines.analytics.on_duckdb import add_parquet_view, engine_over
from lineshaft.engines.analytics.on_spark import spark_engine
from lineshaft.engines.analytics.snapshot import SnapshotManifest, current_snapshot, read_manifest
from lineshaft.engines.on_spark import Cluster
from lineshaft.kernel.errors import Unavailable

RATIO_MAX: Final = 3.0
MASTER: Final = "local-cluster[2,1,3072]"
SPARK_ROUNDS: Final = 2
FIGURES: Final = (
    Path(__file__).resolve().parent.parent / "src" / "lineshaft" / "apps" / "insight" / "figures"
)
_KEYS: Final = {
    "organisations": ("organisation",),
    "member_agreements": ("member_agreement_id", "organisation"),
    "transfers": ("transfer_id",),
    "contributions": ("contribution_id",),
}
"""Tables that grow with the scale, and the keys that each copy has of its own."""

SECTION: Final = Section(
    "Figures",
    "Every figure of the annual report, for every institute and fiscal year, from a snapshot."
    " Baseline: one DuckDB scan that reads every value of the same Parquet files.",
    [
        Row("all figures", "figures.all", "figures.scan", "figures.ratio", AtMost(RATIO_MAX)),
        Row("rows in the snapshot", "figures.rows"),
        Row("memory at most to compute them", "figures.memory"),
        Row("all figures, Spark, beside DuckDB", "figures.spark", "figures.all"),
        Row("figures that differ on Spark", "figures.spark.others", bound=Exactly(0)),
    ],
)


def measure(report: Report, *, scale: int = 100, rounds: int = 5) -> None:
    """Load, snapshot, copy, and time both; reports seconds, their ratio and the rows."""
    with tempfile.TemporaryDirectory() as name:
        home = Home(Path(name) / "network")
        run(home.lineshaft("load"))
        base = current_snapshot(home.folder / "snapshots")
        if base is None:
            raise RuntimeError("the demonstration has taken no snapshot")
        folder = Path(name) / "scaled"
        rows = copy_snapshot(read_manifest(base), folder, scale=scale)
        library = load_library(FIGURES)
        manifest = read_manifest(folder)
        figures, scans = [], []
        for _round in range(rounds):
            figures.append(seconds_of(lambda: compute(library, folder)))
            scans.append(seconds_of(lambda: scan(manifest)))
        memory_mb = float(run([sys.executable, __file__, "--compute", str(folder)]))
        _on_spark(report, library, folder, compute(library, folder))
    note = f"scale {scale}, fastest of {rounds}"
    report("figures.rows", rows, "rows", f"scale {scale}")
    report("figures.all", min(figures), "s", note)
    report("figures.scan", min(scans), "s", note)
    report("figures.memory", memory_mb, "MB", "in a process of its own")
    report("figures.ratio", min(figures) / min(scans), "", f"at most {RATIO_MAX}")


def _on_spark(report: Report, library: FigureLibrary, folder: Path, here: FigureResults) -> None:
    try:
        with spark_engine(Cluster(MASTER)) as engine:
            took_s = []
            for _round in range(SPARK_ROUNDS):
                started_s = time.perf_counter()
                there = compute(library, folder, engine=engine)
                took_s.append(time.perf_counter() - started_s)
    except Unavailable as reason:
        report("figures.spark", float("nan"), "s", str(reason))
        return
    others = sum(there.rows[figure] != rows for figure, rows in here.rows.items())
    report("figures.spark", min(took_s), "s", f"fastest of {SPARK_ROUNDS}")
    report("figures.spark.others", others, "", "")


def copy_snapshot(base: SnapshotManifest, folder: Path, *, scale: int) -> int:
    """Write `scale` copies of what grows, one of all else; how many rows there are."""
    folder.mkdir()
    total = 0
    connection = duckdb.connect()
    numbers = connection.from_arrow(pa.table({"copy": list(range(scale))}))
    for table in base.tables:
        source = str(base.folder / table.file_name)
        rows = connection.read_parquet(source)
        if table.name in _KEYS:
            columns = ", ".join(
                _copied(name, kind) if name in _KEYS[table.name] else name
                for name, kind, *_ in table.columns
            )
            rows = rows.cross(numbers).project(columns)
        rows.write_parquet(
            str(folder / table.file_name), compression="zstd", row_group_size=122_880
        )
        total += len(connection.read_parquet(str(folder / table.file_name)))
    connection.close()
    (folder / "manifest.json").write_text(
        json.dumps(json.loads((base.folder / "manifest.json").read_text()))
    )
    return total


def scan(manifest: SnapshotManifest) -> None:
    """Read every value of every table once."""
    with engine_over(manifest.folder) as connection:
        for table in manifest.tables:
            add_parquet_view(connection, table.name, manifest.folder / table.file_name)
            connection.view(table.name).aggregate("bit_xor(hash(COLUMNS(*)))").fetchall()


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _copied(name: str, kind: str) -> str:
    """A key with the number of its copy in it."""
    if kind == "int64":
        return f"{name} * 10000 + copy AS {name}"
    return f"{name} || '-' || copy AS {name}"


def main() -> int:
    """Print one line for each number; 1 where the bound is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compute", type=Path)
    chosen = parser.parse_args()
    if chosen.compute:
        compute(load_library(FIGURES), chosen.compute)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return 0
    found: dict[str, float] = {}

    def report(name: str, value: float, unit: str, note: str) -> None:
        found[name] = value
        print(f"{name:<24} {value:>14,.3f} {unit:<6} {note}", flush=True)

    measure(report, scale=chosen.scale, rounds=chosen.rounds)
    return 0 if found["figures.ratio"] <= RATIO_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
