"""Every figure over the demonstration's snapshot: Spark gives the cells that DuckDB gives."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lineshaft.apps.insight import queries
from lineshaft.engines.analytics.cells import CellRow, compute_cells
from lineshaft.engines.analytics.engine import FigureEngine
from lineshaft.engines.analytics.figures import ON_ONE_MACHINE, FigureRow, compute
from lineshaft.engines.analytics.on_spark import SparkEngine
from lineshaft.engines.analytics.snapshot import current_snapshot, read_manifest
from lineshaft.engines.on_spark import Cluster, session

pytestmark = [pytest.mark.spark, pytest.mark.slow]

type Cells = dict[str, tuple[FigureRow, ...] | tuple[CellRow, ...]]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one that `lineshaft load` takes."""
    folder = tmp_path_factory.mktemp("demonstration")
    environment = {
        name: text
        for name, text in os.environ.items()  # noqa: TID251 -- handed on to a program of its own
        if not name.startswith(("LINESHAFT_", "DATABASE_", "COVERAGE_"))
    }
    environment |= {"LINESHAFT_VAR": str(folder), "LINESHAFT_DEMONSTRATION": "1"}
    subprocess.run(
        [sys.executable, "-m", "lineshaft", "load"],
        env=environment,
        check=True,
        capture_output=True,
    )
    found = current_snapshot(folder / "snapshots")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def by_duckdb(snapshot: Path) -> Cells:
    return cells(ON_ONE_MACHINE, snapshot)


def cells(engine: FigureEngine, snapshot: Path) -> Cells:
    """The rows of every figure that ships, by its id."""
    return {
        **compute(queries.figure_library(), snapshot, engine=engine).rows,
        **compute_cells(queries.portfolio_library(), snapshot, engine=engine),
    }


def in_another_order(snapshot: Path, folder: Path) -> Path:
    """The same rows from the last to the first, in many small groups."""
    shutil.copytree(snapshot, folder)
    for table in read_manifest(folder).tables:
        file = folder / table.file_name
        rows = pq.read_table(file)
        backwards = rows.take(list(range(len(rows) - 1, -1, -1)))
        pq.write_table(backwards, file, row_group_size=1_000)
    return folder


def test_spark_gives_every_figure_as_duckdb_does(
    spark: Cluster, snapshot: Path, by_duckdb: Cells
) -> None:
    there = cells(SparkEngine(session(spark), spark), snapshot)
    assert sum(map(len, by_duckdb.values())) > 5_000
    assert [figure for figure, rows in by_duckdb.items() if not rows] == []
    assert there == by_duckdb


def test_two_workers_with_a_shared_folder_and_rows_in_another_order_give_the_same(
    spark_of_two_workers: Cluster, snapshot: Path, by_duckdb: Cells, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    cluster = Cluster(spark_of_two_workers.master, shared)
    turned = in_another_order(snapshot, tmp_path / snapshot.name)
    assert cells(SparkEngine(session(cluster), cluster), turned) == by_duckdb
    assert list(shared.iterdir()) == []
