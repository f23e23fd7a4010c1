"""What sys.monitoring counts of branches is what coverage.py counts in its own way."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import branches

pytestmark = pytest.mark.skipif(not branches.IS_WANTED, reason="coverage.py does so by itself")

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = '''
"""Each kind of branch: gone both ways, one way, or never come to."""
from contextlib import suppress


def plain(value):
    if value > 2:
        return "large"
    elif value == 2:
        pass
    else:
        value += 1
    return value


def loops(rows):
    for row in rows:
        if row is None:
            continue
        if row == 9:
            break
        yield row
    else:
        yield "end"
    while rows:
        rows.pop()


def matched(value):
    match value:
        case {"a": 1, **rest}:
            return rest
        case [first, *_] if first:
            return first
        case int() | str():
            return "plain"
        case _:
            return None


def guarded(text):
    with suppress(ValueError):
        if text:
            return int(text)
    try:
        found = {}[text]
    except (KeyError, IndexError):
        found = None
    except TypeError:
        found = 1
    else:
        found = 2
    finally:
        text = ""
    return found if found else [one for one in (1, 2) if one > 1 and found is None]


def const(value):
    if value:
        return 1
    return 2


def early(value):
    if not value:
        return
    while True:
        if value > 3:
            return
        value += 1


class Kind:
    if plain(1):
        size = 3
    else:
        size = 4

    @property
    def large(self):
        return self.size > 3 or (
            self.size < 0
            and any(
                one
                for one in (1, 2)
            )
        )


plain(3)
list(loops([1, None, 9]))
matched({"a": 1})
matched([1])
matched(3)
guarded("7")
guarded("x")
const(1)
early(0)
early(2)
Kind().large
'''
PLAIN = "import sys; from coverage.cmdline import main; sys.exit(main(sys.argv[1:]))"
MONITORED = (
    "import sys; from tests import branches; from coverage.cmdline import main;"
    " main(sys.argv[1:]); print(bool(branches.WAYS))"
)


def counted(folder: Path, how: str) -> dict[str, Any]:
    """What coverage says of the sample, run in a process of its own."""
    data, report = folder / f"{how}.data", folder / f"{how}.json"
    program = PLAIN if how == "own" else MONITORED
    options = ["run", "--branch", f"--data-file={data}", "--rcfile=", "--source=."]
    command = [sys.executable, "-c", program, *options, str(folder / "sample.py")]
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ("True" if how == "monitored" else "")
    written = [sys.executable, "-m", "coverage", "json", "--rcfile=", "-q", f"--data-file={data}"]
    subprocess.run([*written, "-o", str(report)], cwd=folder, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(report.read_text())["files"]["sample.py"]
    return found


def test_both_ways_of_counting_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    own, monitored = counted(tmp_path, "own"), counted(tmp_path, "monitored")
    for part in ("executed_lines", "missing_lines", "executed_branches", "missing_branches"):
        assert monitored[part] == own[part]
    assert own["missing_branches"]
    assert own["executed_branches"]
