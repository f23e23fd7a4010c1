"""`lineshaft assign`: what it prints and writes, and how it refuses a file."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from numpy.typing import NDArray

from lineshaft.config import affinity_files
from lineshaft.config.affinity_files import read_affinities
from lineshaft.config.command import MISUSED, main
from lineshaft.kernel.errors import LineshaftError

FIT = np.array([[0.9, 0.7, 0.3], [0.8, 0.2, 0.6], [0.1, 0.4, 0.5]])
"""Three reviewers (rows), three applications; the best is 0-1, 1-0, 2-2 of reviewer and row."""

TABLE = """\
Reviewer;Application;Score;Conflict
Ada;Fibres;0.9;
Ada;Optics;0.7;no
Bo;Fibres;0,8;yes
"""


def saved(folder: Path, **arrays: Any) -> Path:
    path = folder / "affinity.npz"
    np.savez(path, **arrays)
    return path


def assign(path: Path, *words: str, demand: int = 1, most: int = 1) -> str:
    out = StringIO()
    loads = ("--demand", str(demand), "--max-load", str(most))
    call_command("assign", "--affinity", str(path), *loads, *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path: Path, *words: str, demand: int = 1, most: int = 1) -> str:
    with pytest.raises(LineshaftError) as caught:
        assign(path, *words, demand=demand, most=most)
    return str(caught.value).replace(str(path), "FILE")


@pytest.mark.parametrize(
    ("objective", "worst"),
    [pytest.param("sum", 0.5, id="sum"), pytest.param("fair", 0.5, id="fair")],
)
def test_assign_prints_its_six_figures(tmp_path: Path, objective: str, worst: float) -> None:
    path = saved(tmp_path, similarity=FIT)
    said = json.loads(assign(path, "--objective", objective, "--format", "json"))
    assert list(said) == ["total", "worst", "assigned", "seconds", "status", "bound"]
    assert said["total"] == pytest.approx(2.0)
    assert said["worst"] == pytest.approx(worst)
    assert (said["assigned"], said["status"]) == (3, "optimal")
    assert said["bound"] == said["total" if objective == "sum" else "worst"]


def test_assign_writes_pairs_and_says_it_in_a_line(tmp_path: Path) -> None:
    output = tmp_path / "pairs.csv"
    said = assign(saved(tmp_path, similarity=FIT.astype(np.float32)), "--output", str(output))
    assert said.startswith("optimal: total 2.0000 (at most 2.0000), worst application 0.5000")
    rows = list(csv.reader(StringIO(output.read_text())))
    assert rows[0] == ["application", "reviewer", "score"]
    assert [row[:2] for row in rows[1:]] == [["0", "1"], ["1", "0"], ["2", "2"]]
    assert float(rows[1][2]) == pytest.approx(0.8)


@pytest.mark.parametrize("kind", [bool, np.int8, np.float64])
def test_conflicts_are_never_assigned(tmp_path: Path, kind: type) -> None:
    conflicts: NDArray[Any] = np.zeros((3, 3), dtype=kind)
    conflicts[1, 0] = 1
    output = tmp_path / "pairs.csv"
    assign(saved(tmp_path, similarity=FIT, coi=conflicts), "--output", str(output))
    assert "0,1," not in output.read_text()


def test_whole_numbers_may_be_similarities(tmp_path: Path) -> None:
    whole = (FIT * 10).astype(np.int64)
    for arrays in ({}, {"coi": np.zeros((3, 3))}):
        said = json.loads(assign(saved(tmp_path, similarity=whole, **arrays), "--format", "json"))
        assert said["total"] == 20


def test_a_table_of_pairs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "affinity.csv"
    path.write_text(TABLE, encoding="utf-8")
    output = tmp_path / "pairs.csv"
    assign(path, "--output", str(output), most=2)
    assert output.read_text() == "application,reviewer,score\nFibres,Ada,0.9\nOptics,Ada,0.7\n"


def test_a_table_of_conflicts_alone_leaves_no_pair(tmp_path: Path) -> None:
    path = tmp_path / "affinity.csv"
    path.write_text("application,reviewer,score,conflict\na,x,,yes\n", encoding="utf-8")
    assert read_affinities(path).scores.count == 0


def test_what_cannot_be_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(tmp_path, similarity=FIT)
    sentence = refused(path, demand=2)
    assert sentence.startswith(
        "There is no such assignment: applications 0, 1 cannot all be served; reviews are lacking:"
        " 1. Without any one of them the others could. It would do to let "
    )
    words = ["assign", "--affinity", str(path), "--demand", "2", "--max-load", "1"]
    assert main([*words, "--format", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], said["total"], said["assigned"]) == ("infeasible", None, 0)


def test_least_loads_and_conflicts_at_fault_are_explained(tmp_path: Path) -> None:
    path = saved(tmp_path, similarity=FIT[:, :1])
    assert "reviewers, who would have less than --min-load, 0, 1" in refused(
        path, "--min-load", "1"
    )
    conflicts = np.ones((3, 3))
    assert "It would do to allow 0 with " in refused(saved(tmp_path, similarity=FIT, coi=conflicts))


def test_many_at_fault_are_counted(tmp_path: Path) -> None:
    path = saved(tmp_path, similarity=np.ones((1, 30)))
    assert "applications 0, 1, 2, 3, 4, 5, 6, 7 and 3 more" in refused(path, most=10)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        pytest.param({"fit": FIT}, "There is no array “similarity”; there are: fit.", id="key"),
        pytest.param({"similarity": FIT[0]}, "similarity has the shape 3 and", id="shape"),
        pytest.param(
            {"similarity": FIT.astype(str)},
            "similarity has the shape 3 x 3 and the type <U",
            id="type",
        ),
        pytest.param({"similarity": FIT[:0]}, "similarity has the shape 0 x 3", id="empty"),
        pytest.param(
            {"similarity": np.where(FIT == 0.2, np.nan, FIT)},
            "The similarity of reviewer 1 and application 1 (from 0) is no number.",
            id="no number",
        ),
        pytest.param(
            {"similarity": FIT, "coi": FIT[:2]},
            "coi has the shape 2 x 3, similarity 3 x 3.",
            id="other conflicts",
        ),
        pytest.param(
            {"similarity": np.array([[object()]])},
            "This is no .npz file of plain arrays",
            id="pickle",
        ),
    ],
)
def test_a_matrix_that_is_none_is_refused(
    tmp_path: Path, arrays: dict[str, Any], sentence: str
) -> None:
    assert refused(saved(tmp_path, **arrays)).startswith(f"FILE: {sentence}")


@pytest.mark.parametrize("content", [b"", b"no archive", BytesIO(b"PK\x03\x04").getvalue()])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "affinity.npz"
    path.write_bytes(content)
    assert "This is no .npz file of plain arrays" in refused(path)


def test_a_matrix_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(affinity_files, "CELLS_MAX", 8)
    assert "has 9 cells, and at most 8 are read" in refused(saved(tmp_path, similarity=FIT))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            "application,score\na,1\n", ", row 1: There is no column reviewer", id="column"
        ),
        pytest.param(
            "application,reviewer,score,Score\na,x,1,1\n", ", row 1, Score: The column", id="twice"
        ),
        pytest.param("application,reviewer,score\n", ": The file holds no pair.", id="no pair"),
        pytest.param(
            "application,reviewer,score\n,x,1\n", ", row 2, application: The row names", id="nobody"
        ),
        pytest.param(
            "application,reviewer,score\na,x,1\na,x,2\n",
            ", row 3: The pair stands twice",
            id="pair",
        ),
        pytest.param(
            "application,reviewer,score\na,x,much\n", ", row 2, score: “much” is no", id="score"
        ),
        pytest.param(
            "application,reviewer,score,conflict\na,x,1,maybe\n",
            ", row 2, conflict: “maybe” is neither",
            id="conflict",
        ),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "affinity.csv"
    path.write_text(content, encoding="utf-8")
    assert refused(path).startswith(f"FILE{sentence}")


def test_an_output_that_cannot_stand_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, similarity=FIT)
    assert "is a folder" in refused(path, "--output", str(tmp_path))
    assert "is the file to read" in refused(path, "--output", str(path))
    with pytest.raises(NotADirectoryError):
        assign(path, "--output", str(tmp_path / "nowhere" / "pairs.csv"))


def test_a_least_load_above_the_most_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, similarity=FIT)
    assert refused(path, "--min-load", "2").startswith("--min-load is 2 and --max-load 1.")


@pytest.mark.parametrize(
    "words",
    [
        ["--demand", "-1", "--max-load", "1"],
        ["--demand", "1", "--max-load", "1", "--time-limit", "soon"],
    ],
)
def test_numbers_that_are_none_are_misuse(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["assign", "--affinity", "a.npz", *words])
    assert ended.value.code == MISUSED
