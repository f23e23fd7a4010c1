"""Under which keys a row is found: two rows that share none are never compared.

Each key stands for a way in which two records of one organisation differ: a letter wrong, a word
more, another order, initials, another name at the same place. A key that more than KEY_ROWS_MAX
rows have finds nothing (`University of`), which bounds the pairs by a multiple of the rows; what is
common is found together with a second thing, the word with the town, say.
"""

from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise, product
from typing import Final

import pyarrow as pa

from lineshaft.engines.match.resolution.names import Name
from lineshaft.engines.match.resolution.prepare import Features, Prepared, number_of

KEY_ROWS_MAX: Final = 60
_WORDS_PAIRED: Final = 5
_WORDS_LEFT_OUT: Final = range(3, 7)
_ENDS: Final = 6
_CELL_M: Final = 500
_POSTCODE_EXACT: Final = 6
_VOWELS: Final = frozenset("aeiouyhw")


BOTH: Final = 0
SHORT: Final = 1
LONG: Final = 2
"""Sides of a key: initials find what they may stand for, not other initials."""

type Key = tuple[str, int]


def keys_table(prepared: Prepared) -> pa.Table:
    """Key, side and row, one line for each key of each row."""
    keys: list[int] = []
    sides: list[int] = []
    uids: list[int] = []
    for place, row in enumerate(prepared.rows):
        found = {(number_of(text), side) for text, side in keys_of(row, prepared.bits)}
        keys.extend(key for key, _side in found)
        sides.extend(side for _key, side in found)
        uids.extend([place] * len(found))
    columns = {"key": keys, "side": sides, "uid": uids}
    return pa.table({name: pa.array(column, pa.int64()) for name, column in columns.items()})


def keys_of(row: Features, bits: Mapping[str, int]) -> Iterable[Key]:
    """The keys of a row, as texts with their side."""
    places = [f"@{one}" for one in (row.town, f"{row.city}/{row.state}") if one.strip("/")]
    for key, side in _broad_keys(row.name):
        yield key, side
        for place in places:
            yield key + place, side
    for key in _narrow_keys(row.name, bits):
        yield key, BOTH
    for key in _place_keys(row, bits):
        yield key, BOTH


def _broad_keys(name: Name) -> Iterable[Key]:
    """Keys that many rows of a large file may have: they find also together with a place."""
    if name.squashed:  # names that tell nothing (`Inc.`) have nothing in common by it
        yield f"~{name.squashed}", BOTH
    for variant in name.variants:
        yield f"={variant}", BOTH
    for word in name.words:
        yield f"w{word}", BOTH
    for short in name.shorts:
        yield f"i{short}", SHORT
    for initials in name.initials:
        yield f"i{initials}", LONG
    if name.lead:
        yield f"l{name.lead}", SHORT
    for lead in name.leads:
        yield f"l{lead}", LONG


def _narrow_keys(name: Name, bits: Mapping[str, int]) -> Iterable[str]:
    for two in combinations(sorted(_rarest(name, bits, _WORDS_PAIRED)), 2):
        yield f"2{' '.join(two)}"
    if len(name.words) in _WORDS_LEFT_OUT:
        for word in name.words:
            yield f"-{' '.join(sorted(other for other in name.words if other != word))}"
    if len(name.squashed) > _ENDS:
        yield f"^{name.squashed[:_ENDS]}"
        yield f"${name.squashed[-_ENDS:]}"
    if name.squashed:
        yield f"k{skeleton(name.squashed)}"


def _place_keys(row: Features, bits: Mapping[str, int]) -> Iterable[str]:
    address = row.address
    if row.phone:
        yield f"t{row.phone}"
    if address.house and address.street:
        yield f"a{address.house} {address.street}"
        yield f"a{address.house} {address.street}@{row.town or row.city}"
    if address.house and row.town:
        yield f"h{address.house}@{row.town}"
    if len(row.postcode) >= _POSTCODE_EXACT:
        yield f"z{row.postcode}"
    if row.north_m is not None and row.east_m is not None:
        for word in _rarest(row.name, bits, 2):
            for north, east in product((0, 1), repeat=2):
                cell = row.north_m // _CELL_M + north, row.east_m // _CELL_M + east
                yield f"g{cell[0]} {cell[1]} {word}"


def _rarest(name: Name, bits: Mapping[str, int], count: int) -> list[str]:
    return sorted(name.words, key=lambda word: (-bits[word], word))[:count]


def skeleton(word: str) -> str:
    """A word without its vowels, and without letters said twice: as one hears it."""
    kept = word[:1]
    for before, letter in pairwise(word):
        if letter not in _VOWELS and letter != before:
            kept += letter
    return kept
