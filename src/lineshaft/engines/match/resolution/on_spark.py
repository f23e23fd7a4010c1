"""Resolution on Apache Spark, for files that outgrow one machine.

Tables go in and come out as Parquet, in a folder that every worker reaches.
"""

from importlib import import_module
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from lineshaft.engines.match.resolution.comparisons import Weights
from lineshaft.engines.match.resolution.engine import (
    Spelling,
    candidates_sql,
    floor_bits,
    pair_columns,
    predictions,
    settings,
)
from lineshaft.engines.on_spark import Cluster, session

_SETTINGS: Final = {
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
    """The engine of a cluster. Raises Unavailable where Spark does not start."""

    def __init__(self, cluster: Cluster) -> None:
        self._session = session(cluster, _SETTINGS)
        self._cluster = cluster

    def score(self, rows: pa.Table, keys: pa.Table, weights: Weights) -> pa.Table:
        splink: Any = import_module("splink")  # untyped here; late as in engine.py
        opened = self._session
        with self._cluster.handed_out() as folder:
            opened.sparkContext.setCheckpointDir((folder / "checkpoints").as_uri())
            for table, held in (("rows", rows), ("keys", keys)):
                path = folder / f"{table}.parquet"
                pq.write_table(held, path)
                opened.read.parquet(path.as_uri()).createOrReplaceTempView(table)
            candidates = (folder / "candidates").as_uri()
            opened.sql(candidates_sql(SPELLING)).write.parquet(candidates)
            opened.read.parquet(candidates).createOrReplaceTempView("candidates")
            api = splink.SparkAPI(spark_session=opened, register_udfs_automatically=False)
            # Spark would push the threshold down and work the weights out many times over.
            found = predictions(api, "rows", "candidates", settings(SPELLING, weights), None)
            kept = opened.table(found.physical_name).where(f"match_weight >= {floor_bits()}")
            pairs = kept.select(*pair_columns())
            pairs.write.parquet((folder / "pairs").as_uri())
            return pq.read_table(folder / "pairs")
