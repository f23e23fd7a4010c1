"""Reads of the portfolio: money across agencies, institutes, technology areas, states and years.

What is read are cells, computed once per snapshot; a page adds them up in the database. Everybody
reads the years of published reports, each in the snapshot of its newest edition and only what the
report tells of an institute. Whoever reads an institute's figures before they are published may
instead read the newest snapshot: plans and costs too, the network's staff of all institutes, others
of those that they read whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache, reduce
from operator import or_
from typing import Final

from django.db.models import Q, QuerySet, Sum

from lineshaft.apps.insight.models import (
    PortfolioCell,
    ReportEdition,
    Snapshot,
    StateDenominator,
)
from lineshaft.apps.insight.queries.outlooks import may_read_outlooks
from lineshaft.apps.insight.queries.reports import (
    FIGURES_FOLDER,
    current_snapshot,
    editions_visible_to,
    in_units,
)
from lineshaft.apps.insight.rules import DenominatorMeasure, Flow, money_flows
from lineshaft.apps.network import queries as network
from lineshaft.engines.analytics.figures import FigureDefinition, FigureLibrary, load_library
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

OBLIGATED_CELLS: Final = "portfolio.federal_obligated"
DRAWN_CELLS: Final = "portfolio.federal_drawn"
CASH_CELLS: Final = "portfolio.cost_share_cash"
IN_KIND_CELLS: Final = "portfolio.cost_share_in_kind"
RATIO_CELLS: Final = "portfolio.match_ratio"
PLANNED_CELLS: Final = "portfolio.federal_planned"
INCURRED_CELLS: Final = "portfolio.costs_incurred"
PLANNED_SHARE_CELLS: Final = "portfolio.nonfederal_planned"
NOT_STATED: Final = "-"
_BROUGHT_TOGETHER: Final = {CASH_CELLS: "cash", IN_KIND_CELLS: "in_kind"}
_NO_FIGURE: Final = gettext_noop("There is no figure “%(figure)s”.")


class Dimension(StrEnum):
    """By what the portfolio may be divided; the value is the column of the cells."""

    AGENCY = "agency"
    INSTITUTE = "institute"
    TECHNOLOGY = "technology_areas"
    STATE = "state"
    YEAR = "fiscal_year"


class BasisKind(StrEnum):
    """Which figures are read: those of published reports, or those of the newest snapshot."""

    PUBLISHED = "published"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a reader adds up: for each fiscal year the snapshot to read it in.

    `institutes` None: all. `unread_years` are published years whose snapshot was taken before the
    portfolio was computed.
    """

    kind: BasisKind
    snapshots: Mapping[int, Snapshot]
    institutes: frozenset[str] | None = None
    unread_years: tuple[int, ...] = ()

    @property
    def is_newest(self) -> bool:
        return self.kind is BasisKind.NEWEST

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(self.snapshots))

    @property
    def newest_snapshot(self) -> Snapshot | None:
        """The one that the last year is read in."""
        return self.snapshots[self.years[-1]] if self.snapshots else None

    @property
    def figures(self) -> tuple[FigureDefinition, ...]:
        """The figures that may be read on this basis, in their order."""
        library = portfolio_library()
        return library.figures if self.is_newest else library.reported

    def figure(self, figure_id: str) -> FigureDefinition:
        """The figure of that id; raises NotFound."""
        for one in self.figures:
            if one.id == figure_id:
                return one
        raise NotFound(_NO_FIGURE, code="no_figure", params={"figure": figure_id})


@dataclass(frozen=True, slots=True)
class Selection:
    """What part of the portfolio a reader looks at; empty means all. Years are inclusive.

    `area` selects every institute that works in the area or under it, `areas` those whose areas
    are exactly these. `NOT_STATED` selects what has no state or no area.
    """

    agency: str = ""
    institute: str = ""
    area: str = ""
    areas: str = ""
    state: str = ""
    first_year: int | None = None
    last_year: int | None = None

    def years(self, basis: Basis) -> tuple[int, ...]:
        """Those of the basis that are selected."""
        return tuple(
            year
            for year in basis.years
            if (self.first_year is None or year >= self.first_year)
            and (self.last_year is None or year <= self.last_year)
        )


@dataclass(frozen=True, slots=True)
class Summed:
    """Cells of one figure, added up."""

    definition: FigureDefinition
    numerator: int
    denominator: int | None

    @property
    def value(self) -> Decimal | None:
        """Money in minor units; a quotient rounded once, None where there is nothing below it."""
        if self.denominator is not None and self.denominator <= 0:
            return None
        return self.definition.value_of(self.numerator, self.denominator)

    @property
    def number(self) -> Decimal | None:
        """The value as one writes it: money in whole units of the currency."""
        return in_units(self.definition, self.value)


@dataclass(frozen=True, slots=True)
class CrossTable:
    """One figure divided by two dimensions; a sum over any of them is the whole."""

    definition: FigureDefinition
    row_keys: tuple[str, ...]
    column_keys: tuple[str, ...]
    cells: Mapping[tuple[str, str], Summed]
    by_row: Mapping[str, Summed]
    by_column: Mapping[str, Summed]
    total: Summed


@dataclass(frozen=True, slots=True)
class ExportedCell:
    """A cell as it may be taken away; `part` is empty where kinds and categories are not told."""

    figure: str
    fiscal_year: int
    agency: str
    institute: str
    technology_areas: str
    state: str
    part: str
    numerator: int
    denominator: int | None


@dataclass(frozen=True, slots=True)
class Denominator:
    """The newest number of a state in one measure, up to a year."""

    number: int
    year: int
    source: str


@cache
def portfolio_library() -> FigureLibrary:
    """The figures of the portfolio that ship, read once in a process."""
    return load_library(FIGURES_FOLDER / "portfolio")


def basis_to_read(actor: Actor, wanted: BasisKind | None = None) -> Basis:
    """What the actor reads: by default the newest for the network's staff, else what is published.

    Raises NotFound where the newest is wanted by one who may not read it. Two queries at most.
    """
    kind = wanted or (BasisKind.NEWEST if actor.is_network_staff else BasisKind.PUBLISHED)
    if kind is BasisKind.NEWEST:
        if not may_read_outlooks(actor):
            raise NotFound(code="no_portfolio")
        return _newest(actor)
    return _published()


def cells_of(basis: Basis, selection: Selection) -> QuerySet[PortfolioCell]:
    """The cells of a selection, of figures that may be read; at most two queries more to find the
    technology areas under the one selected.
    """
    by_snapshot: dict[int, list[int]] = {}
    for year in selection.years(basis):
        by_snapshot.setdefault(basis.snapshots[year].pk, []).append(year)
    readable = [Q(snapshot=pk, fiscal_year__in=years) for pk, years in by_snapshot.items()]
    rows = PortfolioCell.objects.filter(
        reduce(or_, readable, Q(pk__in=())), figure__in=[one.id for one in basis.figures]
    )
    if basis.institutes is not None:
        rows = rows.filter(institute__in=sorted(basis.institutes))
    if selection.agency:
        rows = rows.filter(agency=selection.agency)
    if selection.institute:
        rows = rows.filter(institute=selection.institute)
    if selection.state:
        rows = rows.filter(state=selection.state.removeprefix(NOT_STATED))
    if selection.areas:
        rows = rows.filter(technology_areas=selection.areas.removeprefix(NOT_STATED))
    if selection.area:
        rows = rows.filter(technology_areas__in=_areas_under(rows, selection.area))
    return rows


def institutes_in(basis: Basis, selection: Selection) -> tuple[str, ...] | None:
    """The institutes of a selection, whatever agency pays; None for all of them."""
    narrowed = selection.institute or selection.area or selection.areas or selection.state
    if not narrowed and basis.institutes is None:
        return None
    cells = cells_of(basis, replace(selection, agency=""))
    found = cells.order_by().values_list("institute", flat=True).distinct()
    return tuple(sorted(found))


def keys_in(cells: QuerySet[PortfolioCell]) -> dict[Dimension, tuple[str, ...]]:
    """Which keys of each dimension the cells have; one query."""
    names = [dimension.value for dimension in Dimension]
    rows = list(cells.order_by().values_list(*names).distinct())
    return {
        dimension: tuple(sorted({str(row[place]) for row in rows}))
        for place, dimension in enumerate(Dimension)
    }


def totals(basis: Basis, cells: QuerySet[PortfolioCell]) -> dict[str, Summed]:
    """Every figure of the basis over all the cells, nothing counting as zero; one query."""
    return totals_by(basis, cells, ())[()]


def totals_by(
    basis: Basis, cells: QuerySet[PortfolioCell], columns: tuple[str, ...]
) -> dict[tuple[str, ...], dict[str, Summed]]:
    """For each combination of the columns every figure of the basis; one query.

    Without columns the one combination is there in any case.
    """
    rows = (
        cells.order_by()
        .values(*columns, "figure")
        .annotate(above=Sum("numerator"), below=Sum("denominator"))
    )
    found: dict[tuple[str, ...], dict[str, tuple[int, int | None]]] = {} if columns else {(): {}}
    for row in rows:
        key = tuple(str(row[name]) for name in columns)
        found.setdefault(key, {})[row["figure"]] = (row["above"], row["below"])
    return {
        key: {
            one.id: Summed(one, *values.get(one.id, (0, 0 if one.kind.is_quotient else None)))
            for one in basis.figures
        }
        for key, values in sorted(found.items())
    }


def cross_table(
    definition: FigureDefinition,
    cells: QuerySet[PortfolioCell],
    rows: Dimension,
    columns: Dimension,
) -> CrossTable:
    """A figure by two dimensions with its totals, from cells of any figures; one query."""
    found = (
        cells.filter(figure=definition.id)
        .order_by()
        .values_list(rows.value, columns.value)
        .annotate(above=Sum("numerator"), below=Sum("denominator"))
    )
    nothing = Summed(definition, 0, 0 if definition.kind.is_quotient else None)
    parts: dict[tuple[str, str], Summed] = {}
    by_row: dict[str, Summed] = {}
    by_column: dict[str, Summed] = {}
    total = nothing
    for row, column, above, below in found:
        part = Summed(definition, above, below)
        parts[str(row), str(column)] = part
        by_row[str(row)] = _together(by_row.get(str(row), nothing), part)
        by_column[str(column)] = _together(by_column.get(str(column), nothing), part)
        total = _together(total, part)
    return CrossTable(
        definition, tuple(sorted(by_row)), tuple(sorted(by_column)), parts, by_row, by_column, total
    )


def flows_of(basis: Basis, cells: QuerySet[PortfolioCell]) -> tuple[Flow, ...]:
    """How money flows through the cells; its uses and kinds on the newest basis alone; one query.

    On the published basis cost share is in cash or in kind, as the report tells it.
    """
    figures = (DRAWN_CELLS, CASH_CELLS, IN_KIND_CELLS, INCURRED_CELLS)
    rows = (
        cells.filter(figure__in=figures)
        .order_by()
        .values_list("figure", "agency", "institute", "part")
        .annotate(amount=Sum("numerator"))
    )
    drawn: dict[tuple[str, str], int] = {}
    brought: dict[tuple[str, str], int] = {}
    incurred: dict[tuple[str, str], int] = {}
    for figure, agency, institute, part, amount in rows:
        if figure == DRAWN_CELLS:
            _add(drawn, (agency, institute), amount)
        elif figure == INCURRED_CELLS:
            _add(incurred, (part, institute), amount)
        else:
            kind = part if basis.is_newest else _BROUGHT_TOGETHER[figure]
            _add(brought, (kind, institute), amount)
    return money_flows(drawn=drawn, brought=brought, incurred=incurred if basis.is_newest else None)


def exported_cells(basis: Basis, selection: Selection) -> Iterator[ExportedCell]:
    """The cells of a selection, in a fixed order; on the published basis their parts together."""
    columns = ["figure", *(one.value for one in Dimension), *(["part"] if basis.is_newest else [])]
    rows = (
        cells_of(basis, selection)
        .order_by(*columns)
        .values(*columns)
        .annotate(above=Sum("numerator"), below=Sum("denominator"))
    )
    for row in rows.iterator(chunk_size=2000):
        yield ExportedCell(
            figure=row["figure"],
            fiscal_year=row["fiscal_year"],
            agency=row["agency"],
            institute=row["institute"],
            technology_areas=row["technology_areas"],
            state=row["state"],
            part=row.get("part", ""),
            numerator=row["above"],
            denominator=row["below"],
        )


def denominators(until: int) -> dict[DenominatorMeasure, dict[str, Denominator]]:
    """For each measure the newest number of each state up to a year; one query."""
    found: dict[DenominatorMeasure, dict[str, Denominator]] = {
        measure: {} for measure in DenominatorMeasure
    }
    for row in StateDenominator.objects.filter(year__lte=until).order_by("year"):
        found[DenominatorMeasure(row.measure)][row.state] = Denominator(
            row.number, row.year, row.source
        )
    return found


# --------------------------------------------------------------------------------------- within


def _newest(actor: Actor) -> Basis:
    snapshot = current_snapshot()
    if snapshot is None:
        return Basis(BasisKind.NEWEST, {})
    years = snapshot.fiscal_years
    if not PortfolioCell.objects.filter(snapshot=snapshot).exists():
        return Basis(BasisKind.NEWEST, {}, unread_years=(snapshot.last_year,))
    return Basis(
        BasisKind.NEWEST,
        dict.fromkeys(years, snapshot),
        None if actor.is_network_staff else actor.staff_institute_keys,
    )


def _published() -> Basis:
    newest: dict[int, ReportEdition] = {}
    for edition in editions_visible_to(Actor.public()):
        newest.setdefault(edition.fiscal_year, edition)
    with_cells = set(
        PortfolioCell.objects.filter(
            snapshot__in={edition.snapshot_id for edition in newest.values()}
        )
        .order_by()
        .values_list("snapshot", flat=True)
        .distinct()
    )
    basis = Basis(BasisKind.PUBLISHED, {})
    return replace(
        basis,
        snapshots={
            year: edition.snapshot
            for year, edition in newest.items()
            if edition.snapshot_id in with_cells
        },
        unread_years=tuple(
            sorted(
                year for year, edition in newest.items() if edition.snapshot_id not in with_cells
            )
        ),
    )


def _areas_under(cells: QuerySet[PortfolioCell], area: str) -> list[str]:
    under = network.technology_area_keys_under(area)
    stored: Iterable[str] = cells.order_by().values_list("technology_areas", flat=True).distinct()
    return [areas for areas in stored if under.intersection(areas.split())]


def _together(one: Summed, other: Summed) -> Summed:
    below = (
        None
        if one.denominator is None or other.denominator is None
        else one.denominator + other.denominator
    )
    return Summed(one.definition, one.numerator + other.numerator, below)


def _add(amounts: dict[tuple[str, str], int], key: tuple[str, str], amount: int) -> None:
    amounts[key] = amounts.get(key, 0) + amount
