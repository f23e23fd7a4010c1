"""Spark and DuckDB give one answer."""

import importlib.util
import shutil
import sys

import pytest

from lineshaft.engines.match.resolution import engine_named, resolve
from lineshaft.engines.match.resolution.tests.records import RECORDS
from lineshaft.kernel.errors import Unavailable

HAS_SPARK = importlib.util.find_spec("pyspark") is not None
HAS_JAVA = shutil.which("java") is not None


@pytest.mark.slow
@pytest.mark.skipif(not HAS_SPARK, reason="pyspark is not installed (requirements/spark.txt)")
@pytest.mark.skipif(not HAS_JAVA, reason="Spark wants a Java, and there is none")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # py4j leaves its sockets to the collector
def test_spark_gives_the_pairs_and_the_organisations_of_duckdb() -> None:
    here = resolve(RECORDS, engine=engine_named("duckdb"))
    there = resolve(RECORDS, engine=engine_named("spark", master="local[2]"))

    assert there.clusters == here.clusters
    assert list(there.pairs(0.01)) == list(here.pairs(0.01))


def test_spark_that_is_not_installed_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(Unavailable) as caught:
        engine_named("spark")

    assert "(pyspark is not installed)" in str(caught.value)
