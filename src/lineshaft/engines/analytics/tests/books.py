"""A small book-keeping database and its figures, for the tests of analytics."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lineshaft.engines.analytics.facts import FactColumn, FactTable
from lineshaft.engines.analytics.snapshot import SnapshotManifest, write_snapshot
from lineshaft.engines.analytics.source import DatabaseSource
from lineshaft.kernel.periods import FiscalYear

TAKEN_AT: Final = datetime(2022, 11, 20, 12, 30, tzinfo=UTC)
PAYMENTS: Final = FactTable(
    name="payments",
    grain="one payment",
    sql="SELECT id, shop, amount, paid_on, is_cash, rate, seen_at FROM payment",
    columns=(
        FactColumn("id", "int64", "", "number of the payment"),
        FactColumn("shop", "string", "", "key of the shop"),
        FactColumn("amount", "int64", "minor units", "what was paid"),
        FactColumn("paid_on", "date", "day", "when it was paid", is_nullable=True),
        FactColumn("is_cash", "bool", "", "whether it was paid in cash"),
        FactColumn("rate", "decimal(10,4)", "", "rate of exchange", is_nullable=True),
        FactColumn("seen_at", "timestamp", "", "when it was seen", is_nullable=True),
    ),
)
ROWS: Final = (
    (1, "north", 1000, "2021-10-01", 1, None, None),
    (2, "north", 250, "2022-09-30", 0, "1.2500", "2022-01-02 03:04:05.000006"),
    (3, "south", 500, "2022-10-01", 1, "0.5", None),
    (4, "south", 7, None, 0, None, None),
)
TAKINGS: Final = """-- id: shops.takings
-- version: 2
-- kind: sum
-- title: Takings
-- title_zh: 收入
-- unit: money
-- unit_zh: 金额
-- grain: shop, fiscal year
-- definition: What was paid in the fiscal year,
--   in every shop.
-- definition_zh: 该财年内，
--   各店的收入。
-- authority: the shop's own books
-- needs: takings_years
-- records: payments, receipts
-- published: shop_takings
SELECT shop AS institute, fiscal_year, NULL AS dimension, CAST(amount AS BIGINT) AS numerator,
       NULL AS denominator
FROM takings_years
"""
CASH_SHARE: Final = """-- id: shops.cash_share
-- version: 1
-- kind: share
-- decimals: 1
-- title: Share of cash
-- title_zh: 现金比例
-- unit: %
-- unit_zh: %
-- grain: shop, fiscal year
-- definition: Cash over all payments.
-- definition_zh: 现金付款占全部付款的比例。
-- authority: the shop's own books
-- needs: takings_years
SELECT shop AS institute, fiscal_year, NULL AS dimension, CAST(cash AS BIGINT) AS numerator,
       CAST(amount AS BIGINT) AS denominator
FROM takings_years
"""
TAKINGS_YEARS: Final = """-- step: takings_years
-- row: one shop, or all where it is empty, in one fiscal year
-- needs: payments, periods
SELECT p.shop, y.fiscal_year, sum(p.amount) AS amount,
       sum(CASE WHEN p.is_cash THEN p.amount ELSE 0 END) AS cash
FROM payments AS p
INNER JOIN periods AS y ON p.paid_on >= y.starts_on AND p.paid_on < y.ends_on
GROUP BY GROUPING SETS ((p.shop, y.fiscal_year), (y.fiscal_year))
"""


def make_books(folder: Path, rows: tuple[tuple[object, ...], ...] = ROWS) -> DatabaseSource:
    path = folder / "books.sqlite3"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE payment (id INTEGER PRIMARY KEY, shop TEXT, amount BIGINT, paid_on DATE,"
        " is_cash BOOL, rate DECIMAL, seen_at DATETIME)"
    )
    connection.executemany("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return DatabaseSource("sqlite", str(path))


def make_figures(folder: Path) -> Path:
    figures = folder / "figures"
    (figures / "steps").mkdir(parents=True)
    (figures / "takings.sql").write_text(TAKINGS, encoding="utf-8")
    (figures / "cash_share.sql").write_text(CASH_SHARE, encoding="utf-8")
    (figures / "steps" / "takings_years.sql").write_text(TAKINGS_YEARS, encoding="utf-8")
    return figures


def take(
    source: DatabaseSource, folder: Path, *, taken_at: datetime = TAKEN_AT
) -> SnapshotManifest:
    return write_snapshot(
        source,
        (PAYMENTS,),
        folder,
        taken_at=taken_at,
        fiscal_year=FiscalYear(10),
        program="lineshaft test",
    )
