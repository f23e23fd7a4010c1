"""How much a word tells about who somebody is: bits, from how few names hold it.

A word's bits are log2 of (names counted / names with the word), counted over the names that ship
(common_words.csv) and those of the file together, so that `university` tells little in a file of
ten rows too. The number of names counts as the next power of two and bits are whole: a few rows
more change nothing, unless they hold the word.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

BITS_MAX: Final = 15
"""A word that nobody else has; beyond it rarity tells nothing more."""

BITS_MIN: Final = 1
NAMES_SHIPPED: Final = 1 << 15
"""Names that common_words.csv was counted over, as a power of two."""

_COMMON_FILE: Final = Path(__file__).with_name("common_words.csv")


@cache
def common_words() -> Mapping[str, int]:
    """How many of the names that ship hold a word; a word that is not here is rare."""
    with _COMMON_FILE.open(encoding="utf-8", newline="") as file:
        return {row["word"]: int(row["names"]) for row in csv.DictReader(file)}


def word_bits(names: Iterable[Iterable[str]]) -> Mapping[str, int]:
    """The bits of every word of the names, which are taken as distinct."""
    counts: Counter[str] = Counter()
    total = NAMES_SHIPPED
    for words in names:
        counts.update(words)
        total += 1
    whole = math.ceil(math.log2(total))
    shipped = common_words()
    return {
        word: min(BITS_MAX, max(BITS_MIN, round(whole - math.log2(count + shipped.get(word, 0)))))
        for word, count in counts.items()
    }
