"""Resolution on Apache Spark, for files that outgrow one machine.

Wants the extra `spark` and a Java (17 or later). Tables go in and come out as Parquet, in a folder
that every worker must reach.
"""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lineshaft.engines.match.resolution.comparisons import Weights
from lineshaft.engines.match.resolution.engine import (
    NoSpark,
    Spelling,
    candidates_sql,
    floor_bits,
    pair_columns,
    predictions,
    settings,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.codegen.wholeStage": "false",  # the comparisons are more than one method may hold
}

SPELLING: Final = Spelling(
    dialect="spark",
    sum_of_bits=(
        "coalesce(aggregate(array_intersect({one}, {other}), 0L,"
        " (total, x) -> total + x % {base}), 0L)"
    ),
    most_bits=(
        "coalesce(array_max(transform(array_intersect({one}, {other}), x -> x % {base})), 0L)"
    ),
    shift="shiftright({value}, {bits})",
    holds="coalesce(array_contains({many}, {one}), false)",
)


class SparkEngine:
    """The engine of a cluster.

    `master` is its address as Spark writes it (`local[2]`, `spark://host:7077`); `folder` one that
    every worker reaches. Raises NoSpark where there is no Spark, or none starts.
    """

    def __init__(self, master: str, folder: Path | None = None) -> None:
        self._session = _session(master)
        self._folder = folder

    def score(self, rows: pa.Table, keys: pa.Table, weights: Weights) -> pa.Table:
        splink: Any = import_module("splink")  # untyped here; late as in engine.py
        session = self._session
        with tempfile.TemporaryDirectory(prefix="lineshaft-resolve-", dir=self._folder) as name:
            folder = Path(name)
            session.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
            for table, held in (("rows", rows), ("keys", keys)):
                path = folder / f"{table}.parquet"
                pq.write_table(held, path)
                session.read.parquet(str(path)).createOrReplaceTempView(table)
            candidates = str(folder / "candidates")
            session.sql(candidates_sql(SPELLING)).write.parquet(candidates)
            session.read.parquet(candidates).createOrReplaceTempView("candidates")
            api = splink.SparkAPI(spark_session=session, register_udfs_automatically=False)
            # Spark would push the threshold down and work the weights out many times over.
            found = predictions(api, "rows", "candidates", settings(SPELLING, weights), None)
            kept = session.table(found.physical_name).where(f"match_weight >= {floor_bits()}")
            pairs = kept.select(*pair_columns())
            pairs.write.parquet(str(folder / "pairs"))
            return pq.read_table(folder / "pairs")


def _session(master: str) -> "SparkSession":
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- an extra, not always there
        from pyspark.sql import SparkSession  # noqa: PLC0415 -- as above
    except ImportError as error:
        raise NoSpark("pyspark is not installed") from error
    chosen: dict[str, Any] = {"spark.pyspark.python": sys.executable, **_SETTINGS}
    builder = SparkSession.builder.appName("lineshaft resolve").master(master)
    try:
        return builder.config(map=chosen).getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise NoSpark(str(error).splitlines()[0].rstrip(".")) from error
