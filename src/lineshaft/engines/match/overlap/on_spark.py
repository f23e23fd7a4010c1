"""Candidates on a Spark cluster: the same words, shingles and statements as on one machine.

The texts go to the workers as Parquet; each worker makes shingles of its part with the code that
the one machine runs, and Spark SQL counts and joins. So the package must be installed for the
workers' Python.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lineshaft.engines.match.overlap.candidates import (
    COMMON,
    COUNTED,
    FEW,
    PAIRS,
    REPEATED,
    SIZES,
    Bounds,
    Candidates,
    Engine,
    Progress,
    Records,
    filled,
)
from lineshaft.engines.match.overlap.words import Reader, postings
from lineshaft.engines.on_spark import Cluster, session
from lineshaft.kernel.text import gettext_noop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PARTITION_AWARDS: Final = 5_000
_FILE: Final = "awards.parquet"
_KEPT: Final = (("counted", COUNTED), ("common", COMMON), ("repeated", REPEATED))
_VIEWS: Final = (*_KEPT, ("sizes", SIZES), ("few", FEW), ("pairs", PAIRS))
_STEPS: Final = 3


def spark_engine(cluster: Cluster) -> Engine:
    """The engine of a cluster. Raises Unavailable where Spark does not start."""
    opened = session(cluster)

    def find_candidates(records: Records, bounds: Bounds, progress: Progress) -> Candidates:
        with cluster.handed_out() as folder:
            progress(0, _STEPS, gettext_noop("handing out abstracts"))
            _hand_out(opened, records, folder)
            for name, statement in _VIEWS:
                frame = opened.sql(filled(statement, bounds))
                if (name, statement) in _KEPT:
                    frame = frame.cache()
                frame.createOrReplaceTempView(name)
            progress(1, _STEPS, gettext_noop("setting common passages apart"))
            common = opened.sql("SELECT shingle FROM common ORDER BY shingle").toArrow()
            progress(2, _STEPS, gettext_noop("pairing awards"))
            found = opened.sql("SELECT a, b FROM pairs ORDER BY a, b").toArrow()
            for name in ("postings", *(name for name, _statement in _KEPT)):
                opened.catalog.uncacheTable(name)
        return Candidates(
            found["a"].to_numpy().astype(np.int32),
            found["b"].to_numpy().astype(np.int32),
            common["shingle"].to_numpy().astype(np.int64),
        )

    return find_candidates


def _hand_out(session: "SparkSession", records: Records, folder: Path) -> None:
    """Make the views `postings` and `award_keys` of the awards."""
    from pyspark.sql.functions import ArrowUDFType, arrow_udf  # noqa: PLC0415 -- an extra

    with warnings.catch_warnings():
        # Spark would rather read the kind of function from type hints, but wants pandas for that,
        # as for mapInArrow.
        warnings.simplefilter("ignore", UserWarning)
        reading = arrow_udf(_shingles, "ARRAY<BIGINT>", ArrowUDFType.SCALAR_ITER)
    session.udf.register("shingles", reading)
    table = pa.table(
        {
            "award": pa.array([one.number for one in records], pa.int32()),
            "text": pa.array([one.text for one in records], pa.large_string()),
            "keys": pa.array([list(one.keys) for one in records], pa.list_(pa.int64())),
        }
    )
    pq.write_table(table, folder / _FILE, row_group_size=PARTITION_AWARDS)
    frame = session.read.parquet((folder / _FILE).as_uri())
    parts = max(session.sparkContext.defaultParallelism, -(-len(records) // PARTITION_AWARDS))
    found = frame.repartition(parts, "award").selectExpr("explode(shingles(text)) shingle", "award")
    found.cache().createOrReplaceTempView("postings")
    frame.selectExpr("explode(keys) AS key", "award").createOrReplaceTempView("award_keys")


def _shingles(batches: Iterator[pa.Array]) -> Iterator[pa.Array]:
    """Run by a worker: the distinct shingles of each text of its part of the awards."""
    reader = Reader()
    for batch in batches:
        numbers, places = postings(enumerate(batch.to_pylist()), reader)
        ends = np.cumsum(np.bincount(places, minlength=len(batch)))
        yield pa.ListArray.from_arrays(np.concatenate(([0], ends)).astype(np.int32), numbers)
