"""The `lineshaft` command: Django's management commands under the program's own name.

It ends with 0 (done), 1 (refused or failed) or 2 (not called as it should be). What a person can
mend is said in one sentence on stderr; only a programmer's mistake leaves a traceback, and
`--traceback` shows it for everything.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import OperationalError, ProgrammingError

from lineshaft import __version__
from lineshaft.kernel.errors import LineshaftError

DONE: Final = 0
REFUSED: Final = 1
MISUSED: Final = 2

NOT_SET_UP: Final = "The database is not set up. Run `lineshaft migrate`, then this again."
COMMANDS_PACKAGE: Final = "lineshaft.config.management.commands"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the subcommand that `argv` names and return the exit status."""
    arguments = ["lineshaft", *(sys.argv[1:] if argv is None else argv)]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineshaft.config.settings")  # noqa: TID251
    if arguments[1:2] == ["demo"]:
        # Before the settings are read: pages and exports of this process are marked.
        os.environ.setdefault("LINESHAFT_DEMONSTRATION", "1")  # noqa: TID251
    try:
        Utility(arguments).execute()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough (`lineshaft report 2022 | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (LineshaftError, ImproperlyConfigured, DatabaseError, OSError) as error:
        sentence = sentence_for(error)
        if sentence is None or "--traceback" in arguments:
            raise
        print(f"lineshaft: {sentence}", file=sys.stderr)  # noqa: T201
        return REFUSED
    except KeyboardInterrupt:
        print("lineshaft: Stopped.", file=sys.stderr)  # noqa: T201
        return REFUSED
    return DONE


def sentence_for(error: Exception) -> str | None:
    """What to tell the person at the terminal, or None where the error is the program's own."""
    match error:
        case LineshaftError():
            return error.as_text()
        case ImproperlyConfigured():
            return f"The settings are not right: {error}"
        case OperationalError() | ProgrammingError() if _is_missing_table(error):
            return NOT_SET_UP
        case OperationalError():
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
            return f"The database cannot be used ({reason}). Check DATABASE_URL, then try again."
        case OSError(filename=str(name), strerror=str(reason)):
            return f"{name} cannot be used: {reason.lower()}."
        case _:
            return None


def _is_missing_table(error: Exception) -> bool:
    text = str(error)
    return "no such table" in text or ("relation" in text and "does not exist" in text)


class Utility(ManagementUtility):
    """Django's dispatcher with our name, our help page and our exit status for a wrong name."""

    def execute(self) -> None:
        if self.argv[1:] in (["--version"], ["version"]):
            sys.stdout.write(f"lineshaft {__version__}\n")
            return
        if self.argv[1:2] not in ([], ["help"], ["--help"], ["-h"]):
            # Django goes on without them, and says at the end that it knows no such command.
            settings.INSTALLED_APPS  # noqa: B018 -- reads them
        super().execute()

    def main_help_text(self, commands_only: bool = False) -> str:  # noqa: FBT001, FBT002 -- Django's signature
        if commands_only:
            return super().main_help_text(commands_only=True)
        own = own_commands()
        width = max(len(name) for name in own)
        others = sorted(set(get_commands()) - set(own))
        lines = [
            "usage: lineshaft COMMAND [options]",
            "",
            *(f"  {name:<{width}}  {text}" for name, text in own.items()),
            "",
            "`lineshaft COMMAND --help` says more about one.",
            "Django's own commands stand under the same name: " + ", ".join(others) + ".",
        ]
        return "\n".join(lines)

    def fetch_command(self, subcommand: str) -> BaseCommand:
        if subcommand not in get_commands():
            sys.stderr.write(
                f"lineshaft: There is no command {subcommand!r}. `lineshaft help` lists them.\n"
            )
            raise SystemExit(MISUSED)
        return super().fetch_command(subcommand)


def own_commands() -> dict[str, str]:
    """The program's own commands in alphabetic order, each with the first line of its help."""
    names = sorted(name for name, home in get_commands().items() if home == "lineshaft.config")
    modules = {name: import_module(f"{COMMANDS_PACKAGE}.{name}") for name in names}
    return {name: str(module.Command.help).splitlines()[0] for name, module in modules.items()}
