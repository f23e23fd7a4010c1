"""Figures of the portfolio over real books: they add up, and to the records that they open to."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum

from lineshaft.apps.funding import queries as funding
from lineshaft.apps.funding import rules as funding_rules
from lineshaft.apps.funding.queries import MoneyScope
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.models import FigureValue, PortfolioCell, Snapshot
from lineshaft.apps.insight.queries import BasisKind, Dimension, Selection
from lineshaft.apps.insight.rules import Flow
from lineshaft.apps.insight.services.snapshots import database_source, folder_of
from lineshaft.apps.insight.tests.factories import (
    CELLS,
    MILLION,
    NOW,
    SYSTEM,
    make_cells,
    make_institutes,
    make_shared_books,
)
from lineshaft.apps.network.facts import FACTS as NETWORK_FACTS
from lineshaft.engines.analytics.snapshot import write_snapshot
from lineshaft.engines.analytics.transpile import to_spark
from lineshaft.kernel.money import split_by_largest_remainder
from lineshaft.kernel.periods import FiscalYear

YEARS = (2022, 2023)
SAME_AS_REPORTED = {
    "portfolio.federal_obligated": "funding.federal_obligated",
    "portfolio.federal_drawn": "funding.federal_drawn",
    "portfolio.cost_share_cash": "funding.cost_share_cash",
    "portfolio.cost_share_in_kind": "funding.cost_share_in_kind",
}


@pytest.fixture
def snapshot(transactional_db: None, settings: Any, tmp_path: Path) -> Snapshot:
    """A snapshot of the shared books."""
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    settings.FILES_DIR = tmp_path / "files"
    make_shared_books()
    return services.take_snapshot(SYSTEM, now=NOW)


def _scope(year: int, agency: str) -> MoneyScope:
    period = queries.profile_in_use().fiscal_year(year)
    return MoneyScope(((period.starts_on, period.ends_on),), agency=agency)


def _parts(agreement: Any) -> list[tuple[str, int]]:
    return [(one.agency.key, one.federal_total_minor) for one in agreement.sponsors.all()]


def _share(amount: int, agreement: Any, agency: str) -> int:
    return funding_rules.agency_share_minor(amount, _parts(agreement), agency)


def _counted(transfers: Iterable[Any]) -> int:
    return sum(one.counted_minor for one in transfers)


def _accepted(scope: MoneyScope, *, is_cash: bool) -> int:
    return sum(
        _share(one.accepted_minor, one.agreement, scope.agency)
        for one in funding.contributions_in(SYSTEM, scope, is_cash=is_cash)
    )


def _incurred(scope: MoneyScope) -> int:
    return sum(
        _share(
            one.transfer.amount_minor
            if one.transfer.code in funding_rules.INCURRING_CODES
            else -one.transfer.amount_minor,
            one.cost.agreement,
            scope.agency,
        )
        for one in funding.costs_in(SYSTEM, scope)
    )


def _planned(scope: MoneyScope, *, is_federal: bool) -> int:
    return sum(
        _share(
            funding_rules.planned_minor(
                line.federal_minor if is_federal else line.nonfederal_minor,
                planned=(line.period.starts_on, line.period.ends_on),
                span=scope.spans[0],
            ),
            line.period.agreement,
            scope.agency,
        )
        for line in funding.budget_lines_in(SYSTEM, scope, is_federal=is_federal)
    )


BEHIND: dict[str, Callable[[MoneyScope], int]] = {
    "portfolio.federal_obligated": lambda scope: _counted(funding.obligations_in(SYSTEM, scope)),
    "portfolio.federal_drawn": lambda scope: _counted(funding.drawdowns_in(SYSTEM, scope)),
    "portfolio.cost_share_cash": lambda scope: _accepted(scope, is_cash=True),
    "portfolio.cost_share_in_kind": lambda scope: _accepted(scope, is_cash=False),
    "portfolio.costs_incurred": _incurred,
    "portfolio.federal_planned": lambda scope: _planned(scope, is_federal=True),
    "portfolio.nonfederal_planned": lambda scope: _planned(scope, is_federal=False),
}


def _check_records(snapshot: Snapshot) -> None:
    """Each figure of each agency and year is the sum of what its records count."""
    for figure, behind in BEHIND.items():
        for agency in ("DOD", "DOE", "NIST"):
            for year in YEARS:
                cells = PortfolioCell.objects.filter(
                    snapshot=snapshot, figure=figure, agency=agency, fiscal_year=year
                )
                total = cells.aggregate(total=Sum("numerator"))["total"] or 0
                assert total == behind(_scope(year, agency)), (figure, agency, year)


def _check_sums() -> None:
    """A figure summed by any dimension, and by any two, is the whole."""
    basis = queries.basis_to_read(SYSTEM, BasisKind.NEWEST)
    cells = queries.cells_of(basis, Selection())
    whole = queries.totals(basis, cells)
    for rows in Dimension:
        by_key = queries.totals_by(basis, cells, (rows.value,))
        for definition in basis.figures:
            parts = [found[definition.id].numerator for found in by_key.values()]
            assert sum(parts) == whole[definition.id].numerator
            for columns in Dimension:
                if columns is not rows:
                    table = queries.cross_table(definition, cells, rows, columns)
                    assert table.total == whole[definition.id]
                    assert sum(one.numerator for one in table.by_row.values()) == sum(
                        one.numerator for one in table.by_column.values()
                    )


def _check_flows() -> None:
    """What comes to an institute leaves it, and nothing is lost on the way."""
    basis = queries.basis_to_read(SYSTEM, BasisKind.NEWEST)
    flows = queries.flows_of(basis, queries.cells_of(basis, Selection(last_year=2022)))
    assert all(flow.amount_minor > 0 for flow in flows)
    for institute in ("institute/america-makes", "institute/lift"):
        comes = sum(flow.amount_minor for flow in flows if flow.target == institute)
        goes = sum(flow.amount_minor for flow in flows if flow.source == institute)
        assert comes == goes > 0
    assert Flow("ahead", "institute/lift", MILLION) in flows
    assert Flow("agency/DOE", "institute/lift", 3 * MILLION) in flows
    returned = queries.flows_of(basis, queries.cells_of(basis, Selection(first_year=2023)))
    assert Flow("institute/america-makes", "returned", 33) in returned


def test_portfolio_of_real_books_adds_up_to_the_records_and_to_the_report(
    snapshot: Snapshot,
) -> None:
    _check_records(snapshot)
    _check_sums()
    _check_flows()
    for ours, reported in SAME_AS_REPORTED.items():
        for year in YEARS:
            value = FigureValue.objects.filter(
                snapshot=snapshot, figure=reported, fiscal_year=year, institute="", dimension=""
            ).first()
            cells = PortfolioCell.objects.filter(
                snapshot=snapshot, figure=ours, fiscal_year=year
            ).aggregate(total=Sum("numerator"))
            assert (cells["total"] or 0) == (value.numerator if value else 0)


def test_portfolio_divides_what_agencies_share_to_the_cent(snapshot: Snapshot) -> None:
    cells = PortfolioCell.objects.filter(
        snapshot=snapshot, figure="portfolio.cost_share_in_kind", institute="america-makes"
    )
    third = (70 * MILLION - 1) // 3
    weights = [70 * MILLION - 2 * third, third, third]
    for kind, amount in (("personnel", 20_002), ("equipment_loaned", 7)):
        shares = dict(cells.filter(part=kind).values_list("agency", "numerator"))
        expected = split_by_largest_remainder(amount, weights)
        assert shares == dict(zip(("DOD", "DOE", "NIST"), expected, strict=True))
    assert set(cells.values_list("technology_areas", "state")) == {("composites robotics", "OH")}


def test_verify_finds_a_cell_that_was_changed_and_a_snapshot_that_lost_its_query(
    snapshot: Snapshot,
) -> None:
    assert services.verify_reports() == []
    cell = PortfolioCell.objects.filter(
        snapshot=snapshot, figure="portfolio.federal_drawn", institute="lift"
    ).get()
    PortfolioCell.objects.filter(pk=cell.pk).update(numerator=1)
    (problem,) = services.verify_reports()
    said = f"{snapshot.name}: 2 stored values are not what the snapshot gives: "
    assert str(problem) == f"{said}portfolio.federal_drawn 2022 DOE lift."
    PortfolioCell.objects.filter(snapshot=snapshot).delete()
    assert services.verify_reports() == []
    assert folder_of(snapshot).is_dir()


@pytest.mark.django_db(transaction=True)
def test_verify_says_what_cells_need_that_their_snapshot_does_not_hold(
    settings: Any, tmp_path: Path
) -> None:
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    make_institutes()
    manifest = write_snapshot(
        database_source(),
        NETWORK_FACTS,
        settings.SNAPSHOTS_DIR,
        taken_at=NOW,
        fiscal_year=FiscalYear(10),
        program="older",
    )
    older = Snapshot.objects.create(
        name=manifest.name,
        hash=manifest.hash,
        taken_at=NOW,
        program="older",
        rows=manifest.rows,
        size_bytes=manifest.size_bytes,
        first_year=2022,
        last_year=2022,
    )
    assert services.verify_reports() == []
    make_cells(older, CELLS)
    (problem,) = services.verify_reports()
    assert "neither a table nor a step" in str(problem)


def test_portfolio_library_says_everything_in_both_languages_and_goes_over_to_spark() -> None:
    library = queries.portfolio_library()
    assert [one.id for one in library.figures] == [
        "portfolio.federal_obligated",
        "portfolio.federal_drawn",
        "portfolio.cost_share_cash",
        "portfolio.cost_share_in_kind",
        "portfolio.match_ratio",
        "portfolio.federal_planned",
        "portfolio.costs_incurred",
        "portfolio.nonfederal_planned",
    ]
    assert [one.id for one in library.reported] == [one.id for one in library.figures[:5]]
    for figure in library.figures:
        assert figure.records
        assert figure.authority_url.startswith("https://")
        assert figure.definition_zh
        assert to_spark(figure.sql)
    for step in library.steps:
        assert to_spark(step.sql)
