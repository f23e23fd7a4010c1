"""Every pair of awards that overlaps, from candidates to what each shares."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from lineshaft.engines.match.overlap.awards import Award, Fields, Overlap
from lineshaft.engines.match.overlap.candidates import (
    Bounds,
    Candidates,
    Engine,
    Progress,
    Record,
)
from lineshaft.engines.match.overlap.evidence import (
    Abstract,
    Evidence,
    abstract_of,
    evidence,
    passages,
)
from lineshaft.engines.match.overlap.judgement import (
    FACT_WEIGHTS,
    THRESHOLDS,
    Profile,
    facts_of,
    keys_of,
    kind,
    kind_by_text,
    profile_of,
    score,
)
from lineshaft.engines.match.overlap.words import SHINGLE_WORDS, Reader

DIGITS: Final = 4
"""Digits of a score."""

_CACHED_AWARDS: Final = 20_000
_REPORT_EVERY: Final = 500


def overlaps(
    awards: Sequence[Award],
    against: Sequence[Award] | None = None,
    *,
    engine: Engine,
    fields: Fields = Fields.ALL,
    threshold: float | None = None,
    progress: Progress = lambda _done, _total, _note: None,
) -> list[Overlap]:
    """The pairs whose score is at least the threshold, the highest score first, then by id.

    Pairs lie within `awards`, or, where `against` is given, between the two. Ids are unique within
    each; an award is not compared with itself.
    """
    if not awards or (against is not None and not against):
        return []
    bound = THRESHOLDS[fields] if threshold is None else threshold
    left, right = _by_id(awards), _by_id(against or ())
    comparison = _Comparison([*left, *right], fields)
    bounds = Bounds(len(left) if right else 0, _share_min(bound, fields))
    found = engine(comparison.records(), bounds, progress)
    flagged = list(comparison.flagged(found, bound, progress))
    return sorted(flagged, key=lambda one: (-one.score, one.a, one.b))


def _by_id(awards: Sequence[Award]) -> list[Award]:
    return sorted(awards, key=lambda award: award.award_id)


def _share_min(threshold: float, fields: Fields) -> float:
    """The least share of shingles with which a pair can still reach the threshold.

    A passage of five words is one shingle, so the share of the words may be five times as large.
    """
    share = threshold
    if fields is Fields.ALL:
        closed = max(FACT_WEIGHTS[name] for name in ("alike_title", "common_title"))
        share = max(0.0, (threshold - closed) / (1 - closed))
    return share / SHINGLE_WORDS


class _Comparison:
    """The awards by number, and what is read of their texts once two of them are compared."""

    def __init__(self, awards: Sequence[Award], fields: Fields) -> None:
        self._awards = awards
        self._fields = fields
        self._profiles: list[Profile] = []
        if fields is Fields.ALL:
            self._profiles = [profile_of(award) for award in awards]
        self._reader = Reader()

    def records(self) -> list[Record]:
        """The awards as an engine wants them."""
        keys = [keys_of(profile) for profile in self._profiles] or [()] * len(self._awards)
        return [
            Record(number, award.abstract, of_award)
            for number, (award, of_award) in enumerate(zip(self._awards, keys, strict=True))
        ]

    def flagged(self, found: Candidates, threshold: float, progress: Progress) -> Iterator[Overlap]:
        """The candidates whose score is at least the threshold."""
        abstract = self._abstracts(found)
        pairs = zip(found.first.tolist(), found.second.tolist(), strict=True)
        for done, pair in enumerate(pairs):
            if done % _REPORT_EVERY == 0:
                progress(done, len(found.first), "comparing")
            first, second = sorted(pair, key=lambda number: self._awards[number].award_id)
            if self._awards[first].award_id == self._awards[second].award_id:
                continue
            found_here = evidence(abstract(first), abstract(second))
            reached, facts = self._score(first, second, found_here)
            if reached >= threshold:
                yield self._overlap(first, second, reached, facts, found_here)

    def _abstracts(self, found: Candidates) -> Callable[[int], Abstract]:
        @lru_cache(maxsize=_CACHED_AWARDS)
        def abstract(number: int) -> Abstract:
            return abstract_of(self._reader.numbers(self._awards[number].abstract), found.common)

        return abstract

    def _score(self, first: int, second: int, found: Evidence) -> tuple[float, tuple[str, ...]]:
        if self._fields is Fields.TEXT:
            return round(found.share, DIGITS), ()
        facts = facts_of(self._profiles[first], self._profiles[second])
        return round(score(found.share, facts), DIGITS), facts

    def _overlap(
        self, first: int, second: int, reached: float, facts: tuple[str, ...], found: Evidence
    ) -> Overlap:
        a, b = self._awards[first], self._awards[second]
        if self._fields is Fields.TEXT:
            what = kind_by_text(a, b, found)
        else:
            what = kind(self._profiles[first], self._profiles[second], found, facts)
        shared = passages(self._reader.words(a.abstract), self._reader.words(b.abstract))
        return Overlap(
            a.award_id, b.award_id, reached, what, found.share_a, found.share_b, facts, shared
        )
