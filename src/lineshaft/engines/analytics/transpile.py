"""The SQL of a figure in the dialect of Spark.

What DuckDB counts in 128 bits Spark counts in 38 digits, its widest exact number; beyond either a
query fails and never wraps. Days between two dates are exact in both, months are not: `date_diff`
of anything else is refused, as is whatever sqlglot cannot say in Spark's words.
"""

from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from lineshaft.engines.analytics.engine import QueryFailed

WIDE_DIGITS: Final = 38
_WIDE: Final = exp.DataType.Type.INT128


def to_spark(sql: str) -> str:
    """The query in the dialect of Spark; raises QueryFailed for what cannot be carried over."""
    try:
        query = sqlglot.parse_one(sql, read="duckdb")
        _widen(query)
        _refuse_other_than_days(query)
        return query.sql(dialect="spark", pretty=True, unsupported_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        raise QueryFailed(f"not transpiled: {error}") from error


def _widen(query: exp.Expr) -> None:
    for found in list(query.find_all(exp.DataType)):
        if found.this is _WIDE:
            found.replace(exp.DataType.build(f"DECIMAL({WIDE_DIGITS}, 0)"))


def _refuse_other_than_days(query: exp.Expr) -> None:
    for found in query.find_all(exp.DateDiff):
        unit = found.unit.name.upper() if found.unit else "DAY"
        if unit != "DAY":
            raise QueryFailed(f"not transpiled: DuckDB and Spark count a {unit} differently")
