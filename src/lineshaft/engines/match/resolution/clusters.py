"""From pairs to organisations: which rows stand together.

Two groups become one when a pair that is more likely than not joins them, and what is known of all
pairs between them does not speak against it: on average they have to weigh TOGETHER_MIN at least,
and a pair that was never compared counts UNCOMPARED. So a single likely pair can't chain two groups
that otherwise differ. The likeliest pairs come first. What a person has said goes before all:
must-links join, cannot-links keep apart.

Weights are whole numbers and ties go by the numbers of the rows, so that nothing depends on an
order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final

LINK_MIN: Final = 0
"""Hundredths of a bit from which a pair is more likely one organisation than two."""

TOGETHER_MIN: Final = -100
UNCOMPARED: Final = -200
_BOUND: Final = 800
"""No single pair speaks louder than this within an average."""

type Link = tuple[int, int, int]
"""Weight in hundredths of a bit, and two rows, the smaller first."""


class Contradiction(Exception):
    """Two rows that a person has kept apart are joined by what a person has said."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"rows {one} and {other}")
        self.rows = (one, other)


def grouped(
    rows: int,
    links: Iterable[Link],
    *,
    must: Iterable[tuple[int, int]] = (),
    cannot: Collection[tuple[int, int]] = (),
) -> list[int]:
    """For each row the smallest row of its group.

    `links` are the weighed pairs, unlikely ones too. Raises Contradiction.
    """
    groups = _Groups(rows, cannot)
    for one, other in sorted(must):
        groups.join(one, other)
    groups.check()
    weighed = sorted(links, key=lambda link: (-link[0], link[1], link[2]))
    for weight, one, other in weighed:
        groups.note(weight, one, other)
    for weight, one, other in weighed:
        if weight < LINK_MIN:
            break
        if groups.may_join(one, other):
            groups.join(one, other)
    return [groups.of(row) for row in range(rows)]


class _Groups:
    """The groups so far: a forest of rows, the members of each root, and what is known of pairs."""

    def __init__(self, rows: int, cannot: Collection[tuple[int, int]]) -> None:
        self._parents = list(range(rows))
        self._members: dict[int, list[int]] = {}
        self._weights: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._cannot: defaultdict[int, set[int]] = defaultdict(set)
        for one, other in cannot:
            self._cannot[one].add(other)
            self._cannot[other].add(one)

    def note(self, weight: int, one: int, other: int) -> None:
        """Remember what a pair weighs."""
        bound = max(-_BOUND, min(_BOUND, weight))
        self._weights[one][other] = bound
        self._weights[other][one] = bound

    def of(self, row: int) -> int:
        """The smallest row of the group."""
        parents = self._parents
        while parents[row] != row:
            parents[row] = parents[parents[row]]
            row = parents[row]
        return row

    def join(self, one: int, other: int) -> None:
        """Make the groups of two rows one."""
        low, high = sorted((self.of(one), self.of(other)))
        if low == high:
            return
        self._parents[high] = low
        self._members[low] = self._all(low) + self._all(high)
        self._members.pop(high, None)

    def check(self) -> None:
        """Raise Contradiction where rows that stay apart are in one group."""
        for row in sorted(self._cannot):
            for other in sorted(self._cannot[row]):
                if self.of(row) == self.of(other):
                    raise Contradiction(row, other)

    def may_join(self, one: int, other: int) -> bool:
        """Whether two rows are in two groups that may become one."""
        low, high = self.of(one), self.of(other)
        if low == high:
            return False
        fewer, more = sorted((self._all(low), self._all(high)), key=len)
        if len(more) == 1 and not self._cannot:
            return True
        across = set(more)
        if any(not self._cannot[row].isdisjoint(across) for row in fewer if row in self._cannot):
            return False
        pairs = len(fewer) * len(more)
        known = [
            weight
            for row in fewer
            for neighbour, weight in self._weights[row].items()
            if neighbour in across
        ]
        return sum(known) + UNCOMPARED * (pairs - len(known)) >= TOGETHER_MIN * pairs

    def _all(self, root: int) -> list[int]:
        return self._members.get(root, [root])
