"""What the desk decides: which institutes fit a need that was said in a sentence.

A small firm does not speak in technology areas, so each area has the words under which shops know
it, in both languages (reference/need_words.toml). Matching is plain counting, the same for
everybody, and says which words decided; it never pretends to a certainty that a person has to give.
"""

import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lineshaft.plumbing.search.rules import tokens_of

NEED_LENGTH_MAX: Final = 500
MATCHES_MAX: Final = 5
SHOP_WORD_WEIGHT: Final = 3
OWN_WORD_WEIGHT: Final = 2
STEM_LETTERS_MIN: Final = 4
"""From this length on, a word counts for all that begin with it: `print` for `printing`."""

EARTH_RADIUS_KM: Final = 6371
_WORDS: Final = files("lineshaft").joinpath("reference", "need_words.toml")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the globe, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An institute as matching sees it: its areas with those above, its own words, its place."""

    key: str
    area_keys: frozenset[str]
    text: str
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate that fits: `words` of the need decided, in its own spelling."""

    key: str
    score: float
    words: tuple[str, ...]
    distance_km: int | None


def distance_km(one: Spot, other: Spot) -> int:
    """The way as the crow flies, in whole kilometres. *Source*: the haversine formula."""
    lat_1, lat_2 = math.radians(one.latitude), math.radians(other.latitude)
    half_lat = (lat_2 - lat_1) / 2
    half_lon = math.radians(other.longitude - one.longitude) / 2
    root = math.sin(half_lat) ** 2 + math.cos(lat_1) * math.cos(lat_2) * math.sin(half_lon) ** 2
    return round(2 * EARTH_RADIUS_KM * math.asin(math.sqrt(root)))


def match_need(
    need: str, candidates: Sequence[Candidate], *, near: Spot | None = None
) -> tuple[Match, ...]:
    """The candidates that share a word with the need, best first, at most MATCHES_MAX.

    A word counts the more, the fewer candidates it fits. At a tie the nearer comes first, then the
    key. A need without a telling word matches nothing.
    """
    words = _telling_words(need)
    fits = {word: [one.key for one in candidates if _weight(word, one)] for word in words}
    found = []
    for candidate in candidates:
        hits = [word for word in words if candidate.key in fits[word]]
        if not hits:
            continue
        score = sum(_weight(word, candidate) / len(fits[word]) for word in hits)
        far = distance_km(near, candidate.spot) if near and candidate.spot else None
        found.append(Match(candidate.key, round(score, 4), tuple(hits), far))
    found.sort(key=lambda one: (-one.score, _far(one), one.key))
    return tuple(found[:MATCHES_MAX])


def nearest(candidates: Iterable[Candidate], near: Spot) -> tuple[Match, ...]:
    """The candidates by distance, whatever they do."""
    found = [Match(one.key, 0.0, (), distance_km(near, one.spot)) for one in candidates if one.spot]
    return tuple(sorted(found, key=lambda one: (_far(one), one.key))[:MATCHES_MAX])


def _telling_words(need: str) -> tuple[str, ...]:
    text = need[:NEED_LENGTH_MAX]
    words = [
        word
        for word in tokens_of(text)
        if word not in _empty_words() and not word.isdigit() and len(word) > 1
    ]
    return tuple(dict.fromkeys(words))


def _weight(word: str, candidate: Candidate) -> int:
    for area in candidate.area_keys:
        if any(_means_same(word, known) for known in _shop_words(area)):
            return SHOP_WORD_WEIGHT
    if any(_means_same(word, known) for known in tokens_of(candidate.text)):
        return OWN_WORD_WEIGHT
    return 0


@cache
def _vocabulary() -> dict[str, Any]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))


@cache
def _empty_words() -> frozenset[str]:
    return frozenset(_vocabulary()["empty"]["en"].split())


@cache
def _shop_words(area: str) -> tuple[str, ...]:
    """The words of an area; Chinese ones as the pairs of characters that a search knows."""
    words = _vocabulary()["areas"].get(area, {"en": "", "zh": ""})
    pairs = (token for token in tokens_of(words["zh"]) if len(token) > 1)
    return (*words["en"].split(), *pairs)


def _means_same(word: str, known: str) -> bool:
    if word == known:
        return True
    short, long = sorted((word, known), key=len)
    return len(short) >= STEM_LETTERS_MIN and short.isascii() and long.startswith(short)


def _far(match: Match) -> float:
    return math.inf if match.distance_km is None else match.distance_km
