"""The tables as the program's own command makes them: once in a run of tests, for all workers."""

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.server import SQLITE_FILE, databases_like, on_server, server_address

MIGRATE_S_MAX: Final = 600
TEMPLATE: Final = "lineshaft_test_template_"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one worker of the run fills, with what `make` puts into it, for all of them.

    Whoever comes while it is filled waits; where that fails, the next one tries.
    """
    root = factory.getbasetemp()
    root = root.parent if is_worker() else root
    folder, done = root / name, root / f"{name}.done"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def is_worker() -> bool:
    """Whether this process runs a part of the tests of another one."""
    return "PYTEST_XDIST_WORKER" in os.environ  # noqa: TID251 -- set by pytest-xdist


def migrate(folder: Path, *, database: str = "") -> None:
    """Run the program's own command, as a person would on a new machine.

    `folder` is the installation's, `database` the address of a server's, empty for SQLite.
    """
    left_out = {"DATABASE_URL", "COVERAGE_PROCESS_CONFIG"}  # what migrations run counts nothing
    kept = {name: value for name, value in os.environ.items() if name not in left_out}  # noqa: TID251
    done = subprocess.run(
        [sys.executable, "-m", "lineshaft", "migrate", "--verbosity", "0"],
        env={**kept, "LINESHAFT_VAR": str(folder), "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
        timeout=MIGRATE_S_MAX,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def migrated_file(factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the program's tables; to be copied, not written to."""
    return made_once(factory, "migrated", migrate) / SQLITE_FILE


def migrated_template(factory: pytest.TempPathFactory) -> str:
    """The name of a database on the tests' server with the program's tables; to be copied."""
    name = template_name()

    def make(folder: Path) -> None:
        drop_stale_templates()
        on_server(f'DROP DATABASE IF EXISTS "{name}"')
        on_server(f'CREATE DATABASE "{name}"')
        migrate(folder, database=server_address(name))

    made_once(factory, "template", make)
    return name


def template_name() -> str:
    """Of this run alone: the machine, and the process that the workers belong to, stand in it."""
    return f"{_template_prefix()}{os.getppid() if is_worker() else os.getpid()}"


def drop_template() -> None:
    on_server(f'DROP DATABASE IF EXISTS "{template_name()}" WITH (FORCE)')


def drop_stale_templates() -> None:
    """Drop what runs of this machine left that were killed: their process is gone."""
    prefix = _template_prefix()
    for name in databases_like(prefix):
        number = name.removeprefix(prefix)
        if number.isdecimal() and not _is_alive(int(number)):
            on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _template_prefix() -> str:
    machine = re.sub(r"[^a-z0-9]+", "_", platform.node().lower())[:24]
    return f"{TEMPLATE}{machine}_"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
