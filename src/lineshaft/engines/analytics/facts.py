"""What analytics may read: a fact table's grain, its query and its typed columns.

Each app declares its facts in its own `facts.py` as `FACTS: tuple[FactTable, ...]`. The query is
written once, in SQL that SQLite and PostgreSQL both understand. Invariants: names are lower snake
case; a table names each column once; a fact never carries the name of a person.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DECIMAL: Final = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
_SIMPLE_TYPES: Final = frozenset({"int64", "string", "date", "timestamp", "bool"})
_MOST_DIGITS: Final = 38  # decimal128, the widest exact number that Parquet, Arrow and DuckDB share


class FactError(ValueError):
    """A fact table is declared wrongly, or its query gave what its columns do not declare."""


@dataclass(frozen=True, slots=True)
class FactColumn:
    """One typed column: `type` is int64, string, date, timestamp, bool or decimal(p,s).

    `unit` says what a value counts ("minor units", "organisation", "day", "" for a name or a key);
    `meaning` is one English sentence for the data dictionary. The query must give dates as
    `YYYY-MM-DD` (or the driver's date), timestamps in UTC, and truth values as 0 and 1 (or the
    driver's boolean).
    """

    name: str
    type: str
    unit: str
    meaning: str
    is_nullable: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise FactError(f"column {self.name!r}: a name is lower snake case")
        if self.type not in _SIMPLE_TYPES and self.decimal is None:
            raise FactError(f"column {self.name!r}: unknown type {self.type!r}")
        if not self.meaning:
            raise FactError(f"column {self.name!r}: say what it means")

    @property
    def decimal(self) -> tuple[int, int] | None:
        """Precision and scale of a decimal column, None for every other type."""
        found = _DECIMAL.fullmatch(self.type)
        if found is None:
            return None
        precision, scale = int(found[1]), int(found[2])
        if not 0 <= scale <= precision or not 1 <= precision <= _MOST_DIGITS:
            raise FactError(f"column {self.name!r}: {self.type} is out of range")
        return precision, scale


@dataclass(frozen=True, slots=True)
class FactTable:
    """One table of facts; `grain` says what one row is ("one transfer of the ledger")."""

    name: str
    grain: str
    sql: str
    columns: tuple[FactColumn, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise FactError(f"table {self.name!r}: a name is lower snake case")
        if not self.grain:
            raise FactError(f"table {self.name!r}: say what one row is")
        if not self.columns:
            raise FactError(f"table {self.name!r}: declare its columns")
        names = self.column_names
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise FactError(f"table {self.name!r}: declared twice: {', '.join(twice)}")

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def check_distinct(facts: Iterable[FactTable]) -> tuple[FactTable, ...]:
    """The tables in order of name; raises FactError when two bear one name."""
    tables = tuple(sorted(facts, key=lambda table: table.name))
    names = [table.name for table in tables]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FactError(f"two fact tables bear one name: {', '.join(twice)}")
    return tables
