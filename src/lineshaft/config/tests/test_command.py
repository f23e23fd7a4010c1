import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError
from pytest_django import Settings

from lineshaft import __version__
from lineshaft.config.command import (
    DONE,
    MISUSED,
    REFUSED,
    Utility,
    main,
    own_commands,
    sentence_for,
)
from lineshaft.kernel.errors import NotPermitted

OWN = (
    "address",
    "administrator",
    "assign",
    "backup",
    "demo",
    "import",
    "invite",
    "load",
    "migrate",
    "overlap",
    "report",
    "resolve",
    "restore",
    "serve",
    "snapshot",
    "verify",
    "worker",
)


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(_utility: Utility) -> None:
        raise error

    monkeypatch.setattr(Utility, "execute", execute)


def test_main_without_arguments_lists_own_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == DONE
    lines = capsys.readouterr().out.splitlines()
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert tuple(listed) == OWN


def test_own_commands_are_found() -> None:
    assert tuple(own_commands()) == OWN


def test_every_own_command_says_what_it_does() -> None:
    assert [name for name, text in own_commands().items() if not text.endswith(".")] == []


@pytest.mark.parametrize("arguments", [["--version"], ["version"]])
def test_version_is_our_own(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == DONE
    assert capsys.readouterr().out == f"lineshaft {__version__}\n"


def test_unknown_command_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["lod"])
    assert ended.value.code == MISUSED
    assert capsys.readouterr().err == (
        "lineshaft: There is no command 'lod'. `lineshaft help` lists them.\n"
    )


def test_wrong_option_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["load", "--scale", "none"])
    assert ended.value.code == MISUSED
    assert "give a whole number from 1 up" in capsys.readouterr().err


@pytest.mark.parametrize("name", OWN)
def test_help_of_every_command_answers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == DONE
    assert capsys.readouterr().out.startswith(f"usage: lineshaft {name}")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        pytest.param(NotPermitted("You may not do this."), "You may not do this.", id="kernel"),
        pytest.param(
            ImproperlyConfigured("X is wrong."), "The settings are not right: X is wrong.", id="set"
        ),
        pytest.param(
            OperationalError("no such table: access_user"),
            "The database is not set up. Run `lineshaft migrate`, then this again.",
            id="no tables, SQLite",
        ),
        pytest.param(
            ProgrammingError('relation "access_user" does not exist\nLINE 1'),
            "The database is not set up. Run `lineshaft migrate`, then this again.",
            id="no tables, PostgreSQL",
        ),
        pytest.param(
            OperationalError("connection refused\nIs the server running?"),
            "The database cannot be used (connection refused). Check DATABASE_URL, then try again.",
            id="no answer",
        ),
        pytest.param(
            FileNotFoundError(2, "No such file or directory", "a.csv"),
            "a.csv cannot be used: no such file or directory.",
            id="no file",
        ),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(
    error: Exception,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raising(error, monkeypatch)
    assert main(["load"]) == REFUSED
    assert capsys.readouterr().err == f"lineshaft: {sentence}\n"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ProgrammingError("syntax error"), id="our SQL"),
        pytest.param(OSError("no file named"), id="no file named"),
        pytest.param(ValueError("bad"), id="a mistake"),
    ],
)
def test_our_own_mistake_leaves_a_traceback(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    raising(error, monkeypatch)
    with pytest.raises(type(error)):
        main(["load"])
    assert sentence_for(error) is None


def test_traceback_option_shows_it_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(NotPermitted(), monkeypatch)
    with pytest.raises(NotPermitted):
        main(["load", "--traceback"])


def test_ctrl_c_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(KeyboardInterrupt(), monkeypatch)
    assert main(["load"]) == REFUSED
    assert capsys.readouterr().err == "lineshaft: Stopped.\n"


def test_help_lists_every_name_for_completion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "--commands"]) == DONE
    assert set(OWN) < set(capsys.readouterr().out.split())


def test_module_is_the_same_command_and_survives_a_closed_pipe() -> None:
    command = f"{sys.executable} -m lineshaft help | true"
    done = subprocess.run(command, shell=True, capture_output=True, check=False)  # noqa: S602
    assert (done.returncode, done.stderr) == (DONE, b"")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LINESHAFT_WORKERS", "abc", "LINESHAFT_WORKERS is 'abc'; it takes a whole number."),
        (
            "LINESHAFT_PROFILE",
            "xx",
            "LINESHAFT_PROFILE is 'xx'; the profiles that ship are cn, us.",
        ),
    ],
)
def test_wrong_setting_is_told_by_whatever_command(
    name: str, value: str, said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lineshaft", "verify"],
        env={name: value, "LINESHAFT_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        REFUSED,
        f"lineshaft: The settings are not right: {said}\n",
    )


@pytest.mark.parametrize("command", ["demo", "serve"])
@pytest.mark.parametrize("port", ["0", "99999", "-1", "x"])
def test_port_that_no_socket_takes_is_refused(
    command: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "--port", port])
    assert "give a whole number from 1 to 65535" in capsys.readouterr().err


def test_load_outside_a_demonstration_opens_no_account(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.IS_DEMONSTRATION = False
    assert main(["load"]) == REFUSED
    assert "This is no demonstration: nothing was loaded." in capsys.readouterr().err
