"""The institutes as reference data: names, sponsors, place, dates, status and facts, each sourced.

Two editions stand side by side: today's knowledge, and what the founding paper printed (`seed`).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from lineshaft.kernel.datafile import DataTable
from lineshaft.reference.sourced import Sourced, read_data_file, read_number, read_sourced
from lineshaft.reference.technology import load_technology_areas

_STATUS_KEYS = frozenset(
    {"proposed", "planned", "active", "cure_period", "terminated", "recognised_unfunded"}
)
_LATITUDE_MAX = 90
_LONGITUDE_MAX = 180


class Edition(StrEnum):
    """Whose knowledge a fact is: what is known today, or what the founding paper printed."""

    TODAY = "today"
    SEED = "seed"


class NameKind(StrEnum):
    """What a name of an institute is."""

    LEGAL = "legal"
    ALIAS = "alias"
    FORMER = "former"


class SponsorRole(StrEnum):
    """Whether an agency leads an institute's sponsors or funds it beside the leading one."""

    LEAD = "lead"
    CO_FUNDING = "co_funding"


class DateKind(StrEnum):
    """The events in an institute's life that sources date; each is a day of its own."""

    SOLICITATION_OPENED = "solicitation_opened"
    ANNOUNCED = "announced"
    SELECTED = "selected"
    AWARDED = "awarded"
    ESTABLISHED = "established"
    TERMINATED = "terminated"


class Precision(StrEnum):
    """How exactly a source dates; what it leaves out is stored as 1."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class FactKind(StrEnum):
    """What a fact's value is; money is in minor units of the profile's currency."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    RATIO = "ratio"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class NameReference:
    kind: NameKind
    text: str
    language: str
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class SponsorReference:
    """An agency that pays; `offices` are keys of agencies within it, `wording` is the source's
    own.
    """

    agency_key: str
    role: SponsorRole
    office_keys: tuple[str, ...]
    wording: str
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class PlaceReference:
    """A town, its region's code in the profile, and coordinates in decimal degrees (WGS 84)."""

    city: str
    city_zh: str
    region: str
    latitude: str
    longitude: str
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class DateReference:
    kind: DateKind
    on: date
    precision: Precision
    edition: Edition
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class StatusReference:
    """The state on a day: the network's own word for it beside the wording of the source."""

    key: str
    wording: str
    as_of: date
    precision: Precision
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class FactReference:
    """One stated fact: a text in both languages, or a number.

    `qualifier` is empty or one of exact, at_least, at_most, computed, planned.
    """

    measure: str
    kind: FactKind
    edition: Edition
    text: str
    text_zh: str
    number: Decimal | None
    qualifier: str
    sourced: Sourced


@dataclass(frozen=True, slots=True)
class InstituteReference:
    key: str
    name: str
    name_zh: str
    technology_area_keys: tuple[str, ...]
    status: StatusReference
    place: PlaceReference | None
    names: tuple[NameReference, ...]
    sponsors: tuple[SponsorReference, ...]
    dates: tuple[DateReference, ...]
    facts: tuple[FactReference, ...]

    @property
    def lead_sponsor(self) -> SponsorReference:
        """The agency under whose award the institute stands; the loader holds that there is one."""
        return next(entry for entry in self.sponsors if entry.role is SponsorRole.LEAD)

    @property
    def initial_federal_minor(self) -> int | None:
        """The federal money of the first award as known today, or None where it is not known."""
        return self._money_minor("initial_federal")

    @property
    def initial_nonfederal_minor(self) -> int | None:
        """The non-federal money promised beside the first award, or None where it is not known."""
        return self._money_minor("initial_nonfederal")

    def fact(self, measure: str, edition: Edition = Edition.TODAY) -> FactReference | None:
        """Return what an edition states, or None where it states nothing."""
        return next(
            (fact for fact in self.facts if fact.measure == measure and fact.edition is edition),
            None,
        )

    def dated(self, kind: DateKind, edition: Edition = Edition.TODAY) -> DateReference | None:
        """Return when an event was according to an edition, or None where it does not say."""
        return next(
            (entry for entry in self.dates if entry.kind is kind and entry.edition is edition),
            None,
        )

    def _money_minor(self, measure: str) -> int | None:
        fact = self.fact(measure)
        return None if fact is None or fact.number is None else int(fact.number)


@cache
def load_institutes() -> tuple[InstituteReference, ...]:
    """Return every institute in the order of the file; raises Invalid where the file is wrong."""
    return parse_institutes(read_data_file("institutes.toml"))


def parse_institutes(root: DataTable) -> tuple[InstituteReference, ...]:
    """Return the institutes of a data file; raises Invalid, code "data_file"."""
    areas = frozenset(area.key for area in load_technology_areas())
    institutes: dict[str, InstituteReference] = {}
    for row in root.tables("institutes"):
        institute = _institute(row, areas)
        if institute.key in institutes:
            raise row.wrong("key", "a key of its own")
        institutes[institute.key] = institute
    root.finish()
    return tuple(institutes.values())


def _institute(row: DataTable, areas: frozenset[str]) -> InstituteReference:
    area_keys = row.texts("technology_areas")
    if not areas.issuperset(area_keys):
        raise row.wrong("technology_areas", "a list of technology areas that are in the tree")
    sponsors = tuple(_sponsor(entry) for entry in row.tables("sponsors"))
    if [entry.role for entry in sponsors].count(SponsorRole.LEAD) != 1:
        raise row.wrong("sponsors", "a list with exactly one lead")
    facts = tuple(_fact(entry) for entry in row.tables("facts"))
    stated = [(fact.measure, fact.edition) for fact in facts]
    if len(stated) != len(set(stated)):
        raise row.wrong("facts", "a list with each measure once in each edition")
    return InstituteReference(
        key=row.text("key"),
        name=row.text("name"),
        name_zh=row.optional_text("name_zh"),
        technology_area_keys=area_keys,
        status=_status(row.table("status")),
        place=_place(row.table("place")) if "place" in row.values else None,
        names=tuple(_name(entry) for entry in row.optional_tables("names")),
        sponsors=sponsors,
        dates=tuple(_date(entry) for entry in row.optional_tables("dates")),
        facts=facts,
    )


def _status(table: DataTable) -> StatusReference:
    status = StatusReference(
        key=table.one_of("key", _STATUS_KEYS),
        wording=table.text("wording"),
        as_of=table.day("as_of"),
        precision=Precision(table.one_of("precision", [*Precision])),
        sourced=read_sourced(table),
    )
    table.finish()
    return status


def _place(table: DataTable) -> PlaceReference:
    place = PlaceReference(
        city=table.text("city"),
        city_zh=table.optional_text("city_zh"),
        region=table.text("region"),
        latitude=_degrees(table, "latitude", _LATITUDE_MAX),
        longitude=_degrees(table, "longitude", _LONGITUDE_MAX),
        sourced=read_sourced(table),
    )
    table.finish()
    return place


def _degrees(table: DataTable, name: str, most: int) -> str:
    if abs(read_number(table, name)) > most:
        raise table.wrong(name, f"a number of degrees from -{most} to {most}")
    return table.text(name)


def _name(row: DataTable) -> NameReference:
    return NameReference(
        kind=NameKind(row.one_of("kind", [*NameKind])),
        text=row.text("text"),
        language=row.text("language"),
        sourced=read_sourced(row),
    )


def _sponsor(row: DataTable) -> SponsorReference:
    return SponsorReference(
        agency_key=row.text("agency"),
        role=SponsorRole(row.one_of("role", [*SponsorRole])),
        office_keys=row.texts("offices"),
        wording=row.optional_text("wording"),
        sourced=read_sourced(row),
    )


def _date(row: DataTable) -> DateReference:
    return DateReference(
        kind=DateKind(row.one_of("kind", [*DateKind])),
        on=row.day("on"),
        precision=Precision(row.one_of("precision", [*Precision])),
        edition=Edition(row.one_of("edition", [*Edition])),
        sourced=read_sourced(row),
    )


def _fact(row: DataTable) -> FactReference:
    kind = FactKind(row.one_of("kind", [*FactKind]))
    return FactReference(
        measure=row.text("measure"),
        kind=kind,
        edition=Edition(row.one_of("edition", [*Edition])),
        text=row.text("value") if kind is FactKind.TEXT else "",
        text_zh=row.optional_text("value_zh"),
        number=None if kind is FactKind.TEXT else read_number(row, "value"),
        qualifier=row.optional_text("qualifier"),
        sourced=read_sourced(row),
    )
