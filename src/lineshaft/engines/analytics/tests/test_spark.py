"""Figures on Spark: the same cells as on DuckDB, to the last digit, or the same refusal."""

from dataclasses import replace
from pathlib import Path

import pytest

from lineshaft.engines.analytics.engine import FigureEngine
from lineshaft.engines.analytics.figures import (
    ON_ONE_MACHINE,
    FigureError,
    FigureLibrary,
    FigureResults,
    compute,
    load_library,
)
from lineshaft.engines.analytics.on_spark import SparkEngine
from lineshaft.engines.analytics.tests.books import ROWS, TAKINGS, make_books, make_figures, take
from lineshaft.engines.on_spark import Cluster, session

pytestmark = pytest.mark.spark

MOST = 2**63 - 1
WIDE = """
SELECT shop AS institute, fiscal_year, NULL AS dimension,
       CAST(amount AS HUGEINT) * amount AS numerator,
       CAST(-amount AS HUGEINT) * 7 // 3 AS denominator
FROM takings_years
"""
EACH = """
SELECT shop AS institute, CAST(id AS INTEGER) AS fiscal_year, CAST(paid_on AS VARCHAR) AS dimension,
       date_diff('day', paid_on, DATE '2024-03-01') AS numerator, -amount % 300 AS denominator
FROM payments
"""


@pytest.fixture
def engine(spark: Cluster) -> FigureEngine:
    return SparkEngine(session(spark), spark)


def library(folder: Path, sql: str = "") -> FigureLibrary:
    """The shop's figures; the takings with another query, where one is given."""
    found = load_library(make_figures(folder))
    return FigureLibrary(
        tuple(
            replace(one, sql=sql, needs=("payments", *one.needs))
            if sql and one.id == "shops.takings"
            else one
            for one in found.figures
        ),
        found.steps,
    )


def computed(engine: FigureEngine, folder: Path, of: FigureLibrary) -> FigureResults:
    return compute(of, folder, engine=engine)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("", id="as-they-are"),
        pytest.param(WIDE, id="beyond-64-bits"),
        pytest.param(EACH, id="dates-and-nulls"),
    ],
)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ROWS, id="books"),
        pytest.param((), id="empty"),
        pytest.param(((1, "North É", -7, "2021-10-01", 1, None, None),), id="negative"),
    ],
)
def test_figures_are_those_of_duckdb(
    engine: FigureEngine, tmp_path: Path, rows: tuple[tuple[object, ...], ...], sql: str
) -> None:
    manifest = take(make_books(tmp_path, rows), tmp_path / "snapshots")
    of = library(tmp_path, sql)
    here = computed(ON_ONE_MACHINE, manifest.folder, of)
    assert computed(engine, manifest.folder, of) == here
    assert (here.rows["shops.takings"] != ()) is bool(rows)


def test_sum_beyond_what_is_held_fails_on_both_and_wraps_on_none(
    engine: FigureEngine, tmp_path: Path
) -> None:
    rows = [(number, "north", MOST, "2021-10-01", 1, None, None) for number in (1, 2)]
    manifest = take(make_books(tmp_path, tuple(rows)), tmp_path / "snapshots")
    for one in (ON_ONE_MACHINE, engine):
        with pytest.raises(FigureError, match=r"(?i)out of range|overflow"):
            computed(one, manifest.folder, library(tmp_path / str(id(one))))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        pytest.param(
            "SELECT nothing FROM takings_years", r"figure shops.takings: .*nothing", id="query"
        ),
        pytest.param("SELECT 1 AS one", "gives one, not institute", id="columns"),
        pytest.param(
            TAKINGS[TAKINGS.index("SELECT") :].replace("CAST(amount AS BIGINT)", "amount / 2"),
            "is not a whole number; round nothing",
            id="rounded-in-sql",
        ),
        pytest.param(
            EACH.replace("'day'", "'month'"), "not transpiled: DuckDB and Spark count", id="months"
        ),
    ],
)
def test_figure_that_cannot_be_computed_is_told_as_on_duckdb(
    engine: FigureEngine, tmp_path: Path, sql: str, said: str
) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    with pytest.raises(FigureError, match=said):
        computed(engine, manifest.folder, library(tmp_path, sql))


def test_step_that_fails_is_named(engine: FigureEngine, tmp_path: Path) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    found = library(tmp_path)
    steps = tuple(replace(step, sql="SELECT * FROM nowhere") for step in found.steps)
    with pytest.raises(FigureError, match=r"step takings_years: .*nowhere"):
        computed(engine, manifest.folder, FigureLibrary(found.figures, steps))


def test_workers_elsewhere_are_handed_a_copy_that_goes_again(
    spark: Cluster, tmp_path: Path
) -> None:
    manifest = take(make_books(tmp_path), tmp_path / "snapshots")
    shared = tmp_path / "shared"
    shared.mkdir()
    cluster = Cluster(spark.master, shared)
    there = computed(SparkEngine(session(cluster), cluster), manifest.folder, library(tmp_path))
    assert there == computed(ON_ONE_MACHINE, manifest.folder, library(tmp_path / "again"))
    assert list(shared.iterdir()) == []
