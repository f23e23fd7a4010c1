"""A short form of an award, small enough to be kept for every award in a table.

Of each `WINDOW` shingles in a row the smallest is kept. Two abstracts that share a run of
`RUN_WORDS` words keep a shingle of it in common, wherever it stands in them; of shorter runs they
may.

*Source*: Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document fingerprinting",
SIGMOD 2003.
"""

from typing import Final

import numpy as np

from lineshaft.engines.match.overlap.awards import Award
from lineshaft.engines.match.overlap.judgement import keys_of, profile_of
from lineshaft.engines.match.overlap.words import SHINGLE_WORDS, Numbers, Reader, shingles

WINDOW: Final = 8
RUN_WORDS: Final = WINDOW + SHINGLE_WORDS - 1


def sketch_of(abstract: str, reader: Reader) -> Numbers:
    """The shingles that are kept of an abstract, each once, in rising order."""
    return _smallest(shingles(reader.numbers(abstract)))


def field_keys(award: Award) -> tuple[int, ...]:
    """The numbers that two awards share where party and title agree, each once, in rising order."""
    return tuple(sorted(set(keys_of(profile_of(award)))))


def _smallest(found: Numbers) -> Numbers:
    if not len(found):
        return found
    windows = np.lib.stride_tricks.sliding_window_view(found, min(WINDOW, len(found)))
    kept: Numbers = np.unique(windows.min(axis=1))
    return kept
