"""How near a topic is to another: how alike their words are, and which passages both have.

A short text, such as the focus of an institute in a line, shares no long passage with anything; of
such a one shorter runs count as well, where they say something: words of a few letters and the
commonest ones do not.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from lineshaft.engines.match.affinity import affinities
from lineshaft.engines.match.overlap.awards import Passage
from lineshaft.engines.match.overlap.evidence import passages
from lineshaft.engines.match.overlap.words import Reader, Words, fold

SHORT_WORDS: Final = 60
"""Words up to which a text is short."""

RUN_WORDS: Final = 2
TELLING_LETTERS: Final = 4
TELLING_LEAST: Final = 4
"""What the words of a short run weigh at least: a telling word 2, a Chinese character 1."""

_COMMON: Final = frozenset(
    {
        *("also", "been", "both", "from", "have", "into", "many", "more", "most", "other"),
        *("such", "than", "that", "their", "them", "these", "they", "this", "those", "through"),
        *("were", "which", "will", "with", "within", "without"),
    }
)


def likenesses(text: str, others: Sequence[str]) -> list[float]:
    """How alike the text is to each of the others by its words, from 0 to 1."""
    if not others:
        return []
    found = affinities([text], [[other] for other in others])
    return [float(one) for one in found[0]]


def shared_passages(text: str, other: str) -> tuple[float, tuple[Passage, ...]]:
    """The share of the first text's words that stand in passages of both, and these passages in
    its order.
    """
    reader = Reader()
    a, b = reader.words(text), reader.words(other)
    if not len(a.numbers):
        return 0.0, ()
    is_short = min(len(a.numbers), len(b.numbers)) <= SHORT_WORDS
    found = _short_runs(text, a, b) if is_short else passages(a, b)
    covered = sum(
        1 for start in a.starts.tolist() if any(one.a_start <= start < one.a_end for one in found)
    )
    return covered / len(a.numbers), found


def _short_runs(text: str, a: Words, b: Words) -> tuple[Passage, ...]:
    """The longest runs that both have and that say something, in the order of `a`."""
    words_a, words_b = a.numbers.tolist(), b.numbers.tolist()
    places: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for there in range(len(words_b) - RUN_WORDS + 1):
        places[tuple(words_b[there : there + RUN_WORDS])].append(there)
    weights = [
        _weight(text[start:end])
        for start, end in zip(a.starts.tolist(), a.ends.tolist(), strict=True)
    ]
    found: list[Passage] = []
    at = 0
    while at < len(words_a) - RUN_WORDS + 1:
        length, place = max(
            (
                (_run(words_a, at, words_b, there), -there)
                for there in places.get(tuple(words_a[at : at + RUN_WORDS]), ())
            ),
            default=(0, 0),
        )
        if not weights[at] or sum(weights[at : at + length]) < TELLING_LEAST:
            at += 1
            continue
        while not weights[at + length - 1]:
            length -= 1
        found.append(
            Passage(
                int(a.starts[at]),
                int(a.ends[at + length - 1]),
                int(b.starts[-place]),
                int(b.ends[length - place - 1]),
            )
        )
        at += length
    return tuple(found)


def _run(a: list[int], at: int, b: list[int], there: int) -> int:
    """For how many words the two texts are equal from these places on."""
    length = 0
    while at + length < len(a) and there + length < len(b) and a[at + length] == b[there + length]:
        length += 1
    return length


def _weight(word: str) -> int:
    """How much a word says: nothing, 2, or 1 for a Chinese character."""
    if not word.isascii() and len(word) == 1:
        return 1
    folded = fold(word)
    return 2 if len(folded) >= TELLING_LETTERS and folded not in _COMMON else 0
