"""What people have said of records, and whether it can all be true.

A must-link says that two records are one organisation, a cannot-link that they are two. Must-links
reach further: who is one with a record is one with all that are one with it. So two records that a
cannot-link parts contradict it as soon as a chain of must-links joins them.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

type IdPair = tuple[str, str]


class Contradiction(NamedTuple):
    """Two records said to be two, and the must-links on the shortest way from the one to the
    other.
    """

    apart: IdPair
    chain: tuple[IdPair, ...]


def contradiction(must: Sequence[IdPair], cannot: Iterable[IdPair]) -> Contradiction | None:
    """The first cannot-link that must-links contradict, or None where all can be true."""
    groups = _Groups(must)
    for one, other in cannot:
        if groups.of(one) == groups.of(other):
            return Contradiction((one, other), _chain(must, one, other))
    return None


def links_among(
    must: Sequence[IdPair], cannot: Iterable[IdPair], known: Collection[str]
) -> tuple[list[IdPair], list[IdPair]]:
    """What the links say of the known ids alone, one link for each thing said.

    A link to an id that is not known still counts for what it says of the others: two that are
    one with it are one, and what it was kept apart from stays apart from them.
    """
    groups = _Groups(must)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for one in sorted({one for pair in must for one in pair if one in known}):
        members[groups.of(one)].append(one)

    def standing(one: str) -> str | None:
        group = members.get(groups.of(one))
        return group[0] if group else one if one in known else None

    joined = [(some[0], other) for some in members.values() for other in some[1:]]
    apart = {
        (min(one, other), max(one, other))
        for one, other in ((standing(left), standing(right)) for left, right in cannot)
        if one is not None and other is not None
    }
    return joined, sorted(apart)


class _Groups:
    """Ids by the must-links that join them."""

    def __init__(self, must: Iterable[IdPair]) -> None:
        self._parents: dict[str, str] = {}
        for one, other in must:
            self._parents[self.of(one)] = self.of(other)

    def of(self, one: str) -> str:
        """The id that stands for the group."""
        parents = self._parents
        while one in parents and parents[one] != one:
            parents[one] = parents.get(parents[one], parents[one])
            one = parents[one]
        return one


def _chain(must: Iterable[IdPair], one: str, other: str) -> tuple[IdPair, ...]:
    """The must-links on the shortest way between two ids that some join, as they were given."""
    beside: defaultdict[str, list[tuple[str, IdPair]]] = defaultdict(list)
    for pair in must:
        left, right = pair
        beside[left].append((right, pair))
        beside[right].append((left, pair))
    ways: dict[str, tuple[IdPair, ...]] = {one: ()}
    waiting = deque([one])
    while other not in ways:
        here = waiting.popleft()
        for neighbour, pair in beside[here]:
            if neighbour not in ways:
                ways[neighbour] = (*ways[here], pair)
                waiting.append(neighbour)
    return ways[other]
