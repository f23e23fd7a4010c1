"""Where a process can be killed: at what it does to its database and its files, counted.

Each of these is a point: a statement about to be sent and just answered, every thousandth or so
instruction of SQLite inside a statement, every so many rows of a COPY to PostgreSQL, a commit
before and after, and each opening, renaming or removing of a file in the folder under watch. The
same work passes the same points in the same order, so that the number of one names a moment that
can be had again.

Between the points, in the middle of a write, a process can be cut off at a number of bytes: the
kernel ends it when a file would grow past that.
"""

import contextlib
import itertools
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import connection

STEP_INSTRUCTIONS: Final = 1500
"""Instructions of SQLite's machine from one point inside a statement to the next."""

STEP_ROWS: Final = 25
"""Rows sent by one COPY from one point to the next."""

FILE_EVENTS: Final = frozenset(
    {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.utime", "os.link"}
)


class Points:
    """Counts the points that this process passes, and kills it at the one chosen."""

    def __init__(self, folder: Path, *, kill_at: int | None) -> None:
        self._folder = str(folder)
        self._kill_at = kill_at
        self._is_watching = False
        self.passed: list[str] = []
        self.largest_bytes = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Within the block points count. Once in the life of a process: hooks are never lifted."""
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            connection.connection.set_progress_handler(self._step, STEP_INSTRUCTIONS)
        else:
            self._watch_copies()
        _around(connection, "_commit", lambda: self._pass("commit"), lambda: self._pass("kept"))
        sys.addaudithook(self._hear)
        self._is_watching = True
        try:
            with connection.execute_wrapper(self._execute):
                yield
        finally:
            self._is_watching = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within the block nothing counts."""
        self._is_watching = False
        try:
            yield
        finally:
            self._is_watching = True

    def _pass(self, kind: str) -> None:
        if not self._is_watching:
            return
        self.passed.append(kind)
        if len(self.passed) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _execute(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self._pass("statement")
        answer = execute(sql, params, many, context)
        self._pass("answer")
        self._measure()
        return answer

    def _step(self) -> int:
        self._pass("step")
        return 0

    def _watch_copies(self) -> None:
        from psycopg import Copy  # noqa: PLC0415 -- only where there is PostgreSQL

        write_row, passed = Copy.write_row, self._pass
        sent = itertools.count(1)

        def watched(self: Copy, row: Sequence[Any]) -> None:
            write_row(self, row)
            if next(sent) % STEP_ROWS == 0:
                passed("row")

        Copy.write_row = watched  # type: ignore[method-assign]

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in FILE_EVENTS and self._is_watching:
            path = arguments[0]
            if isinstance(path, str | os.PathLike) and str(path).startswith(self._folder):
                self._pass("file")

    def _measure(self) -> None:
        """How large SQLite's log has become, which bounds where a write can be cut off."""
        if connection.vendor == "sqlite" and self._kill_at is None:
            with contextlib.suppress(FileNotFoundError):
                size_bytes = Path(f"{connection.settings_dict['NAME']}-wal").stat().st_size
                self.largest_bytes = max(self.largest_bytes, size_bytes)


def cut_off_writes(at_bytes: int) -> None:
    """From now on the kernel kills this process when a file would grow past `at_bytes`."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it otherwise
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (at_bytes, at_bytes))


def _around(
    target: object, name: str, before: Callable[[], None], after: Callable[[], None]
) -> None:
    inner = getattr(target, name)

    def wrapped() -> Any:
        before()
        answer = inner()
        after()
        return answer

    setattr(target, name, wrapped)
