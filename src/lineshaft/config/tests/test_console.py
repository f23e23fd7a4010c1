from io import StringIO

import pytest

from lineshaft.config import console
from lineshaft.config.console import progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_of_quick_work_says_nothing() -> None:
    stream = StringIO()
    with progress("load", stream) as report:
        report(1, 2, "members")
    assert stream.getvalue() == ""


def test_progress_off_a_terminal_is_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "QUIET_S", 0.0)
    stream = StringIO()
    with progress("load", stream) as report:
        report(1, 2, "members")
        report(2, 2, "members")
    assert stream.getvalue() == "load: members (1 of 2)\n"


def test_progress_without_total_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "QUIET_S", 0.0)
    stream = StringIO()
    with progress("load", stream) as report:
        report(7, 0, "looking")
    assert stream.getvalue() == "load: looking\n"


def test_progress_on_a_terminal_is_a_bar_once_it_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick, slow = Terminal(), Terminal()
    with progress("load", quick) as report:
        report(1, 2, "members")
    monkeypatch.setattr(console, "QUIET_S", -1.0)
    with progress("load", slow) as report:
        report(1, 2, "members")
    assert ("load: members" in quick.getvalue(), "load: members" in slow.getvalue()) == (
        False,
        True,
    )
