"""`lineshaft backup`: everything that the platform holds, in one archive."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.backup import make_backup
from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.platform import check_set_up
from lineshaft.plumbing import clock


class Command(ConsoleCommand):
    """The platform may go on running meanwhile."""

    help = (
        "Write the database, files and snapshots into one archive.\n"
        "It is consistent as of one moment; the platform may go on running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="archive to write, such as network.tar.gz")

    def handle(self, *_args: Any, **options: Any) -> None:
        check_set_up()
        target: Path = options["file"].absolute()
        with progress("backup") as report:
            manifest = make_backup(target, now=clock.now(), report=report)
        size_mb = target.stat().st_size / 1_000_000
        self.say(f"{target}: {len(manifest.parts)} files, {size_mb:.1f} MB.")
