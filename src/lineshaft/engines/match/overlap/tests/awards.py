"""Invented awards to compare, made of words that no two sentences share by chance."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from lineshaft.engines.match.overlap.awards import Award

_NUMBERS = count()


def sentence(topic: str, words: int = 12) -> str:
    """So many words about a topic; another topic gives other words."""
    return " ".join(f"{topic}{place}" for place in range(words)).capitalize() + "."


def text(*topics: str) -> str:
    return " ".join(sentence(topic) for topic in topics)


def award(abstract: str, award_id: str = "", **fields: Any) -> Award:
    made = Award(award_id or f"X{next(_NUMBERS):05}", abstract)
    return replace(made, **fields)


def unrelated(number: int) -> Sequence[Award]:
    """Awards that share nothing with each other or with any other."""
    return [award(text(f"solo{place}q", f"alone{place}q")) for place in range(number)]
