"""What two abstracts share: how much of each, and which passages.

Only runs of at least five equal words count. A word that stands in a common passage counts neither
as shared nor as a word of its abstract, so that two awards are alike by their own words.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np

from lineshaft.engines.match.overlap.awards import Passage
from lineshaft.engines.match.overlap.words import SHINGLE_WORDS, Mask, Numbers, Words, shingles

SHARED_WORDS_MIN: Final = 25
"""Words that two abstracts share at least; fewer are a sentence, which may be anybody's."""

COMMON_FACTOR: Final = 0.8
"""What the share counts where most of what two abstracts share is common: the rest is short."""

_PLACES_MAX: Final = 8
"""Places of one shingle in a text that are tried; more has only a text that repeats itself."""


@dataclass(frozen=True, slots=True)
class Abstract:
    """An abstract made ready: its shingles, which are common, and which words these cover."""

    shingles: Numbers
    distinct: Numbers
    """The shingles, each once, in rising order."""
    is_common: Mask
    in_common: Mask


@dataclass(frozen=True, slots=True)
class Evidence:
    """What two abstracts share: the share of each one's own words, and whether what is shared
    stands mostly in common passages.
    """

    share_a: float
    share_b: float
    is_mostly_common: bool

    @property
    def share(self) -> float:
        """Of both abstracts together, each counting half; from 0 to 1."""
        share = (self.share_a + self.share_b) / 2
        return share * COMMON_FACTOR if self.is_mostly_common else share


NOTHING: Final = Evidence(0.0, 0.0, is_mostly_common=False)


def abstract_of(numbers: Numbers, common: Numbers) -> Abstract:
    """The abstract of these words; `common` is in rising order."""
    found = shingles(numbers)
    is_common = _is_in(found, common)
    return Abstract(found, np.unique(found), is_common, _covered(is_common, len(numbers)))


def evidence(a: Abstract, b: Abstract) -> Evidence:
    """How much each abstract shares with the other."""
    own_a, common_a = _shared(a, b)
    own_b, common_b = _shared(b, a)
    if min(own_a, own_b) < SHARED_WORDS_MIN:
        return NOTHING
    return Evidence(
        own_a / int(np.count_nonzero(~a.in_common)),
        own_b / int(np.count_nonzero(~b.in_common)),
        is_mostly_common=common_a > own_a and common_b > own_b,
    )


def _shared(one: Abstract, other: Abstract) -> tuple[int, int]:
    """How many words of `one` stand in passages of both: its own, and those in common ones."""
    is_shared = _is_in(one.shingles, other.distinct)
    length = len(one.in_common)
    own = _covered(is_shared & ~one.is_common, length) & ~one.in_common
    common = _covered(is_shared & one.is_common, length)
    return int(np.count_nonzero(own)), int(np.count_nonzero(common))


def _is_in(values: Numbers, rising: Numbers) -> Mask:
    """Which of the values stand in an array in rising order."""
    if not len(rising):
        return np.zeros(len(values), dtype=np.bool_)
    places = np.searchsorted(rising, values)
    found: Mask = rising[np.minimum(places, len(rising) - 1)] == values
    return found


def _covered(begins: Mask, length: int) -> Mask:
    """Which of so many words stand in a shingle that begins at a marked place."""
    covered = np.zeros(length, dtype=np.bool_)
    for step in range(SHINGLE_WORDS):
        covered[step : step + len(begins)] |= begins
    return covered


def passages(a: Words, b: Words) -> tuple[Passage, ...]:
    """The longest runs of words that both have, in the order of `a`, common ones too."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, shingle in enumerate(shingles(b.numbers).tolist()):
        if len(places[shingle]) < _PLACES_MAX:
            places[shingle].append(place)
    words_a, words_b = a.numbers.tolist(), b.numbers.tolist()
    begins = shingles(a.numbers).tolist()
    found: list[Passage] = []
    at = 0
    while at < len(begins):
        length, place = max(
            ((_run(words_a, at, words_b, there), -there) for there in places.get(begins[at], ())),
            default=(0, 0),
        )
        if length < SHINGLE_WORDS:
            at += 1
            continue
        last_a, last_b = at + length - 1, length - place - 1
        found.append(
            Passage(
                int(a.starts[at]), int(a.ends[last_a]), int(b.starts[-place]), int(b.ends[last_b])
            )
        )
        at += length
    return tuple(found)


def _run(a: list[int], at: int, b: list[int], there: int) -> int:
    """For how many words the two texts are equal from these places on."""
    length = 0
    longest = min(len(a) - at, len(b) - there)
    while length < longest and a[at + length] == b[there + length]:
        length += 1
    return length
