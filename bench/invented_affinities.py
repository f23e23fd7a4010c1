"""Affinities of a large conference that never was, the same for everyone who makes them.

Applications and reviewers are mixes of topics, of which few are in fashion and many are not; a
pair fits by the angle between its mixes, with a part by chance. So popular applications compete
for the same reviewers, and some have hardly any.

    python bench/invented_affinities.py FILE [APPLICATIONS REVIEWERS]     write it as .npz
"""

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

APPLICATIONS: Final = 10_124
REVIEWERS: Final = 5_680
SEED: Final = 11
TOPICS: Final = 60
CHANCE: Final = 0.25
FADING: Final = 0.7
"""A topic is as common as its place to the power of minus this."""


def invented(applications: int = APPLICATIONS, reviewers: int = REVIEWERS) -> NDArray[np.float32]:
    """The matrix, reviewers x applications, each from 0 to 1."""
    drawing = np.random.Generator(np.random.PCG64(SEED))
    fashion = np.arange(1, TOPICS + 1, dtype=np.float64) ** -FADING
    ends = np.cumsum(fashion / fashion.sum())
    mixes = [
        _mixes(drawing, ends, number, topics)
        for number, topics in ((reviewers, 4), (applications, 3))
    ]
    found = (1 - CHANCE) * (mixes[0] @ mixes[1].T)
    chance = drawing.random((reviewers, applications), dtype=np.float32)
    return (found + CHANCE * chance).astype(np.float32)


def _mixes(
    drawing: np.random.Generator, ends: NDArray[np.float64], number: int, topics: int
) -> NDArray[np.float32]:
    """Mixes of so many topics, some of them drawn twice, as rows of length one."""
    found = np.zeros((number, len(ends)), dtype=np.float32)
    for _topic in range(topics):
        places = np.searchsorted(ends, drawing.random(number)).clip(max=len(ends) - 1)
        found[np.arange(number), places] += drawing.random(number, dtype=np.float32)
    length = np.sqrt((found * found).sum(axis=1, keepdims=True))
    return (found / np.maximum(length, np.float32(1e-6))).astype(np.float32)


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[2:]]
    np.savez(Path(sys.argv[1]), similarity=invented(*sizes))
