"""Exports: what they hold, what they guard, and that they come back as they were."""

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.kernel.money import Money
from lineshaft.plumbing.exchange.convert import converter
from lineshaft.plumbing.exchange.reading.read import read_table
from lineshaft.plumbing.exchange.rows import check_rows
from lineshaft.plumbing.exchange.spec import Column, ColumnKind, ImportSpec
from lineshaft.plumbing.exchange.tests.factories import apply_things, read
from lineshaft.plumbing.exchange.writing import (
    ExportCell,
    ExportColumn,
    Provenance,
    write_csv,
    write_json,
    write_xlsx,
)

ABOUT = Provenance(
    "Members: all [2022]",
    datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    is_demonstration=True,
    filters={"Kind": "university"},
    source="snapshot 9f2c",
)
COLUMNS = (
    ExportColumn("name", "Name"),
    ExportColumn("amount", "Amount (USD)"),
    ExportColumn("day", "Day"),
    ExportColumn("share", "Share"),
    ExportColumn("is_open", "Open"),
    ExportColumn("number", "Number"),
    ExportColumn("at", "At"),
)
ROWS: list[list[ExportCell]] = [
    [
        "=cmd|x",
        Money(123450, "USD"),
        date(2022, 9, 30),
        Decimal("0.50"),
        True,
        10**16,
        datetime(2022, 1, 2, 3, 4, tzinfo=UTC),
    ],
    ["上海", None, None, None, False, -3, None],
]


def test_write_csv_guards_formulas_and_says_where_it_comes_from() -> None:
    content = b"".join(write_csv(COLUMNS, ROWS, ABOUT)).decode()
    assert content.split("\r\n") == [
        "\ufeff# Table: Members: all [2022]",
        "# Demonstration: generated records that belong to nobody",
        "# Generated at: 2026-11-23T09:30:00+00:00",
        "# Source: snapshot 9f2c",
        "# Filter: Kind: university",
        "Name,Amount (USD),Day,Share,Open,Number,At",
        "'=cmd|x,1234.50,2022-09-30,0.50,True,10000000000000000,2022-01-02T03:04:00+00:00",
        "上海,,,,False,-3,",
        "",
    ]


def test_write_csv_comes_in_pieces() -> None:
    pieces = list(write_csv(COLUMNS[:1], [["x"]] * 1200, ABOUT))
    assert (len(pieces), b"".join(pieces).count(b"\nx")) == (3, 1200)


def test_write_json_names_its_provenance() -> None:
    content = json.loads(b"".join(write_json(COLUMNS, ROWS, ABOUT)))
    assert content["provenance"] == {
        "title": "Members: all [2022]",
        "generated_at": "2026-11-23T09:30:00+00:00",
        "is_demonstration": True,
        "source": "snapshot 9f2c",
        "filters": {"Kind": "university"},
    }
    assert content["rows"][0] == {
        "name": "=cmd|x",
        "amount": "1234.50",
        "day": "2022-09-30",
        "share": "0.50",
        "is_open": True,
        "number": 10**16,
        "at": "2022-01-02T03:04:00+00:00",
    }


def test_write_json_without_rows_is_json() -> None:
    assert json.loads(b"".join(write_json(COLUMNS, [], ABOUT)))["rows"] == []


def test_write_xlsx_keeps_types_and_runs_no_formula() -> None:
    content = write_xlsx(COLUMNS, ROWS, ABOUT)
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(content))
    assert book.sheet_names == ["Members  all  2022", "Provenance"]
    assert book.get_sheet_by_index(0).to_python() == [
        ["Name", "Amount (USD)", "Day", "Share", "Open", "Number", "At"],
        [
            "=cmd|x",
            1234.5,
            date(2022, 9, 30),
            0.5,
            True,
            "10000000000000000",
            datetime(2022, 1, 2, 3, 4),  # noqa: DTZ001 -- a spreadsheet knows no zone
        ],
        ["上海", "", "", "", False, -3.0, ""],
    ]
    assert book.get_sheet_by_index(1).to_python()[1] == [
        "Demonstration",
        "generated records that belong to nobody",
    ]
    # The reader of imports finds no formula in it either.
    assert read(content, "x.xlsx")[1][0][1][0] == "=cmd|x"


def test_write_without_demonstration_does_not_mark() -> None:
    about = Provenance("T", ABOUT.generated_at, is_demonstration=False)
    assert [label for label, _text in about.lines()] == ["Table", "Generated at"]


@pytest.mark.parametrize("title", ["", "''", "[]:*?/\\"])
def test_write_xlsx_title_that_can_name_no_sheet(title: str) -> None:
    content = write_xlsx(COLUMNS[:1], [], Provenance(title, ABOUT.generated_at, False))  # noqa: FBT003
    assert python_calamine.CalamineWorkbook.from_object(io.BytesIO(content)).sheet_names[0] == "1"


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=30
).filter(lambda text: not text.strip().startswith(("=", "@")))


@given(
    st.lists(
        st.tuples(
            TEXTS,
            st.none() | st.integers(-(10**17), 10**17),
            st.none() | st.decimals(-1000, 1000, places=4),
            st.none() | st.dates(),
            st.none() | st.integers(0, 10**15),
            st.none() | st.booleans(),
        ),
        max_size=20,
    )
)
def test_csv_written_and_read_again_gives_the_same_rows(
    rows: list[tuple[str, int | None, Decimal | None, date | None, int | None, bool | None]],
) -> None:
    columns = (
        Column("text", max_length=1000),
        Column("number", ColumnKind.INT),
        Column("measure", ColumnKind.DECIMAL),
        Column("day", ColumnKind.DATE),
        Column("amount", ColumnKind.MONEY),
        Column("is_open", ColumnKind.BOOLEAN),
    )
    spec = ImportSpec("round", columns, apply_things)
    exported = [
        (text, number, measure, day, None if minor is None else Money(minor, "USD"), is_open)
        for text, number, measure, day, minor, is_open in rows
    ]
    head = [ExportColumn(column.name, column.name) for column in columns]
    content = b"".join(write_csv(head, exported, ABOUT))
    with read_table(io.BytesIO(content), "round.csv") as table:
        checked = check_rows(table, spec, None, currency="USD", report=lambda *_progress: None)
    clean = converter(columns[0], currency="USD", date_format="")
    assert checked.faults.kept == []
    assert [tuple(row.values.values()) for row in checked.rows] == [
        (clean(row[0].strip()), *row[1:])
        for row in exported
        if any(cell not in (None, "") for cell in row)
    ]
