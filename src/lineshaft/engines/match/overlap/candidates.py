"""Which pairs are worth a look: those that share enough shingles, or a key of their fields.

The steps are statements that DuckDB and Spark both run as they stand. They count, compare whole
numbers and nothing else, so the two find the same pairs whatever the order of their work. What a
shingle's number of awards decides is a fixed bound, not a share of the corpus: as the corpus grows,
a passage that two awards share keeps its worth until so many others have it that it is common.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from lineshaft.engines.match.overlap.words import Numbers, Places

COMMON_AWARDS: Final = 30
"""A shingle in more awards than this is common: a phrase of the trade or a programme's text. The
largest group of awards with one text in the development files has 12."""

SHARED_MIN: Final = 4
"""Shingles that a pair shares at least: a passage of eight words, or two of six."""

type Progress = Callable[[int, int, str], None]
"""Called with what is done, the total (0 while unknown) and a word on what goes on."""


@dataclass(frozen=True, slots=True)
class Record:
    """An award as an engine wants it: its number, its text, and the numbers of its keys."""

    number: int
    text: str
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a pair must fulfil. Numbers from `split` on are compared with those below it only;
    with 0 every award is compared with every other.
    """

    split: int
    share_min: float
    """Shared shingles at least, as a share of those of the smaller award that are not common."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of numbers in rising order, `first[i] < second[i]`, and the common shingles."""

    first: Places
    second: Places
    common: Numbers


class Records(Protocol):
    """Awards as many as are known beforehand, drawn one after another, more than once if wanted;
    they need not be in memory together.
    """

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Record]: ...


class Engine(Protocol):
    """What finds candidates: one machine or a cluster."""

    def __call__(self, records: Records, bounds: Bounds, progress: Progress) -> Candidates: ...


COUNTED: Final = """
    SELECT shingle, count(*) AS awards FROM postings GROUP BY shingle HAVING count(*) > 1
"""
"""One row: a shingle that stands in several awards."""

COMMON: Final = "SELECT shingle FROM counted WHERE awards > {common}"
"""One row: a common shingle."""

REPEATED: Final = """
    SELECT postings.shingle, postings.award
    FROM postings JOIN counted ON postings.shingle = counted.shingle
    WHERE counted.awards <= {common}
"""
"""One row: an award and a shingle that it shares with a few others."""

SIZES: Final = """
    SELECT award, count(*) AS size
    FROM postings LEFT JOIN common ON postings.shingle = common.shingle
    WHERE common.shingle IS NULL
    GROUP BY award
"""
"""One row: an award, and how many shingles it has that are not common."""

PAIRS: Final = """
    WITH pairs AS (
        SELECT p.award AS a, q.award AS b, count(*) AS shared
        FROM repeated AS p JOIN repeated AS q ON p.shingle = q.shingle
        WHERE p.award < q.award AND {sides}
        GROUP BY p.award, q.award
        HAVING count(*) >= {shared}
    )
    SELECT a, b FROM pairs
    JOIN sizes AS s ON s.award = a
    JOIN sizes AS t ON t.award = b
    WHERE shared * 1000 >= {share_per_mille} * least(s.size, t.size)
    UNION
    SELECT p.award AS a, q.award AS b
    FROM few AS p JOIN few AS q ON p.key = q.key
    WHERE p.award < q.award AND {sides}
"""
"""One row: a pair of awards to be compared."""

FEW: Final = """
    SELECT key, award FROM award_keys
    WHERE key IN (SELECT key FROM award_keys GROUP BY key HAVING count(*) BETWEEN 2 AND {common})
"""
"""One row: an award and a key that it shares with a few others."""


def filled(statement: str, bounds: Bounds) -> str:
    """The statement with its numbers in place."""
    sides = f"p.award < {bounds.split} AND q.award >= {bounds.split}" if bounds.split else "TRUE"
    return statement.format(
        common=COMMON_AWARDS,
        shared=SHARED_MIN,
        share_per_mille=round(bounds.share_min * 1000),
        sides=sides,
    )
