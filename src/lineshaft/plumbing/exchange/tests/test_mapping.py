"""Mapping files: what they can say, and how a fault in one is told."""

from pathlib import Path

import pytest

from lineshaft.kernel.errors import Invalid, TooLarge
from lineshaft.plumbing.exchange.mapping import (
    ColumnSource,
    RowFilter,
    load_mapping,
    parse_mapping,
    shipped_mappings,
)
from lineshaft.plumbing.exchange.queries import import_specs
from lineshaft.plumbing.exchange.reading.table import ReadOptions
from lineshaft.plumbing.exchange.spec import ImportSpec
from lineshaft.plumbing.exchange.tests.factories import COLUMNS, THINGS, apply_things

COMPLETE = """
kind = "things"
title = "Colleges"
encoding = "cp1252"
delimiter = ";"
sheet = "Members"
date_format = "%m/%d/%Y"
ignore = ["LOCALE"]
null = ["-1", "-2"]
[columns]
id = "ipeds:{UNITID}"
name = "INSTNM"
kind = { from = "SECTOR", values = { "4" = "community_college", "*" = "university" } }
amount = { join = ["A", "B"], separator = "." }
[constants]
employees = "5"
[[filters]]
column = "CYACTIVE"
keep = ["1"]
drop = ["9"]
"""


def test_parse_mapping_complete_reads_every_field() -> None:
    mapping = parse_mapping(COMPLETE, THINGS, key="colleges")
    assert mapping.sources == {
        "id": ColumnSource(("UNITID",), template="ipeds:{UNITID}"),
        "name": ColumnSource(("INSTNM",)),
        "kind": ColumnSource(("SECTOR",), values={"4": "community_college", "*": "university"}),
        "amount": ColumnSource(("A", "B"), separator="."),
        "employees": ColumnSource((), constant="5"),
    }
    assert mapping.filters == (RowFilter("CYACTIVE", frozenset({"1"}), frozenset({"9"})),)
    assert mapping.options == ReadOptions("cp1252", ";", "Members")
    assert mapping.headings == {"UNITID", "INSTNM", "SECTOR", "A", "B", "CYACTIVE"}
    assert (mapping.key, mapping.title, mapping.null, mapping.text) == (
        "colleges",
        "Colleges",
        frozenset({"-1", "-2"}),
        COMPLETE,
    )


HEAD = 'kind = "things"\n'
BOTH = '[columns]\nid = "A"\nname = "B"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind = ", "is not TOML"),
        ('kind = "members"\n' + BOTH, "the field kind is not one of things"),
        (HEAD, "the field columns is missing"),
        (HEAD + '[columns]\nid = "A"\n', "the field columns is not complete: it lacks name"),
        (HEAD + BOTH + 'nmae = "C"\n', "the field columns.nmae is not a column of this import"),
        (HEAD + BOTH + 'kind = {from = "C", join = ["D"]}\n', "exactly one of from, template"),
        (
            HEAD + BOTH + 'kind = {from = "C", values = {"1" = "school"}}\n',
            "school is none of university, community_college, industry",
        ),
        (HEAD + BOTH + 'kind = {from = "C", vales = {}}\n', "nothing reads the field"),
        (HEAD + BOTH + "kind = 5\n", "the field columns.kind is not a table"),
        (HEAD + BOTH + 'kind = "{C!r}"\n', "a template such as {STREET}, {CITY}"),
        (HEAD + BOTH + 'kind = "{C"\n', "a template such as {STREET}, {CITY}"),
        (HEAD + BOTH + 'kind = "{}"\n', "a template such as {STREET}, {CITY}"),
        (HEAD + BOTH + '[constants]\nid = "5"\n', "it stands under columns too"),
        (HEAD + BOTH + '[constants]\ncolour = "5"\n', "a column of this import"),
        (HEAD + BOTH + '[[filters]]\ncolumn = "C"\n', "a filter needs keep or drop"),
        (HEAD + 'encoding = "klingon"\n' + BOTH, "an encoding such as utf-8"),
        (HEAD + 'encoding = "zlib"\n' + BOTH, "an encoding such as utf-8"),
        (HEAD + 'delimiter = ";;"\n' + BOTH, "one character"),
        (HEAD + "colour = 1\n" + BOTH, "nothing reads the field colour"),
    ],
    ids=range(19),
)
def test_parse_mapping_faulty_says_what_and_where(text: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_mapping(text, THINGS, key="mine")
    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_load_mapping_reads_a_file_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + BOTH, encoding="utf-8-sig")
    assert load_mapping(path, THINGS).key == "mine"


def test_load_mapping_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"# \xfc\n")
    with pytest.raises(Invalid, match="not UTF-8"):
        load_mapping(path, THINGS)


def test_load_mapping_huge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"#" * 65_537)
    with pytest.raises(TooLarge, match="at most 64 kB"):
        load_mapping(path, THINGS)


@pytest.mark.parametrize("spec", import_specs().values(), ids=import_specs())
def test_shipped_mappings_are_named_in_both_languages(spec: ImportSpec) -> None:
    for key, mapping in shipped_mappings(spec).items():
        english, chinese = mapping.title_in("en"), mapping.title_in("zh-hans")
        assert key not in {english, chinese}
        assert english != chinese


def test_mapping_without_a_title_goes_by_its_key() -> None:
    mapping = parse_mapping(HEAD + BOTH, THINGS, key="mine")
    assert (mapping.title_in("en"), mapping.title_in("zh-hans")) == ("mine", "mine")


def test_shipped_mappings_are_those_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text(HEAD + BOTH)
    (tmp_path / "a.toml").write_text(HEAD + BOTH)
    spec = ImportSpec("things", COLUMNS, apply_things, mappings=tmp_path)
    assert list(shipped_mappings(spec)) == ["a", "b"]
    assert shipped_mappings(THINGS) == {}
