"""What is asked: applications, reviewers, the pairs that may be, and what every panel must be.

Applications and reviewers are numbered from zero; whoever asks keeps the names. Pairs are sparse
(`Pairs`, those alone that may be assigned) or a full matrix (`Matrix`, where minus infinity marks
a pair that may not be); both answer the same questions, so a matrix of a hundred million pairs is
solved on a few candidates and proven over all of them.

Invariants: a pair that may not be assigned has no score; scores are finite; a value is never
changed after it was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]

ROUNDING: Final = 1e-12
"""Relative to the numbers added, sums of floating point are never off by so much here."""

NOBODY: Final[Ints] = np.zeros(0, dtype=np.int64)

BLOCK_CELLS: Final = 1_000_000
"""A full matrix is read in blocks of rows of about so many cells, which the cache holds."""


class Scores(Protocol):
    """The pairs that may be assigned, and how well each fits."""

    @property
    def applications(self) -> int: ...

    @property
    def reviewers(self) -> int: ...

    @property
    def count(self) -> int:
        """How many pairs may be assigned."""
        ...

    def every(self) -> "Pairs":
        """All pairs."""
        ...

    def best(self, count: int) -> "Pairs":
        """The pairs of highest score of every application, up to `count` of each."""
        ...

    def best_of_reviewers(self, reviewers: Ints, count: int) -> "Pairs":
        """The pairs of highest score of these reviewers, up to `count` of each."""
        ...

    def of_applications(self, applications: Ints) -> "Pairs":
        """All pairs of these applications."""
        ...

    def of_pairs(self, application: Ints, reviewer: Ints) -> Floats:
        """The scores of these pairs, minus infinity for one that may not be."""
        ...

    def beyond(self, weights: Floats, worth: Floats, prices: Floats, most: int) -> "Pairs":
        """Pairs whose weighted score exceeds application's worth plus reviewer's price, up to
        `most` of each application, those that exceed it most.
        """
        ...

    def surplus(self, weights: Floats, worth: Floats, prices: Floats) -> float:
        """By how much, in sum, weighted scores exceed worth plus price where they do."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs with their scores, ordered by application, then reviewer, each once."""

    applications: int
    reviewers: int
    application: Ints
    reviewer: Ints
    score: Floats

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        application: ArrayLike,
        reviewer: ArrayLike,
        score: ArrayLike,
    ) -> "Pairs":
        """Pairs in any order; of a pair that stands twice the first score counts."""
        rows = np.asarray(application, dtype=np.int64)
        columns = np.asarray(reviewer, dtype=np.int64)
        values = np.asarray(score, dtype=np.float64)
        if not len(rows) == len(columns) == len(values):
            raise ValueError("a pair is an application, a reviewer and a score")
        if len(rows) and not _within(rows, shape[0]) & _within(columns, shape[1]):
            raise ValueError("a pair names an application or reviewer that is not there")
        if not np.isfinite(values).all():
            raise ValueError("the score of a pair is a finite number")
        _keys, places = np.unique(rows * shape[1] + columns, return_index=True)
        return cls(*shape, rows[places], columns[places], values[places])

    @property
    def count(self) -> int:
        return len(self.score)

    @property
    def keys(self) -> Ints:
        """One number for each pair, rising."""
        return self.application * self.reviewers + self.reviewer

    def places(self, application: Ints, reviewer: Ints) -> Ints:
        """Where these pairs stand; -1 where one does not."""
        if not self.count:
            return np.full(len(application), -1)
        wanted = application * self.reviewers + reviewer
        found = np.minimum(np.searchsorted(self.keys, wanted), self.count - 1)
        return np.where(self.keys[found] == wanted, found, -1)

    def where(self, kept: Bools | Ints) -> "Pairs":
        """Some of the pairs; `kept` is a mask, or rising places."""
        return Pairs(
            self.applications,
            self.reviewers,
            self.application[kept],
            self.reviewer[kept],
            self.score[kept],
        )

    def joined(self, *others: "Pairs") -> "Pairs":
        """These pairs and others; a pair of both stands once."""
        parts = (self, *others)
        return Pairs.of(
            (self.applications, self.reviewers),
            np.concatenate([one.application for one in parts]),
            np.concatenate([one.reviewer for one in parts]),
            np.concatenate([one.score for one in parts]),
        )

    def every(self) -> "Pairs":
        return self

    def best(self, count: int) -> "Pairs":
        return _first_of_each(self, self.application, self.score, count)

    def best_of_reviewers(self, reviewers: Ints, count: int) -> "Pairs":
        theirs = self.where(np.isin(self.reviewer, reviewers))
        return _first_of_each(theirs, theirs.reviewer, theirs.score, count)

    def of_applications(self, applications: Ints) -> "Pairs":
        return self.where(np.isin(self.application, applications))

    def of_pairs(self, application: Ints, reviewer: Ints) -> Floats:
        places = self.places(application, reviewer)
        found = np.full(len(places), -np.inf)
        found[places >= 0] = self.score[places[places >= 0]]
        return found

    def beyond(self, weights: Floats, worth: Floats, prices: Floats, most: int) -> "Pairs":
        exceeding = self._excess(weights, worth, prices)
        pays = exceeding > slack_of(prices, worth)
        found = self.where(pays)
        return _first_of_each(found, found.application, exceeding[pays], most)

    def surplus(self, weights: Floats, worth: Floats, prices: Floats) -> float:
        return float(np.maximum(self._excess(weights, worth, prices), 0).sum())

    def _excess(self, weights: Floats, worth: Floats, prices: Floats) -> Floats:
        rows = self.application
        excess: Floats = self.score * weights[rows] - worth[rows] - prices[self.reviewer]
        return excess


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A score for every pair: applications x reviewers, minus infinity where it may not be."""

    scores: NDArray[np.floating[Any]]

    def __post_init__(self) -> None:
        if self.scores.ndim != 2:  # noqa: PLR2004 -- rows and columns
            raise ValueError("a matrix has rows and columns")
        if not (np.isfinite(self.scores) | np.isneginf(self.scores)).all():
            raise ValueError("the score of a pair is a finite number, or minus infinity")

    @property
    def applications(self) -> int:
        return int(self.scores.shape[0])

    @property
    def reviewers(self) -> int:
        return int(self.scores.shape[1])

    @property
    def count(self) -> int:
        return int(np.isfinite(self.scores).sum())

    def every(self) -> Pairs:
        rows, columns = np.nonzero(np.isfinite(self.scores))
        return self._pairs(rows, columns)

    def best(self, count: int) -> Pairs:
        if not 0 < count < self.reviewers:
            return self.every() if count else self._pairs(NOBODY, NOBODY)
        first = self.reviewers - count
        columns = np.concatenate(
            [
                np.argpartition(self.scores[rows], first, axis=1)[:, first:].ravel()
                for rows in self._blocks()
            ]
        )
        return self._allowed(np.repeat(np.arange(self.applications), count), columns)

    def best_of_reviewers(self, reviewers: Ints, count: int) -> Pairs:
        part = self.scores[:, reviewers]
        first = max(0, self.applications - count)
        rows = np.argpartition(part, first, axis=0)[first:]
        return self._allowed(rows.ravel(), np.tile(reviewers, len(rows)))

    def of_applications(self, applications: Ints) -> Pairs:
        rows = np.repeat(applications, self.reviewers)
        return self._allowed(rows, np.tile(np.arange(self.reviewers), len(applications)))

    def of_pairs(self, application: Ints, reviewer: Ints) -> Floats:
        return self.scores[application, reviewer].astype(np.float64)

    def beyond(self, weights: Floats, worth: Floats, prices: Floats, most: int) -> Pairs:
        rows: list[Ints] = []
        columns: list[Ints] = []
        slack = slack_of(prices, worth)
        for block in self._blocks():
            excess = self._excess(block, weights, worth, prices)
            pays = excess > slack
            for row in np.flatnonzero(pays.any(axis=1)):
                found = np.flatnonzero(pays[row])
                best = found[np.argsort(-excess[row, found], kind="stable")[:most]]
                rows.append(np.full(len(best), block.start + row))
                columns.append(best)
        if not rows:
            return self._pairs(NOBODY, NOBODY)
        return self._pairs(np.concatenate(rows), np.concatenate(columns))

    def surplus(self, weights: Floats, worth: Floats, prices: Floats) -> float:
        return float(
            sum(
                np.maximum(self._excess(block, weights, worth, prices), 0).sum()
                for block in self._blocks()
            )
        )

    def _excess(self, block: slice, weights: Floats, worth: Floats, prices: Floats) -> Floats:
        part = self.scores[block]
        with np.errstate(invalid="ignore"):
            weighted = part * weights[block, None]
        if not weights[block].all():
            weighted[np.isneginf(part)] = -np.inf  # zero times minus infinity is no number
        excess: Floats = weighted - worth[block, None] - prices[None, :]
        return excess

    def _blocks(self) -> Iterable[slice]:
        step = max(1, BLOCK_CELLS // max(1, self.reviewers))
        return (
            slice(start, min(start + step, self.applications))
            for start in range(0, self.applications, step)
        )

    def _allowed(self, rows: Ints, columns: Ints) -> Pairs:
        may_be = np.isfinite(self.scores[rows, columns])
        return self._pairs(rows[may_be], columns[may_be])

    def _pairs(self, rows: Ints, columns: Ints) -> Pairs:
        shape = (self.applications, self.reviewers)
        return Pairs.of(shape, rows, columns, self.scores[rows, columns])


@dataclass(frozen=True, slots=True)
class PanelRule:
    """How many reviewers of a group a panel has: at least `least`, at most `most`.

    A group is a sector (one from industry at the least) or an employer (one at the most).
    `applications` are those it holds for; None for all.
    """

    key: str
    group: frozenset[int]
    least: int = 0
    most: int | None = None
    applications: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise ValueError("a rule asks for at least none, and for no more than it allows")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Who may review what, and what must hold.

    `demand` says how many reviewers each application gets, exactly; `least` and `most` how many
    applications each reviewer takes. `forced` are pairs (application, reviewer) that must be.
    """

    scores: Scores
    demand: Ints
    least: Ints
    most: Ints
    forced: tuple[tuple[int, int], ...] = ()
    rules: tuple[PanelRule, ...] = field(default=())

    @classmethod
    def uniform(
        cls,
        scores: Scores,
        *,
        demand: int,
        most: int,
        least: int = 0,
        forced: Iterable[tuple[int, int]] = (),
        rules: Iterable[PanelRule] = (),
    ) -> "Problem":
        """The problem in which every application, and every reviewer, is asked the same."""
        return cls(
            scores,
            np.full(scores.applications, demand, dtype=np.int64),
            np.full(scores.reviewers, least, dtype=np.int64),
            np.full(scores.reviewers, most, dtype=np.int64),
            tuple(forced),
            tuple(rules),
        )

    def __post_init__(self) -> None:
        if len(self.demand) != self.scores.applications:
            raise ValueError("every application has one demand")
        if not len(self.least) == len(self.most) == self.scores.reviewers:
            raise ValueError("every reviewer has a least and a most load")
        if (self.demand < 0).any() or (self.least < 0).any() or (self.least > self.most).any():
            raise ValueError("demand and least load are not below zero, nor least above most")
        rows, columns = self.forced_arrays()
        if not (_within(rows, len(self.demand)) and _within(columns, len(self.most))):
            raise ValueError("a forced pair names an application or reviewer that is not there")

    def forced_arrays(self) -> tuple[Ints, Ints]:
        """The forced pairs as two arrays."""
        table = np.array(sorted(set(self.forced)), dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]


def slack_of(*terms: Floats) -> float:
    """What floating point may be off by, in sums of such terms, infinite ones left out."""
    finite = [np.abs(term[np.isfinite(term)]) for term in terms]
    return ROUNDING * max(float(term.max(initial=0)) for term in finite)


def _first_of_each(pairs: Pairs, group: Ints, rank: Floats, count: int) -> Pairs:
    """The `count` pairs of highest rank of each group; of equals the first in order."""
    order = np.lexsort((-rank, group))
    sizes = np.bincount(group, minlength=1)
    starts = np.cumsum(sizes) - sizes
    within = np.arange(len(order)) - starts[group[order]]
    return pairs.where(np.sort(order[within < count]))


def _within(numbers: Ints, end: int) -> bool:
    return bool(((numbers >= 0) & (numbers < end)).all())
