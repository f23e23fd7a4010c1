"""Candidates on a Spark cluster: the same words, shingles and statements as on one machine.

The texts go to the workers as Parquet; each worker makes shingles of its part with the code that
the one machine runs, and Spark SQL counts and joins. The package must be installed for the workers'
Python, and the folder of the Parquet file must be readable for them.
"""

import sys
import tempfile
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
from lineshaft.kernel.text import gettext_noop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PARTITION_AWARDS: Final = 5_000
_FILE: Final = "awards.parquet"
_KEPT: Final = (("counted", COUNTED), ("common", COMMON), ("repeated", REPEATED))
_VIEWS: Final = (*_KEPT, ("sizes", SIZES), ("few", FEW), ("pairs", PAIRS))
_STEPS: Final = 3
_SETTINGS: Final[dict[str, bool | float | int | str | None]] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "16",
}


class NoSpark(Exception):
    """Spark is not installed, or does not start; the message is the reason."""


def session(master: str) -> "SparkSession":
    """A session at this address whose workers run the Python that runs now. Raises NoSpark."""
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415 -- an extra, not always there
    except ImportError as error:
        raise NoSpark("pyspark is not installed") from error
    builder = SparkSession.builder.appName("lineshaft overlap").master(master)
    try:
        started: SparkSession = builder.config(map=_SETTINGS).getOrCreate()
    except (RuntimeError, OSError) as error:
        raise NoSpark(str(error).splitlines()[0].rstrip(".")) from error
    started.sparkContext.pythonExec = sys.executable
    return started


def spark_engine(session: "SparkSession", folder: Path | None = None) -> Engine:
    """The engine that works in this Spark session; `folder` is one that the workers can read."""

    def find_candidates(records: Records, bounds: Bounds, progress: Progress) -> Candidates:
        with tempfile.TemporaryDirectory(prefix="lineshaft-overlap-", dir=folder) as place:
            progress(0, _STEPS, gettext_noop("handing out abstracts"))
            _hand_out(session, records, Path(place))
            for name, statement in _VIEWS:
                frame = session.sql(filled(statement, bounds))
                if (name, statement) in _KEPT:
                    frame = frame.cache()
                frame.createOrReplaceTempView(name)
            progress(1, _STEPS, gettext_noop("setting common passages apart"))
            common = session.sql("SELECT shingle FROM common ORDER BY shingle").toArrow()
            progress(2, _STEPS, gettext_noop("pairing awards"))
            found = session.sql("SELECT a, b FROM pairs ORDER BY a, b").toArrow()
            for name in ("postings", *(name for name, _statement in _KEPT)):
                session.catalog.uncacheTable(name)
        return Candidates(
            found["a"].to_numpy().astype(np.int32),
            found["b"].to_numpy().astype(np.int32),
            common["shingle"].to_numpy().astype(np.int64),
        )

    return find_candidates


def _hand_out(session: "SparkSession", records: Records, folder: Path) -> None:
    """Make the views `postings` and `award_keys` of the awards."""
    table = pa.table(
        {
            "award": pa.array([one.number for one in records], pa.int32()),
            "text": pa.array([one.text for one in records], pa.large_string()),
            "keys": pa.array([list(one.keys) for one in records], pa.list_(pa.int64())),
        }
    )
    pq.write_table(table, folder / _FILE, row_group_size=PARTITION_AWARDS)
    frame = session.read.parquet(str(folder / _FILE))
    parts = max(session.sparkContext.defaultParallelism, -(-len(records) // PARTITION_AWARDS))
    spread = frame.repartition(parts, "award")
    spread.mapInArrow(_postings, "shingle BIGINT, award INT").cache().createOrReplaceTempView(
        "postings"
    )
    frame.selectExpr("explode(keys) AS key", "award").createOrReplaceTempView("award_keys")


def _postings(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Run by a worker: the shingles of its part of the awards."""
    reader = Reader()
    for batch in batches:
        texts = zip(batch["award"].to_pylist(), batch["text"].to_pylist(), strict=True)
        shingles, awards = postings(texts, reader)
        yield pa.RecordBatch.from_pydict({"shingle": shingles, "award": awards})
