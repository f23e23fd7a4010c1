"""Spark and DuckDB find the same pairs, with the same scores, kinds and passages."""

from pathlib import Path

import pytest

from lineshaft.engines.match.overlap.awards import Award, Fields
from lineshaft.engines.match.overlap.on_duckdb import find_candidates
from lineshaft.engines.match.overlap.on_spark import spark_engine
from lineshaft.engines.match.overlap.search import overlaps
from lineshaft.engines.match.overlap.tests.awards import corpus, many
from lineshaft.engines.on_spark import Cluster

pytestmark = pytest.mark.spark


@pytest.mark.parametrize("fields", Fields)
def test_spark_finds_what_duckdb_finds(spark: Cluster, fields: Fields) -> None:
    here = overlaps(corpus(), engine=find_candidates, fields=fields, threshold=0.3)
    there = overlaps(corpus(), engine=spark_engine(spark), fields=fields, threshold=0.3)
    assert there == here != []


def test_spark_compares_between_two_lists_only(spark: Cluster) -> None:
    ours, theirs = corpus()[:1], corpus()[1:]
    here = overlaps(ours, theirs, engine=find_candidates, threshold=0.3)
    assert overlaps(ours, theirs, engine=spark_engine(spark), threshold=0.3) == here != []


@pytest.mark.slow
def test_two_workers_find_in_100_000_awards_what_duckdb_finds(
    spark_of_two_workers: Cluster, tmp_path: Path
) -> None:
    awards: list[Award] = many(100_000)
    here = overlaps(awards, engine=find_candidates, fields=Fields.TEXT)
    cluster = Cluster(spark_of_two_workers.master, tmp_path)
    there = overlaps(awards, engine=spark_engine(cluster), fields=Fields.TEXT)
    assert len(here) > 1_000
    assert there == here
    assert list(tmp_path.iterdir()) == []
