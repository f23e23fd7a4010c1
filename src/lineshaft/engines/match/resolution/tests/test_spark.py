"""Spark and DuckDB give one answer."""

from pathlib import Path

import pytest

from lineshaft.engines.match.resolution import engine_named, resolve
from lineshaft.engines.match.resolution.tests.records import RECORDS, many
from lineshaft.engines.on_spark import Cluster

pytestmark = pytest.mark.spark


def test_spark_gives_the_pairs_and_the_organisations_of_duckdb(spark: Cluster) -> None:
    here = resolve(RECORDS, engine=engine_named("duckdb"))
    there = resolve(RECORDS, engine=engine_named("spark", spark))

    assert there.clusters == here.clusters
    assert list(there.pairs(0.01)) == list(here.pairs(0.01))


@pytest.mark.slow
def test_two_workers_with_a_shared_folder_give_the_same(
    spark_of_two_workers: Cluster, tmp_path: Path
) -> None:
    records = many(500)
    cluster = Cluster(spark_of_two_workers.master, tmp_path)
    here = resolve(records, engine=engine_named("duckdb"))
    there = resolve(records, engine=engine_named("spark", cluster))

    assert here.of_several == 500
    assert there.clusters == here.clusters
    assert list(there.pairs(0.01)) == list(here.pairs(0.01))
    assert list(tmp_path.iterdir()) == []
