"""Files of awards: what is read, and the one sentence about what cannot be."""

import csv
import datetime as dt
import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from lineshaft.config import award_files
from lineshaft.config.award_files import read_awards
from lineshaft.engines.match.overlap.awards import Award
from lineshaft.kernel.errors import LineshaftError
from lineshaft.plumbing.exchange.limits import FileLimits

NSF = "award_id,title,abstract,agency,pi_name,co_pi_names,organization,start_date,end_date\n"
SBIR = "sbir_id,title,abstract,department,phase,award_year,firm,pi_name\n"


def written(folder: Path, content: str | bytes, name: str = "awards.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_nsf_layout_is_recognised_by_its_headings(tmp_path: Path) -> None:
    row = '01,Knots,About knots.,NSF,Ada Byron,"Bo Li, Cy Po",Elm,06/01/2001,\n'
    path = written(tmp_path, gzip.compress((NSF + row).encode()), "awards.csv.gz")
    found = read_awards([path])
    assert found.repeated == 0
    assert found.awards == (
        Award(
            "01",
            "About knots.",
            title="Knots",
            lead="Ada Byron",
            others=("Bo Li", "Cy Po"),
            organisation="Elm",
            agency="National Science Foundation",
            starts_on=dt.date(2001, 6, 1),
        ),
    )


def test_files_of_public_registers_are_read_by_the_mappings_of_the_import(tmp_path: Path) -> None:
    files = [
        written(
            tmp_path,
            "AwardNumber,Title,Abstract,Co-PIName(s),StartDate\n1,Knots,Text,,06/01/2001\n",
            "export.csv",
        ),
        written(
            tmp_path,
            "Company,Agency Tracking Number,Contract,Phase,Award Year,Abstract,Program,Agency,"
            "PI Name\nElm Inc,T-1,N/A,Phase II,2003,Text,SBIR,Department of Energy,Ada Byron\n",
            "sbir_gov.csv",
        ),
        written(
            tmp_path,
            "assistance_award_unique_key,prime_award_base_transaction_description,"
            "period_of_performance_start_date,recipient_name\nASST_1,Text,2004-05-06,Elm\n",
            "usaspending.csv",
        ),
    ]
    found = read_awards(files).awards
    assert [(one.award_id, one.is_firm, one.phase, one.starts_on) for one in found] == [
        ("1", False, 0, dt.date(2001, 6, 1)),
        ("T-1 / Phase II / 2003", True, 2, dt.date(2003, 1, 1)),
        ("ASST_1", False, 0, dt.date(2004, 5, 6)),
    ]
    assert [one.organisation for one in found] == ["", "Elm Inc", "Elm"]


@pytest.mark.parametrize(("phase", "number"), [("Phase II", 2), ("PHASE 1", 1), ("", 0)])
def test_sbir_layout_is_recognised_by_its_headings(tmp_path: Path, phase: str, number: int) -> None:
    row = f"7,Knots,About knots.,DOD,{phase},1999,Elm Inc,Ada Byron\n"
    (found,) = read_awards([written(tmp_path, SBIR.upper() + row)]).awards
    assert (found.phase, found.is_firm, found.starts_on) == (number, True, dt.date(1999, 1, 1))


def test_columns_beside_number_and_abstract_may_lack(tmp_path: Path) -> None:
    files = [
        written(tmp_path, "abstract,award_id\nText,1\n", "nsf.csv"),
        written(tmp_path, "sbir_id,abstract\n2,Text\n", "sbir.csv"),
    ]
    assert [(one.award_id, one.agency) for one in read_awards(files).awards] == [
        ("1", "National Science Foundation"),
        ("2", ""),
    ]


def test_the_same_file_twice_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, "award_id,abstract\n1,Text\n2,Text\n")
    found = read_awards([path, path])
    assert (len(found.awards), found.repeated) == (2, 2)


def test_abstract_of_five_megabytes_is_taken_and_the_limit_of_cells_put_back(
    tmp_path: Path,
) -> None:
    before = csv.field_size_limit()
    path = written(tmp_path, f"award_id,abstract\n1,{'word ' * 1_000_000}\n2,\n")
    assert [len(one.abstract) for one in read_awards([path]).awards] == [5_000_000, 0]
    assert csv.field_size_limit() == before


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(award_files, "_REPORT_ROWS", 2)
    told: list[int] = []
    path = written(tmp_path, "award_id,abstract\n1,a\n2,b\n3,c\n4,d\n")
    read_awards([path], report=lambda done, _total, _note: told.append(done))
    assert told == [2, 4]
    monkeypatch.setattr(award_files, "LOOKED_THROUGH_BYTES", 1)
    read_awards([path], report=lambda done, _total, _note: told.append(done))
    assert told == [2, 4, 0, 2, 2, 4]


def test_encoding_is_taken_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, "award_id,abstract\n1,Schrödinger\n".encode("cp1252"))
    assert read_awards([path], encoding="cp1252").awards[0].abstract == "Schrödinger"


FAULTS = [
    (
        "mixed encodings",
        b"award_id,abstract\n1,Schr\xc3\xb6dinger\n2,Schr\xf6dinger\n",
        (
            "{path}: The file is not UTF-8: line 3, byte 40 of the file (F6 64 69 6E) stands "
            "for no "
            "character. Save the file as “CSV UTF-8”, or name its encoding with --encoding."
        ),
    ),
    (
        "short row",
        "award_id,title,abstract\n1,a,b\n2,100%\n",
        (
            "{path}, row 3: The row has 2 cells, but there are 3 headings. Put a cell that "
            "holds the "
            "delimiter in quotation marks; copy a file again that was not copied to its end."
        ),
    ),
    (
        "quote left open",
        'award_id,abstract\n1,"a\n2,b\n',
        (
            "{path}, row 2: Row 2 can't be read as CSV: unexpected end of data. Most often a "
            "quotation "
            "mark is not closed, or stands inside a cell and must be doubled."
        ),
    ),
    (
        "other table",
        "name,kind\nAcme,firm\n",
        (
            "{path}: These are no awards that are known here: columns AwardNumber, Abstract (NSF "
            "award search, CSV export); or award_id, abstract (NSF awards in prepared columns); or "
            "Agency Tracking Number, Contract, Phase, Award Year, Abstract (SBIR and STTR awards "
            "of sbir.gov); or sbir_id, abstract (SBIR awards in prepared columns); or "
            "assistance_award_unique_key, prime_award_base_transaction_description (USAspending: "
            "grants and cooperative agreements); or contract_award_unique_key, "
            "prime_award_base_transaction_description (USAspending: contracts) are looked for, and "
            "there are name, kind. Name the columns so in the first row."
        ),
    ),
    (
        "no number",
        "award_id,abstract\n ,Text\n",
        "{path}, row 2, award_id: The award has no number. Enter it, or leave the row out.",
    ),
    (
        "two contents",
        "award_id,abstract\n1,Text\n1,Other\n",
        (
            "{path}, row 3: Award 1 stands here and in an earlier row, with other content. "
            "Leave one "
            "of the two out."
        ),
    ),
    (
        "no day",
        "award_id,abstract,start_date\n1,Text,2001-06-31\n",
        (
            "{path}, row 2, start_date: “2001-06-31” is no day. Write it as 2001-06-30 or "
            "06/30/2001, or leave it blank."
        ),
    ),
    (
        "no year",
        "sbir_id,abstract,award_year\n1,Text,soon\n2,Text,\n",
        "{path}, row 2, award_year: “soon” is no year. Write four digits, or leave it blank.",
    ),
    (
        "empty",
        "",
        (
            "{path}: The file is empty. Choose the file that holds the table; its first row "
            "names the "
            "columns."
        ),
    ),
]


@pytest.mark.parametrize(
    ("content", "sentence"), [case[1:] for case in FAULTS], ids=[case[0] for case in FAULTS]
)
def test_fault_is_told_with_its_place(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(LineshaftError) as refused:
        read_awards([path])
    assert refused.value.as_text() == sentence.format(path=path)


def test_limits_are_those_of_awards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "award_id,abstract\n1,Text\n2,Text\n")
    monkeypatch.setattr(award_files, "LIMITS", FileLimits(rows=1))
    with pytest.raises(LineshaftError, match="more than 1 rows"):
        read_awards([path])
    monkeypatch.setattr(award_files, "LIMITS", FileLimits(source_bytes=10))
    with pytest.raises(LineshaftError, match=f"{path}: The file has 1 MB; at most 0 MB"):
        read_awards([path])


@pytest.mark.slow
def test_a_million_rows_with_a_broken_one_are_refused_within_bounded_memory(
    tmp_path: Path,
) -> None:
    rows, text = 1_000_000, "Large gears are repaired by a wire that is fed into a melt pool."
    path = tmp_path / "million.csv"
    with path.open("w") as file:
        file.write("award_id,title,abstract\n")
        file.writelines(f"{number},Work,{text}\n" for number in range(rows))
        file.write(f'{rows},Work,"never closed\n')
    program = (
        "import re, sys; from pathlib import Path\n"
        "from lineshaft.config.command import main\n"
        "status = main(['overlap', '--awards', sys.argv[1]])\n"
        # not ru_maxrss, which begins with what the process that forked this one had
        "used = Path('/proc/self/status').read_text()\n"
        "print(status, int(re.search(r'VmHWM:\\s+(\\d+) kB', used)[1]) // 1024)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    status, memory_mb = map(int, ran.stdout.split())
    assert status == 1
    assert f"row {rows + 2}: Row {rows + 2} can't be read as CSV" in ran.stderr
    assert memory_mb < 400
