"""From nothing to a page: set-up with a cold cache, the first load, and the second start."""

import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from bench.program import ROOT, Failed, Home, free_port, make_ready, running, seconds_of, timed
from bench.report import AtMost, Report, Row, Section

SETUP_S_MAX: Final = 180.0
LOAD_S_MAX: Final = 30.0
SECOND_START_S_MAX: Final = 5.0
LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".venv", ".uv", ".make", "var", ".hypothesis", "__pycache__", ".*_cache"
)

SECTION: Final = Section(
    "Set-up and start",
    "Set-up: `make setup` in a fresh copy with an empty cache of packages, the network included;"
    " baseline `python -m venv`. Load: `lineshaft load` at scale 1 into an empty folder; baseline"
    " the same rows copied into a new file by bare SQL. Second start: `lineshaft demo` on what is"
    " there, until the first page comes; baseline a process that sets the program up and ends.",
    [
        Row("set-up with a cold cache", "startup.setup", bound=AtMost(SETUP_S_MAX)),
        Row("set-up, beside a bare environment", "startup.setup_whole", "startup.venv"),
        Row("load at scale 1", "startup.load", bound=AtMost(LOAD_S_MAX)),
        Row("load, beside a bare copy of its rows", "startup.load_whole", "startup.copy"),
        Row("second start", "startup.second", bound=AtMost(SECOND_START_S_MAX)),
        Row("second start, beside a bare process", "startup.second_whole", "startup.process"),
    ],
)


def measure(report: Report, *, has_setup: bool, rounds: int = 3) -> None:
    """Measure all three; set-up only where asked, since it fetches every package."""
    with tempfile.TemporaryDirectory() as folder:
        if has_setup:
            _setup(report, Path(folder))
        else:
            report("startup.setup", float("nan"), "s", "left out of a quick run")
        home = Home(Path(folder) / "network")
        _load(report, home)
        _second_start(report, home, rounds)


def _setup(report: Report, folder: Path) -> None:
    report(
        "startup.venv", seconds_of([sys.executable, "-m", "venv", str(folder / "venv")]), "s", ""
    )
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    cache = folder / "cache"
    command = ["env", "-u", "VIRTUAL_ENV", f"UV_CACHE_DIR={cache}", f"PIP_CACHE_DIR={cache}"]
    try:
        seconds = seconds_of([*command, "make", "-C", str(copy), "setup"])
    except Failed as reason:
        report("startup.setup", float("nan"), "s", f"make setup failed: {reason}")
        return
    report("startup.setup", seconds, "s", "")
    report("startup.setup_whole", seconds, "s", "")


def _load(report: Report, home: Home) -> None:
    seconds, used_s = timed(home.lineshaft("load", "--scale", "1"))
    report("startup.load", seconds, "s", f"{used_s:.1f} s of processor time")
    report("startup.load_whole", seconds, "s", "")
    source = home.folder / "lineshaft.sqlite3"
    report("startup.copy", _copied(source, home.folder / "copy.sqlite3"), "s", "")


def _copied(source: Path, target: Path) -> float:
    started_s = time.perf_counter()
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA journal_mode=WAL")
        new.executescript("\n".join(old.iterdump()))
    return time.perf_counter() - started_s


def _second_start(report: Report, home: Home, rounds: int) -> None:
    make_ready(home)
    started = []
    for _ in range(rounds):
        port = free_port()
        with running(home.lineshaft("demo", "--port", str(port)), port) as seconds:
            started.append(seconds)
    report("startup.second", min(started), "s", f"fastest of {rounds}")
    report("startup.second_whole", min(started), "s", "")
    bare = home.lineshaft("shell", "--no-imports", "--command", "pass")
    report("startup.process", min(seconds_of(bare) for _ in range(rounds)), "s", "")
