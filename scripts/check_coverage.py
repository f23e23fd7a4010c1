"""Hold measured coverage to the rule: every branch of the parts that decide, 95 % of the whole.

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
REPORT: Final = ROOT / "var" / "coverage" / "coverage.json"

WHOLE_PERCENT: Final = 95.0
COMPLETE: Final = (
    "src/lineshaft/kernel/*",
    "src/lineshaft/engines/*",
    "src/lineshaft/*/rules.py",
    "src/lineshaft/*/rules/*",
    "src/lineshaft/*/services.py",
    "src/lineshaft/*/services/*",
)


def main() -> int:
    command = [sys.executable, "-m", "coverage"]
    data_files = sorted((ROOT / "var" / "coverage").glob("data.*"))
    if data_files:
        subprocess.run([*command, "combine", "--append", "--quiet"], cwd=ROOT, check=True)
    subprocess.run([*command, "json", "--quiet", "-o", str(REPORT)], cwd=ROOT, check=True)
    report: dict[str, Any] = json.loads(REPORT.read_text())
    faults = [
        fault for path, file in sorted(report["files"].items()) if (fault := lack(path, file))
    ]
    whole = report["totals"]["percent_covered"]
    if whole < WHOLE_PERCENT:
        faults.append(f"the whole: {whole:.1f} % covered, {WHOLE_PERCENT:.0f} % wanted")
    for fault in faults:
        print(fault)
    if not faults:
        print(
            f"Coverage: {whole:.1f} % of the whole; kernel, engines, rules and services complete."
        )
    return 1 if faults else 0


def lack(path: str, file: dict[str, Any]) -> str:
    """What a file lacks of what the rule wants, or nothing."""
    if "/views/" in path or not any(fnmatch(path, pattern) for pattern in COMPLETE):
        return ""
    if file["summary"]["percent_covered"] == 100:  # noqa: PLR2004 -- all of it
        return ""
    lines = ", ".join(str(line) for line in file["missing_lines"])
    branches = ", ".join(f"{a}->{b}" for a, b in file["missing_branches"])
    missing = "; ".join(text for text in (lines, branches) if text)
    return f"{path}: not covered: {missing}"


if __name__ == "__main__":
    sys.exit(main())
