"""The tests' side of the driver: databases prepared once, copied for each point, looked at after.

Which database it works on is the tests' own: SQLite in a temporary folder, or databases beside the
tests' one on the PostgreSQL server.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, Self

from django.db import connection

from tests.crash.state import State
from tests.crash.work import SCENARIOS
from tests.server import server_address

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SMALLEST_CUT_BYTES: Final = 33_000
"""Just past what SQLite writes to open a log at all."""

FAMILIES: Final = (("statement", "answer"), ("commit", "kept"), ("step", "row"), ("file",))
"""Kinds of points that are drawn from in turn, so that the many do not drown the few."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a prepared network: its folder, and its database's name on a server."""

    folder: Path
    database: str


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a scenario does when nothing happens to it."""

    points: tuple[str, ...]
    states: tuple[State, ...]
    largest_bytes: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kill:
    """Where to kill: at a point (counted from 1), or in the write past a number of bytes."""

    point: int | None = None
    cut_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a kill left, and what doing the work again came to."""

    signal: int
    left: State
    problems_left: tuple[str, ...]
    again: State
    problems_again: tuple[str, ...]


class Lab:
    """A running driver and what has been prepared with it."""

    def __init__(self, folder: Path, *, template: str) -> None:
        """`template` is what the first copy is made of: an SQLite file, or a database's name."""
        self._folder = folder
        self._template = template
        self._log_path = folder / "driver.log"
        self._is_sqlite = connection.vendor == "sqlite"
        self._beginnings: dict[str, Copy] = {}
        self._measurements: dict[str, Undisturbed] = {}
        self._base: Copy | None = None
        self._copies: list[Copy] = []
        self._copies_made = 0

    def __enter__(self) -> Self:
        environment = {
            "DJANGO_SETTINGS_MODULE": "lineshaft.config.settings",
            "LINESHAFT_VAR": str(self._folder / "var"),
            "DATABASE_URL": "" if self._is_sqlite else server_address(),
            "PATH": "/usr/bin:/bin",
        }
        self._log = self._log_path.open("w")
        self._driver = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.driver"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        with self._driver, self._log:
            if self._driver.poll() is None:
                for copy in self._copies:
                    self._ask("remove", copy)
                self._driver.communicate(timeout=30)

    def undisturbed(self, scenario: str) -> Undisturbed:
        """What the scenario does undisturbed; found out once."""
        if scenario not in self._measurements:
            self._measurements[scenario] = self._measured(scenario)
        return self._measurements[scenario]

    def kill(self, scenario: str, kill: Kill) -> Aftermath:
        """Do the scenario on a fresh copy, kill it there, look, and do it again."""
        with self._copy_of(self._prepared(SCENARIOS[scenario].beginning)) as copy:
            ended = self._ask(
                "run", copy, scenario=scenario, kill_at=kill.point, cut_at=kill.cut_bytes
            )
            found = self._ask("examine", copy, scenario=scenario)
        return Aftermath(
            ended["signal"],
            found["left"]["state"],
            tuple(found["left"]["problems"]),
            found["again"]["state"],
            tuple(found["again"]["problems"]),
        )

    def interrupt_verbs(self, *, is_thorough: bool) -> Mapping[str, Any]:
        """Break off every verb at its statements, one after the other; what was found."""
        with self._copy_of(self._prepared("report")) as copy:
            return self._ask("interrupt", copy, is_thorough=is_thorough)

    def _measured(self, scenario: str) -> Undisturbed:
        with self._copy_of(self._prepared(SCENARIOS[scenario].beginning)) as copy:
            found = self._ask("measure", copy, scenario=scenario)
        return Undisturbed(
            tuple(found["points"]),
            tuple(found["states"]),
            found["largest_bytes"],
            tuple(found["problems"]),
        )

    def _prepared(self, beginning: str) -> Copy:
        if self._base is None:
            self._base = self._new_copy()
            self._ask("create", self._base, template=self._template)
        if beginning not in self._beginnings:
            copy = self._new_copy(of=self._base)
            self._ask("prepare", copy, beginning=beginning)
            self._beginnings[beginning] = copy
        return self._beginnings[beginning]

    @contextmanager
    def _copy_of(self, source: Copy) -> Iterator[Copy]:
        copy = self._new_copy(of=source)
        yield copy
        self._ask("remove", copy)
        self._copies.remove(copy)

    def _new_copy(self, *, of: Copy | None = None) -> Copy:
        self._copies_made += 1
        name = f"lineshaft_crash_{self._driver.pid}_{self._copies_made}"
        copy = Copy(self._folder / str(self._copies_made), "" if self._is_sqlite else name)
        if of is not None:
            source = {"source_folder": str(of.folder), "source_database": of.database}
            self._ask("copy", copy, **source)
        self._copies.append(copy)
        return copy

    def _ask(self, what: str, copy: Copy, **more: Any) -> Mapping[str, Any]:
        request = {"do": what, "folder": str(copy.folder), "database": copy.database, **more}
        stdin, stdout = self._driver.stdin, self._driver.stdout
        if stdin is None or stdout is None:
            message = "The driver has no pipes."
            raise RuntimeError(message)
        line = ""
        if self._driver.poll() is None:
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
            line = stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"error": "the driver is gone"}
        is_meant = what == "run" or answer.get("signal") == 0
        if "error" in answer or not is_meant:
            log = self._log_path.read_text()[-4000:]
            message = f"{what}: {answer.get('error', answer)}\n{log}"
            raise RuntimeError(message)
        return answer


def choose(undisturbed: Undisturbed, count: int, seed: str) -> list[Kill]:
    """`count` places to kill, always the same for a seed, drawn from every family in turn."""
    random = Random(seed)
    families: list[list[Kill]] = []
    for kinds in FAMILIES:
        found = [Kill(n) for n, kind in enumerate(undisturbed.points, 1) if kind in kinds]
        random.shuffle(found)
        families.append(found)
    if undisturbed.largest_bytes > SMALLEST_CUT_BYTES:
        cuts = random.sample(range(SMALLEST_CUT_BYTES, undisturbed.largest_bytes), 100)
        families.append([Kill(cut_bytes=cut) for cut in cuts])
    chosen: list[Kill] = []
    while len(chosen) < count and any(families):
        chosen += [family.pop() for family in families if family]
    return chosen[:count]
