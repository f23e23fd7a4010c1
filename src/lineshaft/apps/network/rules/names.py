"""When two names are one.

Invariant: the key of an organisation is derived from its name, region and city alone, so that the
same list finds the same organisations again.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from lineshaft.plumbing.search.rules import fold

_LEGAL_FORMS: Final = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "nv",
        "bv",
        "pllc",
        "pc",
    ]
)
_APOSTROPHES: Final = str.maketrans("", "", "'’ʼ`´.")
_WORDS: Final = re.compile(r"[^\W_]+")
KEY_LENGTH_MAX: Final = 400
FOLDED_LENGTH_MAX: Final = 300
"""Characters of a folded name that are kept and compared; “&” written out can lengthen one."""

KEPT: Final = 1 << 16
"""So many names are kept with what was made of them: a batch compares few with each other often."""

SPELLING_LIKENESS: Final = 0.9
"""From which likeness two names may be one name misspelt; own figure, for suspicion only."""


def folded_name(name: str) -> str:
    """The words of a name without letter case, accents and punctuation; “&” is “and”."""
    spelt = name.replace("&", " and ")
    text = (spelt.lower() if spelt.isascii() else fold(spelt)).translate(_APOSTROPHES)
    return " ".join(_WORDS.findall(text))[:FOLDED_LENGTH_MAX].rstrip()


@lru_cache(maxsize=KEPT)
def bare_name(name: str) -> str:
    """The folded name without the article before it and the legal form behind it."""
    words = folded_name(name).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words = words[:-1]
    return " ".join(words)


def match_key(name: str, *, region: str, city: str) -> str:
    """The key under which an organisation without an identifying identifier is found again.

    With a city the legal form is left out, since two firms of one name seldom share a city.
    Without one it stays, since firms that differ in nothing else are mostly two firms.
    """
    known = bare_name(name) if city else folded_name(name)
    return f"{known}|{folded_name(region)}|{folded_name(city)}"[:KEY_LENGTH_MAX]


def may_be_one_name(names: Collection[str], others: Collection[str]) -> bool:
    """Whether a name of the one may be another spelling of a name of the other.

    For suspicion, never for joining: letter case, accents, punctuation, article and legal form do
    not tell names apart, nor do a few letters; a number in them does.
    """
    bare, other_bare = ({bare_name(name) for name in given} for given in (names, others))
    if bare & other_bare - {""}:
        return True
    return any(_is_alike(one, other) for one in bare for other in other_bare)


def _is_alike(one: str, other: str) -> bool:
    if not one or not other or _letters_in_common(one, other) < SPELLING_LIKENESS:
        return False
    if _numbers(one) != _numbers(other):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= SPELLING_LIKENESS


def _letters_in_common(one: str, other: str) -> float:
    """The share of letters that both have, in whatever order: no likeness is above it.

    It keeps the few names that are worth comparing from the many that are not.
    """
    whole = len(one) + len(other)
    if 2 * min(len(one), len(other)) < SPELLING_LIKENESS * whole:
        return 0.0
    theirs = _letters(other)
    common = sum(min(count, theirs.get(letter, 0)) for letter, count in _letters(one).items())
    return 2 * common / whole


@lru_cache(maxsize=KEPT)
def _letters(name: str) -> Mapping[str, int]:
    return Counter(name)


@lru_cache(maxsize=KEPT)
def _numbers(name: str) -> tuple[str, ...]:
    return tuple(word for word in name.split() if any(letter.isdigit() for letter in word))
