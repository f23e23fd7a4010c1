"""Organisation resolution: which records of a file are one organisation (Fellegi-Sunter by Splink).

    resolve(records, engine=engine_named("duckdb")).clusters

Source: I. P. Fellegi and A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969), 1183-1210.
"""

from lineshaft.engines.match.resolution.engine import Engine, NoSpark
from lineshaft.engines.match.resolution.links import IdPair, contradiction
from lineshaft.engines.match.resolution.named import NamedPair, NamedResolution, resolve_named
from lineshaft.engines.match.resolution.prepare import Record
from lineshaft.engines.match.resolution.resolve import Evidence, Pair, Resolution, resolve
from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop

__all__ = [
    "Engine",
    "Evidence",
    "IdPair",
    "NamedPair",
    "NamedResolution",
    "Pair",
    "Record",
    "Resolution",
    "contradiction",
    "engine_named",
    "resolve",
    "resolve_named",
]


def engine_named(name: str, *, master: str = "local[*]") -> Engine:
    """The engine `duckdb`, or `spark` with a cluster at `master`.

    Raises Unavailable where Spark or its Java is not installed.
    """
    # Each engine loads only what it needs: `lineshaft help` loads this module.
    if name == "duckdb":
        from lineshaft.engines.match.resolution.on_duckdb import DuckDBEngine  # noqa: PLC0415

        return DuckDBEngine()
    from lineshaft.engines.match.resolution.on_spark import SparkEngine  # noqa: PLC0415

    try:
        return SparkEngine(master)
    except NoSpark as error:
        raise Unavailable(
            gettext_noop(
                "Spark does not start here (%(reason)s). Install the extra `spark` and a Java of "
                "version 17 or later, or use --engine duckdb, which finds the same organisations."
            ),
            code="spark",
            params={"reason": str(error)},
        ) from error
