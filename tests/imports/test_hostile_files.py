"""Every kind of import refuses a hostile file in one clear sentence, and writes nothing."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import pytest
from django.db import connection
from pytest_django import Settings

from lineshaft.apps.funding.tests.factories import NOW, SYSTEM
from lineshaft.kernel.errors import LineshaftError
from lineshaft.plumbing.exchange.queries import import_spec, import_specs
from lineshaft.plumbing.exchange.services import run_import
from lineshaft.plumbing.exchange.spec import Column, ColumnKind, ImportReport
from tests.crash.state import state_of_database
from tests.imports.files import ROWS, csv_of, gzip_bomb, make_world, table_of, workbook

pytestmark = pytest.mark.django_db

type Said = tuple[int, str, str]
"""The row of a fault (0: the file), its column, and what is said."""

KINDS: Final = sorted(ROWS)
TOP_MINOR: Final = "92233720368547758.07"
"""As many cents as a database's whole number holds."""

WRONG: Final[dict[ColumnKind, dict[str, str]]] = {
    ColumnKind.TEXT: {
        "=1+1": "The cell holds a formula, or text that a spreadsheet takes for one. ",
        "@SUM(A1)": "The cell holds a formula, or text that a spreadsheet takes for one. ",
        "x" * 3000: "The text has 3000 characters; at most ",
    },
    ColumnKind.CHOICE: {"none such": "This is none of the values that are taken here. "},
    ColumnKind.BOOLEAN: {"perhaps": "This is neither yes nor no. Write yes or no."},
    ColumnKind.DATE: {
        "2022-13-01": "There is no such day. ",
        "2022-02-30": "There is no such day. ",
        "0000-01-01": "There is no such day. ",
        "01.03.2022": "This is not a date that can be read without doubt. ",
        "0001-01-01": "",
        "9999-12-31": "",
    },
    ColumnKind.MONEY: {
        "many": "This is not an amount in USD. ",
        "1.005": "This is not an amount in USD. ",
        "1e400": "This is not an amount in USD. ",
        "9" * 5000: "This is not an amount in USD. ",
        "92233720368547758.08": "This is not an amount in USD. ",
        TOP_MINOR: "",
        f"-{TOP_MINOR}": "",
    },
    ColumnKind.INT: {
        "many": "This is not a whole number. ",
        "1.5": "This is not a whole number. ",
        "9223372036854775808": "The number is too long. ",
        "999999999999999999": "",
        "-5": "",
    },
    ColumnKind.DECIMAL: {
        "many": "This is not a number. ",
        "nan": "This is not a number. ",
        "9" * 5000: "The number is too long. ",
        "1e400": "The number is larger than ",
    },
}
"""Cells of each kind of column, and how what is said begins; "": as the rule of the kind says."""

NO_LIMIT: Final = {"units": ("1e400", "The number is too long. ")}
"""What a column without a limit of its own says instead."""


@pytest.fixture(autouse=True)
def _world(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    make_world()


def load(kind: str, content: BinaryIO, name: str) -> ImportReport:
    return run_import(
        SYSTEM, import_spec(kind), content, name=name, is_dry_run=False, now=NOW, mapping=None
    )


def said(kind: str, content: bytes, name: str = "rows.csv") -> Said:
    """The only fault of the file, or its first one."""
    return said_of(kind, io.BytesIO(content), name)


def said_of(kind: str, content: BinaryIO, name: str) -> Said:
    try:
        errors = load(kind, content, name).errors
    except LineshaftError as error:
        return (0, "", error.as_text())
    return (errors[0].row, errors[0].column, errors[0].as_text()) if errors else (0, "", "")


def wrong_cells(column: Column) -> Iterator[tuple[str, str]]:
    for text, begins in WRONG[column.kind].items():
        if len(text) > column.max_length or len(text) < 3000:
            is_other = NO_LIMIT.get(column.name, ("", ""))[0] == text
            yield text, NO_LIMIT[column.name][1] if is_other else begins
    if column.kind is ColumnKind.MONEY and not column.is_signed:
        yield "-5", "The amount is negative. "


def test_every_kind_of_import_is_tested() -> None:
    assert sorted(import_specs()) == KINDS


@pytest.mark.database
@pytest.mark.parametrize("kind", KINDS)
def test_import_takes_the_good_file_once(kind: str) -> None:
    assert load(kind, io.BytesIO(csv_of(ROWS[kind])), "rows.csv").created == 2
    again = load(kind, io.BytesIO(csv_of(ROWS[kind])), "rows.csv")
    assert (again.unchanged, again.changes_nothing) == (2, True)


@pytest.mark.database  # of what could be read: how far a day or a number goes is the database's too
@pytest.mark.parametrize("kind", KINDS)
def test_import_refuses_each_wrong_cell_where_it_stands(kind: str) -> None:
    before = state_of_database()
    first, second = ROWS[kind]
    for column in import_spec(kind).columns:
        for text, begins in wrong_cells(column) if column.name in second else ():
            if begins and connection.vendor == "postgresql":
                continue  # refused before any database is asked
            row, name, sentence = said(kind, csv_of([first, second | {column.name: text}]))
            told = f"{column.name}={text[:30]}: row {row}, {name}: {sentence}"
            assert (row, bool(sentence)) == (3, True), told
            assert sentence.startswith(begins), told
            assert name == column.name or not begins, told
    assert state_of_database() == before


@pytest.mark.parametrize("kind", KINDS)
def test_import_refuses_a_file_that_is_no_table_of_its_kind(kind: str) -> None:
    before = state_of_database()
    rows = ROWS[kind]
    good, first = csv_of(rows), next(iter(rows[0]))
    text = next(one.name for one in import_spec(kind).columns if one.name in rows[0]
                and one.kind is ColumnKind.TEXT)  # fmt: skip
    lines = good.splitlines(keepends=True)
    zero = csv_of([rows[0] | {text: "a\x00b"}]).splitlines(keepends=True)[1]
    width = len(rows[0])
    hostile: dict[str, tuple[bytes, Said]] = {
        "wrong encoding": (good + "Zürich\n".encode("cp1252"), (0, "", "The file is not UTF-8: ")),
        "UTF-16 without its mark": (
            good.decode().encode("utf-16-le"),
            (0, "", "Line 1 holds a control character, which can't be seen (00, byte 2 "),
        ),
        "NUL": (lines[0] + zero, (0, "", "Line 2 holds a control character, which can't be seen")),
        "NUL behind": (
            good + b"\n" * 9000 + zero,
            (9004, text, "The text holds a control character, which can't be seen (U+0000, "),
        ),
        "empty": (b"", (0, "", "The file is empty. ")),
        "blank": (b" \n\n", (0, "", "The file is empty. ")),
        "picture": (
            b"\x89PNG\r\n\x1a\n\xff\xd8",
            (0, "", "This kind of file is not accepted here. Send one of: CSV, "),
        ),
        "long row": (good + b"x," * 60 + b"x\n", (4, "", "The row has 61 cells, but there are ")),
        "short row": (good + b"x\n", (4, "", f"The row has 1 cells, but there are {width} head")),
        "repeated column": (
            b"".join([first.encode(), b",", lines[0], *(b"x," + line for line in lines[1:])]),
            (0, first, f"The headings {first}, {first} both stand for the column {first}. "),
        ),
        "gzip bomb": (gzip_bomb(), (0, "", "Unpacked, the file is more than 100 times as large ")),
    }
    for column in import_spec(kind).columns:
        if column.is_required:
            left = [{name: row[name] for name in row if name != column.name} for row in rows]
            begins = f"The file lacks the column {column.name}; it has: "
            hostile[f"without {column.name}"] = (csv_of(left), (1, "", begins))
    for named, (content, (row, place, begins)) in hostile.items():
        found = said(kind, content)
        assert found[:2] == (row, place), (named, found)
        assert found[2].startswith(begins), (named, found)
    assert state_of_database() == before


def test_import_refuses_a_workbook_of_very_many_sheets() -> None:
    before = state_of_database()
    many: dict[str, Any] = {f"Sheet{place}": [["number"], [place]] for place in range(51)}
    found = said("contributions", workbook(**many), "rows.xlsx")
    assert found[2].startswith("The workbook has 51 sheets, more than 50.")
    assert state_of_database() == before


@pytest.mark.parametrize("kind", KINDS)
def test_import_refuses_a_workbook_that_says_two_things(kind: str) -> None:
    before = state_of_database()
    table = table_of(ROWS[kind])
    computed = [table[0], ["=1+1", *table[1][1:]], table[2]]
    notes = [["Written by", "on"], ["Finance", "2022-03-01"]]
    assert said(kind, workbook(Rows=computed), "rows.xlsx")[2].startswith("Cell A2 holds a formula")
    assert said(kind, workbook(May=table, June=table, Notes=notes), "rows.xlsx") == (
        0,
        "",
        (
            "Several sheets have the same columns: May, June. Only one is read. Put all rows on "
            "one sheet, send each sheet as a file of its own, or name one in the mapping."
        ),
    )
    row, _column, sentence = said(kind, workbook(Notes=notes, Rows=table), "rows.xlsx")
    assert (row, sentence.startswith("The sheet “Notes” lacks the column ")) == (1, True)
    assert sentence.endswith("or name its sheet in a mapping. The others are: Rows.")
    assert state_of_database() == before


@pytest.mark.parametrize("kind", KINDS)
def test_import_of_headings_alone_changes_nothing(kind: str) -> None:
    before = state_of_database()
    report = load(kind, io.BytesIO(csv_of(ROWS[kind]).splitlines()[0]), "rows.csv")
    assert (report.rows_read, report.errors, report.changes_nothing) == (0, (), True)
    assert state_of_database() == before


@pytest.mark.parametrize("kind", KINDS)
def test_import_refuses_200_megabytes_unread(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w+b") as sparse:
        sparse.truncate(200 * 1024 * 1024)
        assert said_of(kind, sparse, path.name)[2].startswith(
            "The file has 200 MB; at most 64 MB are taken. "
        )


TWICE: Final = "The same value stands in row 2 already. Keep one of the two rows."


@pytest.mark.parametrize(
    ("kind", "column", "sentence"),
    [
        *((kind, "number", TWICE) for kind in ("claims", "commitments", "contributions", "costs")),
        *((kind, "number", TWICE) for kind in ("own_income", "transfers")),
        ("organisations", "uei", TWICE),
        *(
            (
                kind,
                "",
                (
                    f"The reference “{number}” stands in an earlier row already. Keep one of the "
                    "two rows, or give each its own reference."
                ),
            )
            for kind, number in (("payments", "R-1"), ("statements", "B-1"))
        ),
        (
            "denominators",
            "state",
            "Row 2 gives this measure, state and year already. Keep one of the two rows.",
        ),
    ],
)
def test_import_refuses_what_stands_twice(kind: str, column: str, sentence: str) -> None:
    before = state_of_database()
    row = ROWS[kind][0]
    assert said(kind, csv_of([row, row])) == (3, column, sentence)
    assert state_of_database() == before


@pytest.mark.parametrize("kind", ["awards", "members"])
def test_equal_rows_of_an_award_or_member_count_once(kind: str) -> None:
    row = ROWS[kind][0]
    report = load(kind, io.BytesIO(csv_of([row, row])), "rows.csv")
    assert (report.created, report.unchanged) == (1, 1)
