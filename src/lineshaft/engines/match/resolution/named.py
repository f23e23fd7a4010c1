"""Organisations of a register, which have several names: each name is compared as a row of its own.

Of two organisations the two names that weigh most speak for them. Groups are of organisations, not
of names: five names that one organisation has, of which one is the other's, are no four against
one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lineshaft.engines.match.resolution.clusters import grouped
from lineshaft.engines.match.resolution.comparisons import Weights, shipped_weights
from lineshaft.engines.match.resolution.engine import Engine
from lineshaft.engines.match.resolution.links import IdPair, links_among
from lineshaft.engines.match.resolution.prepare import Record, Report, no_report, prepare
from lineshaft.engines.match.resolution.resolve import (
    STEPS,
    TOGETHER,
    Pair,
    pair_of,
    placed,
    refuse_contradiction,
    weighed,
)


@dataclass(frozen=True, slots=True)
class NamedPair:
    """Two organisations that may be one, and the names by which they were weighed."""

    pair: Pair
    name: str
    other_name: str


@dataclass(frozen=True, slots=True)
class NamedResolution:
    """For each id the least id of its organisation, and the pairs, the heaviest first."""

    clusters: Mapping[str, str]
    _ids: Sequence[str]
    _names: Sequence[str]
    _pairs: Sequence["_Best"]
    _weights: Weights

    def pairs(self) -> Iterator[NamedPair]:
        """Every pair that was kept, with its evidence, the heaviest first."""
        for one in self._pairs:
            left, right = self._ids[one.left], self._ids[one.right]
            pair = pair_of(left, right, one.weight, one.numbers, self._weights)
            yield NamedPair(pair, self._names[one.left_name], self._names[one.right_name])


@dataclass(frozen=True, slots=True)
class _Best:
    """The heaviest pair of names of two organisations: places of these and of those."""

    weight: int
    left: int
    right: int
    left_name: int
    right_name: int
    numbers: Sequence[int]


def resolve_named(
    records: Iterable[Record],
    *,
    engine: Engine,
    must_link: Iterable[IdPair] = (),
    cannot_link: Iterable[IdPair] = (),
    weights: Weights | None = None,
    report: Report = no_report,
) -> NamedResolution:
    """Put the organisations together that are one; records of one id are names of one organisation.

    `must_link` and `cannot_link` are pairs of ids that somebody knows to be one, or to be two.
    Raises Invalid where these contradict each other.
    """
    chosen = weights or shipped_weights()
    must, cannot = tuple(must_link), tuple(cannot_link)
    refuse_contradiction(must, cannot)
    by_id: dict[str, list[Record]] = {}
    for record in records:
        by_id.setdefault(record.id, []).append(record)
    ids = sorted(by_id)
    named = [
        (place, replace(record, id=f"{place:012}.{number:06}"))
        for place, one in enumerate(ids)
        for number, record in enumerate(by_id[one])
    ]
    rows = [record for _place, record in named]
    prepared = prepare(rows, report, alone={record.id for record in rows})
    scored = weighed(prepared, engine, chosen, report)
    report(STEPS - 1, STEPS, TOGETHER)
    best = _best([place for place, _record in named], scored)
    places = {one: place for place, one in enumerate(ids)}
    must_known, cannot_known = links_among(must, cannot, places)
    groups = grouped(
        len(ids),
        [(one.weight, one.left, one.right) for one in best],
        must=placed(must_known, places),
        cannot=placed(cannot_known, places),
    )
    clusters = {one: ids[groups[place]] for place, one in enumerate(ids)}
    return NamedResolution(clusters, ids, [record.name for record in rows], best, chosen)


def _best(owners: Sequence[int], scored: Iterable[tuple[int, ...]]) -> list[_Best]:
    """The heaviest pair of names of each two organisations; `scored` comes heaviest first."""
    found: dict[tuple[int, int], _Best] = {}
    for weight, row, other_row, *numbers in scored:
        left, right = owners[row], owners[other_row]
        if left != right and (left, right) not in found:
            found[left, right] = _Best(weight, left, right, row, other_row, numbers)
    return list(found.values())
