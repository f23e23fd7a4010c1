"""Every pair of awards that overlaps, from candidates to what each shares."""

from collections.abc import Iterator, Sequence
from typing import Final

from lineshaft.engines.match.overlap.awards import Award, Fields, Overlap
from lineshaft.engines.match.overlap.candidates import (
    Bounds,
    Candidates,
    Engine,
    Progress,
    Record,
)
from lineshaft.engines.match.overlap.comparing import Comparison
from lineshaft.engines.match.overlap.judgement import (
    FACT_WEIGHTS,
    THRESHOLDS,
    keys_of,
    profile_of,
)
from lineshaft.engines.match.overlap.words import SHINGLE_WORDS
from lineshaft.kernel.text import gettext_noop

COMPARING: Final = gettext_noop("comparing")
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
    both = [*left, *right]
    bounds = bounds_of(bound, fields, split=len(left) if right else 0)
    records = [record_of(number, award, fields) for number, award in enumerate(both)]
    found = engine(records, bounds, progress)
    comparison = Comparison(found.common, fields=fields, threshold=bound)
    flagged = list(_flagged(both, found, comparison, progress))
    return sorted(flagged, key=lambda one: (-one.score, one.a, one.b))


def record_of(number: int, award: Award, fields: Fields = Fields.ALL) -> Record:
    """The award as an engine wants it."""
    keys = keys_of(profile_of(award)) if fields is Fields.ALL else ()
    return Record(number, award.abstract, keys)


def bounds_of(threshold: float, fields: Fields = Fields.ALL, *, split: int = 0) -> Bounds:
    """What a pair must fulfil to be compared, so that none is missed that reaches the threshold.

    A passage of five words is one shingle, so the share of the words may be five times as large.
    """
    share = threshold
    if fields is Fields.ALL:
        closed = max(FACT_WEIGHTS[name] for name in ("alike_title", "common_title"))
        share = max(0.0, (threshold - closed) / (1 - closed))
    return Bounds(split, share / SHINGLE_WORDS)


def _by_id(awards: Sequence[Award]) -> list[Award]:
    return sorted(awards, key=lambda award: award.award_id)


def _flagged(
    awards: Sequence[Award], found: Candidates, comparison: Comparison, progress: Progress
) -> Iterator[Overlap]:
    """The candidates that overlap."""
    pairs = zip(found.first.tolist(), found.second.tolist(), strict=True)
    for done, (first, second) in enumerate(pairs):
        if done % _REPORT_EVERY == 0:
            progress(done, len(found.first), COMPARING)
        overlap = comparison.overlap(awards[first], awards[second])
        if overlap is not None:
            yield overlap
