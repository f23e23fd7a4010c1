"""Data files: typed values out, every fault told with file and field."""

from datetime import date

import pytest

from lineshaft.kernel.datafile import DataTable, parse_table
from lineshaft.kernel.errors import Invalid

TEXT = """
name = "x"
count = 3
limit = 9
day = 2022-08-09
is_open = true
[part]
size = 1
[[rows]]
key = "a"
[[rows]]
key = "b"
[names]
a = "A"
"""


def test_data_table_gives_typed_values() -> None:
    root = parse_table(TEXT, "x.toml")
    assert (root.text("name"), root.optional_text("nickname")) == ("x", "")
    assert (root.whole("count"), root.whole("limit", least=9, most=9)) == (3, 9)
    assert (root.optional_whole("none"), root.optional_whole("count")) == (None, 3)
    assert (root.day("day"), root.optional_day("none")) == (date(2022, 8, 9), None)
    assert (root.flag("is_open"), root.flag("is_shut")) == (True, False)
    assert root.texts("none") == ()
    assert [row.text("key") for row in root.tables("rows")] == ["a", "b"]
    assert list(root.optional_tables("none")) == []
    assert (root.pairs("names"), root.pairs("none")) == ((("a", "A"),), ())
    part = root.table("part")
    assert part.whole("size") == 1
    part.finish()
    root.finish()


def read_all(root: DataTable) -> None:
    list(root.tables("rows"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "In the data file x.toml the field rows is missing."),
        ("rows = []", "field rows is not a list of at least one table"),
        ("rows = 3", "field rows is not a list of at least one table"),
        ("rows = [3]", "field rows[0] is not a table"),
        ("rows = [{}, {a = 1}]", "In the data file x.toml nothing reads the field rows[1].a."),
    ],
    ids=["missing", "empty", "no-list", "no-table", "unread"],
)
def test_data_table_tells_the_fault_of_rows(text: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_all(parse_table(text, "x.toml"))
    assert message in str(caught.value)


@pytest.mark.parametrize("value", ["2022-08-09T10:00:00", "true", "1.5", "'3'"])
def test_data_table_takes_no_near_miss_of_a_type(value: str) -> None:
    root = parse_table(f"x = {value}", "x.toml")
    with pytest.raises(Invalid):
        root.day("x")
    with pytest.raises(Invalid):
        root.whole("x")


def test_data_table_refuses_a_choice_that_is_none() -> None:
    root = parse_table('x = "c"', "x.toml")
    assert root.one_of("x", ["c"]) == "c"
    with pytest.raises(Invalid, match="field x is not one of a, b"):
        root.one_of("x", ["b", "a"])
