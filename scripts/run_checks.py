"""Run every check that needs no test run, one on each core, and name those that fail.

python scripts/run_checks.py            all
python scripts/run_checks.py NAME...    those whose name is given
"""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent
PYTHON: Final = sys.executable
HOUSE: Final = "house"
"""Tests of `make test`; continuous integration runs them there alone."""


# `check --deploy` judges the settings of a real deployment, not those of a laptop.
DEPLOYED: Final = {
    "LINESHAFT_ORIGIN": "https://network.example.gov",
    "LINESHAFT_HOSTS": "network.example.gov",
    "LINESHAFT_SECRET_KEY": "a key for this check only: 0123456789 abcdefghij ABCDEFGHIJ",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A command whose status says whether the tree is in order."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]


def checks() -> list[Check]:
    templates = sorted(
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.html")
        if "templates" in path.parts
    )
    plain: dict[str, str] = {}
    shellcheck = shutil.which("shellcheck")
    programs = ("scripts/bootstrap", "scripts/lock", ".ci/run")
    return [  # those of a minute first: a core each, and the short ones fill up
        Check("types", (str(BIN / "mypy"),), plain),
        Check(HOUSE, (PYTHON, "-m", "pytest", "-q", "tests/architecture"), plain),
        *([Check("shell", (shellcheck, *programs), plain)] if shellcheck else []),
        Check("locks", (PYTHON, "scripts/check_locks.py"), plain),
        Check("format", (str(BIN / "ruff"), "format", "--check", "."), plain),
        Check("lint", (str(BIN / "ruff"), "check", "."), plain),
        Check("imports", (str(BIN / "lint-imports"), "--no-logo"), plain),
        Check("dependencies", (str(BIN / "deptry"), "src"), plain),
        Check("djade", (str(BIN / "djade"), "--check", *templates), plain),
        Check("djlint", (str(BIN / "djlint"), "--quiet", "--lint", *templates), plain),
        Check("migrations", (str(BIN / "lineshaft"), "makemigrations", "--check"), plain),
        Check(
            "deployment",
            (str(BIN / "lineshaft"), "check", "--deploy", "--fail-level", "WARNING"),
            DEPLOYED,
        ),
        Check("messages", (PYTHON, "scripts/messages.py", "check"), plain),
        Check("documents", (PYTHON, "scripts/write_docs.py", "--check"), plain),
    ]


def main(arguments: list[str]) -> int:
    left = {HOUSE} if os.environ.get("CI") == "true" and not arguments else set()
    chosen = [
        check
        for check in checks()
        if check.name not in left and (not arguments or check.name in arguments)
    ]
    unknown = set(arguments) - {check.name for check in chosen}
    if unknown:
        names = ", ".join(check.name for check in checks())
        print(f"There is no check {', '.join(sorted(unknown))}. There are: {names}.")
        return 2
    with ThreadPoolExecutor(os.cpu_count()) as cores:  # each check is a process of its own
        good = list(cores.map(passes, chosen))
    failed = [check.name for check, is_good in zip(chosen, good, strict=True) if not is_good]
    print("".join(f"\nLeft to make test: {name}." for name in sorted(left)))
    print(f"Not in order: {', '.join(failed)}." if failed else "Everything is in order.")
    return 1 if failed else 0


def passes(check: Check) -> bool:
    """Whether the check is kept; its output is shown only where it is not."""
    started_s = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    is_good = done.returncode == 0
    mark = "ok" if is_good else "FAILED"
    said = "" if is_good else f"{done.stdout.decode(errors='replace')}\n"
    line = f"{check.name:<13} {mark:<7} {time.monotonic() - started_s:5.1f} s\n"
    print(f"{line}{said}", end="", flush=True)  # in one piece, since others print beside it
    return is_good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
