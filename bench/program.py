"""The program as the benchmarks run it: its command in a folder of its own, its server, its data.

The command is called as a person calls it, in a process of its own, so that what is measured
includes all that a person waits for.
"""

import contextlib
import hashlib
import http.client
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT.parent / "shared" / "data"
"""Real lists for measuring, beside the repository where there are any."""

FOLDER: Final = ROOT / "var" / "bench"
START_S_MAX: Final = 60.0
LONGEST_S: Final = 4 * 3600.0


class Failed(Exception):
    """A command did not end with status 0; the message is what it said last."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where an instance of the program lives: its folder, and its database if that is a server."""

    folder: Path
    database: str = ""

    def command(self, *words: str) -> list[str]:
        """A command line with the instance's environment."""
        return [
            "env",
            f"LINESHAFT_VAR={self.folder}",
            f"DATABASE_URL={self.database}",
            "LINESHAFT_DEMONSTRATION=1",
            "DJANGO_SETTINGS_MODULE=lineshaft.config.settings",
            f"PYTHONPATH={ROOT}",
            *words,
        ]

    def lineshaft(self, *words: str) -> list[str]:
        """`lineshaft WORDS` for this instance."""
        return self.command(sys.executable, "-m", "lineshaft", *words)


def run(command: list[str], *, within_s: float = LONGEST_S) -> str:
    """What the command printed. Raises Failed with its last line where it went wrong."""
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=within_s
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Failed(said[-1] if said else f"status {done.returncode}")
    return done.stdout


def seconds_of(command: list[str]) -> float:
    """How long the command takes from its start to its end."""
    return timed(command)[0]


def timed(command: list[str]) -> tuple[float, float]:
    """How long the command takes, and how much of a processor's time it uses; in seconds.

    The second is more than the first where several cores work, and less where others do.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started_s = time.perf_counter()
    run(command)
    took_s = time.perf_counter() - started_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took_s, used_s


def demonstration(scale: int) -> Home:
    """The demonstration at a scale, in a folder that is kept: loaded once, then reused.

    It is loaded anew where what it is generated from has changed.
    """
    home = Home(FOLDER / f"scale-{scale}")
    mark = home.folder / "loaded"
    source = _digest_of_source()
    if not mark.exists() or mark.read_text() != source:
        shutil.rmtree(home.folder, ignore_errors=True)
        print(f"  Loading the demonstration at scale {scale}, once ...", flush=True)
        run(home.lineshaft("load", "--scale", str(scale)))
        mark.write_text(source)
    make_ready(home)
    return home


def make_ready(home: Home) -> None:
    """Bring what is in the folder up to this version: tables, and what pages are styled with."""
    run(home.lineshaft("migrate", "--verbosity", "0"))
    run(home.lineshaft("collectstatic", "--noinput", "--verbosity", "0"))


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int) -> Iterator[float]:
    """A server for the time of the block; yields the seconds until its first page came.

    It is asked to end by SIGTERM and killed where it does not.
    """
    started_s = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - started_s > START_S_MAX:
                raise Failed(f"the server did not answer: {' '.join(command[-4:])}")
            time.sleep(0.02)
        yield time.perf_counter() - started_s
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Within the block this process keeps to one core, where the system lets it choose."""
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def scratch_database(server: str, name: str) -> Iterator[str]:
    """The address of a new PostgreSQL database that is dropped after the block.

    Raises Failed where no server answers.
    """
    import psycopg  # noqa: PLC0415 -- only where PostgreSQL is measured

    statement = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    try:
        with psycopg.connect(server, autocommit=True, connect_timeout=3) as connection:
            connection.execute(statement.encode())
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
    except psycopg.OperationalError as error:
        raise Failed(str(error).splitlines()[0]) from error
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(statement.encode())


def _digest_of_source() -> str:
    """What the demonstration is generated from, as one hash."""
    state = hashlib.sha256()
    for folder in ("demonstration", "reference"):
        for path in sorted((ROOT / "src" / "lineshaft" / folder).rglob("*")):
            if path.suffix in {".py", ".toml"} and "tests" not in path.parts:
                state.update(path.read_bytes())
    return state.hexdigest()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        try:
            connection.request("HEAD", "/about/", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
