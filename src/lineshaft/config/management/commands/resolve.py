"""`lineshaft resolve`: which records of a file are one organisation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.clusters import add_engine_options, chosen_cluster
from lineshaft.config.console import ConsoleCommand, known_encoding, progress
from lineshaft.config.organisation_files import Rules, read_records, read_rules, write_clusters
from lineshaft.engines.match.resolution import Resolution, engine_named, resolve
from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop


class Command(ConsoleCommand):
    """Reads a file and writes another; no record of the network is read or changed."""

    help = (
        "Find the records of a CSV file (or a .gz of one) that are one organisation.\n"
        "Columns: id and name, and where known address, city, state, zip, phone, country,\n"
        "latitude, longitude. Writes id,cluster; what is not found: docs/reference/resolution.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="file to read")
        parser.add_argument("--output", type=Path, required=True, help="file to write: id,cluster")
        add_engine_options(parser)
        parser.add_argument("--encoding", default="", help="encoding of the file, if not UTF-8")
        parser.add_argument(
            "--rules",
            type=Path,
            help="file of what is known: one,other,rule with must_link or cannot_link",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        encoding = known_encoding(options["encoding"])
        output: Path = options["output"]
        _refuse_output(output, [options["file"], *filter(None, [options["rules"]])])
        rules = read_rules(options["rules"]) if options["rules"] else Rules()
        engine = engine_named(options["engine"], chosen_cluster(options))
        with progress("resolve") as report:
            found = resolve(
                read_records(options["file"], encoding=encoding),
                engine=engine,
                must_link=rules.must_link,
                cannot_link=rules.cannot_link,
                report=report,
            )
        write_clusters(output, found.clusters)
        self.answer(_summary(found, rules))


def _refuse_output(output: Path, read: Sequence[Path]) -> None:
    """Raise Unavailable where the result cannot stand, NotADirectoryError where no folder is."""
    if not output.parent.is_dir():
        raise NotADirectoryError(20, "is no folder", str(output.parent))
    if output.is_dir():
        message = gettext_noop("%(output)s is a folder. Give the name of a file with --output.")
    elif output.exists() and any(file.exists() and output.samefile(file) for file in read):
        message = gettext_noop(
            "%(output)s is the file to read. Give the name of another file with --output."
        )
    else:
        return
    raise Unavailable(message, code="output", params={"output": output})


def _summary(found: Resolution, rules: Rules) -> str:
    """What was found, in one line."""
    line = (
        f"records: {len(found.clusters):,}; organisations: {found.organisations:,}; "
        f"with several records: {found.of_several:,}; records of the largest: {found.largest:,}; "
        f"likely pairs: {found.links:,}"
    )
    if not rules:
        return line
    strangers = sum(
        one not in found.clusters or other not in found.clusters
        for one, other in (*rules.must_link, *rules.cannot_link)
    )
    line += f"; rules: {len(rules):,}"
    return f"{line}, {strangers:,} of them with a record not in the file" if strangers else line
