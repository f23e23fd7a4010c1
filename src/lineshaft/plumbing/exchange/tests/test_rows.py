"""Checking rows: every kind of cell, every fault, and what a mapping does to them."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.money import Money
from lineshaft.plumbing.exchange.convert import plain_text, with_guard, without_guard
from lineshaft.plumbing.exchange.faults import FileRefused
from lineshaft.plumbing.exchange.mapping import parse_mapping
from lineshaft.plumbing.exchange.reading.table import Cell
from lineshaft.plumbing.exchange.rows import choose_mapping
from lineshaft.plumbing.exchange.spec import Column, ColumnKind, ImportSpec, Row
from lineshaft.plumbing.exchange.tests.factories import (
    THINGS,
    apply_things,
    check,
    csv_bytes,
    json_bytes,
    xlsx_bytes,
)

HEADINGS = "id,name,kind,amount,signed_on,employees,latitude,is_member"


def faults(*lines: str) -> list[tuple[int, str, str, str]]:
    return [
        (fault.row, fault.column, fault.value, fault.as_text())
        for fault in check(csv_bytes(HEADINGS, *lines)).faults.kept
    ]


def test_check_rows_gives_typed_values() -> None:
    line = '7,Zürich,Community College,"1,234.50",2022-09-30,12,-86.5,yes'
    assert check(csv_bytes(HEADINGS, line)).rows == [
        Row(
            2,
            {
                "id": "7",
                "name": "Zürich",
                "kind": "community_college",
                "amount": Money(123450, "USD"),
                "signed_on": date(2022, 9, 30),
                "employees": 12,
                "latitude": Decimal("-86.5"),
                "is_member": True,
            },
        )
    ]


def test_check_rows_blank_gives_the_blank_of_each_kind() -> None:
    (row,) = check(csv_bytes(HEADINGS, "7,x,,,,,,")).rows
    assert dict(row.values) == {
        "id": "7",
        "name": "x",
        "kind": "",
        "amount": None,
        "signed_on": None,
        "employees": None,
        "latitude": None,
        "is_member": None,
    }


def test_check_rows_absent_columns_are_blank() -> None:
    (row,) = check(csv_bytes("id,name", "7,x")).rows
    assert (row.text("kind"), row.money("amount"), row.integer("employees")) == ("", None, None)


@pytest.mark.parametrize(
    ("line", "column", "value", "said"),
    [
        (",x,,,,,,", "id", "", "The cell is blank, but this column must be filled."),
        ("1,x,school,,,,,", "kind", "school", "This is none of the values that are taken here."),
        ("1,x,,abc,,,,", "amount", "abc", "This is not an amount in USD."),
        ("1,x,,-5.00,,,,", "amount", "-5.00", "The amount is negative."),
        ("1,x,,1.005,,,,", "amount", "1.005", "This is not an amount in USD."),
        ("1,x,,,2022-02-30,,,", "signed_on", "2022-02-30", "There is no such day."),
        ("1,x,,,03/04/2022,,,", "signed_on", "03/04/2022", "This is not a date that can be read"),
        ("1,x,,,44000,,,", "signed_on", "44000", "This is not a date that can be read"),
        ("1,x,,,,12.5,,", "employees", "12.5", "This is not a whole number."),
        ("1,x,,,,-1,,", "employees", "-1", "The number is smaller than 0."),
        ("1,x,,,,9000000,,", "employees", "9000000", "The number is larger than 3000000."),
        ("1,x,,,,9999999999999999999,,", "employees", "9999999999999999999", "The number is too"),
        ("1,x,,,,,north,", "latitude", "north", "This is not a number."),
        ("1,x,,,,,91,", "latitude", "91", "The number is larger than 90."),
        ("1,x,,,,,1e-99999,", "latitude", "1e-99999", "This is not a number."),
        ("1,x,,,,,1e999,", "latitude", "1e999", "The number is larger than 90."),
        (f"1,x,,,,,0.{'1' * 31},", "latitude", f"0.{'1' * 31}", "The number is too long."),
        ("1,x,,,,,,perhaps", "is_member", "perhaps", "This is neither yes nor no."),
        ("1,=1+1,,,,,,", "name", "=1+1", "The cell holds a formula"),
        ("1,@SUM(A1),,,,,,", "name", "@SUM(A1)", "The cell holds a formula"),
        ("1, =cmd|'/c calc'!A0,,,,,,", "name", "=cmd|'/c calc'!A0", "The cell holds a formula"),
        ("1,x,,=A1,,,,", "amount", "=A1", "The cell holds a formula"),
        ("1,a\x07b,,,,,,", "name", "a\x07b", "The text holds a control character"),
        (f"1,{'x' * 61},,,,,,", "name", "x" * 59 + "…", "The text has 61 characters; at most 60"),
    ],
)
def test_check_rows_fault_names_row_column_value_and_remedy(
    line: str, column: str, value: str, said: str
) -> None:
    ((row, found_column, found_value, text),) = faults(line)
    assert (row, found_column, found_value) == (2, column, value)
    assert text.startswith(said)
    assert len(text) > len(said)


def test_check_rows_identifier_twice_names_the_first_row() -> None:
    assert faults("7,a,,,,,,", "8,b,,,,,,", "7,c,,,,,,") == [
        (4, "id", "7", "The same value stands in row 2 already. Keep one of the two rows.")
    ]


def test_check_rows_collects_every_fault_up_to_the_limit() -> None:
    found = check(csv_bytes(HEADINGS, *(f"{place},x,,-1,,,," for place in range(250)))).faults
    assert (len(found.kept), found.more) == (200, 50)


def test_check_rows_plus_and_minus_begin_ordinary_text() -> None:
    rows = check(csv_bytes("id,name", "1,+1 202 555 0100", "2,- none -")).rows
    assert [row.text("name") for row in rows] == ["+1 202 555 0100", "- none -"]


def test_check_rows_headings_are_found_by_name_and_alias_however_written() -> None:
    rows = check(csv_bytes("ID,机构,Signed On", "1,上海,2022-01-31")).rows
    assert (rows[0].text("name"), rows[0].date("signed_on")) == ("上海", date(2022, 1, 31))


def test_check_rows_missing_column_lists_what_was_found_and_what_is_near() -> None:
    with pytest.raises(FileRefused) as caught:
        check(csv_bytes("id,nmae,city", "1,x,y"))
    assert caught.value.fault.as_text() == (
        "The file lacks the column name; it has: id, nmae, city. "
        "Rename the heading that is meant (perhaps name: nmae), or use a mapping."
    )


def test_check_rows_missing_column_without_a_near_one_says_what_to_do() -> None:
    with pytest.raises(FileRefused) as caught:
        check(csv_bytes("id,city", "1,y"))
    assert caught.value.fault.as_text() == (
        "The file lacks the column name; it has: id, city. "
        "Add the column, or use a mapping that says where its values stand."
    )


def test_check_rows_misspelt_optional_column_is_not_passed_over() -> None:
    with pytest.raises(FileRefused, match="lacks the column"):
        check(csv_bytes("id,name,amuont", "1,x,5"))


def test_check_rows_heading_twice_is_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        check(csv_bytes("id,name,name", "1,x,y"))
    assert caught.value.fault.as_text() == (
        "The heading “name” stands twice, in columns 2, 3. Rename one of the two, or delete it."
    )


@pytest.mark.parametrize("second", ["Name", "na-me", " NAME "])
def test_check_rows_two_headings_of_one_column_are_refused(second: str) -> None:
    with pytest.raises(FileRefused) as caught:
        check(csv_bytes(f"id,name,{second}", "1,x,y"))
    assert caught.value.fault.as_text() == (
        f"The headings name, {second.strip()} both stand for the column name. "
        "Rename one of the two, or delete it."
    )


def test_check_rows_unknown_columns_are_named() -> None:
    assert check(csv_bytes("id,name,colour,", "1,x,red,")).ignored == ("colour",)


def test_check_rows_xlsx_values_are_those_of_csv() -> None:
    rows = check(
        xlsx_bytes(
            HEADINGS.split(","),
            (7, "Zürich", "industry", 1234.5, date(2022, 9, 30), 12, -86.5, True),
        ),
        "a.xlsx",
    ).rows
    assert (
        rows == check(csv_bytes(HEADINGS, "7,Zürich,industry,1234.5,2022-09-30,12,-86.5,true")).rows
    )


def test_check_rows_json_values_are_those_of_csv() -> None:
    item = {"id": 7, "name": "Zürich", "amount": 1234.5, "is_member": True, "employees": None}
    assert check(json_bytes([item]), "a.json").rows[0].values == (
        check(csv_bytes("id,name,amount,is_member", "7,Zürich,1234.5,true")).rows[0].values
    )


MAPPING = """
kind = "things"
ignore = "*"
null = ["-1"]
date_format = "%m/%d/%Y"
[columns]
id = "ipeds:{UNITID}"
name = { join = ["INSTNM", "CITY"], separator = ", " }
kind = { from = "SECTOR", values = { "4" = "community_college", "9" = "university" } }
signed_on = "SIGNED"
[constants]
employees = "5"
[[filters]]
column = "CYACTIVE"
keep = ["1"]
[[filters]]
column = "STATE"
drop = ["PR"]
"""
MAPPED_HEADINGS = "UNITID,INSTNM,CITY,SECTOR,SIGNED,CYACTIVE,STATE,LOCALE"


def mapped(*lines: str) -> Any:
    mapping = parse_mapping(MAPPING, THINGS, key="colleges")
    return check(csv_bytes(MAPPED_HEADINGS, *lines), mapping=mapping)


def test_check_rows_mapping_fills_joins_translates_and_filters() -> None:
    checked = mapped(
        "100654,Alabama A&M,Normal,4,03/04/2022,1,AL,12",
        "100655,Closed,Normal,4,,2,AL,12",
        "100656,Island,San Juan,4,,1,PR,12",
        "100657,Nowhere,-1,-1,-1,1,AL,12",
    )
    assert [
        (row.number, row.text("id"), row.text("name"), row.text("kind"), row.date("signed_on"))
        for row in checked.rows
    ] == [
        (2, "ipeds:100654", "Alabama A&M, Normal", "community_college", date(2022, 3, 4)),
        (5, "ipeds:100657", "Nowhere", "", None),
    ]
    assert (checked.rows_read, checked.rows_filtered, checked.ignored) == (4, 2, ())
    assert checked.rows[0].integer("employees") == 5


def test_check_rows_mapping_with_a_date_format_takes_a_spreadsheets_date_cell_too() -> None:
    checked = mapped("100654,A,B,4,2022-03-04,1,AL,12", "100655,A,B,4,03/04/2022,1,AL,12")
    assert [row.date("signed_on") for row in checked.rows] == [date(2022, 3, 4)] * 2


def test_check_rows_mapping_reads_control_characters_as_spaces_where_it_says_so() -> None:
    line = '1,"\x07An\x0bvil \x85"'
    text = 'kind="things"\n[columns]\nid="X"\nname="Y"\n'
    ((row, _column, _value, said),) = [
        (fault.row, fault.column, fault.value, fault.as_text())
        for fault in check(
            csv_bytes("X,Y", line), mapping=parse_mapping(text, THINGS, key="c")
        ).faults.kept
    ]
    assert row == 2
    assert said == (
        "The text holds a control character, which can't be seen (U+0007, at character 1). Take it "
        'out of the file, or let a mapping read it as a space (control_characters = "space").'
    )
    spaced = parse_mapping(f'control_characters="space"\n{text}', THINGS, key="c")
    assert check(csv_bytes("X,Y", line), mapping=spaced).rows[0].values["name"] == "An vil"
    with pytest.raises(Invalid, match="control_characters"):
        parse_mapping(f'control_characters="drop"\n{text}', THINGS, key="c")


def test_check_rows_mapping_fault_names_the_heading_of_the_file() -> None:
    checked = mapped("100654,A,B,7,soon,1,AL,12", ",A,B,4,,1,AL,12")
    assert [(fault.row, fault.column) for fault in checked.faults.kept] == [
        (2, "SECTOR"),
        (2, "SIGNED"),
        (3, "UNITID"),
    ]


def test_check_rows_mapping_that_does_not_fit_names_the_missing_headings() -> None:
    with pytest.raises(FileRefused) as caught:
        check(csv_bytes("UNITID,INSTNAM", "1,x"), mapping=parse_mapping(MAPPING, THINGS, key="c"))
    assert caught.value.fault.as_text().startswith(
        "The file lacks the column CITY, CYACTIVE, INSTNM, SECTOR, SIGNED, STATE; it has: UNITID, "
        "INSTNAM. Rename the heading that is meant (perhaps INSTNM: INSTNAM)"
    )


def test_choose_mapping_takes_the_one_that_fits() -> None:
    mapping = parse_mapping(MAPPING, THINGS, key="colleges")
    other = parse_mapping('kind="things"\n[columns]\nid="X"\nname="Y"\n', THINGS, key="other")
    both = {"colleges": mapping, "other": other}
    assert choose_mapping(MAPPED_HEADINGS.split(","), THINGS, both) is mapping
    assert choose_mapping(["id", "name", "X", "Y"], THINGS, both) is None
    assert choose_mapping(["a"], THINGS, both) is None


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (35762.0, "35762"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+90"), "1E+90"),
        (date(2022, 1, 2), "2022-01-02"),
        (datetime(2022, 1, 2), "2022-01-02"),  # noqa: DTZ001 -- as a spreadsheet holds it
        (datetime(2022, 1, 2, 3, 4), "2022-01-02 03:04:00"),  # noqa: DTZ001 -- as above
        (7, "7"),
        ("  a b ", "a b"),
    ],
)
def test_plain_text_is_what_a_person_would_type(cell: Cell, text: str) -> None:
    assert plain_text(cell) == text


@pytest.mark.parametrize(
    ("text", "guarded"),
    [("=1", "'=1"), ("+1", "'+1"), ("'-x", "''-x"), ("a=1", "a=1"), ("'a", "'a"), ("", "")],
)
def test_guard_is_taken_away_again(text: str, guarded: str) -> None:
    assert (with_guard(text), without_guard(guarded)) == (guarded, text)


def test_row_getter_of_another_kind_is_a_mistake() -> None:
    (row,) = check(csv_bytes("id,name", "7,x")).rows
    with pytest.raises(TypeError, match="Column name holds str, not int"):
        row.integer("name")
    with pytest.raises(KeyError):
        row.text("colour")


def test_spec_column_unknown_is_a_mistake(tmp_path: Path) -> None:
    spec = ImportSpec("x", (Column("a", ColumnKind.INT),), apply_things, mappings=tmp_path)
    assert spec.column("a").kind == ColumnKind.INT
    with pytest.raises(KeyError):
        spec.column("b")
