"""Run the tests in parts and say at the end what was left out, and why.

    python scripts/run_tests.py           everything on SQLite, what is marked `database` again on
                                          PostgreSQL, the browser journeys
    python scripts/run_tests.py --all     everything on both, slow tests and those on Spark too
    python scripts/run_tests.py ARGS...   further arguments go to pytest, and coverage is not judged

Where no PostgreSQL answers, no Chromium is found or Spark can't run, that part is left out. With
CI=true in the environment a part left out is a failure; Spark, which `make test` does not install,
only counts with --all. The last line sums up every part in pytest's own form.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree as ET

import psycopg

ROOT: Final = Path(__file__).resolve().parent.parent
COVERAGE: Final = ROOT / "var" / "coverage"
POSTGRESQL: Final = "postgres://postgres@127.0.0.1:5432/postgres"
CHROMIUMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
JOURNEYS: Final = "tests/journeys/"
JAVA_MIN: Final = 17
DECIDES: Final = re.compile(
    r"/(kernel|engines)/|/config/tests/test_(actor|delegations|participation)"
    r"|/(apps|plumbing)/.*/test_(?!views|api|pages|\w*_pages|exchange_|reading|writing|mapping)"
)
"""Modules that try what decides: kernel, engines, rules and services. Their branches count; of the
rest, which asks pages and reads the source, lines do."""

DECIDES_ON_POSTGRESQL: Final = (
    "/engines/analytics/tests/",
    "/funding/tests/test_verification.py",
    "/insight/tests/test_snapshots.py",
)
"""Modules that try branches which SQLite never takes; of that database only they are measured."""

BY_BRANCH: Final = ("-p", "tests.branches", "--cov-branch")
NO_TESTS_COLLECTED: Final = 5
WORKERS_MAX: Final = "8"
ALONE: Final = "0"


class Measured(StrEnum):
    """What coverage counts in a part."""

    BRANCHES = "branches"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Part:
    """One run of pytest: `database` is an address, empty for SQLite.

    All tests with the marks are in `files`, and no other is read: to look through all of them takes
    a worker as long as many a test.
    """

    name: str
    marks: str
    measured: Measured
    files: tuple[str, ...]
    database: str = ""
    workers: str = "auto"


@dataclass(frozen=True, slots=True)
class Count:
    """What pytest counted in one part; the sum of all is the last line."""

    passed: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.passed + other.passed,
            self.failed + other.failed,
            self.errors + other.errors,
            self.skipped + other.skipped,
        )


def main(arguments: list[str]) -> int:
    started_s = time.monotonic()
    is_all = "--all" in arguments
    extra = [argument for argument in arguments if argument != "--all"]
    is_judged = not extra
    parts, left_out, left_to_all = plan(is_all=is_all)
    if is_judged:
        shutil.rmtree(COVERAGE, ignore_errors=True)
    COVERAGE.mkdir(parents=True, exist_ok=True)

    total, is_good = Count(), True
    # What tests begin from is made once for all workers and parts of a run (tests/replaying.py).
    with TemporaryDirectory(prefix="recordings-", dir=COVERAGE) as recordings:
        for part in parts:
            count, status = run(part, extra, recordings, is_judged=is_judged, is_all=is_all)
            total += count
            is_good = is_good and status in {0, NO_TESTS_COLLECTED}

    print()
    if is_judged:
        is_good = judge_coverage(is_complete=is_good and not left_out) and is_good
    for reason in left_out:
        print(f"Left out: {reason}")
    if left_out and os.environ.get("CI") == "true":
        print("In CI every part must run.")
        is_good = False
    for reason in left_to_all:
        print(f"Left to make test-all: {reason}")
    print(closing_line(total, time.monotonic() - started_s))
    return 0 if is_good else 1


def plan(*, is_all: bool) -> tuple[list[Part], list[str], list[str]]:
    """The parts that can run here, why each of the others can't, and what `make test-all` can."""
    files = modules_of_tests()
    journeys = tuple(file for file in files if file.startswith(JOURNEYS))
    on_spark = tuple(file for file in files if has_mark(file, "spark"))
    others = tuple(file for file in files if file not in {*journeys, *on_spark})
    deciding = tuple(file for file in others if DECIDES.search(file))
    rest = tuple(file for file in others if file not in deciding)
    chosen = "" if is_all else "not slow"
    parts = [
        Part("SQLite, what decides", chosen, Measured.BRANCHES, deciding),
    ]
    left_out: list[str] = []
    if find_chromium():
        # Together, and by one worker more than there are cores: journeys wait for their browser.
        parts.append(
            Part(
                "SQLite, the rest, browser",
                chosen,
                Measured.LINES,
                (*journeys, *rest),
                workers=str(min((os.cpu_count() or 1) + 1, int(WORKERS_MAX))),
            )
        )
    else:
        parts.append(Part("SQLite, the rest", chosen, Measured.LINES, rest))
    database, trouble = find_postgresql()
    if database:
        chosen_there = chosen if is_all else f"database and {chosen}"
        there = others if is_all else tuple(file for file in others if has_mark(file, "database"))
        parts.append(Part("PostgreSQL", chosen_there, Measured.BRANCHES, there, database))
    else:
        left_out.append(f"tests on PostgreSQL ({trouble})")
    if not find_chromium():
        left_out.append("browser journeys (no Chromium found: on Debian, apt install chromium)")
    left_to_all: list[str] = []
    if trouble := trouble_with_spark():
        (left_out if is_all else left_to_all).append(f"tests on Spark ({trouble})")
    else:
        # One after the other: each keeps all cores busy, and they share what Java has loaded.
        parts.append(Part("Spark", chosen, Measured.LINES, on_spark, workers=ALONE))
    return parts, left_out, left_to_all


def modules_of_tests() -> tuple[str, ...]:
    """Every module of tests, from the root."""
    found = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "src").rglob("test_*.py")]
    return tuple(sorted(file.relative_to(ROOT).as_posix() for file in found))


def has_mark(file: str, name: str) -> bool:
    """Whether the module gives the mark to any of its tests."""
    return re.search(rf"\bmark\.{name}\b", (ROOT / file).read_text()) is not None


def find_postgresql() -> tuple[str, str]:
    """The address of a PostgreSQL that answers and lets us create databases, or "" and why not."""
    named = os.environ.get("LINESHAFT_TEST_DATABASE_URL", "")
    address = named or POSTGRESQL
    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        place = "LINESHAFT_TEST_DATABASE_URL" if named else "127.0.0.1:5432"
        return "", f"none answers at {place}: {reason}"
    if row is None or not row[0]:
        return "", "its user may not create databases"
    return address, ""


def find_chromium() -> str | None:
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def trouble_with_spark() -> str:
    """Why tests on Spark can't run here; empty where they can."""
    java = shutil.which("java")
    if java is None:
        return f"no Java found: on Debian, apt install openjdk-{JAVA_MIN}-jre-headless"
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < JAVA_MIN:
        return f"the Java here is not of version {JAVA_MIN} or later"
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed: scripts/bootstrap dev spark"
    return ""


def run(
    part: Part, extra: list[str], recordings: str, *, is_judged: bool, is_all: bool
) -> tuple[Count, int]:
    report = COVERAGE / f"{part.name}.xml"
    command = [sys.executable, "-m", "pytest", "-m", part.marks, f"--junitxml={report}", "-q"]
    command += [] if extra else part.files
    command += ["--hypothesis-profile", "thorough"] if is_all else []
    command += ["-n", part.workers, "--maxprocesses", WORKERS_MAX, "--dist", "worksteal"]
    if is_judged:
        command += ["--cov", "--cov-append", "--cov-report="]
        command += BY_BRANCH if part.measured is Measured.BRANCHES else []
    environment = {**os.environ, "LINESHAFT_TEST_DATABASE": part.database}
    environment["LINESHAFT_TEST_RECORDINGS"] = recordings
    environment["COVERAGE_FILE"] = str(COVERAGE / part.measured)
    if part.measured is Measured.LINES:
        environment["COVERAGE_CORE"] = "sysmon"  # for branches tests/branches.py sees to it
    print(f"\n=== {part.name}: pytest -m {part.marks!r}", flush=True)
    status = subprocess.run([*command, *extra], cwd=ROOT, env=environment, check=False).returncode
    return read_count(report), status


def read_count(report: Path) -> Count:
    if not report.exists():
        return Count(errors=1)
    total = Count()
    root = ET.parse(report).getroot()  # noqa: S314 -- written by our own pytest a moment ago
    for suite in root.iter("testsuite"):
        tests, failed, errors, skipped = (
            int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")
        )
        total += Count(tests - failed - errors - skipped, failed, errors, skipped)
    return total


def judge_coverage(*, is_complete: bool) -> bool:
    """Whether coverage keeps the rule; only a run with every part says so for certain."""
    if not is_complete:
        print("Coverage is not judged: a part failed or was left out.")
        return True
    command = [sys.executable, "scripts/check_coverage.py"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def closing_line(count: Count, seconds: float) -> str:
    parts = [
        f"{number} {word}"
        for number, word in (
            (count.failed, "failed"),
            (count.passed, "passed"),
            (count.skipped, "skipped"),
            (count.errors, "errors"),
        )
        if number or word == "passed"
    ]
    minutes, rest = divmod(round(seconds), 60)
    text = f" {', '.join(parts)} in {seconds:.2f}s ({minutes // 60}:{minutes % 60:02}:{rest:02}) "
    return text.center(100, "=")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
