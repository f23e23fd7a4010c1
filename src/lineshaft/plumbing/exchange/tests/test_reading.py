"""Reading files: encodings, delimiters, formats, and every limit."""

import gzip
import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lineshaft.kernel.errors import TooLarge
from lineshaft.plumbing.exchange import limits
from lineshaft.plumbing.exchange.faults import FileRefused
from lineshaft.plumbing.exchange.reading.read import read_table
from lineshaft.plumbing.exchange.reading.xlsx_parts import column_letters
from lineshaft.plumbing.exchange.tests.factories import (
    csv_bytes,
    gzipped,
    json_bytes,
    read,
    xlsx_bytes,
)

TABLE = (("id", "name"), [(2, ("1", "Zürich")), (3, ("2", "上海"))])


def refused(content: bytes, name: str = "table.csv", **options: Any) -> str:
    with pytest.raises(FileRefused) as caught:
        read(content, name, **options)
    return caught.value.fault.as_text()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_read_csv_encoding_with_mark_is_found(encoding: str) -> None:
    assert read(csv_bytes("id,name", "1,Zürich", "2,上海", encoding=encoding)) == TABLE


def test_read_csv_named_encoding_is_used() -> None:
    content = csv_bytes("id,name", "1,Zürich", encoding="cp1252")
    assert read(content, encoding="cp1252") == (("id", "name"), [(2, ("1", "Zürich"))])


def test_read_csv_wrong_encoding_names_line_and_byte() -> None:
    content = csv_bytes("id,name", "1,Basel", "2,Zürich", encoding="cp1252")
    assert refused(content) == (
        "The file is not UTF-8: line 3, byte 22 of the file (FC 72 69 63) stands for no character. "
        "Save the file as “CSV UTF-8” in the spreadsheet program, or name its encoding in the "
        'mapping (encoding = "cp1252").'
    )
    assert content[21] == 0xFC


def test_read_csv_wrong_encoding_late_in_a_long_file_names_its_line() -> None:
    good = b"id,name\n" + b"1,Basel \xc3\xbc\n" * 60_000
    text = refused(good + b"2,Z\xfcrich\n")
    assert text.startswith(
        f"The file is not UTF-8: line 60002, byte {len(good) + 4} of the file (FC 72 69 63)"
    )


def test_read_csv_truncated_character_at_the_end_is_refused() -> None:
    assert "line 2" in refused("id,name\n1,上海".encode()[:-1])


def test_read_csv_utf16_without_mark_is_refused() -> None:
    assert refused(csv_bytes("id,name", "1,a", encoding="utf-16-le")).startswith(
        "The file holds zero bytes: it is no text, or UTF-16 without its mark."
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_read_csv_delimiter_is_found(delimiter: str) -> None:
    lines = (delimiter.join(row) for row in (("id", "name"), ("1", "Zürich"), ("2", "上海")))
    assert read(csv_bytes(*lines)) == TABLE


def test_read_csv_named_delimiter_wins() -> None:
    assert read(b"a,b;c\n1,2;3\n", delimiter=";")[0] == ("a,b", "c")


def test_read_csv_one_column_is_a_table() -> None:
    assert read(b"name\nBasel\n") == (("name",), [(2, ("Basel",))])


def test_read_csv_counts_rows_as_a_spreadsheet_does() -> None:
    content = b'id,name\r\n1,"two\r\nlines"\r\n\r\n,\r\n2,b\r\n'
    assert read(content)[1] == [(2, ("1", "two\r\nlines")), (5, ("2", "b"))]


def test_read_csv_remarks_above_the_headings_are_skipped() -> None:
    assert read(b"# Table: x\r\n\r\nid,name\r\n1,a\r\n") == (("id", "name"), [(4, ("1", "a"))])


def test_read_csv_ragged_row_is_a_fault_of_that_row_alone() -> None:
    rows = read(b"id,name\n1,Doe, John\n2,b\n")[1]
    assert rows[0][1][0].as_text() == (
        "The row has 3 cells, but there are 2 headings. Put a cell that holds the delimiter in "
        "quotation marks; copy a file again that was not copied to its end."
    )
    assert rows[1] == (3, ("2", "b"))


def test_read_csv_open_quotation_is_refused_with_its_row() -> None:
    assert refused(b'id,name\n1,a\n2,"b\n').startswith("Row 3 can't be read as CSV: ")


@pytest.mark.parametrize(
    ("content", "name", "text"),
    [
        (b"", "a.csv", "The file is empty."),
        (b" \n ", "a.csv", "The file is empty."),
        (b",,\n", "a.csv", "The file has no row of headings."),
        (b"%PDF-1.7 x", "a.csv", "This is no table but PDF."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xls", "This is no table but XLS (Excel 97-2003)."),
        (gzipped(gzipped(b"id\n1\n")), "a.csv.gz", "This is no table but gzip in gzip."),
        (gzipped(b"id\n1\n" * 99)[:-9], "a.csv.gz", "The gzip file is damaged or incomplete."),
        (b"PK\x03\x04nonsense", "a.xlsx", "The workbook is damaged or not a workbook."),
        (b"{}", "a.json", "The JSON file holds no list."),
        (b"[1]", "a.json", "Item 1 of the list is no object."),
        (b'[{"a": NaN}]', "a.json", "“NaN” is no number of JSON."),
        (b'[{"a": 1, "a": 2}]', "a.json", "An object holds the name “a” twice."),
        (b'[{"a" 1}]', "a.json", "Line 1, character 7 is not JSON"),
        (b'[{"a": "\xfc"}]', "a.json", "The JSON file is not UTF-8: byte 9"),
        (b"[" * 100_000, "a.json", "The JSON file is nested too deeply"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_read_refuses_what_is_no_table(content: bytes, name: str, text: str) -> None:
    assert refused(content, name).startswith(text)


def test_read_json_gives_rows_and_the_union_of_names() -> None:
    content = json_bytes([{"id": 1, "name": "Zürich"}, {}, {"id": 2, "city": None, "x": 1.50}])
    assert read(content, "a.json") == (
        ("id", "name", "city", "x"),
        [(1, (1, "Zürich", None, None)), (3, (2, None, None, Decimal("1.5")))],
    )


def test_read_json_nested_value_is_a_fault_of_its_row() -> None:
    rows = read(json_bytes([{"id": [1]}, {"id": 2}]), "a.json")[1]
    assert (rows[0][1][0].column, rows[0][1][0].message) == (
        "id",
        "The value is a list or an object.",
    )
    assert rows[1] == (2, (2,))


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xlsx"])
def test_read_gzipped_gives_the_same_table(name: str) -> None:
    content = {
        "a.csv": csv_bytes("id,name", "1,Zürich"),
        "a.json": json_bytes([{"id": "1", "name": "Zürich"}]),
        "a.xlsx": xlsx_bytes(("id", "name"), ("1", "Zürich")),
    }[name]
    assert read(gzipped(content), f"{name}.gz") == read(content, name)


def test_read_xlsx_gives_values_with_their_real_row_numbers() -> None:
    content = xlsx_bytes((), ("id", "day", 2022), (), (7, date(2022, 3, 4), 0.1 + 0.2))
    assert read(content, "a.xlsx") == (
        ("id", "day", "2022"),
        [(4, (7.0, date(2022, 3, 4), 0.3))],
    )


def test_read_xlsx_named_sheet_is_read() -> None:
    assert read(xlsx_bytes(("id",), ("x",), sheet="Members"), "a.xlsx", sheet="Members") == (
        ("id",),
        [(2, ("x",))],
    )


def test_read_xlsx_missing_sheet_lists_those_that_there_are() -> None:
    assert refused(xlsx_bytes(("id",)), "a.xlsx", sheet="Members") == (
        "The workbook has no sheet “Members”; it has: Sheet1. Name one of them in the mapping."
    )


def test_read_xlsx_formula_is_refused_with_its_cell() -> None:
    content = xlsx_bytes(("id", "amount"), (1, 5), (2, "=B2*2"), (3, 6))
    rows = read(content, "a.xlsx")[1]
    assert [fault.as_text() for fault in rows[1][1]] == [
        (
            "Cell B3 holds a formula. "
            "Copy the column and paste it over itself as values, or type the value."
        )
    ]
    assert [rows[0], rows[2]] == [(2, (1.0, 5.0)), (4, (3.0, 6.0))]


def test_read_xlsx_formula_in_a_heading_is_refused() -> None:
    assert refused(xlsx_bytes(("id", "=1+1"), (1, 2)), "a.xlsx").startswith("Cell B1 holds a form")


def test_read_xlsx_empty_sheet_is_refused() -> None:
    assert refused(xlsx_bytes(), "a.xlsx").startswith("The sheet “Sheet1” is empty.")


def rebuilt(content: bytes, **parts: bytes) -> bytes:
    """The workbook with some of its parts (named by their last word) replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            key = info.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(info.filename, parts.get(key, old.read(info)), zipfile.ZIP_DEFLATED)
    return target.getvalue()


SHEET = b"<worksheet><sheetData>%s</sheetData></worksheet>"


def test_read_xlsx_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + SHEET % b'<row r="1"><c><v>&a;</v></c></row>'
    content = rebuilt(xlsx_bytes(("id",), ("x",)), sheet1=bomb)
    assert refused(content, "a.xlsx").startswith("The workbook is damaged or not a workbook.")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b'<row r="9"><c r="A999999"><v>1</v></c></row>', "The table has more than 200000 rows."),
        (b'<row r="1"><c r="XFD1"><v>1</v></c></row>', "The table has more than 400 columns."),
        (
            b'<row r="1"><c r="OH1"/></row><row r="30000"><c r="A30000"/></row>',
            "The table has more than 200000 rows.",
        ),
        (
            b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>' % (b"x" * 20_001),
            "Cell A1 holds more text than is taken.",
        ),
        (b'<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "The workbook is damaged"),
        (b'<row r="1"><c t="s"><v>%s</v></c></row>' % (b"9" * 5000), "The workbook is damaged"),
        (b'<row r="one"><c><v>1</v></c></row>', "The workbook is damaged"),
        (b'<row r="%s"><c><v>1</v></c></row>' % (b"9" * 5000), "The workbook is damaged"),
    ],
    ids=[
        "far row",
        "far column",
        "dense area",
        "long text",
        "no such text",
        "far text",
        "row of no number",
        "row beyond",
    ],
)
def test_read_xlsx_far_cells_are_refused_before_they_take_memory(cell: bytes, text: str) -> None:
    content = rebuilt(xlsx_bytes(("id",), ("x",)), sheet1=SHEET % cell)
    assert refused(content, "a.xlsx").startswith(text)


def test_read_xlsx_one_text_in_many_cells_is_refused() -> None:
    strings = b"<sst><si><t>%s</t></si></sst>" % (b"x" * 20_000)
    cells = b'<row r="1">' + b'<c t="s"><v>0</v></c>' * 300 + b"</row>"
    content = rebuilt(
        xlsx_bytes(("id",), ("x",)), sheet1=SHEET % (cells * 40), sharedStrings=strings
    )
    assert "holds more text than is taken" in refused(content, "a.xlsx")


def test_read_xlsx_error_value_is_refused_with_its_cell() -> None:
    cells = (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
        b'<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>'
    )
    content = rebuilt(xlsx_bytes(("id",), ("x",)), sheet1=SHEET % cells)
    # The reader of values shows an error as a blank; the row must not pass for blank.
    assert read(content, "a.xlsx")[1][0][1][0].as_text().startswith("Cell A2 holds an error")


def test_read_large_file_is_refused_at_once_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as sparse:
        sparse.truncate(200 * 1024 * 1024)
    tracemalloc.start()
    started_s = time.process_time()
    with (
        path.open("rb") as file,
        pytest.raises(TooLarge) as caught,
        read_table(file, path.name),
    ):
        pass
    assert (time.process_time() - started_s, tracemalloc.get_traced_memory()[1]) < (0.5, 1_000_000)
    tracemalloc.stop()
    assert caught.value.as_text() == (
        "The file has 200 MB; at most 64 MB are taken. Leave out columns that are not needed, or "
        "split the rows over several files."
    )


def test_read_gzip_bomb_is_refused_early() -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 9)
    started_s = time.process_time()
    assert refused(bomb, "a.csv.gz").startswith(
        "Unpacked, the file is more than 100 times as large as it came"
    )
    assert time.process_time() - started_s < 1


def test_read_zip_bomb_is_refused_early() -> None:
    bomb = rebuilt(xlsx_bytes(("id",), ("x",)), sheet1=b" " * (100 * 1024 * 1024))
    assert refused(bomb, "a.xlsx").startswith(
        "Unpacked, the file is more than 100 times as large as it came"
    )


def test_read_zip_that_lies_about_a_size_is_refused() -> None:
    packed = zlib.compressobj(9, wbits=-15)
    content = rebuilt(xlsx_bytes(("id",), ("x",)), theme1=b"<a/>")
    assert packed.flush()
    place = content.rindex(b"PK\x01\x02")
    size = struct.unpack_from("<I", content, place + 24)[0]
    lying = bytearray(content)
    struct.pack_into("<I", lying, place + 24, size - 1)
    assert refused(bytes(lying), "a.xlsx").startswith("The workbook is damaged")


def test_read_beyond_unpacked_limit_is_refused() -> None:
    bounds = limits.FileLimits(unpacked_bytes=1024 * 1024)
    content = gzip.compress(bytes(range(33, 120)) * 20_000)
    assert refused(content, "a.csv.gz", limits=bounds).startswith(
        "Unpacked, the file has more than 1 MB."
    )


def test_read_rows_beyond_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROWS_MAX", 2)
    assert refused(b"id\n1\n2\n3\n", limits=limits.FileLimits(rows=2)) == (
        "The table has more than 2 rows. Split its rows over several files."
    )
    assert refused(json_bytes([{"a": 1}] * 3), "a.json").startswith("The table has more than 2")


def test_read_columns_beyond_the_limit_are_refused() -> None:
    names = [f"c{number}" for number in range(401)]
    assert refused(csv_bytes(",".join(names))).startswith("The table has more than 400 columns.")
    assert refused(json_bytes([dict.fromkeys(names, 1)]), "a.json").startswith("The table has")


def test_read_line_beyond_the_limit_is_refused() -> None:
    bounds = limits.FileLimits(line_characters=50)
    assert refused(b"id\n" + b"x" * 51, limits=bounds).startswith(
        "Line 2 has more than 50 characters."
    )


def test_read_json_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JSON_BYTES_MAX", 3)
    assert refused(b"[{}]", "a.json").startswith("The JSON file has more than 0 MB.")


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (28, "AB"), (16384, "XFD")])
def test_column_letters_are_those_of_a_spreadsheet(number: int, letters: str) -> None:
    assert column_letters(number) == letters


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-be"])
def test_read_csv_of_four_bytes_a_letter_is_refused(encoding: str) -> None:
    assert refused("\ufeffid,name\n1,x\n".encode(encoding)).startswith("The file holds zero bytes")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(csv_bytes("id,name", "1,x", "  ,\u00a0", " , "), "a.csv", id="csv"),
        pytest.param(xlsx_bytes(["id", "name"], ["1", "x"], [" ", "  "]), "a.xlsx", id="xlsx"),
        pytest.param(json_bytes([{"id": "1", "name": "x"}, {"id": " "}]), "a.json", id="json"),
    ],
)
def test_read_row_of_spaces_is_blank(content: bytes, name: str) -> None:
    _headings, rows = read(content, name)
    assert [cells for _number, cells in rows] == [("1", "x")]


@pytest.mark.parametrize("content", [b"[]", b"[{}]"])
def test_read_json_empty_list_is_refused(content: bytes) -> None:
    assert refused(content, "a.json").startswith("The JSON file holds an empty list.")
