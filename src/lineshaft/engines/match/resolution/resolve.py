"""Which records of a file are one organisation.

Nothing is trained on the file: the weights ship (weights.toml), only the rarity of words is the
file's own. So a record more or less changes nothing about the others, a file of ten rows is read as
well as one of a million, and the same file gives the same answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from lineshaft.engines.match.resolution.clusters import LINK_MIN, Contradiction, grouped
from lineshaft.engines.match.resolution.comparisons import (
    COMPARISONS,
    Weights,
    probability,
    shipped_weights,
)
from lineshaft.engines.match.resolution.engine import FLOOR, Engine, pair_columns
from lineshaft.engines.match.resolution.keys import keys_table
from lineshaft.engines.match.resolution.prepare import (
    Prepared,
    Record,
    Report,
    no_report,
    prepare,
    table_of,
)
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.text import gettext_noop

STEPS: Final = 4
_UNKNOWN: Final = gettext_noop(
    "There is no record %(id)s, which is said to be one with another, or not. Correct the id."
)
_CONTRADICTED: Final = gettext_noop(
    "%(one)s and %(other)s are said to be one and to be two. Take one of the two back."
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one comparison says of a pair: keys and words of comparison and level, and its bits."""

    comparison: str
    level: str
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one organisation, by their ids, the lesser first.

    `weight` is in bits: the sum of the evidence and of what a pair weighs that nothing is known of.
    """

    one: str
    other: str
    probability: float
    weight: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The answer: for each id the least id of its organisation, and how it was come by.

    `rows` counts the records that something tells apart.
    """

    clusters: Mapping[str, str]
    rows: int
    _prepared: Prepared
    _pairs: Sequence[tuple[int, ...]]
    _weights: Weights

    @property
    def organisations(self) -> int:
        """How many organisations there are."""
        return len(self._sizes())

    @property
    def of_several(self) -> int:
        """How many organisations have more than one record."""
        return sum(size > 1 for size in self._sizes().values())

    @property
    def largest(self) -> int:
        """How many records the organisation with most of them has; 0 in an empty file."""
        return max(self._sizes().values(), default=0)

    @property
    def links(self) -> int:
        """How many pairs of different rows are more likely one organisation than two."""
        return sum(pair[0] >= LINK_MIN for pair in self._pairs)

    def _sizes(self) -> Counter[str]:
        return Counter(self.clusters.values())

    def pairs(self, probability_min: float = 0.5) -> Iterator[Pair]:
        """The pairs of at least this probability with their evidence, the likeliest first.

        Of records that are equal in all that is compared the one with the least id stands for all.
        """
        for weight, left, right, *numbers in self._pairs:
            bits = weight / 100
            if probability(bits) < probability_min:
                return
            ids = self._prepared.ids
            yield Pair(
                ids[left][0],
                ids[right][0],
                probability(bits),
                bits,
                _evidence(numbers, self._weights),
            )


def resolve(
    records: Iterable[Record],
    *,
    engine: Engine,
    must_link: Iterable[tuple[str, str]] = (),
    cannot_link: Iterable[tuple[str, str]] = (),
    weights: Weights | None = None,
    report: Report = no_report,
) -> Resolution:
    """Put the records together that are one organisation.

    `must_link` and `cannot_link` are pairs of ids that somebody knows to be one, or to be two.
    Raises Invalid where an id stands twice, a link names no record, or links contradict each other.
    """
    chosen = weights or shipped_weights()
    apart = tuple(cannot_link)
    prepared = prepare(records, report, alone={one for pair in apart for one in pair})
    places = {one: place for place, ids in enumerate(prepared.ids) for one in ids}
    must = [_placed(pair, places) for pair in must_link]
    cannot = [_placed(pair, places) for pair in apart]
    report(1, STEPS, "looking for pairs")
    rows, keys = table_of(prepared), keys_table(prepared)
    report(2, STEPS, "weighing pairs")
    pairs = _weighed(engine.score(rows, keys, chosen), chosen)
    report(3, STEPS, "putting together")
    try:
        groups = grouped(
            len(prepared.rows),
            [(one[0], one[1], one[2]) for one in pairs],
            must=must,
            cannot=cannot,
        )
    except Contradiction as error:
        ids = [prepared.ids[row][0] for row in error.rows]
        params = {"one": ids[0], "other": ids[1]}
        raise Invalid(message=_CONTRADICTED, code="links", params=params) from error
    clusters = {
        one: prepared.ids[groups[place]][0] for place, ids in enumerate(prepared.ids) for one in ids
    }
    return Resolution(clusters, len(prepared.rows), prepared, pairs, chosen)


def _placed(pair: tuple[str, str], places: Mapping[str, int]) -> tuple[int, int]:
    for one in pair:
        if one not in places:
            raise Invalid(message=_UNKNOWN, code="links", params={"id": one})
    return places[pair[0]], places[pair[1]]


def _weighed(table: pa.Table, weights: Weights) -> list[tuple[int, ...]]:
    """Weight, both rows, and the numbers of the levels; the heaviest first."""
    columns = [table.column(name).to_pylist() for name in pair_columns()]
    found = [
        (weight, min(one, other), max(one, other), *numbers)
        for one, other, *numbers in zip(*columns, strict=True)
        if (weight := weights.of(numbers)) >= FLOOR
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return found


def _evidence(numbers: Sequence[int], weights: Weights) -> tuple[Evidence, ...]:
    found = []
    for comparison, number in zip(COMPARISONS, numbers, strict=True):
        level = comparison.level(number)
        if level is not None:
            weight = weights.levels[comparison.key][level.key] / 100
            found.append(Evidence(comparison.key, level.key, level.label, weight))
    return tuple(found)
