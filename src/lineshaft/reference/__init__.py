"""The data that ships: what is published about the network, each fact with its source and
confidence.

The files are read once in a process, checked whole, and frozen; what is wrong is told with file and
field. Nothing here is computed: a computed figure never stands in these files, and what stands in
them is shown beside a computed figure and never mixed with it. README.md explains the sources.
"""

from lineshaft.reference.institutes import (
    DateKind,
    DateReference,
    Edition,
    FactKind,
    FactReference,
    InstituteReference,
    NameKind,
    NameReference,
    PlaceReference,
    Precision,
    SponsorReference,
    SponsorRole,
    StatusReference,
    load_institutes,
)
from lineshaft.reference.published import (
    MetricCategory,
    PublishedMetric,
    PublishedPrecision,
    PublishedUnit,
    PublishedValue,
    PublishedValues,
    load_published_values,
)
from lineshaft.reference.sourced import Confidence, Sourced
from lineshaft.reference.state_figures import StateTable, load_state_tables
from lineshaft.reference.technology import TechnologyArea, load_technology_areas

__all__ = [
    "Confidence",
    "DateKind",
    "DateReference",
    "Edition",
    "FactKind",
    "FactReference",
    "InstituteReference",
    "MetricCategory",
    "NameKind",
    "NameReference",
    "PlaceReference",
    "Precision",
    "PublishedMetric",
    "PublishedPrecision",
    "PublishedUnit",
    "PublishedValue",
    "PublishedValues",
    "Sourced",
    "SponsorReference",
    "SponsorRole",
    "StateTable",
    "StatusReference",
    "TechnologyArea",
    "load_institutes",
    "load_published_values",
    "load_state_tables",
    "load_technology_areas",
]
