"""The portfolio over the API: the figures of its page, by any two dimensions, and its flows.

Money is in minor units; quotients are rounded once, after their parts are added up.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, FilterSchema, Query, Router, Schema

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.queries import (
    OBLIGATED_CELLS,
    Basis,
    BasisKind,
    Dimension,
    Selection,
    Summed,
)
from lineshaft.apps.insight.services import json_number
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.rest import FiscalYear, actor_of

router = Router(tags=["insight"])

type PortfolioKey = Annotated[str, Field(max_length=64)]
type PortfolioDimension = Literal["agency", "institute", "technology_areas", "state", "fiscal_year"]


class PortfolioSumOut(Schema):
    """Cells added up; a key is empty for what is not stated, and for a dimension not asked for.

    Money counts in minor units, in `numerator`; `value` is in whole units of the currency.
    """

    row: str
    column: str
    value: int | float | None
    numerator: int
    denominator: int | None


class PortfolioOut(Schema):
    """One figure of a selection: divided, and as a whole. `snapshots` are by fiscal year."""

    figure: str
    version: int
    title: str
    title_zh: str
    unit: str
    definition: str
    query: str
    basis: BasisKind
    snapshots: dict[int, str]
    as_of: datetime | None
    unread_years: list[int]
    rows: PortfolioDimension
    columns: PortfolioDimension
    items: list[PortfolioSumOut]
    total: PortfolioSumOut


class PortfolioFlowOut(Schema):
    """Money from one place to another: `agency/`, `kind/`, `institute/` or `category/` and a key,
    or a word for what has none (`no_cost`, `ahead`, `brought`, `returned`, `taken_back`).
    """

    source: str
    target: str
    amount_minor: int


class PortfolioFlowsOut(Schema):
    """How money flows through a selection; on the published basis it ends at the institutes."""

    basis: BasisKind
    currency: str
    snapshots: dict[int, str]
    items: list[PortfolioFlowOut]


class SelectionFilter(FilterSchema):
    """`basis` is by default the newest for the network's staff, and else what is published."""

    basis: BasisKind | None = None
    agency: PortfolioKey = ""
    institute: PortfolioKey = ""
    area: PortfolioKey = ""
    state: Annotated[str, Field(max_length=16)] = ""
    first_year: FiscalYear | None = None
    last_year: FiscalYear | None = None


class PortfolioFilter(SelectionFilter):
    """`figure` is one of the portfolio's; `rows` and `columns` are what it is divided by."""

    figure: Annotated[str, Field(max_length=80)] = OBLIGATED_CELLS
    rows: PortfolioDimension = "agency"
    columns: PortfolioDimension = "fiscal_year"


@router.get(
    "/portfolio",
    response=PortfolioOut,
    operation_id="show_portfolio",
    summary="A figure across agencies, by any two dimensions",
)
def show_portfolio(request: HttpRequest, filters: Query[PortfolioFilter]) -> dict[str, Any]:
    """Published years for everybody; plans, costs and drafts for whoever reads them on pages."""
    if filters.rows == filters.columns:
        raise Invalid.in_field("columns", gettext_noop("Choose something else than for the rows."))
    basis = queries.basis_to_read(actor_of(request), filters.basis)
    definition = basis.figure(filters.figure)
    table = queries.cross_table(
        definition,
        queries.cells_of(basis, _selection(filters)),
        Dimension(filters.rows),
        Dimension(filters.columns),
    )
    newest = basis.newest_snapshot
    return {
        "figure": definition.id,
        "version": definition.version,
        "title": definition.title,
        "title_zh": definition.title_zh,
        "unit": queries.profile_in_use().currency
        if definition.unit == "money"
        else definition.unit,
        "definition": definition.definition,
        "query": definition.sql,
        "basis": basis.kind,
        "snapshots": _snapshots(basis),
        "as_of": newest.taken_at if newest else None,
        "unread_years": list(basis.unread_years),
        "rows": filters.rows,
        "columns": filters.columns,
        "items": [
            _sum(table.cells[row, column], row, column)
            for row in table.row_keys
            for column in table.column_keys
            if (row, column) in table.cells
        ],
        "total": _sum(table.total, "", ""),
    }


@router.get(
    "/portfolio/flows",
    response=PortfolioFlowsOut,
    operation_id="list_portfolio_flows",
    summary="How money flows from agencies and partners to institutes and its uses",
)
def list_portfolio_flows(request: HttpRequest, filters: Query[SelectionFilter]) -> dict[str, Any]:
    """What comes to an institute leaves it, to the minor unit, where its uses may be read."""
    basis = queries.basis_to_read(actor_of(request), filters.basis)
    return {
        "basis": basis.kind,
        "currency": queries.profile_in_use().currency,
        "snapshots": _snapshots(basis),
        "items": [
            {"source": one.source, "target": one.target, "amount_minor": one.amount_minor}
            for one in queries.flows_of(basis, queries.cells_of(basis, _selection(filters)))
        ],
    }


def _selection(filters: SelectionFilter) -> Selection:
    return Selection(
        agency=filters.agency,
        institute=filters.institute,
        area=filters.area,
        state=filters.state,
        first_year=filters.first_year,
        last_year=filters.last_year,
    )


def _snapshots(basis: Basis) -> dict[int, str]:
    return {year: basis.snapshots[year].hash for year in basis.years}


def _sum(summed: Summed, row: str, column: str) -> dict[str, Any]:
    return {
        "row": row,
        "column": column,
        "value": json_number(summed.number),
        "numerator": summed.numerator,
        "denominator": summed.denominator,
    }
