"""The doors that the command line opens: what they print and how they end."""

import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from lineshaft.apps.insight.models import Snapshot
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.services import load_reference_network
from lineshaft.kernel.errors import Invalid, LineshaftError, NotFound, Unavailable
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

FIRMS = "name,kind,country\nAcme Castings,industry_sme,US\n"


@pytest.fixture(autouse=True)
def _var(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    settings.FILES_DIR = tmp_path / "var" / "files"
    settings.SNAPSHOTS_DIR = tmp_path / "var" / "snapshots"


@pytest.fixture
def network(db: None, system: Actor) -> None:
    load_reference_network(system, now=clock.now())


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def run(name: str, *arguments: str) -> tuple[list[str], list[str]]:
    """What the command said on stdout and stderr, line by line."""
    out, err = StringIO(), StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def written(folder: Path, text: str) -> str:
    path = folder / "firms.csv"
    path.write_text(text)
    return str(path)


@pytest.mark.usefixtures("network")
def test_import_tells_what_it_did(tmp_path: Path) -> None:
    before = Organisation.objects.count()
    out, err = run("import", "organisations", written(tmp_path, FIRMS))
    assert (out, err) == (["Imported. 1 rows read: 1 new, 0 changed, 0 unchanged."], [])
    assert Organisation.objects.count() == before + 1


@pytest.mark.usefixtures("network")
def test_import_as_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    before = Organisation.objects.count()
    out, _err = run("import", "organisations", written(tmp_path, FIRMS), "--dry-run")
    assert out[0].startswith("Dry run, nothing was written. 1 rows read")
    assert Organisation.objects.count() == before


@pytest.mark.usefixtures("network")
def test_import_of_a_file_with_faults_names_them_and_fails(tmp_path: Path) -> None:
    out, err = StringIO(), StringIO()
    path = written(tmp_path, FIRMS + "Second,no such kind,US\n")
    with pytest.raises(SystemExit) as ended:
        call_command("import", "organisations", path, stdout=out, stderr=err)
    assert ended.value.code == 1
    assert err.getvalue().startswith("row 3, kind")
    assert out.getvalue() == "firms.csv is refused; nothing was written.\n"


@pytest.mark.django_db
def test_import_of_no_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run("import", "organisations", str(tmp_path / "none.csv"))


@pytest.mark.django_db
def test_import_with_an_unknown_mapping_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as raised:
        run("import", "organisations", written(tmp_path, FIRMS), "--mapping", "ipeds")
    assert "ipeds_hd2020" in raised.value.as_text()


@pytest.mark.django_db
def test_report_of_a_year_without_figures_is_refused() -> None:
    with pytest.raises(LineshaftError):
        run("report", "1999")


def test_report_as_pdf_is_nothing_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(Unavailable) as raised:
        run("report", "2022", "--format", "pdf")
    assert raised.value.as_text() == (
        "A PDF file is nothing for a terminal: name a file with --output."
    )


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_snapshot_then_report(
    system: Actor, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    load_reference_network(system, now=clock.now())
    out, _err = run("snapshot")
    snapshot = Snapshot.objects.get()
    assert out == [f"{snapshot.name}: {snapshot.rows} rows, {snapshot.size_bytes} bytes"]

    target = tmp_path / "report.json"
    _out, err = run("report", "2022", "--output", str(target))
    assert err == [f"{target}: {target.stat().st_size} bytes"]

    run("report", "2022")
    printed = capfdbinary.readouterr().out
    assert printed.startswith(b"{")
    assert b'"period"' in printed


@pytest.mark.django_db
def test_verify_of_an_empty_database_finds_nothing() -> None:
    out, err = run("verify")
    assert out == []
    assert err == ["No problem found in database, audit trail, ledger, reviews, files, reports."]


@pytest.mark.django_db
def test_load_of_the_reference_alone_adds_what_lacks_and_repeats_harmlessly() -> None:
    _out, err = run("load", "--reference")
    assert err[0].startswith("Added ")
    institutes = Institute.objects.count()
    _out, err = run("load", "--reference")
    assert err[0] == "Added 0 records; 67 published values and 103 numbers of states stand."
    assert (institutes, Institute.objects.count()) == (20, 20)


@pytest.mark.django_db
def test_administrator_can_sign_in_and_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("a long and quiet secret\n"))
    run("administrator", "First@Example.org", "--name", "First Person")
    user = User.objects.get()
    roles = set(user.grants.values_list("role", flat=True))
    assert user.check_password("a long and quiet secret")
    assert (user.email, roles) == (
        "first@example.org",
        {"administrator", "programme_officer"},
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "password"), [("nobody", "a long and quiet secret"), ("a@example.org", "12345678")]
)
def test_administrator_with_a_bad_entry_is_refused(
    email: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
    with pytest.raises(Invalid):
        run("administrator", email, "--name", "First Person")
    assert User.objects.count() == 0


AWARDS = """award_id,title,pi_name,organization,abstract
=1,Knots and braids,Ada Byron,Elm,{text}
2,Knots and braids,Ada Byron,Oak,{text}
3,Tiles,Bo Li,Oak,Another text.
"""


def awards(folder: Path) -> str:
    path = folder / "awards.csv"
    path.write_text(AWARDS.format(text=" ".join(f"word{place}" for place in range(30))))
    return str(path)


@pytest.mark.parametrize(("fields", "kind"), [("text", "same_work"), ("all", "continuation")])
def test_overlap_writes_pairs_as_csv(tmp_path: Path, fields: str, kind: str) -> None:
    file = awards(tmp_path)
    out, err = run("overlap", "--awards", file, file, "--fields", fields)
    assert out == ["a,b,score,kind,passages", f"2,'=1,1.0000,{kind},0-199:0-199"]
    assert err == ["1 pairs of 3 awards overlap; 3 rows repeat an award and were read once."]


def test_overlap_against_other_files_leaves_out_pairs_within(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("award_id,abstract\n9,Nothing\n")
    out, _err = run("overlap", "--awards", awards(tmp_path), "--against", str(other))
    assert out == ["a,b,score,kind,passages"]


@pytest.mark.parametrize("threshold", ["1.1", "much"])
def test_overlap_takes_a_threshold_from_0_to_1(threshold: str) -> None:
    with pytest.raises(CommandError, match=f"'{threshold}' is no score: give a number from 0 to 1"):
        call_command("overlap", "--awards", "x", "--threshold", threshold)


def test_overlap_names_what_it_cannot_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match="no encoding “utf-9”"):
        run("overlap", "--awards", awards(tmp_path), "--encoding", "utf-9")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Unavailable, match=r"pyspark is not installed.*the engine duckdb"):
        run("overlap", "--awards", awards(tmp_path), "--engine", "spark")
    with pytest.raises(NotADirectoryError, match="nowhere"):
        run("overlap", "--awards", awards(tmp_path), "--folder", str(tmp_path / "nowhere"))
