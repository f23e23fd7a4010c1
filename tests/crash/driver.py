"""A process that has the program loaded and forks a child for each piece of work.

It reads one request a line on stdin and answers each with one line on stdout, both JSON. A child
turns to a copy of its own (a folder, with a database in it or one on the server), and may be killed
on the way; what it found, it writes into a file before it ends.
"""

import itertools
import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection

from tests.server import SQLITE_FILE, on_server

CHILD_S_MAX: Final = 120
"""A child that takes longer hangs, and is ended; a verb broken off has that time for itself."""

type Request = dict[str, Any]
type Found = dict[str, Any]


def main() -> None:
    """Answer requests until stdin ends."""
    django.setup()
    # Whatever a child would load by itself, again and again.
    for module in ("tests.crash.verbs", "lineshaft.config.urls", "lineshaft.config.verification"):
        import_module(module)

    # DuckDB and Arrow start a thread each when they are imported, which does nothing and holds no
    # lock until they are used; and they are used in the children alone.
    warnings.filterwarnings("ignore", message=".*multi-threaded, use of fork")
    for line in sys.stdin:
        request: Request = json.loads(line)
        answer_path = Path(request["folder"] + ".answer")
        answer_path.unlink(missing_ok=True)
        number = _fork(request, answer_path)
        found = json.loads(answer_path.read_text()) if answer_path.exists() else {}
        answer_path.unlink(missing_ok=True)
        sys.stdout.write(json.dumps({"signal": number, **found}) + "\n")
        sys.stdout.flush()


def _fork(request: Request, answer_path: Path) -> int:
    """Do the request in a child; the number of the signal that ended it, 0 for none."""
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    try:
        signal.alarm(CHILD_S_MAX)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        found = ACTIONS[request["do"]](request)
    except BaseException:  # noqa: BLE001 -- whatever it is, the tests are told
        found = {"error": traceback.format_exc()}
    temporary = answer_path.with_suffix(".part")
    temporary.write_text(json.dumps(found))
    temporary.rename(answer_path)
    os._exit(0)


def _enter(request: Request) -> Path:
    """Turn this process to the copy that the request names."""
    folder = Path(request["folder"])
    sqlite = str(folder / SQLITE_FILE)
    connection.settings_dict["NAME"] = request["database"] or sqlite
    settings.FILES_DIR = folder / "files"
    settings.SNAPSHOTS_DIR = folder / "snapshots"
    _stop_the_clock()
    return folder


def _stop_the_clock() -> None:
    from lineshaft.plumbing import clock  # noqa: PLC0415
    from tests.crash.scenarios import NOW  # noqa: PLC0415

    def stopped() -> datetime:
        return NOW

    clock.now = stopped


def create(request: Request) -> Found:
    """The network that every scenario begins with, in a new folder."""
    from tests.crash.scenarios import create_network  # noqa: PLC0415

    folder = Path(request["folder"])
    folder.mkdir(parents=True)
    if request["database"]:
        on_server(f'CREATE DATABASE "{request["database"]}" TEMPLATE "{request["template"]}"')
    else:
        shutil.copy(request["template"], folder / SQLITE_FILE)
    _enter(request)
    create_network()
    connection.close()
    return {}


def copy(request: Request) -> Found:
    """A copy of another folder and its database."""
    shutil.copytree(request["source_folder"], request["folder"])
    if request["database"]:
        on_server(
            f'CREATE DATABASE "{request["database"]}" TEMPLATE "{request["source_database"]}"'
        )
    return {}


def remove(request: Request) -> Found:
    """Nothing is left of a copy."""
    shutil.rmtree(request["folder"])
    if request["database"]:
        on_server(f'DROP DATABASE "{request["database"]}" WITH (FORCE)')
    return {}


def prepare(request: Request) -> Found:
    """The network brought to a beginning."""
    from tests.crash.work import BEGINNINGS  # noqa: PLC0415

    _enter(request)
    BEGINNINGS[request["beginning"]]()
    connection.close()
    return {}


def measure(request: Request) -> Found:
    """The work undisturbed: its points, and the state before it and after each step."""
    from tests.crash.points import Points  # noqa: PLC0415
    from tests.crash.state import state_of_database  # noqa: PLC0415
    from tests.crash.work import SCENARIOS  # noqa: PLC0415

    folder = _enter(request)
    points = Points(folder, kill_at=None)
    states = [state_of_database()]
    with points.watched():
        for step in SCENARIOS[request["scenario"]].steps:
            step()
            with points.paused():
                states.append(state_of_database())
    return {
        "points": points.passed,
        "largest_bytes": points.largest_bytes,
        "states": states,
        **_examine(),
    }


def run(request: Request) -> Found:
    """The work, killed at the point `kill_at`, or in the write that passes `cut_at` bytes."""
    from tests.crash.points import Points, cut_off_writes  # noqa: PLC0415
    from tests.crash.work import SCENARIOS  # noqa: PLC0415

    folder = _enter(request)
    if request["cut_at"]:
        cut_off_writes(request["cut_at"])
    points = Points(folder, kill_at=request["kill_at"])
    with points.watched():
        for step in SCENARIOS[request["scenario"]].steps:
            step()
    return {"points": len(points.passed)}


def examine(request: Request) -> Found:
    """What was left, and what it comes to when the work is done again."""
    from tests.crash.scenarios import nothing_is_left_over  # noqa: PLC0415
    from tests.crash.state import state_of_database  # noqa: PLC0415
    from tests.crash.work import SCENARIOS  # noqa: PLC0415

    _enter(request)
    found = {"left": {"state": state_of_database(), **_examine()}}
    _close_gaps()
    for step in SCENARIOS[request["scenario"]].steps:
        step()
    problems = _examine()["problems"] + nothing_is_left_over()
    return found | {"again": {"state": state_of_database(), "problems": problems}}


def _close_gaps() -> None:
    """Let keys go on behind the last that is stored, as undisturbed.

    A sequence of PostgreSQL gives no number twice, not even one that was rolled back, and what was
    handed in names its documents by key.
    """
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            cursor.execute(statement)


def interrupt(request: Request) -> Found:
    """Every verb, broken off at one of its statements after another, and then done.

    What is found: for each verb how often it was broken off, and what then was not as before.
    """
    from tests.crash.state import differences, stored_in_database  # noqa: PLC0415
    from tests.crash.verbs import BEFORE, VERBS  # noqa: PLC0415

    _enter(request)
    writing = _Writing()
    broken: dict[str, int] = {}
    faults = []
    for name, verb in VERBS.items():
        signal.alarm(CHILD_S_MAX)
        BEFORE.get(name, lambda: None)()
        before = stored_in_database()
        writing.has_happened()
        broken[name] = 0
        for statement in _statements(is_thorough=request["is_thorough"]):
            breaking = _Break(statement)
            try:
                with connection.execute_wrapper(breaking):
                    verb()
            except Broken:
                broken[name] += 1
            else:
                break
            happened = writing.has_happened()
            changed = differences(before, stored_in_database()) if happened else []
            if changed and breaking.is_read_outside:
                break  # the verb was done, and only reads what it has written
            if changed or connection.in_atomic_block:
                faults.append(f"{name}, broken off at statement {statement}, left: {changed}")
                break
        if stored_in_database() == before:
            faults.append(f"{name} changes nothing")
    return {"broken": broken, "faults": faults, **_examine()}


class _Writing:
    """Whether anything was committed since it was last asked, which is cheaper than to compare."""

    def __init__(self) -> None:
        self._own = None
        if connection.vendor == "sqlite":
            self._own = sqlite3.connect(connection.settings_dict["NAME"])
        self._version: object = None

    def has_happened(self) -> bool:
        """On SQLite as it says itself; on a server it is always possible."""
        if self._own is None:
            return True
        known = self._version
        (self._version,) = self._own.execute("PRAGMA data_version").fetchone()
        return known != self._version


class Broken(Exception):
    """Raised instead of a statement."""


class _Break:
    """Raises instead of the chosen statement, counted from 1; the others pass."""

    def __init__(self, statement: int) -> None:
        self._left = statement
        self.is_read_outside = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self._left -= 1
        if self._left == 0:
            is_read = sql.lstrip().upper().startswith("SELECT")
            self.is_read_outside = is_read and not connection.in_atomic_block
            raise Broken
        return execute(sql, params, many, context)


def _statements(*, is_thorough: bool) -> Iterator[int]:
    """Every number from 1 up, or ever fewer of them: 1, 2, 4, 8, 16, ..."""
    if is_thorough:
        yield from itertools.count(1)
    yield from (2**power for power in itertools.count())


def _examine() -> Found:
    from lineshaft.config.verification import find_problems  # noqa: PLC0415

    problems = [str(problem) for problem in find_problems(lambda *_progress: None)]
    return {"problems": problems}


ACTIONS: Final[dict[str, Callable[[Request], Found]]] = {
    "create": create,
    "copy": copy,
    "remove": remove,
    "prepare": prepare,
    "measure": measure,
    "run": run,
    "examine": examine,
    "interrupt": interrupt,
}


if __name__ == "__main__":
    main()
