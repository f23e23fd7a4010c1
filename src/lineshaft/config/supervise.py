"""Run the parts of the platform as child processes, and end them together.

A carrying part ends all others when it ends; any other is started again, after a pause that doubles
while it keeps failing. SIGINT and SIGTERM ask every part to end, and wait; a second one, or the end
of the waiting time, kills what is left with all its descendants. Should this process be killed
itself, the kernel tells its children (Linux).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

STOP_WITHIN_S: Final = 15.0
POLL_S: Final = 0.1
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
STEADY_AFTER_S: Final = 60.0

PR_SET_PDEATHSIG: Final = 1  # Linux, prctl(2)


@dataclass(frozen=True, slots=True)
class Part:
    """One child process; `is_carrying` parts end the platform when they end."""

    name: str
    command: tuple[str, ...]
    is_carrying: bool


class Stop:
    """What the signals of this process have asked for so far."""

    def __init__(self) -> None:
        self.times_asked = 0

    def ask(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self.times_asked += 1


class _Child:
    """A part and its present process, which leads a group of its own."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.pause_s = FIRST_PAUSE_S
        self.start()

    def start(self) -> None:
        self.started_s = time.monotonic()
        # Its own group: Ctrl-C at the terminal reaches this process alone, which passes it on once.
        self.process = subprocess.Popen(self.part.command, start_new_session=True)
        self.restart_at_s: float | None = None

    def signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def plan_restart(self, now_s: float) -> None:
        if now_s - self.started_s > STEADY_AFTER_S:
            self.pause_s = FIRST_PAUSE_S
        self.restart_at_s = now_s + self.pause_s
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)


def supervise(
    parts: Sequence[Part], *, when_started: Callable[[], bool], say: Callable[[str], None]
) -> int:
    """Run `parts` until asked to stop (return 0) or until a carrying part ends (return 1).

    `when_started` is called again and again after the start until it returns True; it announces.
    """
    stop = Stop()
    with _signals_to(stop.ask):
        children = [_Child(part) for part in parts]
        try:
            return _watch(children, stop, when_started, say)
        finally:
            _end(children, stop)


def end_with_parent() -> None:
    """Have the kernel send this process SIGTERM when its parent dies. Does nothing but on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def _watch(
    children: Sequence[_Child],
    stop: Stop,
    when_started: Callable[[], bool],
    say: Callable[[str], None],
) -> int:
    is_announced = False
    while not stop.times_asked:
        for child in children:
            if not _is_in_order(child, say):
                return 1
        is_announced = is_announced or when_started()
        time.sleep(POLL_S)
    return 0


def _is_in_order(child: _Child, say: Callable[[str], None]) -> bool:
    """Start the child again where that is due; False when a carrying part has ended."""
    now_s = time.monotonic()
    if child.restart_at_s is not None:
        if now_s >= child.restart_at_s:
            child.start()
        return True
    status = child.process.poll()
    if status is None:
        return True
    if child.part.is_carrying:
        say(f"The {child.part.name} ended with status {status}: the platform stops.")
        return False
    child.plan_restart(now_s)
    say(f"The {child.part.name} ended with status {status} and is started again.")
    return True


def _end(children: Sequence[_Child], stop: Stop) -> None:
    running = [child for child in children if child.process.poll() is None]
    for child in running:
        child.signal(signal.SIGTERM)
    until_s = time.monotonic() + STOP_WITHIN_S
    while any(child.process.poll() is None for child in running):
        if stop.times_asked > 1 or time.monotonic() > until_s:
            break
        time.sleep(POLL_S)
    for child in children:
        child.signal(signal.SIGKILL)  # also what the child left behind in its group
        child.process.wait()


@contextmanager
def _signals_to(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
