"""Sessions on an Apache Spark cluster, opened here for every engine that has one on Spark.

Wants the extra `spark` and a Java (17 or later). What else a cluster wants (memory of its workers,
another Python on them, the address at which they reach this machine) stands in Spark's own
`spark-defaults.conf`, in the folder that `SPARK_CONF_DIR` names. See
docs/how-to/outgrow-one-machine.md.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

THIS_MACHINE: Final = "local[*]"

_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # too large a sum fails; without, it would wrap
}
_ON_THIS_MACHINE: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "16",
}
"""Elsewhere Spark's own number of partitions holds, and joins what is small."""

_NO_SPARK: Final = gettext_noop(
    "Spark does not start here (%(reason)s). Install the extra `spark` and a Java of version 17 or "
    "later, and look at the address of the cluster; or use the engine duckdb, which gives the same."
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where Spark works.

    `master` is its address as Spark writes it (`local[2]`, `spark://host:7077`), `folder` one that
    every worker reaches under the same path; without one a temporary folder of this machine serves,
    which is enough for workers on it.
    """

    master: str = THIS_MACHINE
    folder: Path | None = None

    @contextmanager
    def handed_out(self) -> Iterator[Path]:
        """A new folder that every worker reaches; gone at the end."""
        with tempfile.TemporaryDirectory(prefix="lineshaft-", dir=self.folder) as name:
            yield Path(name).resolve()


def session(cluster: Cluster, settings: Mapping[str, str] | None = None) -> "SparkSession":
    """A session with its own tables and these settings of its SQL, on the process's one connection
    to the cluster, which is opened where there is none.

    Workers run the Python that runs now, unless `spark.pyspark.python` names another. Raises
    Unavailable where Spark or its Java is not installed, or the cluster does not answer.
    """
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 -- an extra, not always there
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- as above
        from pyspark.sql import SparkSession  # noqa: PLC0415 -- as above
    except ImportError as error:
        raise _unavailable("pyspark is not installed") from error
    chosen = {**_SETTINGS, **(_ON_THIS_MACHINE if cluster.master.startswith("local") else {})}
    builder = SparkSession.builder.appName("lineshaft").master(cluster.master)
    try:
        opened: SparkSession = builder.config(map=chosen).getOrCreate()
    except (PySparkException, Py4JError, RuntimeError, OSError) as error:
        raise _unavailable(_reason(error)) from error
    context = opened.sparkContext
    context.pythonExec = context.getConf().get("spark.pyspark.python", sys.executable)
    own = opened.newSession()
    for name, value in (settings or {}).items():
        own.conf.set(name, value)
    return own


@contextmanager
def connected(cluster: Cluster) -> Iterator["SparkSession"]:
    """A session as above; at the end the process lets go of the cluster. Raises Unavailable."""
    opened = session(cluster)
    try:
        yield opened
    finally:
        opened.stop()


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(_NO_SPARK, code="spark", params={"reason": reason})


def _reason(error: Exception) -> str:
    """The first line that says something; Java's own words stand behind the call that failed."""
    lines = [line.strip(" :.") for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith("An error occurred while")]
    return told[0] if told else type(error).__name__
