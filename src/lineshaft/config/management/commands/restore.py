"""`lineshaft restore`: what a backup holds, back into this installation."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.backup import restore_backup
from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.contents import holds_anything


class Command(ConsoleCommand):
    """Stop the platform first: who is at work meanwhile loses it."""

    help = (
        "Restore a backup into an empty database, or with --replace into any.\n"
        "Every part is checked against the archive's manifest before anything is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="archive made by `lineshaft backup`")
        parser.add_argument(
            "--replace", action="store_true", help="give up what the database holds now"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        with progress("restore") as report:
            manifest = restore_backup(
                options["file"].absolute(),
                is_empty=not holds_anything(),
                may_replace=options["replace"],
                report=report,
            )
        self.say(f"Restored the backup of {manifest.made_at} (version {manifest.version}).")
