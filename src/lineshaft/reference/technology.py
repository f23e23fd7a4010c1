"""The tree of technology areas. Invariant: a parent stands before its children, so no circle is
possible.
"""

from dataclasses import dataclass
from functools import cache

from lineshaft.kernel.datafile import DataTable
from lineshaft.reference.sourced import read_data_file


@dataclass(frozen=True, slots=True)
class TechnologyArea:
    """An area; `parent` is the key of the wider one, empty at the top of the tree."""

    key: str
    name: str
    name_zh: str
    parent: str


@cache
def load_technology_areas() -> tuple[TechnologyArea, ...]:
    """Return every area, a parent before its children; raises Invalid where the file is wrong."""
    return parse_technology_areas(read_data_file("technology_areas.toml"))


def parse_technology_areas(root: DataTable) -> tuple[TechnologyArea, ...]:
    """Return the areas of a data file; raises Invalid, code "data_file"."""
    areas: dict[str, TechnologyArea] = {}
    for row in root.tables("areas"):
        area = TechnologyArea(
            key=row.text("key"),
            name=row.text("name"),
            name_zh=row.text("name_zh"),
            parent=row.optional_text("parent"),
        )
        if area.key in areas:
            raise row.wrong("key", "a key of its own")
        if area.parent and area.parent not in areas:
            raise row.wrong("parent", "the key of an area above it in the file")
        areas[area.key] = area
    root.finish()
    return tuple(areas.values())
