"""What the network has published about itself: metrics, and values for years, conflicts included.

Invariant: every value belongs to a metric and has a number or a text. Values that contradict each
other stand side by side in the order of the file; none is preferred.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache

from lineshaft.kernel.datafile import DataTable
from lineshaft.reference.sourced import Sourced, read_data_file, read_number, read_sourced

_FIRST_YEAR_LEAST = 2000


class PublishedUnit(StrEnum):
    COUNT = "count"
    PEOPLE = "people"
    PERCENT = "percent"
    RATIO = "ratio"
    MILLION_USD = "million_usd"
    LEVELS = "levels"
    TEXT = "text"


class PublishedPrecision(StrEnum):
    """How exactly a value was published; `recollected` means that its text was not seen again."""

    EXACT = "exact"
    STATED = "stated"
    ABOUT = "about"
    AT_LEAST = "at_least"
    COMPUTED = "computed"
    RECOLLECTED = "recollected"


@dataclass(frozen=True, slots=True)
class MetricCategory:
    key: str
    name: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class PublishedMetric:
    """A measure as the network defines it.

    `figure` is the id of the computed figure to set beside it, or empty; `figure_note` says where
    the two differ. `institute_key` is empty for a measure of the whole network.
    """

    id: str
    name: str
    name_zh: str
    definition: str
    definition_zh: str
    unit: PublishedUnit
    category_key: str
    figure: str
    figure_note: str
    institute_key: str
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class PublishedValue:
    """A value for one fiscal year, or for all years from the first to the last, both counted in.

    `qualifier` is the wording around the number where it was published.
    """

    metric_id: str
    period: str
    first_year: int
    last_year: int
    number: Decimal | None
    text: str
    precision: PublishedPrecision
    qualifier: str
    sourced: Sourced

    @property
    def is_one_year(self) -> bool:
        return self.first_year == self.last_year


@dataclass(frozen=True, slots=True)
class PublishedValues:
    """Everything published, with the look-ups that a page needs."""

    categories: tuple[MetricCategory, ...]
    metrics: tuple[PublishedMetric, ...]
    values: tuple[PublishedValue, ...]

    def metrics_of_figure(self, figure: str) -> tuple[PublishedMetric, ...]:
        return tuple(metric for metric in self.metrics if metric.figure == figure)

    def values_of(self, metric_id: str, year: int | None = None) -> tuple[PublishedValue, ...]:
        """Return the values of a metric, of one fiscal year or of every period."""
        return tuple(
            value
            for value in self.values
            if value.metric_id == metric_id
            and (year is None or (value.is_one_year and value.first_year == year))
        )

    def is_in_conflict(self, value: PublishedValue) -> bool:
        """Return whether another value was published for the same metric and period."""
        return any(
            other.metric_id == value.metric_id
            and other.period == value.period
            and other.number != value.number
            for other in self.values
        )


@cache
def load_published_values() -> PublishedValues:
    """Return what is published; raises Invalid where the file is wrong."""
    return parse_published_values(read_data_file("published_values.toml"))


def parse_published_values(root: DataTable) -> PublishedValues:
    """Return the published values of a data file; raises Invalid, code "data_file"."""
    categories = tuple(
        MetricCategory(row.text("key"), row.text("name"), row.text("name_zh"))
        for row in root.tables("categories")
    )
    category_keys = frozenset(category.key for category in categories)
    metrics: dict[str, PublishedMetric] = {}
    for row in root.tables("metrics"):
        metric = _metric(row, category_keys)
        if metric.id in metrics:
            raise row.wrong("id", "an id of its own")
        metrics[metric.id] = metric
    values = tuple(_value(row, metrics) for row in root.tables("values"))
    root.finish()
    return PublishedValues(categories, tuple(metrics.values()), values)


def _metric(row: DataTable, category_keys: frozenset[str]) -> PublishedMetric:
    return PublishedMetric(
        id=row.text("id"),
        name=row.text("name"),
        name_zh=row.text("name_zh"),
        definition=row.text("definition"),
        definition_zh=row.text("definition_zh"),
        unit=PublishedUnit(row.one_of("unit", [*PublishedUnit])),
        category_key=row.one_of("category", category_keys),
        figure=row.optional_text("figure"),
        figure_note=row.optional_text("figure_note"),
        institute_key=row.optional_text("institute"),
        sourced=read_sourced(row),
    )


def _value(row: DataTable, metrics: dict[str, PublishedMetric]) -> PublishedValue:
    metric = metrics[row.one_of("metric", metrics)]
    is_text = metric.unit is PublishedUnit.TEXT
    first_year = row.whole("first_year", least=_FIRST_YEAR_LEAST)
    return PublishedValue(
        metric_id=metric.id,
        period=row.text("period"),
        first_year=first_year,
        last_year=row.whole("last_year", least=first_year),
        number=None if is_text else read_number(row, "value"),
        text=row.text("text") if is_text else "",
        precision=PublishedPrecision(row.one_of("precision", [*PublishedPrecision])),
        qualifier=row.optional_text("qualifier"),
        sourced=read_sourced(row),
    )
