"""Which engine a command works with: options on the command line, before what the settings say."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from lineshaft.engines.on_spark import Cluster


def add_engine_options(parser: ArgumentParser) -> None:
    """The options --engine, --master and --folder."""
    parser.add_argument(
        "--engine", choices=["duckdb", "spark"], default="duckdb", help="one machine or Spark"
    )
    parser.add_argument("--master", help="address of the Spark cluster (LINESHAFT_SPARK_MASTER)")
    parser.add_argument(
        "--folder",
        type=Path,
        help="folder that every worker of it reaches (LINESHAFT_SPARK_FOLDER)",
    )


def chosen_cluster(options: Mapping[str, Any]) -> Cluster:
    """The cluster that the options name, and the settings where they do not.

    Raises NotADirectoryError where the folder is none.
    """
    folder: Path | None = options["folder"] or settings.SPARK_FOLDER
    if folder is not None and not folder.is_dir():
        raise NotADirectoryError(20, "is no folder", str(folder))
    return Cluster(options["master"] or settings.SPARK_MASTER, folder)
