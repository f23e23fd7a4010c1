"""Two awards compared, whatever found them: how much they overlap, how, and in which passages."""

from functools import lru_cache
from typing import Final

from lineshaft.engines.match.overlap.awards import Award, Fields, Overlap
from lineshaft.engines.match.overlap.evidence import (
    Abstract,
    Evidence,
    abstract_of,
    evidence,
    passages,
)
from lineshaft.engines.match.overlap.judgement import (
    facts_of,
    kind,
    kind_by_text,
    profile_of,
    score,
)
from lineshaft.engines.match.overlap.words import Numbers, Reader

DIGITS: Final = 4
"""Digits of a score."""

_CACHED_AWARDS: Final = 5_000


class Comparison:
    """Compares awards two at a time, and remembers what it has read of the latest.

    `common` are the common shingles in rising order. An overlap below `threshold` is none.
    """

    def __init__(self, common: Numbers, *, fields: Fields, threshold: float) -> None:
        self._common = common
        self._fields = fields
        self._threshold = threshold
        self._reader = Reader()
        self._abstract = lru_cache(maxsize=_CACHED_AWARDS)(self._abstract_of)
        self._profile = lru_cache(maxsize=_CACHED_AWARDS)(profile_of)

    def overlap(self, one: Award, other: Award) -> Overlap | None:
        """What the two share, or None where that is too little, or where they are one award."""
        a, b = sorted((one, other), key=lambda award: award.award_id)
        if a.award_id == b.award_id:
            return None
        found = evidence(self._abstract(a), self._abstract(b))
        reached, facts = self._score(a, b, found)
        if reached < self._threshold:
            return None
        if self._fields is Fields.TEXT:
            what = kind_by_text(a, b, found)
        else:
            what = kind(self._profile(a), self._profile(b), found, facts)
        shared = passages(self._reader.words(a.abstract), self._reader.words(b.abstract))
        return Overlap(
            a.award_id, b.award_id, reached, what, found.share_a, found.share_b, facts, shared
        )

    def _abstract_of(self, award: Award) -> Abstract:
        return abstract_of(self._reader.numbers(award.abstract), self._common)

    def _score(self, a: Award, b: Award, found: Evidence) -> tuple[float, tuple[str, ...]]:
        if self._fields is Fields.TEXT:
            return round(found.share, DIGITS), ()
        facts = facts_of(self._profile(a), self._profile(b))
        return round(score(found.share, facts), DIGITS), facts
