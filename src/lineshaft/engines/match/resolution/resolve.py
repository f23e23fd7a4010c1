"""Which records of a file are one organisation.

Nothing is trained on the file: the weights ship (weights.toml), only the rarity of words is the
file's own. So a record more or less changes nothing about the others, a file of ten rows is read as
well as one of a million, and the same file gives the same answer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lineshaft.engines.match.resolution.clusters import LINK_MIN, grouped
from lineshaft.engines.match.resolution.comparisons import (
    COMPARISONS,
    Weights,
    probability,
    shipped_weights,
)
from lineshaft.engines.match.resolution.engine import FLOOR, Engine, pair_columns
from lineshaft.engines.match.resolution.keys import keys_table
from lineshaft.engines.match.resolution.links import IdPair, contradiction, links_among
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
LOOKING: Final = gettext_noop("looking for pairs")
WEIGHING: Final = gettext_noop("weighing pairs")
TOGETHER: Final = gettext_noop("putting together")
_CONTRADICTED: Final = gettext_noop(
    "%(one)s and %(other)s are said to be two, but are said to be one by %(chain)s. Take one of "
    "these back."
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
            if probability(weight / 100) < probability_min:
                return
            ids = self._prepared.ids
            yield pair_of(ids[left][0], ids[right][0], weight, numbers, self._weights)


def resolve(
    records: Iterable[Record],
    *,
    engine: Engine,
    must_link: Iterable[IdPair] = (),
    cannot_link: Iterable[IdPair] = (),
    weights: Weights | None = None,
    report: Report = no_report,
) -> Resolution:
    """Put the records together that are one organisation.

    `must_link` and `cannot_link` are pairs of ids that somebody knows to be one, or to be two; one
    that names an id that is not among the records counts for what it says of the others.
    Raises Invalid where an id stands twice, or links contradict each other.
    """
    chosen = weights or shipped_weights()
    must, cannot = tuple(must_link), tuple(cannot_link)
    refuse_contradiction(must, cannot)
    alone = {one for pair in (*must, *cannot) for one in pair} if cannot else set()
    prepared = prepare(records, report, alone=alone)
    places = {one: place for place, ids in enumerate(prepared.ids) for one in ids}
    must_known, cannot_known = links_among(must, cannot, places)
    pairs = weighed(prepared, engine, chosen, report)
    report(STEPS - 1, STEPS, TOGETHER)
    groups = grouped(
        len(prepared.rows),
        [(one[0], one[1], one[2]) for one in pairs],
        must=placed(must_known, places),
        cannot=placed(cannot_known, places),
    )
    clusters = {
        one: prepared.ids[groups[place]][0] for place, ids in enumerate(prepared.ids) for one in ids
    }
    return Resolution(clusters, len(prepared.rows), prepared, pairs, chosen)


def refuse_contradiction(must: Sequence[IdPair], cannot: Sequence[IdPair]) -> None:
    """Raise Invalid where two are said to be two and, by a chain of links, one."""
    found = contradiction(must, cannot)
    if found is not None:
        one, other = found.apart
        chain = ", ".join(f"{left} = {right}" for left, right in found.chain)
        params = {"one": one, "other": other, "chain": chain}
        raise Invalid(message=_CONTRADICTED, code="links", params=params)


def placed(pairs: Iterable[IdPair], places: Mapping[str, int]) -> list[tuple[int, int]]:
    """Pairs of ids as pairs of rows."""
    return [(places[one], places[other]) for one, other in pairs]


def weighed(
    prepared: Prepared, engine: Engine, weights: Weights, report: Report
) -> list[tuple[int, ...]]:
    """Weight in hundredths of a bit, both rows, and the numbers of the levels; heaviest first."""
    report(1, STEPS, LOOKING)
    rows, keys = table_of(prepared), keys_table(prepared)
    report(2, STEPS, WEIGHING)
    table = engine.score(rows, keys, weights)
    columns = [table.column(name).to_pylist() for name in pair_columns()]
    found = [
        (weight, min(one, other), max(one, other), *numbers)
        for one, other, *numbers in zip(*columns, strict=True)
        if (weight := weights.of(numbers)) >= FLOOR
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return found


def pair_of(one: str, other: str, weight: int, numbers: Sequence[int], weights: Weights) -> Pair:
    """The pair of these ids and levels; `weight` in hundredths of a bit."""
    bits = weight / 100
    return Pair(one, other, probability(bits), bits, _evidence(numbers, weights))


def _evidence(numbers: Sequence[int], weights: Weights) -> tuple[Evidence, ...]:
    found = []
    for comparison, number in zip(COMPARISONS, numbers, strict=True):
        level = comparison.level(number)
        if level is not None:
            weight = weights.levels[comparison.key][level.key] / 100
            found.append(Evidence(comparison.key, level.key, level.label, weight))
    return tuple(found)
