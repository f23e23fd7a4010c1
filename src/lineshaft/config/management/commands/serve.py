"""`lineshaft serve`: the platform for use, server and worker together."""

from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.console import ConsoleCommand, port
from lineshaft.config.platform import check_migrated, run_platform


class Command(ConsoleCommand):
    """Runs until SIGINT or SIGTERM, then ends both."""

    help = (
        "Serve the platform, with the worker for what takes long.\n"
        "Put a proxy with TLS in front of it and name the address in LINESHAFT_ORIGIN."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=port, default=8000, help="port to listen on")
        parser.add_argument(
            "--without-worker",
            action="store_true",
            help="only answer pages; `lineshaft worker` runs elsewhere",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        host, number = options["host"], options["port"]
        check_migrated()
        status = run_platform(
            host,
            number,
            has_worker=not options["without_worker"],
            announce=lambda: self.say(f"Lineshaft answers at http://{host}:{number}"),
            say=self.say,
        )
        if status:
            raise SystemExit(status)
