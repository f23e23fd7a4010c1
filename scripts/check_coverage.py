"""Hold measured coverage to the rule: every branch of the parts that decide, 95 % of all lines.

Reads what the test run has left in var/coverage. Status 1, and one line for each file below its
rule.
"""

import json
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
COVERAGE: Final = ROOT / "var" / "coverage"

WHOLE_PERCENT: Final = 95.0
COMPLETE: Final = (
    "src/lineshaft/kernel/*",
    "src/lineshaft/engines/*",
    "src/lineshaft/*/rules.py",
    "src/lineshaft/*/rules/*",
    "src/lineshaft/*/services.py",
    "src/lineshaft/*/services/*",
)
NOT_COMPLETE: Final = ("/views/", "/forms/", "/api/", "/on_spark.py")
"""Rooms whose modules may have the name of another room's: the API of the rules, say. And what runs
only where Spark is installed, an extra.
"""


def main() -> int:
    branches, lines = measured("branches"), measured("lines")
    faults = [fault for path, file in sorted(branches.items()) if (fault := lack(path, file))]
    whole = percent_of_lines(branches, lines)
    if whole < WHOLE_PERCENT:
        faults.append(f"the whole: {whole:.1f} % of lines covered, {WHOLE_PERCENT:.0f} % wanted")
    for fault in faults:
        print(fault)
    if not faults:
        print(
            f"Coverage: {whole:.1f} % of all lines; every branch of kernel, engines, rules and"
            " services."
        )
    return 1 if faults else 0


def measured(what: str) -> dict[str, Any]:
    """What coverage says of each file, of the parts whose branches or whose lines were counted."""
    command = [sys.executable, "-m", "coverage"]
    file = COVERAGE / what
    stray = sorted(COVERAGE.glob(f"{what}.vm.*")) + sorted(COVERAGE.glob(f"{what}.*.pid*"))
    named = f"--data-file={file}"
    if stray:
        combine = [*command, "combine", "--append", "--quiet", named]
        subprocess.run([*combine, *map(str, stray)], cwd=ROOT, check=True)
    report = COVERAGE / f"{what}.json"
    subprocess.run([*command, "json", "--quiet", named, "-o", str(report)], cwd=ROOT, check=True)
    files: dict[str, Any] = json.loads(report.read_text())["files"]
    return files


def percent_of_lines(*reports: dict[str, Any]) -> float:
    """How many of the lines of all files any report saw run, in percent."""
    run: set[tuple[str, int]] = set()
    every: set[tuple[str, int]] = set()
    for report in reports:
        for path, file in report.items():
            run |= {(path, line) for line in file["executed_lines"]}
            every |= {(path, line) for line in file["missing_lines"]}
    return 100 * len(run) / len(run | every)


def lack(path: str, file: dict[str, Any]) -> str:
    """What a file lacks of what the rule wants, or nothing."""
    if any(room in path for room in NOT_COMPLETE):
        return ""
    if not any(fnmatch(path, pattern) for pattern in COMPLETE):
        return ""
    if file["summary"]["percent_covered"] == 100:  # noqa: PLR2004 -- all of it
        return ""
    lines = ", ".join(str(line) for line in file["missing_lines"])
    branches = ", ".join(f"{a}->{b}" for a, b in file["missing_branches"])
    missing = "; ".join(text for text in (lines, branches) if text)
    return f"{path}: not covered: {missing}"


if __name__ == "__main__":
    sys.exit(main())
