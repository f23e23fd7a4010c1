"""Branches counted by sys.monitoring before Python 3.14 as well; a plugin for pytest.

    pytest -p tests.branches --cov --cov-branch

From 3.14 on coverage.py does so by itself. Before, it follows each line of every library too, and
the tests take three quarters longer. Python 3.12 and 3.13 tell of a branch in one event, with where
it goes; here it is heard until it has gone both ways. This reaches into coverage.py as it is
locked: `tests/architecture/test_branches.py` holds what is counted against its own way. It goes
with Python 3.13.
"""

import dis
import sys
from types import CodeType, SimpleNamespace
from typing import Any, Final

import coverage.core
from coverage import bytecode, env, sysmon

HEARD: Final = ("PY_START", "PY_RETURN", "LINE")
IS_WANTED: Final = sys.version_info < (3, 14)

WAYS: Final[dict[tuple[int, int], set[int]]] = {}
"""Where each branch has gone, by its code and place; the code is kept alive by coverage.py."""


class Monitor(sysmon.SysMonitor):
    """Hears of a branch until it has gone both ways."""

    def sysmon_branch_either(
        self, code: CodeType, instruction_offset: Any, destination_offset: Any
    ) -> Any:
        ways = WAYS.setdefault((id(code), instruction_offset), set())
        if destination_offset in ways:
            return None
        ways.add(destination_offset)
        super().sysmon_branch_either(code, instruction_offset, destination_offset)
        return sysmon.DISABLE if len(ways) > 1 else None


def install() -> None:
    """Let coverage.py measure branches so wherever it isn't told otherwise."""
    told = sys.monitoring.events
    events = {name: getattr(told, name) for name in HEARD}
    events |= {"BRANCH_LEFT": told.BRANCH, "BRANCH_RIGHT": told.BRANCH}
    monitoring = SimpleNamespace(events=SimpleNamespace(**events))
    vars(sysmon)["sys"] = SimpleNamespace(monitoring=monitoring)
    vars(coverage.core)["SysMonitor"] = Monitor
    vars(env)["SYSMON_DEFAULT"] = True
    env.PYBEHAVIOR.branch_right_left = True
    bytecode.RETURNS.add(dis.opmap["RETURN_CONST"])


if IS_WANTED:
    install()
