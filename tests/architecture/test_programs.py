"""The programs in scripts/: what they decide, without running what they start."""

from pathlib import Path

import pytest

from scripts.check_coverage import lack
from scripts.messages import program_messages
from scripts.run_checks import checks
from scripts.run_tests import (
    JOURNEYS,
    ROOT,
    Count,
    closing_line,
    has_mark,
    modules_of_tests,
    plan,
    read_count,
)


@pytest.mark.parametrize(
    ("count", "seconds", "line"),
    [
        (Count(passed=12), 3.0, " 12 passed in 3.00s (0:00:03) "),
        (Count(passed=2, failed=1, errors=1), 61.5, " 1 failed, 2 passed, 1 errors in 61.50s"),
        (Count(passed=9, skipped=3), 3661, " 9 passed, 3 skipped in 3661.00s (1:01:01) "),
        (Count(), 0, " 0 passed in 0.00s (0:00:00) "),
    ],
)
def test_closing_line_is_as_pytest_ends(count: Count, seconds: float, line: str) -> None:
    text = closing_line(count, seconds)
    assert line in text
    assert text.startswith("====")


def test_read_count_of_a_report_adds_up(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/></testsuites>'
    )
    assert read_count(report) + Count(passed=1) == Count(5, 1, 2, 3)


def test_read_count_without_a_report_is_an_error(tmp_path: Path) -> None:
    assert read_count(tmp_path / "none.xml") == Count(errors=1)


@pytest.mark.parametrize("is_all", [False, True])
def test_plan_runs_a_part_or_says_why_not(*, is_all: bool) -> None:
    parts, left_out, left_to_all = plan(is_all=is_all)
    assert parts[0].name == "SQLite, what decides"
    on_sqlite = [file for part in parts if not part.database for file in part.files]
    journeys = [file for file in modules_of_tests() if file.startswith(JOURNEYS)]
    without = 0 if any(file in journeys for file in on_sqlite) else len(journeys)
    on_spark = [file for file in modules_of_tests() if has_mark(file, "spark")]
    without_spark = 0 if parts[-1].name == "Spark" else len(on_spark)
    assert on_spark
    number = len(modules_of_tests()) - without - without_spark
    assert len(on_sqlite) == len(set(on_sqlite)) == number
    is_on_postgresql = any(part.database for part in parts)
    is_lacking = bool(without_spark)
    assert len(left_out) == (not is_on_postgresql) + bool(without) + (is_all and is_lacking)
    assert len(left_to_all) == (not is_all and is_lacking)
    assert all(("not slow" in part.marks) is not is_all for part in parts)


def test_plan_without_a_database_says_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINESHAFT_TEST_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
    parts, left_out, _left_to_all = plan(is_all=False)
    assert {part.name.partition(",")[0] for part in parts} - {"Spark"} == {"SQLite"}
    assert left_out[0].startswith(
        "tests on PostgreSQL (none answers at LINESHAFT_TEST_DATABASE_URL"
    )


def test_plan_without_a_browser_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    _parts, left_out, left_to_all = plan(is_all=False)
    assert left_out[-1].endswith("on Debian, apt install chromium)")
    assert left_to_all[-1].endswith("on Debian, apt install openjdk-17-jre-headless)")
    assert plan(is_all=True)[1][-1] == left_to_all[-1]


@pytest.mark.parametrize(
    ("path", "covered", "is_lacking"),
    [
        ("src/lineshaft/kernel/money.py", 99.5, True),
        ("src/lineshaft/kernel/money.py", 100, False),
        ("src/lineshaft/engines/analytics/facts.py", 99.5, True),
        ("src/lineshaft/apps/funding/rules.py", 99.5, True),
        ("src/lineshaft/apps/funding/services/transfers.py", 99.5, True),
        ("src/lineshaft/plumbing/audit/services.py", 99.5, True),
        ("src/lineshaft/apps/funding/views.py", 10, False),
    ],
)
def test_lack_holds_what_decides_to_every_branch(
    path: str, covered: float, is_lacking: bool
) -> None:
    file = {
        "summary": {"percent_covered": covered},
        "missing_lines": [4],
        "missing_branches": [[3, 5]],
    }
    assert lack(path, file) == (f"{path}: not covered: 4; 3->5" if is_lacking else "")


def test_program_messages_come_from_python_templates_and_mail() -> None:
    suffixes = {
        Path(place).suffix
        for message in program_messages()
        if message.id
        for place, _line in message.locations
    }
    assert suffixes == {".py", ".html", ".txt"}


def test_names_of_checks_are_unique() -> None:
    names = [check.name for check in checks()]
    assert len(names) == len(set(names))


def test_every_journey_is_in_the_folder_that_its_part_looks_through() -> None:
    found = [
        path.relative_to(ROOT)
        for folder in ("src", "tests")
        for path in (ROOT / folder).rglob("test_*.py")
        if path != Path(__file__) and "pytest.mark.journey" in path.read_text()
    ]
    assert found
    assert [path for path in found if not path.is_relative_to(JOURNEYS)] == []
