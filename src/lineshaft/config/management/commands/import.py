"""`lineshaft import`: records from a spreadsheet, all of them or none."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.platform import check_migrated
from lineshaft.plumbing import clock
from lineshaft.plumbing.exchange.command import run_import_command
from lineshaft.plumbing.exchange.queries import import_specs


class Command(ConsoleCommand):
    """Faults go to stderr, one line each; status 1 where there is any, and nothing is written."""

    help = (
        "Import records from a CSV, XLSX or JSON file (or a .gz of one): all rows or none.\n"
        "With --dry-run every row is checked and counted, and nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(import_specs()), help="what the rows are")
        parser.add_argument("file", type=Path, help="file to read")
        parser.add_argument(
            "--mapping",
            help="how its columns are read: a mapping that ships, or the path of a TOML file",
        )
        parser.add_argument("--dry-run", action="store_true", help="check, and write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        check_migrated()
        with progress("import") as report:
            is_good = run_import_command(
                self.actor,
                options["kind"],
                options["file"],
                mapping=options["mapping"],
                is_dry_run=options["dry_run"],
                now=clock.now(),
                answer=self.answer,
                complain=self.complain,
                report=report,
            )
        if not is_good:
            raise SystemExit(1)
