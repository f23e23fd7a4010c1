"""What computes figures: an engine opens a snapshot and answers the queries of its figures.

Queries are written once, in the SQL of DuckDB; an engine that speaks another dialect transpiles
them. Sums are whole numbers and nothing is rounded in SQL, so every engine gives the same cells.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class QueryFailed(Exception):
    """The engine cannot answer a query; the message is the engine's own."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives: names of the columns, and rows in no order."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class OpenSnapshot(Protocol):
    """The tables of one snapshot, under their names, for as long as it is open."""

    def keep(self, name: str, sql: str) -> None:
        """Make what the query gives a table of that name. Raises QueryFailed."""
        ...

    def ask(self, sql: str) -> Answer:
        """What the query gives. Raises QueryFailed."""
        ...


class FigureEngine(Protocol):
    """DuckDB on one machine, or Spark on a cluster."""

    def opened(
        self, folder: Path, files: Mapping[str, str]
    ) -> AbstractContextManager[OpenSnapshot]:
        """The Parquet files of the folder, each as a table of the name that it stands under."""
        ...
