"""scripts/bootstrap on machines of several kinds, with stubs for uv and for Pythons."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

TOOLS = ("cat", "cksum", "dirname", "find", "mkdir", "rm", "sort", "wc", "sh", "ln", "printf")
FAILS = "#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n"
OLD = "#!/bin/sh\nexit 1\n"
WORKS = f'#!/bin/sh\nexec {sys.executable} "$@"\n'

# Notes how it is called, and lays down what the next step looks for.
UV = """#!/bin/sh
echo "$*" >>uv.log
case "$1 ${2-}" in
"venv "*)
    for word; do case "$before" in --python) found=$word ;; esac; before=$word; done
    mkdir -p .venv/bin
    cp "$(command -v "$found")" .venv/bin/python
    ;;
"pip install")
    printf '#!/bin/sh\\n' >.venv/bin/lineshaft
    chmod +x .venv/bin/lineshaft
    ;;
"python install") exit ${UV_DOWNLOADS-1} ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A copy of what bootstrap reads, and a PATH with nothing on it but what a test puts there."""

    root: Path

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "tree/scripts/bootstrap", *arguments],
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def uv_calls(self) -> list[str]:
        log = self.root / "tree" / "uv.log"
        return log.read_text().splitlines() if log.exists() else []

    def python_chosen(self) -> str:
        (call,) = [call for call in self.uv_calls() if call.startswith("venv")]
        return call.split("--python ")[1].split()[0].replace(str(self.root), "~")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    tree = tmp_path / "tree"
    for name in ("requirements", "scripts"):
        shutil.copytree(ROOT / name, tree / name)
    for name in ("pyproject.toml", "src/lineshaft/__init__.py", "src/lineshaft/config/settings.py"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    (tree / "scripts" / "messages.py").write_text("")
    result = Machine(tmp_path)
    result.bin.mkdir()
    for tool in (*TOOLS, "cp", "chmod"):
        found = shutil.which(tool)
        assert found is not None
        (result.bin / tool).symlink_to(found)
    return result


def test_bootstrap_with_uv_on_path_passes_over_a_shim_that_fails(machine: Machine) -> None:
    machine.put("bin/uv", UV)
    machine.put("bin/python3.14", FAILS)
    machine.put("bin/python3.13", OLD)
    machine.put("bin/python3.12", WORKS)
    done = machine.run()
    assert (done.returncode, machine.python_chosen()) == (0, "python3.12"), done.stderr


def test_bootstrap_takes_the_newest_that_pyenv_holds(machine: Machine) -> None:
    machine.put("bin/uv", UV)
    machine.put("bin/python3.13", FAILS)
    machine.put(".pyenv/versions/3.12.1/bin/python3.12", WORKS)
    machine.put(".pyenv/versions/3.13.2/bin/python3.13", WORKS)
    machine.put(".pyenv/versions/3.13.10/bin/python3.13", WORKS)
    machine.put(".pyenv/versions/3.14.0/bin/python3.14", FAILS)
    done = machine.run()
    assert (done.returncode, machine.python_chosen()) == (
        0,
        "~/.pyenv/versions/3.13.10/bin/python3.13",
    ), done.stderr


def test_bootstrap_without_a_python_says_so_once(machine: Machine) -> None:
    machine.put("bin/uv", UV)
    done = machine.run()
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            "No Python 3.12 or later on this machine: uv fetches one into .uv/python ...",
            (
                "Lineshaft needs Python 3.12, 3.13 or 3.14: none runs here, and none could be"
                " fetched. Install one, then run this again."
            ),
        ],
    )


def test_bootstrap_without_uv_or_a_python_with_venv_says_what_to_install(machine: Machine) -> None:
    machine.put("bin/python3", FAILS)
    done = machine.run("uv")
    assert (done.returncode, done.stderr) == (
        1,
        (
            "Lineshaft needs python3 (3.10 or later) with its venv module, or uv."
            " On Debian or Ubuntu: apt install python3-venv. Then run this again.\n"
        ),
    )


def test_bootstrap_a_second_time_does_nothing_again(machine: Machine) -> None:
    machine.put("bin/uv", UV)
    machine.put("bin/python3.12", WORKS)
    assert machine.run().returncode == 0
    calls = machine.uv_calls()
    (machine.root / "tree" / "var" / "static").mkdir(parents=True)
    done = machine.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.uv_calls() == [*calls, "--version"]


def test_bootstrap_installs_again_when_a_lock_has_changed(machine: Machine) -> None:
    machine.put("bin/uv", UV)
    machine.put("bin/python3.12", WORKS)
    machine.run("dev")
    with (machine.root / "tree" / "requirements" / "dev.txt").open("a") as lock:
        lock.write("# changed\n")
    machine.run("dev")
    installs = [call.split()[-1] for call in machine.uv_calls() if "--require-hashes" in call]
    assert installs == ["requirements/base.txt", "requirements/dev.txt", "requirements/dev.txt"]


@pytest.mark.parametrize(
    ("java", "is_taken"),
    [
        ('openjdk version "17.0.15" 2025-04-15', True),
        ('java version "21" 2023-09-19 LTS', True),
        ('java version "1.8.0_401"', False),
        ('openjdk version "11.0.2" 2019-01-15', False),
        ("Error: no JVM", False),
        ("", False),
    ],
)
def test_bootstrap_installs_spark_where_a_java_runs_that_it_takes(
    machine: Machine, java: str, *, is_taken: bool
) -> None:
    machine.put("bin/uv", UV)
    machine.put("bin/python3.12", WORKS)
    if java:
        machine.put("bin/java", f"#!/bin/sh\necho '{java}' >&2\n")
    done = machine.run("dev", "spark")
    assert done.returncode == 0
    installs = [call.split()[-1] for call in machine.uv_calls() if "--require-hashes" in call]
    assert ("requirements/spark.txt" in installs) is is_taken
    assert ("No Java of version 17 or later" in done.stderr) is not is_taken


def test_bootstrap_with_a_wrong_word_is_misuse(machine: Machine) -> None:
    done = machine.run("everything")
    assert (done.returncode, done.stderr) == (2, "usage: scripts/bootstrap [dev] [spark] | uv\n")


def test_shell_programs_are_executable() -> None:
    programs = (ROOT / "scripts" / "bootstrap", ROOT / "scripts" / "lock", ROOT / ".ci" / "run")
    assert [path.name for path in programs if not os.access(path, os.X_OK)] == []
