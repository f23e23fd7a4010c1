"""Real child processes, since that is what is at stake."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lineshaft.config import supervise as module
from lineshaft.config.supervise import Part, supervise

ASKS = "asks to stop"
WAITS = "import time; time.sleep(60)"
ENDS = "raise SystemExit(3)"
DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w')"


@pytest.fixture(autouse=True)
def _no_stray_signal() -> Iterator[None]:
    """A signal that comes after its test would end the whole run: here it fails its test alone."""
    stray: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: stray.append(number))
    try:
        yield
    finally:
        for thread in threading.enumerate():
            if thread.name == ASKS:
                thread.join()
        signal.signal(signal.SIGINT, before)
    assert stray == []


def part(name: str, code: str, *words: str, is_carrying: bool = False) -> Part:
    return Part(name, (sys.executable, "-c", code, *words), is_carrying)


def deaf_part(ready: Path) -> Part:
    """One that ignores what asks it to end while the file is there, which is for a minute."""
    code = f"{DEAF}; {WAITS}; import os; os.unlink(sys.argv[1])"
    return part("server", code, str(ready), is_carrying=True)


def never() -> bool:
    return False


def stopping_after(seconds: float, times: int = 1, ready: Path | None = None) -> Callable[[], bool]:
    """Ask this process to stop, as Ctrl-C does, some time after the file is there."""

    def ask() -> None:
        for _ in range(times):
            time.sleep(seconds)
            os.kill(os.getpid(), signal.SIGINT)

    def started() -> bool:
        if ready is not None and not ready.exists():
            return False
        threading.Thread(target=ask, name=ASKS).start()
        return True

    return started


def test_supervise_until_asked_to_stop_ends_all() -> None:
    said: list[str] = []
    parts = [part("server", WAITS, is_carrying=True), part("worker", WAITS)]
    assert supervise(parts, when_started=stopping_after(0.2), say=said.append) == 0
    assert said == []


def test_supervise_with_a_carrying_part_ended_ends_all() -> None:
    said: list[str] = []
    parts = [part("server", ENDS, is_carrying=True), part("worker", WAITS)]
    assert supervise(parts, when_started=never, say=said.append) == 1
    assert said == ["The server ended with status 3: the platform stops."]


def test_supervise_starts_another_part_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('.'); raise SystemExit(3)"
    said: list[str] = []

    def started() -> bool:
        if count.exists() and len(count.read_text()) > 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    parts = [part("server", WAITS, is_carrying=True), part("worker", code)]
    assert supervise(parts, when_started=started, say=said.append) == 0
    assert set(said) == {"The worker ended with status 3 and is started again."}


def test_supervise_kills_a_part_that_does_not_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.3)
    ready = tmp_path / "ready"
    asked = stopping_after(0.2, ready=ready)
    assert supervise([deaf_part(ready)], when_started=asked, say=print) == 0
    assert ready.exists()


def test_supervise_asked_twice_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN_S", 600)
    ready = tmp_path / "ready"
    asked = stopping_after(0.5, times=2, ready=ready)
    assert supervise([deaf_part(ready)], when_started=asked, say=print) == 0
    assert ready.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child")
def test_end_with_parent_when_the_parent_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    child = (
        "import os, time; from lineshaft.config.supervise import end_with_parent;"
        f" end_with_parent(); open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    )
    parent = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], start_new_session=True)
    wait_for(lambda: mark.exists() and mark.read_text() != "")
    process.kill()
    process.wait()
    wait_for(lambda: not is_running(int(mark.read_text())))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(is_so: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.05)
