"""`lineshaft overlap`: pairs of awards that share text, people and titles."""

import argparse
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandParser

from lineshaft.config.award_files import ReadAwards, read_awards
from lineshaft.config.clusters import add_engine_options, chosen_cluster
from lineshaft.config.console import ConsoleCommand, known_encoding, progress
from lineshaft.engines.match.overlap.awards import Fields, Overlap
from lineshaft.engines.on_spark import Cluster
from lineshaft.plumbing.exchange.convert import with_guard

if TYPE_CHECKING:
    from lineshaft.engines.match.overlap.candidates import Engine

COLUMNS = ("a", "b", "score", "kind", "passages")


class Command(ConsoleCommand):
    """Reads files and writes a table; no record of the network is read or changed."""

    help = (
        "Find awards that overlap in files of awards, and write the pairs as CSV on stdout.\n"
        "Each pair has a score, the kind of overlap and the passages that both share; what these\n"
        "mean, and what is not found, stands in docs/reference/overlap.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--awards",
            type=Path,
            nargs="+",
            required=True,
            metavar="FILE",
            help="CSV, or .gz of it",
        )
        parser.add_argument(
            "--against",
            type=Path,
            nargs="+",
            metavar="FILE",
            help="compare with the awards of these files only, not among themselves",
        )
        add_engine_options(parser)
        parser.add_argument(
            "--fields",
            choices=[field.value for field in Fields],
            default=Fields.ALL.value,
            help="what is read: the abstracts alone, or people, titles and dates too",
        )
        parser.add_argument("--format", choices=["csv"], default="csv", help="form of the result")
        parser.add_argument(
            "--threshold", type=score, help="least score of a pair (0.91 for text, 0.6 for all)"
        )
        parser.add_argument("--encoding", default="", help="encoding of the files, if not UTF-8")

    def handle(self, *_args: Any, **options: Any) -> None:
        encoding = known_encoding(options["encoding"])
        engine = engine_named(options["engine"], chosen_cluster(options))
        # Not at the top: `lineshaft help` loads every command, and this one's arithmetic is heavy.
        from lineshaft.engines.match.overlap.search import overlaps  # noqa: PLC0415

        with progress("overlap") as report:
            awards = read_awards(options["awards"], encoding=encoding, report=report)
            others: list[Path] | None = options["against"]
            against = read_awards(others or [], encoding=encoding, report=report)
            found = overlaps(
                awards.awards,
                against.awards if others else None,
                engine=engine,
                fields=Fields(options["fields"]),
                threshold=options["threshold"],
                progress=report,
            )
        self.stdout.write(as_csv(found), ending="")
        self.say(summary(found, awards, against))


def score(text: str) -> float:
    """The type of the option --threshold: a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        message = f"{text!r} is no score: give a number from 0 to 1"
        raise argparse.ArgumentTypeError(message)
    return value


def engine_named(name: str, cluster: Cluster) -> "Engine":
    """The engine of that name. Raises Unavailable where Spark or its Java is not installed."""
    if name == "duckdb":
        from lineshaft.engines.match.overlap.on_duckdb import find_candidates  # noqa: PLC0415

        return find_candidates
    from lineshaft.engines.match.overlap.on_spark import spark_engine  # noqa: PLC0415

    return spark_engine(cluster)


def as_csv(found: Sequence[Overlap]) -> str:
    """The table with its headings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for pair in found:
        passages = ";".join(map(str, pair.passages))
        ids = (with_guard(pair.a), with_guard(pair.b))
        writer.writerow((*ids, f"{pair.score:.4f}", pair.kind.value, passages))
    return text.getvalue()


def summary(found: Sequence[Overlap], awards: ReadAwards, against: ReadAwards) -> str:
    """What was found, in one line."""
    number = len(awards.awards) + len(against.awards)
    text = f"{len(found)} pairs of {number} awards overlap"
    repeated = awards.repeated + against.repeated
    if repeated:
        text += f"; {repeated} rows repeat an award and were read once"
    return f"{text}."
