"""Records made ready to be compared: one row each, the same for every engine.

What is the same in every respect is one row, so that a name that stands a thousand times in a file
costs no more than once. A number that stands for a word holds its bits in its last digits (to the
base BITS_BASE), so that what two rows share is weighed by adding whole numbers: engines agree to
the last digit. Rows are numbered by their least id, so that the order of a file changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import cos, radians
from typing import Final

import pyarrow as pa

from lineshaft.engines.match.resolution.names import Name, read_name
from lineshaft.engines.match.resolution.places import (
    Address,
    read_address,
    read_phone,
    read_place,
    read_postcode,
    town_of,
)
from lineshaft.engines.match.resolution.rarity import word_bits
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.text import gettext_noop

BITS_BASE: Final = 64
METRES_OF_DEGREE: Final = 111_320
SPELLING_LENGTH_MAX: Final = 60
REPORT_EVERY: Final = 5_000
READING: Final = gettext_noop("reading names")
_TWICE: Final = gettext_noop("The id %(id)s stands twice. Give every record its own.")
_LATITUDE_MAX: Final = 90
_LONGITUDE_MAX: Final = 180

type Report = Callable[[int, int, str], None]
"""Called with what is done, the total (0 while unknown) and a word on what goes on."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file, as text; what is not known is empty."""

    id: str
    name: str
    address: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    country: str = ""
    latitude: str = ""
    longitude: str = ""


@dataclass(frozen=True, slots=True)
class Features:
    """What a record is compared by; equal for records that nothing tells apart."""

    name: Name
    address: Address
    city: str
    state: str
    postcode: str
    phone: str
    country: str
    north_m: int | None
    east_m: int | None

    @property
    def town(self) -> str:
        return town_of(self.postcode)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The distinct rows, each with the ids of its records; `bits` weighs the words of names."""

    rows: Sequence[Features]
    ids: Sequence[tuple[str, ...]]
    bits: Mapping[str, int]


def no_report(_done: int, _total: int, _note: str) -> None:
    """Tell nobody."""


def prepare(records: Iterable[Record], report: Report, *, alone: Collection[str] = ()) -> Prepared:
    """The distinct rows of the records, in the order of their least ids.

    Records whose ids are in `alone` share their row with nobody, so that they can be kept apart;
    nor does one whose name tells nothing (`Inc.`).
    Raises Invalid where an id stands twice.
    """
    members: defaultdict[tuple[Features, str], list[str]] = defaultdict(list)
    known: set[str] = set()
    for count, record in enumerate(records):
        if record.id in known:
            raise Invalid(message=_TWICE, code="id_twice", params={"id": record.id})
        known.add(record.id)
        features = features_of(record)
        own = record.id if record.id in alone or not features.name.words else ""
        members[features, own].append(record.id)
        if count % REPORT_EVERY == 0:
            report(count, 0, READING)
    ordered = sorted(
        ((sorted(ids), row) for (row, _own), ids in members.items()), key=lambda one: one[0]
    )
    return Prepared(
        rows=[row for _ids, row in ordered],
        ids=[tuple(ids) for ids, _row in ordered],
        bits=word_bits({row.name.words for _ids, row in ordered}),
    )


def features_of(record: Record) -> Features:
    """What a record is compared by."""
    north_m, east_m = _metres(record.latitude, record.longitude)
    return Features(
        name=read_name(record.name),
        address=read_address(record.address),
        city=read_place(record.city),
        state=read_place(record.state),
        postcode=read_postcode(record.zip),
        phone=read_phone(record.phone),
        country=read_place(record.country),
        north_m=north_m,
        east_m=east_m,
    )


def _metres(latitude: str, longitude: str) -> tuple[int, int] | tuple[None, None]:
    """Metres from the equator and from Greenwich; none for what is no place on Earth, or 0, 0."""
    try:
        north, east = float(latitude), float(longitude)
    except ValueError:
        return None, None
    is_on_earth = abs(north) <= _LATITUDE_MAX and abs(east) <= _LONGITUDE_MAX
    if not is_on_earth or north == east == 0:
        return None, None
    shrinks = cos(radians(round(north, 1)))
    return round(north * METRES_OF_DEGREE), round(east * METRES_OF_DEGREE * shrinks)


def number_of(text: str) -> int:
    """A whole number of 56 bits that stands for a text, the same on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest())


def table_of(prepared: Prepared) -> pa.Table:
    """The rows as a table of the columns that the comparisons name; blank is NULL."""
    numbers: dict[str, int] = {}

    def weighed(text: str, bits: int) -> int:
        if text not in numbers:
            numbers[text] = number_of(text) // BITS_BASE * BITS_BASE
        return numbers[text] + min(bits, BITS_BASE - 1)

    bits = prepared.bits
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for place, row in enumerate(prepared.rows):
        name = row.name
        weights = [bits[word] for word in name.words]
        is_spelt = bool(name.squashed) and name.squashed.isascii()
        values = {
            "uid": place,
            "words": [weighed(w, b) for w, b in zip(name.words, weights, strict=True)] or None,
            "lengths": [weighed(word, len(word)) for word in name.words],
            "bits": sum(weights),
            "same_words": number_of(name.variants[0]) if name.words else None,
            "squashed": name.squashed or None,
            "spelling": name.squashed[:SPELLING_LENGTH_MAX] if is_spelt else None,
            "variants": [
                weighed(one, sum(bits.get(word, 0) for word in one.split()))
                for one in name.variants
            ],
            "initials": [weighed(f"i {one}", len(one)) for one in name.initials],
            "shorts": [weighed(f"i {one}", len(one)) for one in name.shorts],
            "lead": weighed(f"i {name.lead}", len(name.lead)) if name.lead else None,
            "leads": [weighed(f"i {one}", len(one)) for one in name.leads],
            "numbers": name.numbers if name.words else None,
            "house": row.address.house or None,
            "street": row.address.street or None,
            "direction": row.address.direction or None,
            "postcode": row.postcode or None,
            "town": row.town or None,
            "phone": row.phone or None,
            "city": row.city or None,
            "state": row.state or None,
            "country": row.country or None,
            "north_m": row.north_m,
            "east_m": row.east_m,
            "match_key": None,
        }
        for column, value in values.items():
            columns[column].append(value)
    return pa.table(columns, schema=SCHEMA)


SCHEMA: Final = pa.schema(
    [
        ("uid", pa.int64()),
        ("words", pa.list_(pa.int64())),
        ("lengths", pa.list_(pa.int64())),
        ("bits", pa.int64()),
        ("same_words", pa.int64()),
        ("squashed", pa.string()),
        ("spelling", pa.string()),
        ("variants", pa.list_(pa.int64())),
        ("initials", pa.list_(pa.int64())),
        ("shorts", pa.list_(pa.int64())),
        ("lead", pa.int64()),
        ("leads", pa.list_(pa.int64())),
        ("numbers", pa.string()),
        ("house", pa.string()),
        ("street", pa.string()),
        ("direction", pa.string()),
        ("postcode", pa.string()),
        ("town", pa.string()),
        ("phone", pa.string()),
        ("city", pa.string()),
        ("state", pa.string()),
        ("country", pa.string()),
        ("north_m", pa.int64()),
        ("east_m", pa.int64()),
        ("match_key", pa.int64()),  # always empty: see engine.py
    ]
)
