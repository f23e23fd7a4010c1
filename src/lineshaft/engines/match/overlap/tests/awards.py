"""Invented awards to compare, made of words that no two sentences share by chance."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np

from lineshaft.engines.match.overlap.awards import Award

SHARED = ("laser", "steel", "seam")

_NUMBERS = count()
_VOCABULARY = 30_000
_WORDS = 120
_COPIED_EVERY = 40
_EDITED = 0.05


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


def corpus() -> list[Award]:
    """Two equal ones, one that shares most, a pair by title only, a template, and others."""
    template = [award(text("funded", "under", "act") + " " + text(f"own{n}w")) for n in range(35)]
    title = {"title": "Knots and braids", "lead": "Ada Byron"}
    return [
        award(text(*SHARED), "A2", title="One", lead="Bo Li"),
        award(text(*SHARED), "A1", title="Two", lead="Cy Po"),
        award(text(*SHARED, "else"), "A3", title="Three", lead="Di Vo"),
        award(text("blue", "green"), "B1", organisation="Elm", **title),
        award(text("cold", "warm"), "B2", organisation="Oak", **title),
        *template,
        *unrelated(20),
    ]


def many(number: int) -> list[Award]:
    """So many awards whose words are as unevenly frequent as those of a language; each fortieth is
    another one's text with one word in twenty changed. The same in every run.
    """
    random = np.random.default_rng(7)
    words = np.array([f"w{place}" for place in range(_VOCABULARY)])
    texts = random.zipf(1.2, (number, _WORDS)) % _VOCABULARY
    copies = np.arange(_COPIED_EVERY, number, _COPIED_EVERY)
    texts[copies] = texts[random.integers(0, copies)]
    is_edited = random.random((len(copies), _WORDS)) < _EDITED
    edited = texts[copies]
    edited[is_edited] = random.integers(0, _VOCABULARY, int(is_edited.sum()))
    texts[copies] = edited
    return [Award(f"M{place:06}", " ".join(words[numbers])) for place, numbers in enumerate(texts)]
