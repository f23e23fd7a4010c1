"""The whole platform as processes: started, asked, and ended from outside."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tables import migrated_file

HOST = "127.0.0.1"
LINESHAFT = (sys.executable, "-m", "lineshaft")


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder of its own for everything, and a port."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}  # noqa: TID251
        return {**kept, "LINESHAFT_VAR": str(self.folder), "PYTHONWARNINGS": "ignore"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LINESHAFT, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*LINESHAFT, *arguments, "--port", str(self.port)],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def status_of(self, path: str, *, host: str = "localhost") -> int:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("var")
    shutil.copy(migrated_file(tmp_path_factory), folder)
    return Installation(folder, port)


@pytest.fixture
def serving(migrated: Installation) -> Iterator[subprocess.Popen[str]]:
    process = migrated.start("serve")
    read_until(process, f"Lineshaft answers at http://{HOST}:{migrated.port}\n")
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    assert process.stdout is not None
    process.stdout.close()
    process.wait()


def read_until(process: subprocess.Popen[str], line: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for read in process.stdout:
        lines.append(read)
        if read == line:
            return lines
    message = f"ended without saying {line!r}: {''.join(lines)}"
    raise AssertionError(message)


def children_of(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found += [int(path.parent.name), *children_of(int(path.parent.name))]
    return found


def wait_until_gone(pids: list[int]) -> None:
    until_s = time.monotonic() + 30
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < until_s, f"still running: {left}"
        time.sleep(0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_serve_answers_and_ends_with_all_its_children(
    migrated: Installation, serving: subprocess.Popen[str]
) -> None:
    assert migrated.status_of("/accounts/login/") == 200
    children = children_of(serving.pid)
    assert len(children) >= 3  # server, its process for pages, worker
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(timeout=60) == 0
    wait_until_gone(children)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_serve_refuses_a_taken_port_and_ends_quietly_while_connections_are_open(
    migrated: Installation, serving: subprocess.Popen[str]
) -> None:
    done = migrated.run("serve", "--port", str(migrated.port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"lineshaft: Port {migrated.port} of {HOST} cannot be used")
    assert serving.poll() is None

    children = children_of(serving.pid)
    kept = http.client.HTTPConnection(HOST, migrated.port, timeout=60)
    kept.request("GET", "/accounts/login/")
    kept.getresponse().read()
    with contextlib.closing(kept), socket.create_connection((HOST, migrated.port)) as half_sent:
        half_sent.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        time.sleep(0.5)
        serving.send_signal(signal.SIGINT)
        output, _ = serving.communicate(timeout=60)
    assert (serving.returncode, output) == (0, "")
    wait_until_gone(children)


@pytest.mark.slow
def test_serve_under_another_name_and_origin_asks_itself_under_that(migrated: Installation) -> None:
    process = migrated.start(
        "serve", LINESHAFT_HOSTS="plant.example", LINESHAFT_ORIGIN="https://net.example:8443"
    )
    try:
        said = read_until(process, f"Lineshaft answers at http://{HOST}:{migrated.port}\n")
        statuses = [
            migrated.status_of("/accounts/login/", host=host)
            for host in ("plant.example", "net.example:8443", "localhost")
        ]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    of_server = [line for line in said if "jobs.worker: Job" not in line]  # a day's jobs may begin
    assert (len(of_server), statuses) == (1, [200, 200, 400])


def test_worker_until_idle_ends(migrated: Installation) -> None:
    done = migrated.run("worker", "--until-idle")
    # A platform that was ended before may have left one of the day's jobs.
    assert (done.returncode, done.stdout[1:]) == (0, " jobs run\n"), done.stderr


def test_worker_ends_when_asked(migrated: Installation) -> None:
    process = subprocess.Popen([*LINESHAFT, "worker"], env=migrated.environment)
    time.sleep(2)
    process.terminate()
    assert process.wait(timeout=60) in {0, -signal.SIGTERM}


COMMANDS = (
    "administrator a@example.org --name A",
    "backup {folder}/made.tar.gz",
    "import organisations {folder}/none.csv",
    "report 2022",
    "serve --port 8999",
    "invite a@example.org",
    "address a@example.org b@example.org",
    "snapshot",
    "verify",
    "worker --until-idle",
)
RUN_EACH = """
import sys
from lineshaft.config.command import main
for line in sys.stdin.read().splitlines():
    print(line, flush=True)
    print(main(line.split()), flush=True)
"""


def test_every_command_on_a_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    """In one process, since starting each takes longer than all that it does."""
    commands = [command.format(folder=tmp_path) for command in COMMANDS]
    done = subprocess.run(
        [sys.executable, "-c", RUN_EACH],
        input="\n".join(commands),
        env=Installation(tmp_path, 0).environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        timeout=300,
    )
    sentence = "lineshaft: The database is not set up. Run `lineshaft migrate`, then this again."
    assert done.stdout.splitlines() == [
        line for command in commands for line in (command, sentence, "1")
    ]


@pytest.mark.slow
def test_demo_loads_once_and_reuses_afterwards(tmp_path: Path, migrated: Installation) -> None:
    installation = Installation(tmp_path / "var", migrated.port)
    address = f"Lineshaft runs at http://localhost:{installation.port}\n"
    for is_loaded in (False, True):
        process = installation.start("demo")
        lines = read_until(process, address)
        assert any(line.startswith("Loading") for line in lines) is not is_loaded
        assert installation.status_of("/") == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert process.stdout is not None
        process.stdout.close()
