"""Cells: the smallest parts of money from which a portfolio is added up.

A figure of a portfolio is a SQL file as every other, but its query gives one row for each agency,
institute, fiscal year and part (a category or kind; empty where nothing is divided):

    agency, institute, technology_areas, state, fiscal_year, part, numerator, denominator

Cells share no money, so a sum over any of these columns is that of the whole. The technology areas
of an institute stand together, in the order of their keys with a blank between, since nobody has
divided its money between them. A quotient is divided only after its cells are added up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lineshaft.engines.analytics.engine import FigureEngine
from lineshaft.engines.analytics.figures import (
    ON_ONE_MACHINE,
    FigureDefinition,
    FigureLibrary,
    opened_snapshot,
    rows_of,
)

CELL_COLUMNS: Final = (
    "agency",
    "institute",
    "technology_areas",
    "state",
    "fiscal_year",
    "part",
    "numerator",
    "denominator",
)


@dataclass(frozen=True, slots=True, order=True)
class CellRow:
    """One cell of one figure; money in minor units."""

    agency: str
    institute: str
    technology_areas: str
    state: str
    fiscal_year: int
    part: str
    numerator: int
    denominator: int | None


def compute_cells(
    library: FigureLibrary,
    snapshot_folder: Path,
    *,
    figures: Iterable[FigureDefinition] | None = None,
    engine: FigureEngine = ON_ONE_MACHINE,
) -> Mapping[str, tuple[CellRow, ...]]:
    """The cells of each figure (all of the library by default), by its id, in a fixed order.

    Raises FigureError as figures do.
    """
    wanted = library.figures if figures is None else tuple(figures)
    with opened_snapshot(library, snapshot_folder, wanted, engine) as (snapshot, _manifest):
        return {
            figure.id: tuple(
                sorted(
                    (CellRow(*values) for values in rows_of(snapshot, figure, CELL_COLUMNS)),
                    key=lambda row: (row.fiscal_year, row.agency, row.institute, row.part),
                )
            )
            for figure in wanted
        }
