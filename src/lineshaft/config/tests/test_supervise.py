"""Real child processes, since that is what is at stake."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lineshaft.config import supervise as module
from lineshaft.config.supervise import Part, supervise

WAITS = "import time; time.sleep(60)"
ENDS = "raise SystemExit(3)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('.', flush=True)"


def part(name: str, code: str, *, is_carrying: bool = False) -> Part:
    return Part(name, (sys.executable, "-c", code), is_carrying)


def never() -> bool:
    return False


def stopping_after(seconds: float, times: int = 1) -> Callable[[], bool]:
    """Ask this process to stop, as Ctrl-C does, some time after the start."""

    def ask() -> None:
        for _ in range(times):
            time.sleep(seconds)
            os.kill(os.getpid(), signal.SIGINT)

    def started() -> bool:
        threading.Thread(target=ask).start()
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


def test_supervise_kills_a_part_that_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.3)
    deaf = part("server", f"{DEAF}; {WAITS}", is_carrying=True)
    started_s = time.monotonic()
    assert supervise([deaf], when_started=stopping_after(0.5), say=print) == 0
    assert time.monotonic() - started_s < 10


def test_supervise_asked_twice_does_not_wait() -> None:
    deaf = part("server", f"{DEAF}; {WAITS}", is_carrying=True)
    started_s = time.monotonic()
    assert supervise([deaf], when_started=stopping_after(0.5, times=2), say=print) == 0
    assert time.monotonic() - started_s < 10


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
