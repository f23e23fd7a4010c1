"""`lineshaft resolve`: which records of a file are one organisation."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from lineshaft.config.console import ConsoleCommand, progress
from lineshaft.config.organisation_files import read_records, write_clusters
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
        parser.add_argument(
            "--engine", choices=["duckdb", "spark"], default="duckdb", help="one machine or Spark"
        )
        parser.add_argument(
            "--master", default="local[*]", help="address of the Spark cluster (local[*])"
        )
        parser.add_argument("--encoding", default="", help="encoding of the file, if not UTF-8")

    def handle(self, *_args: Any, **options: Any) -> None:
        encoding = _known_encoding(options["encoding"])
        engine = engine_named(options["engine"], master=options["master"])
        output: Path = options["output"]
        if not output.parent.is_dir():
            raise NotADirectoryError(20, "is no folder", str(output.parent))
        with progress("resolve") as report:
            found = resolve(
                read_records(options["file"], encoding=encoding), engine=engine, report=report
            )
        write_clusters(output, found.clusters)
        self.answer(_summary(found))


def _known_encoding(name: str) -> str:
    """The encoding's name. Raises Unavailable for one that Python does not know."""
    try:
        "".encode(name or "utf-8")
    except LookupError as error:
        raise Unavailable(
            gettext_noop("There is no encoding “%(name)s”. Common ones are utf-8 and cp1252."),
            code="encoding",
            params={"name": name},
        ) from error
    return name


def _summary(found: Resolution) -> str:
    """What was found, in one line."""
    return (
        f"records: {len(found.clusters):,}; organisations: {found.organisations:,}; "
        f"with several records: {found.of_several:,}; records of the largest: {found.largest:,}; "
        f"likely pairs: {found.links:,}"
    )
