"""Checking rows of organisations before anything is written: every fault of every row, at once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Final

from django.db.models import Model

from lineshaft.apps.network import rules
from lineshaft.apps.network.models import Organisation
from lineshaft.kernel.errors import FieldError, Invalid
from lineshaft.kernel.profile import JurisdictionProfile
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.sharing import SharingLevel

type _Fault = tuple[str, str, Mapping[str, object]]

LEVELS: Final = (SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED)
MICRODEGREE: Final = Decimal("0.000001")
LATITUDE_MOST: Final = 90
LONGITUDE_MOST: Final = 180
ALIAS_LENGTH_MAX: Final = 300
_DESIGNATIONS: Final = frozenset(rules.Designation)
COUNTRY: Final = re.compile(r"[A-Z]{2}")

_NO_NAME: Final = gettext_noop("Write the organisation's name.")
_UNKNOWN_KIND: Final = gettext_noop("“%(kind)s” is no kind of organisation. There are: %(known)s.")
NO_COUNTRY: Final = gettext_noop("“%(value)s” is no country code of two letters, such as US.")
_NO_LEVEL: Final = gettext_noop("An organisation is shared as one of: %(known)s.")
_NO_DESIGNATION: Final = gettext_noop("“%(value)s” is no designation. There are: %(known)s.")
_HALF_COORDINATES: Final = gettext_noop("Give latitude and longitude together, or neither.")
_NOT_ON_EARTH: Final = gettext_noop(
    "Latitude lies between -90 and 90 degrees, longitude between -180 and 180."
)
TOO_LONG: Final = gettext_noop("This is longer than %(most)s characters. Shorten it.")


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation as somebody enters it; `number` is its row in a file, for faults.

    `kind` is a key of the profile's organisation kinds, `identifiers` pairs of scheme and value as
    written, coordinates decimal degrees (WGS 84).
    """

    name: str
    kind: str
    name_zh: str = ""
    ownership_country: str = ""
    address: str = ""
    city: str = ""
    county: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    website: str = ""
    level: str = SharingLevel.PUBLIC
    identifiers: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    designations: tuple[str, ...] = ()
    is_demonstration: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row without fault: values as stored, identifiers in their normal form."""

    number: int | None
    name: str
    values: Mapping[str, Any]
    identifiers: tuple[tuple[str, str], ...]
    identifying: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...]
    designations: tuple[str, ...]
    is_demonstration: bool
    match_key: str

    def columns(self, names: Iterable[str]) -> dict[str, Any]:
        """The stored values of these columns."""
        return {name: self.values[name] for name in names}

    def new_organisation(self, now: datetime) -> Organisation:
        """The organisation that the row describes, not stored."""
        return Organisation(
            **self.values,
            is_demonstration=self.is_demonstration,
            match_key=self.match_key,
            registered_at=now,
        )


def check_rows(
    rows: Sequence[OrganisationRow],
    profile: JurisdictionProfile,
    *,
    levels: Sequence[SharingLevel] = LEVELS,
) -> tuple[CheckedRow, ...]:
    """The rows as they can be stored; raises Invalid with every fault of all of them.

    `levels` are those as which whoever enters the rows may share them.
    """
    kinds = frozenset(kind.key for kind in profile.organisation_kinds)
    faults: list[FieldError] = []
    checked = [_checked(row, kinds, levels, faults) for row in rows]
    if faults:
        raise Invalid(faults)
    return tuple(checked)


def identifier_faults(
    pairs: Iterable[tuple[str, str]], *, row: int | None
) -> tuple[list[tuple[str, str]], list[FieldError]]:
    """The pairs in their normal form, blanks left out, and what is wrong with them."""
    normal: list[tuple[str, str]] = []
    faults: list[FieldError] = []
    for scheme, written in pairs:
        value = rules.normal_identifier(scheme, written)
        if not value:
            continue
        refusal = rules.refuse_identifier(scheme, value)
        if refusal is not None:
            faults.append(
                FieldError(scheme, row=row, message=refusal.message, params=refusal.params)
            )
        normal.append((scheme, value))
    return list(dict.fromkeys(normal)), faults


def faults_of_length(model: type[Model], values: Mapping[str, str]) -> list[FieldError]:
    """The values that are longer than the columns of the model that bear their names."""
    lengths = {name: _length(model, name) for name in values}
    return [
        FieldError(name, message=TOO_LONG, params={"most": most})
        for name, most in lengths.items()
        if len(values[name]) > most
    ]


def _checked(
    row: OrganisationRow,
    kinds: frozenset[str],
    levels: Sequence[SharingLevel],
    faults: list[FieldError],
) -> CheckedRow:
    values = _values(row)
    name = values["name"]
    faults.extend(
        FieldError(field, row=row.number, message=message, params=params)
        for field, message, params in (
            *_faults_of_keys(row, kinds, levels),
            *_faults_of_texts(values),
            *_faults_of_coordinates(values),
        )
    )
    identifiers, wrong = identifier_faults(row.identifiers, row=row.number)
    faults.extend(wrong)
    return CheckedRow(
        number=row.number,
        name=name,
        values=values,
        identifiers=tuple(identifiers),
        identifying=tuple(pair for pair in identifiers if pair[0] in rules.IDENTIFYING_SCHEMES),
        aliases=tuple(alias.strip() for alias in row.aliases if alias.strip()),
        designations=row.designations,
        is_demonstration=row.is_demonstration,
        match_key=rules.match_key(name, region=values["region"], city=values["city"]),
    )


def _faults_of_keys(
    row: OrganisationRow, kinds: frozenset[str], levels: Sequence[SharingLevel]
) -> Iterator[_Fault]:
    if row.kind not in kinds:
        yield "kind", _UNKNOWN_KIND, {"kind": row.kind, "known": ", ".join(sorted(kinds))}
    if row.level not in levels:
        yield "level", _NO_LEVEL, {"known": ", ".join(levels)}
    for designation in row.designations:
        if designation not in _DESIGNATIONS:
            known = ", ".join(sorted(_DESIGNATIONS))
            yield "designations", _NO_DESIGNATION, {"value": designation, "known": known}
    if any(len(alias.strip()) > ALIAS_LENGTH_MAX for alias in row.aliases):
        yield "aliases", TOO_LONG, {"most": ALIAS_LENGTH_MAX}


def _faults_of_texts(values: Mapping[str, Any]) -> Iterator[_Fault]:
    if not rules.folded_name(values["name"]):
        yield "name", _NO_NAME, {}
    for column in ("ownership_country", "country"):
        if values[column] and not COUNTRY.fullmatch(values[column]):
            yield column, NO_COUNTRY, {"value": values[column]}
    for column, most in _LENGTHS.items():
        if len(values[column]) > most:
            yield column, TOO_LONG, {"most": most}


def _faults_of_coordinates(values: Mapping[str, Any]) -> Iterator[_Fault]:
    latitude, longitude = values["latitude"], values["longitude"]
    if (latitude is None) != (longitude is None):
        yield "latitude" if latitude is None else "longitude", _HALF_COORDINATES, {}
        return
    for column, value, most in (
        ("latitude", latitude, LATITUDE_MOST),
        ("longitude", longitude, LONGITUDE_MOST),
    ):
        if value is not None and not (value.is_finite() and abs(value) <= most):
            yield column, _NOT_ON_EARTH, {}


def _length(model: type[Model], name: str) -> int:
    return int(getattr(model._meta.get_field(name), "max_length", 0))


_LENGTHS: Final = {
    name: _length(Organisation, name)
    for name in ("name", "name_zh", "address", "city", "county", "region", "postal_code", "website")
}


def _values(row: OrganisationRow) -> dict[str, Any]:
    return {
        "name": " ".join(row.name.split()),
        "name_zh": row.name_zh.strip(),
        "kind": row.kind,
        "ownership_country": row.ownership_country.strip().upper(),
        "address": row.address.strip(),
        "city": row.city.strip(),
        "county": row.county.strip(),
        "region": row.region.strip(),
        "postal_code": row.postal_code.strip(),
        "country": row.country.strip().upper(),
        "latitude": _degrees(row.latitude),
        "longitude": _degrees(row.longitude),
        "website": row.website.strip(),
        "level": row.level,
    }


def _degrees(value: Decimal | None) -> Decimal | None:
    if value is None or not value.is_finite() or abs(value) > LONGITUDE_MOST:
        return value
    return value.quantize(MICRODEGREE, ROUND_HALF_EVEN)
