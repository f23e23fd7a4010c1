"""How a command speaks: results on stdout, all else on stderr, progress for what takes long.

On a terminal progress is a bar; elsewhere it is a plain line now and then, so that a log stays
readable. What ends within two seconds shows none.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

Report = Callable[[int, int, str], None]
"""Called with what is done, the total (0 while unknown) and a word on what goes on."""

PORT_MAX: Final = 65_535
QUIET_S: Final = 2.0
LINE_EVERY_S: Final = 5.0


class ConsoleCommand(BaseCommand):
    """What the program's commands share: no system check before the work, and an actor."""

    requires_system_checks = ()

    @property
    def actor(self) -> Actor:
        """Who acts when somebody works at the machine itself."""
        return Actor.system(gettext_noop("command line"))

    def say(self, text: str) -> None:
        """Tell the person at the terminal something that is not the result."""
        self.stderr.write(text, self.style.SUCCESS if self.stderr.isatty() else str)

    def complain(self, text: str) -> None:
        """Tell the person at the terminal what is wrong."""
        self.stderr.write(text)

    def answer(self, text: str) -> None:
        """Write a result."""
        self.stdout.write(text)


def port(text: str) -> int:
    """The type of the option --port: a whole number that a socket takes."""
    if not text.isdecimal() or not 1 <= int(text) <= PORT_MAX:
        message = f"{text!r} is no port: give a whole number from 1 to {PORT_MAX}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def known_encoding(name: str) -> str:
    """The encoding's name. Raises Unavailable for one that Python does not know."""
    try:
        "".encode(name or "utf-8")
    except LookupError as error:
        raise Unavailable(
            gettext_noop("There is no encoding “%(name)s”. Common ones are utf-8 and cp1252."),
            code="encoding",
            params={"name": name},
        ) from error
    return name


@contextmanager
def progress(title: str, stream: TextIO | None = None) -> Iterator[Report]:
    """Yield the function that work reports to; shown on `stream` (stderr) once it takes long."""
    target = sys.stderr if stream is None else stream
    if target.isatty():
        with _bar(title, target) as report:
            yield report
    else:
        yield _lines(title, target)


@contextmanager
def _bar(title: str, stream: TextIO) -> Iterator[Report]:
    console = Console(file=stream)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(title, total=None)
    started_s = time.monotonic()

    def report(done: int, total: int, note: str) -> None:
        if not bar.live.is_started and time.monotonic() - started_s > QUIET_S:
            bar.start()
        bar.update(task, completed=done, total=total or None, description=f"{title}: {note}")

    try:
        yield report
    finally:
        bar.stop()


def _lines(title: str, stream: TextIO) -> Report:
    next_s = time.monotonic() + QUIET_S

    def report(done: int, total: int, note: str) -> None:
        nonlocal next_s
        now_s = time.monotonic()
        if now_s < next_s:
            return
        next_s = now_s + LINE_EVERY_S
        share = f" ({done} of {total})" if total else ""
        print(f"{title}: {note}{share}", file=stream, flush=True)

    return report
