"""Resolution on DuckDB, in memory on one machine; what does not fit goes to a temporary folder."""

import tempfile
from typing import Final

import duckdb
import pyarrow as pa

from lineshaft.engines.match.resolution.comparisons import Weights
from lineshaft.engines.match.resolution.engine import (
    Spelling,
    candidates_sql,
    floor_bits,
    pair_columns,
    predictions,
    settings,
)

SPELLING: Final = Spelling(
    dialect="duckdb",
    sum_of_bits=(
        "coalesce(list_sum(list_transform(list_intersect({one}, {other}),"
        " lambda x: x % {base})), 0)"
    ),
    most_bits=(
        "coalesce(list_max(list_transform(list_intersect({one}, {other}),"
        " lambda x: x % {base})), 0)"
    ),
    shift="({value} >> {bits})",
    holds="coalesce(list_contains({many}, {one}), false)",
)


class DuckDBEngine:
    """The engine of one machine."""

    def score(self, rows: pa.Table, keys: pa.Table, weights: Weights) -> pa.Table:
        from splink import DuckDBAPI  # noqa: PLC0415 -- as in engine.py

        with tempfile.TemporaryDirectory(prefix="lineshaft-resolve-") as folder:
            connection = duckdb.connect(config={"temp_directory": folder})
            try:
                connection.execute("SET preserve_insertion_order = false")
                connection.execute(
                    "SET enable_progress_bar = false"
                )  # it goes amid what is printed
                connection.register("rows", rows)
                connection.register("keys", keys)
                connection.execute(f"CREATE TABLE candidates AS {candidates_sql(SPELLING)}")
                connection.execute("SET disabled_optimizers = 'filter_pushdown'")
                found = predictions(
                    DuckDBAPI(connection),
                    "rows",
                    "candidates",
                    settings(SPELLING, weights),
                    floor_bits(),
                )
                columns = ", ".join(pair_columns())
                return connection.sql(
                    f"SELECT {columns} FROM {found.physical_name}"  # noqa: S608 -- our own names
                ).to_arrow_table()
            finally:
                connection.close()
