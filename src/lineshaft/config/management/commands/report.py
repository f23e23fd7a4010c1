"""`lineshaft report`: the annual report of a fiscal year as JSON, PDF or spreadsheet."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.apps.insight.rules import LANGUAGES, DocumentFormat
from lineshaft.apps.insight.services import report_document
from lineshaft.config.console import ConsoleCommand
from lineshaft.config.platform import check_migrated
from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing import clock


class Command(ConsoleCommand):
    """A published report is given as it is stored; else it is made from the newest snapshot."""

    help = (
        "Write the annual report of a fiscal year, by default as JSON on stdout.\n"
        "A published one is given as it was published; any other is marked as draft."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="fiscal year, such as 2022")
        parser.add_argument(
            "--format",
            choices=[kind.value for kind in DocumentFormat],
            default="json",
            help="form of the report",
        )
        parser.add_argument(
            "--language", choices=LANGUAGES, default="en", help="language of its words"
        )
        parser.add_argument(
            "--edition", type=int, help="number of an edition, where the year was restated"
        )
        parser.add_argument("--output", type=Path, help="file to write instead of stdout")

    def handle(self, *_args: Any, **options: Any) -> None:
        kind = DocumentFormat(options["format"])
        output: Path | None = options["output"]
        if output is None and kind is not DocumentFormat.JSON and sys.stdout.isatty():
            raise Unavailable(
                "A %(kind)s file is nothing for a terminal: name a file with --output.",
                params={"kind": kind.value.upper()},
            )
        check_migrated()
        document = report_document(
            self.actor,
            options["year"],
            kind=kind,
            language=options["language"],
            number=options["edition"],
            now=clock.now(),
        )
        if output is None:
            sys.stdout.buffer.write(document.content)
        else:
            output.write_bytes(document.content)
            self.say(f"{output}: {len(document.content)} bytes")
