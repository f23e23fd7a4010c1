"""How addresses, postal codes and telephone numbers are read: what is left is compared as equal or
not.
"""

import re
from dataclasses import dataclass
from typing import Final

from lineshaft.plumbing.search.rules import fold

_DIGITS: Final = re.compile(r"\d+")
_WORDS: Final = re.compile(r"[^\W_]+")
_ORDINAL: Final = re.compile(r"^(\d+)(st|nd|rd|th)$")
_UNIT: Final = re.compile(r"\b(?:suite|ste|unit|apt|apartment|room|rm|floor|fl|m/c|bldg)\b|#|\(")
_BOX: Final = re.compile(r"\bp\s*o\s*box\s*(\w+)")
_PHONE_LENGTHS: Final = range(6, 16)
_PHONE_OWN_DIGITS: Final = 7
_POSTCODE_WHOLE: Final = 9
_POSTCODE_TOWN: Final = 5
_DIRECTIONS: Final = {
    "n": "n",
    "s": "s",
    "e": "e",
    "w": "w",
    "ne": "ne",
    "nw": "nw",
    "se": "se",
    "sw": "sw",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "northeast": "ne",
    "northwest": "nw",
    "southeast": "se",
    "southwest": "sw",
}
_WAYS: Final = frozenset(
    {
        *("ave", "avenue", "av", "blvd", "boulevard", "cir", "circle", "ct", "court", "dr"),
        *("drive", "hwy", "highway", "lane", "ln", "parkway", "pkwy", "pl", "place", "plz"),
        *("plaza", "rd", "road", "row", "sq", "square", "st", "street", "ter", "terrace"),
        *("way", "pike", "trail", "trl", "expressway", "expy"),
    }
)


@dataclass(frozen=True, slots=True)
class Address:
    """Number, name and direction of a street; each empty where the text does not tell."""

    house: str
    street: str
    direction: str


def read_address(text: str) -> Address:
    """The street of an address, without unit and kind of way; a post-office box is a house of
    the street `box`.
    """
    shown = fold(text).replace(".", " ")
    if box := _BOX.search(shown):
        return Address(box[1], "box", "")
    words = [_ORDINAL.sub(r"\1", word) for word in _WORDS.findall(_UNIT.split(shown)[0])]
    house = ""
    if words and words[0][0].isdecimal():
        house = _DIGITS.match(words[0])[0].lstrip("0")  # type: ignore[index] # begins with a digit
        words = words[1:]
    directions = [_DIRECTIONS[word] for word in words if word in _DIRECTIONS]
    named = [word for word in words if word not in _DIRECTIONS]
    street = next((word for word in named if word not in _WAYS), "")
    if not street and named:
        street = named[0]
    return Address(house, street, directions[0] if directions else "")


def read_phone(text: str) -> str:
    """The last seven digits of a number, which is its own part; empty for what is no number."""
    digits = "".join(_DIGITS.findall(text))
    if len(digits) not in _PHONE_LENGTHS or len(set(digits)) == 1:
        return ""
    return digits[-_PHONE_OWN_DIGITS:]


def read_postcode(text: str) -> str:
    """The letters and digits of a postal code; of an American one five digits or nine."""
    found = "".join(_WORDS.findall(fold(text)))
    if found.isdecimal():
        if len(found) in {_POSTCODE_TOWN - 1, _POSTCODE_WHOLE - 1}:
            found = f"0{found}"  # a spreadsheet has taken the zero in front
        if len(found) == _POSTCODE_WHOLE and found.endswith("0000"):
            found = found[:_POSTCODE_TOWN]
        if set(found) <= {"0"}:
            return ""
    return found


def town_of(postcode: str) -> str:
    """The part of a postal code that names a town or a district."""
    return postcode[:_POSTCODE_TOWN]


def read_place(text: str) -> str:
    """A town, state or country without letter case, accents and punctuation."""
    return " ".join(_WORDS.findall(fold(text)))
