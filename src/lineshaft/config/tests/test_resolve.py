"""`lineshaft resolve`: what it writes, and how it refuses a file."""

import csv
import gzip
import os
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from lineshaft.config.organisation_files import Rules, read_records, read_rules, write_clusters
from lineshaft.kernel.errors import LineshaftError

FIRMS = """\
Id;Name;City;Remark
1;"Acmeon Widget Mfg., Inc.";Troy;old
2;ACMEON WIDGET MANUFACTURING LLC;Troy;
3;Inc.;;
4;Quillon Optik GmbH;Jena;
"""


def resolve(*arguments: str) -> str:
    out = StringIO()
    call_command("resolve", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(LineshaftError) as caught:
        resolve(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("is_packed", [False, True])
def test_resolve_writes_a_cluster_for_each_record(tmp_path: Path, *, is_packed: bool) -> None:
    file, output = tmp_path / "firms.csv.gz", tmp_path / "clusters.csv"
    content = FIRMS.encode()
    file.write_bytes(gzip.compress(content) if is_packed else content)

    said = resolve(str(file), "--output", str(output))

    assert said == (
        "records: 4; organisations: 3; with several records: 1; records of the largest: 2; "
        "likely pairs: 1\n"
    )
    rows = list(csv.reader(StringIO(output.read_text())))
    assert rows[0] == ["id", "cluster"]
    assert sorted(rows[1:]) == [["1", "1"], ["2", "1"], ["3", "3"], ["4", "4"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "{file}: The file is empty.", id="empty"),
        pytest.param(
            b"number,title\n1,A\n",
            "{file}, row 1: There is no column id, name; there are: number, title.",
            id="other columns",
        ),
        pytest.param(
            b"id,name,ID\n1,A,2\n", "{file}, row 1, ID: The column stands twice.", id="column twice"
        ),
        pytest.param(
            b"id,name\n1,A\n,B\n",
            "{file}, row 3, id: The record has no id. Enter one, or leave the row out.",
            id="no id",
        ),
        pytest.param(
            b"id,name\n1,A\n1,B\n",
            "The id 1 stands twice. Give every record its own.",
            id="id twice",
        ),
        pytest.param(
            b"id,name\n1,A\n2,B,C\n",
            "{file}, row 3: The row has 3 cells, but there are 2 headings.",
            id="ragged",
        ),
        pytest.param(
            "id,name\n1,Café\n".encode() + "2,Café\n".encode("cp1252"),
            "{file}: The file is not UTF-8: line 3, byte 22 of the file (E9 0A) stands for no"
            " character. Save the file as “CSV UTF-8”, or name its encoding with --encoding.",
            id="mixed encodings",
        ),
        pytest.param(
            b'id,name\n1,"A\n2,B\n',
            "{file}, row 2: Row 2 can't be read as CSV: unexpected end of data.",
            id="quote not closed",
        ),
        pytest.param(b"\x1f\x8b\x08broken", "{file}: The gzip file is damaged", id="damaged gzip"),
    ],
)
def test_resolve_refuses_a_file_in_one_sentence_and_writes_nothing(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    file, output = tmp_path / "firms.csv", tmp_path / "clusters.csv"
    file.write_bytes(content)

    said = refused(str(file), "--output", str(output))

    assert said.startswith(sentence.format(file=file))
    assert not output.exists()


def test_resolve_refuses_a_row_that_breaks_after_very_many(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    with file.open("w") as rows:
        rows.write("id,name\n")
        rows.writelines(f"{number},Arvandale\n" for number in range(250_000))
        rows.write("250001\n")

    with pytest.raises(LineshaftError, match="row 250002: The row has 1 cells"):
        for _record in read_records(file):
            pass


def test_resolve_reads_another_encoding_by_name(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_bytes("id,name\n1,Café\n".encode("cp1252"))

    assert [one.name for one in read_records(file, encoding="cp1252")] == ["Café"]
    assert refused(str(file), "--output", "x.csv", "--encoding", "klingon").startswith(
        "There is no encoding “klingon”."
    )


def test_resolve_names_a_folder_that_is_not_there_before_it_reads(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        resolve(str(tmp_path / "none.csv"), "--output", str(tmp_path / "no" / "x.csv"))


def test_resolve_refuses_an_output_that_cannot_be_written_before_it_reads(tmp_path: Path) -> None:
    file, link = tmp_path / "firms.csv", tmp_path / "link.csv"
    file.write_text("id,name\n1,A,B\n")
    link.symlink_to(file)
    assert refused(str(file), "--output", str(tmp_path)) == (
        f"{tmp_path} is a folder. Give the name of a file with --output."
    )
    for output in (file, link):
        assert refused(str(file), "--output", str(output)) == (
            f"{output} is the file to read. Give the name of another file with --output."
        )
    assert file.read_text() == "id,name\n1,A,B\n"


def test_clusters_that_break_off_leave_the_file_that_was_there(tmp_path: Path) -> None:
    output = tmp_path / "clusters.csv"
    write_clusters(output, {"1": "1"})
    with pytest.raises(UnicodeEncodeError):
        write_clusters(output, {"1": "1", "2": "\ud800"})
    assert output.read_text() == "id,cluster\n1,1\n"
    assert list(tmp_path.iterdir()) == [output]


def test_clusters_are_written_to_a_terminal_and_through_a_link(tmp_path: Path) -> None:
    reading, terminal = os.openpty()
    write_clusters(Path(os.ttyname(terminal)), {"1": "1"})
    said = b""
    while said.count(b"\n") < 2:  # a terminal hands its lines over one by one
        said += os.read(reading, 100)
    assert said.split() == [b"id,cluster", b"1,1"]
    os.close(reading)
    os.close(terminal)
    output, link = tmp_path / "clusters.csv", tmp_path / "link.csv"
    link.symlink_to(output)
    write_clusters(link, {"1": "1"})
    assert (link.is_symlink(), output.read_text()) == (True, "id,cluster\n1,1\n")


# --------------------------------------------------------------------------------------- rules


def clusters_of(path: Path) -> dict[str, str]:
    rows = list(csv.DictReader(StringIO(path.read_text())))
    return {row["id"]: row["cluster"] for row in rows}


def test_rules_go_before_all_weights(tmp_path: Path) -> None:
    file, rules, output = tmp_path / "firms.csv", tmp_path / "rules.csv", tmp_path / "out.csv"
    file.write_text(FIRMS)
    rules.write_text(
        "# Table: decisions\n"
        "One;Other;Rule;Why\n"
        "2;1;cannot_link;two founders\n"
        "4;3;must_link;one address\n"
        "1;99;must_link;not of this file\n"
    )

    said = resolve(str(file), "--output", str(output), "--rules", str(rules))

    assert said.endswith("; rules: 3, 1 of them with a record not in the file\n")
    assert clusters_of(output) == {"1": "1", "2": "2", "3": "3", "4": "3"}
    rules.write_text("one,other,rule\n1,2,cannot_link\n")
    assert resolve(str(file), "--output", str(output), "--rules", str(rules)).endswith("rules: 1\n")
    assert clusters_of(output)["2"] == "2"


def test_rules_said_twice_count_once(tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text("one,other,rule\n2,1,must_link\n1,2,must_link\n3,1,cannot_link\n")
    assert read_rules(rules) == Rules((("1", "2"),), (("1", "3"),))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            "one,other\n1,2\n",
            "{rules}, row 1: There is no column rule; there are: one, other. Name the columns in "
            "the first row: one, other and rule.",
            id="no rule",
        ),
        pytest.param(
            "one,other,rule\n1,,must_link\n",
            "{rules}, row 2, other: A rule is of two records. Enter both ids, or leave the row "
            "out.",
            id="one id",
        ),
        pytest.param(
            "one,other,rule\n,1,must_link\n",
            "{rules}, row 2, one: A rule is of two records. Enter both ids, or leave the row out.",
            id="the other id",
        ),
        pytest.param(
            "one,other,rule\n1,1,must_link\n",
            "{rules}, row 2: 1 is one record. Enter two, or leave the row out.",
            id="one record",
        ),
        pytest.param(
            "one,other,rule\n1,2,same\n",
            "{rules}, row 2, rule: “same” is no rule. Enter must_link for one organisation, "
            "cannot_link for two.",
            id="no such rule",
        ),
        pytest.param(
            "one,other,rule\n1,2,must_link\n2,4,must_link\n1,3,must_link\n4,1,cannot_link\n",
            "{rules}, row 5: 1 and 4 are said to be two, but are one by 1 = 2 (row 2), 2 = 4 "
            "(row 3). Take one of these rows out.",
            id="rules that contradict each other",
        ),
        pytest.param("", "{rules}: The file is empty.", id="empty"),
    ],
)
def test_rules_are_refused_in_one_sentence_and_nothing_is_written(
    tmp_path: Path, content: str, sentence: str
) -> None:
    file, rules, output = tmp_path / "firms.csv", tmp_path / "rules.csv", tmp_path / "out.csv"
    file.write_text(FIRMS)
    rules.write_text(content)

    said = refused(str(file), "--output", str(output), "--rules", str(rules))

    assert said.startswith(sentence.format(rules=rules))
    assert not output.exists()


def test_rules_are_no_output(tmp_path: Path) -> None:
    file, rules = tmp_path / "firms.csv", tmp_path / "rules.csv"
    file.write_text(FIRMS)
    rules.write_text("one,other,rule\n1,2,must_link\n")
    assert "is the file to read" in refused(
        str(file), "--output", str(rules), "--rules", str(rules)
    )


# ------------------------------------------------------------------------------------ bad input


def test_names_that_tell_nothing_are_organisations_of_their_own(tmp_path: Path) -> None:
    file, output = tmp_path / "firms.csv", tmp_path / "out.csv"
    names = ["Inc.", "INC", "The Company, LLC", "", "…", "有限公司", "Inc."]
    with file.open("w", newline="") as target:
        csv.writer(target).writerows([["id", "name"], *enumerate(names)])

    said = resolve(str(file), "--output", str(output))

    assert said.startswith(f"records: {len(names)}; organisations: {len(names)}; ")
    assert clusters_of(output) == {str(place): str(place) for place in range(len(names))}


def test_the_same_file_twice_is_refused_as_one_and_answered_alike_one_after_the_other(
    tmp_path: Path,
) -> None:
    file, twice = tmp_path / "firms.csv", tmp_path / "twice.csv"
    file.write_text(FIRMS)
    twice.write_text(FIRMS + FIRMS)
    outputs = [tmp_path / "a.csv", tmp_path / "b.csv"]
    said = [resolve(str(file), "--output", str(output)) for output in outputs]
    assert said[0] == said[1]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert refused(str(twice), "--output", str(tmp_path / "c.csv")) == (
        "The id 1 stands twice. Give every record its own."
    )
    body = FIRMS.partition("\n")[2]
    twice.write_text(FIRMS + "".join(f"x{line}\n" for line in body.splitlines()))
    resolve(str(twice), "--output", str(tmp_path / "c.csv"))
    found = clusters_of(tmp_path / "c.csv")
    assert {one: found[one] for one in ("1", "2", "x1", "x2")} == dict.fromkeys(
        ("1", "2", "x1", "x2"), "1"
    )
    assert (found["4"], found["x4"]) == ("4", "4")
    assert found["3"] != found["x3"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda rows: [rows[0], *reversed(rows[1:])], id="order of rows"),
        pytest.param(lambda rows: [rows[0], *(row.upper() for row in rows[1:])], id="letter case"),
        pytest.param(
            lambda rows: [rows[0], *(row.lower() for row in rows[1:])], id="small letters"
        ),
        pytest.param(lambda rows: [*rows, "0;Halaker Robotics;Reno;\n"], id="an unrelated row"),
    ],
)
def test_what_tells_nothing_changes_nothing(
    tmp_path: Path, change: Callable[[list[str]], list[str]]
) -> None:
    before, after = tmp_path / "before.csv", tmp_path / "after.csv"
    rows = FIRMS.splitlines(keepends=True)
    for path, lines in ((before, rows), (after, change(rows))):
        path.write_text("".join(lines))
        resolve(str(path), "--output", str(path.with_suffix(".out")))

    expected = clusters_of(before.with_suffix(".out"))
    found = clusters_of(after.with_suffix(".out"))

    assert {one: found[one] for one in expected} == expected
    assert set(found.values()) - set(expected.values()) <= {"0"}
