"""How well a reviewer's own texts fit an application: affinity from words, on the processor alone.

A text is its words, without the s of a plural, and its pairs of neighbouring words (for Chinese its
pairs of characters). Each weighs one plus the logarithm of how often it stands there, times how
rare it is among all texts given; two texts are as alike as their weights point the same way. A
reviewer fits an application as well as their three nearest texts do on average: one text alone may
be near by chance, and all of them hide a field in which somebody wrote little.

The same texts give the same numbers, in whatever order they come. Nothing is learned and nothing
fetched. What was tried, and how well it does: docs/reference/affinity.md.

*Source:* G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval",
Information Processing and Management 24 (1988), 513-523; D. Harman, "How effective is suffixing?",
JASIS 42 (1991), 7-15 (plurals).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

NEAREST: Final = 3
"""So many of a reviewer's texts count, or all where they have fewer."""

BLOCK: Final = 256
"""Applications compared at a time."""

_HAN: Final = r"\u3400-\u9fff"
_WORDS: Final = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}](?:[^\W{_HAN}]|-)+")
_SHORTEST_PLURAL: Final = 4


def affinities(
    applications: Sequence[str], reviewers: Sequence[Sequence[str]]
) -> NDArray[np.float64]:
    """The affinity of every pair, applications x reviewers, from 0 (no word shared) to 1.

    Each reviewer comes with their own texts; of one without any it is 0.
    """
    own = [text for texts in reviewers for text in texts]
    weights = _weights([*applications, *own])
    mine, theirs = weights[: len(applications)], weights[len(applications) :].T.tocsc()
    sizes = [len(texts) for texts in reviewers]
    found = np.zeros((len(applications), len(reviewers)))
    for start in range(0, len(applications), BLOCK):
        part = slice(start, start + BLOCK)
        alike = (mine[part] @ theirs).toarray()
        end = 0
        for reviewer, size in enumerate(sizes):
            begin, end = end, end + size
            if size:
                found[part, reviewer] = _mean_of_nearest(alike[:, begin:end])
    return np.clip(found, 0.0, 1.0)


def terms(text: str) -> Iterator[str]:
    """The words of a text and its pairs of neighbours, in order."""
    before = ""
    for word in _words(text.lower()):
        yield word
        if before:
            yield f"{before} {word}"
        before = word


def _words(text: str) -> Iterator[str]:
    """Each Chinese character, and each run of two letters or more of any other script."""
    for word in _WORDS.findall(text):
        yield _singular(word)


def _singular(word: str) -> str:
    """The word without the ending of a plural."""
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    return word if word.endswith(("us", "ss", "is")) else word[:-1]


def _mean_of_nearest(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    count = min(NEAREST, alike.shape[1])
    nearest: NDArray[np.float64] = np.sort(alike, axis=1)[:, -count:].mean(axis=1)
    return nearest


def _weights(texts: Iterable[str]) -> csr_array:
    """Texts x terms, each row of length one, or empty."""
    counts = [Counter(terms(text)) for text in texts]
    rarity = Counter(term for one in counts for term in one)
    places = {term: place for place, term in enumerate(sorted(rarity))}
    values, columns, starts = [], [], [0]
    for one in counts:
        row = {
            places[term]: (1 + log(times)) * (log((1 + len(counts)) / (1 + rarity[term])) + 1)
            for term, times in one.items()
        }
        length = sum(weight * weight for weight in row.values()) ** 0.5
        for column in sorted(row):
            columns.append(column)
            values.append(row[column] / length)
        starts.append(len(columns))
    return csr_array(
        (np.array(values), np.array(columns, dtype=np.int64), np.array(starts)),
        shape=(len(counts), max(1, len(places))),
    )
