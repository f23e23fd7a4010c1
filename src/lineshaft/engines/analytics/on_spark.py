"""Figures on Apache Spark, for facts that outgrow one machine.

The tables are the snapshot's Parquet files, read where they lie, or copied to the folder that the
cluster's workers reach; the queries are DuckDB's, transpiled. Unlike DuckDB, Spark does not keep a
query to its own files: only SQL that ships with the program is run.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineshaft.engines.analytics.engine import Answer, OpenSnapshot, QueryFailed
from lineshaft.engines.analytics.transpile import WIDE_DIGITS, to_spark
from lineshaft.engines.on_spark import Cluster, connected

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@contextmanager
def spark_engine(cluster: Cluster) -> Iterator["SparkEngine"]:
    """The engine of a cluster, connected to it until the end. Raises Unavailable."""
    with connected(cluster) as session:
        yield SparkEngine(session, cluster)


class SparkEngine:
    """The engine that works in this session."""

    def __init__(self, session: "SparkSession", cluster: Cluster) -> None:
        self._session = session
        self._cluster = cluster

    @contextmanager
    def opened(self, folder: Path, files: Mapping[str, str]) -> Iterator[OpenSnapshot]:
        session = self._session.newSession()
        with self._reachable(folder, files) as place:
            for name, file in files.items():
                session.read.parquet((place / file).as_uri()).createOrReplaceTempView(name)
            snapshot = _Opened(session)
            try:
                yield snapshot
            finally:
                snapshot.let_go()

    @contextmanager
    def _reachable(self, folder: Path, files: Mapping[str, str]) -> Iterator[Path]:
        """The folder itself, or a copy of its files where every worker reads them."""
        if self._cluster.folder is None:
            yield folder.resolve()
            return
        with self._cluster.handed_out() as place:
            for file in files.values():
                shutil.copyfile(folder / file, place / file)
            yield place


class _Opened:
    def __init__(self, session: "SparkSession") -> None:
        self._session = session
        self._kept: list[DataFrame] = []

    def keep(self, name: str, sql: str) -> None:
        frame = self._answered(sql).cache()
        self._kept.append(frame)
        frame.createOrReplaceTempView(name)

    def ask(self, sql: str) -> Answer:
        from py4j.protocol import Py4JError  # noqa: PLC0415 -- an extra, not always there
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- as above

        frame = self._answered(sql)
        wide = [field.dataType.simpleString() == _WIDE for field in frame.schema.fields]
        try:
            found = frame.collect()
        except (PySparkException, Py4JError) as error:
            raise QueryFailed(str(error).splitlines()[0]) from error
        return Answer(tuple(frame.columns), [_cells(row, wide) for row in found])

    def let_go(self) -> None:
        """Free what the cluster holds of the steps."""
        for frame in self._kept:
            frame.unpersist()

    def _answered(self, sql: str) -> "DataFrame":
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- an extra, not always there

        try:
            return self._session.sql(to_spark(sql))
        except PySparkException as error:
            raise QueryFailed(str(error).splitlines()[0]) from error


_WIDE = f"decimal({WIDE_DIGITS},0)"


def _cells(row: tuple[Any, ...], wide: list[bool]) -> tuple[Any, ...]:
    """The row with the whole numbers of 38 digits as such."""
    return tuple(
        int(cell) if is_wide and cell is not None else cell
        for cell, is_wide in zip(row, wide, strict=True)
    )
