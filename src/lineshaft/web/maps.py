"""The outlines of regions that ship, one file for each map, and what follows from them.

A profile names its map; a nation without one simply has no map drawn.
"""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

type Ring = list[list[float]]


@lru_cache(maxsize=4)
def shipped_map(key: str) -> dict[str, Any] | None:
    """The map under a key (projection, source, outlines by region); None where none ships."""
    source = files("lineshaft").joinpath("reference", "maps", f"{key}.json")
    if not source.is_file():
        return None
    shipped: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return shipped


def map_source(key: str) -> str:
    """Where the outlines come from, for the line under a map; empty where there is no map."""
    shipped = shipped_map(key)
    return "" if shipped is None else str(shipped["source"])


def centre_of(key: str, region: str) -> tuple[float, float] | None:
    """Latitude and longitude in the middle of a region's largest outline; None if not known."""
    shipped = shipped_map(key)
    rings: list[Ring] = [] if shipped is None else shipped["outlines"].get(region, [])
    if not rings:
        return None
    ring = max(rings, key=_size)
    size = _signed_size(ring)
    pairs = list(zip(ring, ring[1:] + ring[:1], strict=True))
    cross = [(a, b, a[0] * b[1] - b[0] * a[1]) for a, b in pairs]
    longitude = sum((a[0] + b[0]) * each for a, b, each in cross) / (6 * size)
    latitude = sum((a[1] + b[1]) * each for a, b, each in cross) / (6 * size)
    return round(latitude, 3), round(longitude, 3)


def _size(ring: Ring) -> float:
    return abs(_signed_size(ring))


def _signed_size(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2
