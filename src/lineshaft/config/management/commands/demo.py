"""`lineshaft demo`: the demonstration network, loaded when it is not there yet, and served."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection, connections

from lineshaft.config.console import ConsoleCommand, port, progress
from lineshaft.config.contents import Contents, Holds, contents_of, load_into_empty
from lineshaft.config.management.commands.load import scale
from lineshaft.config.platform import prepare_database, run_platform
from lineshaft.config.server import check_port
from lineshaft.demonstration.personas import EVERYBODY, PASSWORD

HOST = "127.0.0.1"


class Command(ConsoleCommand):
    """Marks every page as demonstration. A second start reuses what is there."""

    help = (
        "Serve the demonstration network on this machine, for a first look.\n"
        "It is loaded into an empty database and reused afterwards; Ctrl-C ends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port, default=8000, help="port to listen on")
        parser.add_argument(
            "--scale", type=scale, default=1, help="multiplies the members, money and people"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        number = options["port"]
        check_port(HOST, number)
        self.fill(options["scale"])
        status = run_platform(
            HOST, number, has_worker=True, announce=lambda: self.announce(number), say=self.say
        )
        if status:
            raise SystemExit(status)

    def fill(self, wanted_scale: int) -> None:
        """See to it that the database holds the demonstration."""
        prepare_database()
        contents = contents_of(self.actor)
        if contents.holds is Holds.PART_OF_DEMONSTRATION and connection.vendor == "sqlite":
            self.say("The last loading was interrupted; it begins anew.")
            remove_sqlite_database()
            prepare_database()
            contents = Contents(Holds.NOTHING)
        if contents.holds is Holds.DEMONSTRATION:
            if contents.scale != wanted_scale:
                self.say(
                    f"The demonstration stands at scale {contents.scale} and is reused. For"
                    f" another scale remove {settings.VAR_DIR} or name another by LINESHAFT_VAR."
                )
            return
        self.say(f"Loading the demonstration year (scale {wanted_scale}) ...")
        with progress("load") as report:
            load_into_empty(self.actor, scale=wanted_scale, report=report)

    def announce(self, number: int) -> None:
        """Print where it is and who can sign in."""
        width = max(len(persona.email) for persona in EVERYBODY)
        lines = [
            "",
            f"Lineshaft runs at http://localhost:{number}",
            "",
            f"Sign in with the password {PASSWORD} as",
            *(f"  {persona.email:<{width}}  {persona.task}" for persona in EVERYBODY),
            "or look around without: that is what the public sees. Ctrl-C ends it.",
        ]
        self.answer("\n".join(lines))
        self.stdout.flush()


def remove_sqlite_database() -> None:
    """Delete the embedded database with its journal; nothing may be using it."""
    connections.close_all()
    name = str(connection.settings_dict["NAME"])
    for suffix in ("", "-wal", "-shm"):
        Path(name + suffix).unlink(missing_ok=True)
