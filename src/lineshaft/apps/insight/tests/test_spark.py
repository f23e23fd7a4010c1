"""Figures computed on Spark, stored, and found the same again by DuckDB."""

from datetime import date
from typing import Any

import pytest

from lineshaft.apps.funding.services import OwnIncomeRow, record_own_income
from lineshaft.apps.funding.tests import factories as funding
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.models import FigureValue, PortfolioCell
from lineshaft.apps.insight.tests.factories import (
    NOW,
    SYSTEM,
    make_institutes,
    make_membership,
    make_organisation,
    make_shared_books,
)
from lineshaft.engines.on_spark import Cluster

pytestmark = pytest.mark.spark


def make_something_of_all() -> None:
    """Records for every figure, of which some are of no institute's first year."""
    make_shared_books()
    makes, lift = make_institutes()
    half_year = {"starts_on": date(2021, 10, 1), "ends_on": date(2022, 4, 2)}
    make_membership(make_organisation("Shop"), makes, tier="sme", **half_year)
    make_membership(make_organisation("School", "university", "MI"), lift, tier="academic")
    row = OwnIncomeRow(
        id=funding.transfer_id("own"),
        institute_id=makes.pk,
        stream="services",
        amount_minor=12_345,
        currency="USD",
        received_on=date(2022, 3, 1),
    )
    record_own_income(SYSTEM, row, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_snapshot_whose_figures_are_computed_on_spark_is_verified_by_duckdb(
    spark: Cluster, settings: Any
) -> None:
    make_something_of_all()
    settings.SPARK_MASTER = spark.master
    settings.FIGURES_ENGINE = "spark"
    snapshot = services.take_snapshot(SYSTEM, now=NOW)
    settings.FIGURES_ENGINE = "duckdb"

    figures = FigureValue.objects.filter(snapshot=snapshot).values_list("figure", flat=True)
    cells = PortfolioCell.objects.filter(snapshot=snapshot).values_list("figure", flat=True)
    assert set(figures) == {one.id for one in queries.figure_library().figures}
    assert set(cells) == {one.id for one in queries.portfolio_library().figures}
    assert services.verify_reports() == []
