"""Organisation resolution: which records of a file are one organisation (Fellegi-Sunter by Splink).

    resolve(records, engine=engine_named("duckdb")).clusters

Source: I. P. Fellegi and A. B. Sunter, A Theory for Record Linkage, JASA 64 (1969), 1183-1210.
"""

from lineshaft.engines.match.resolution.engine import Engine
from lineshaft.engines.match.resolution.links import IdPair, contradiction
from lineshaft.engines.match.resolution.named import NamedPair, NamedResolution, resolve_named
from lineshaft.engines.match.resolution.prepare import Record
from lineshaft.engines.match.resolution.resolve import Evidence, Pair, Resolution, resolve
from lineshaft.engines.on_spark import Cluster

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


def engine_named(name: str, cluster: Cluster | None = None) -> Engine:
    """The engine `duckdb`, or `spark` on a cluster, by default one of this machine's cores.

    Raises Unavailable where Spark or its Java is not installed.
    """
    # Each engine loads only what it needs: `lineshaft help` loads this module.
    if name == "duckdb":
        from lineshaft.engines.match.resolution.on_duckdb import DuckDBEngine  # noqa: PLC0415

        return DuckDBEngine()
    from lineshaft.engines.match.resolution.on_spark import SparkEngine  # noqa: PLC0415

    return SparkEngine(cluster or Cluster())
