"""How good an application is once the severity of its reviewers is taken out, and how surely.

Model: a score is the mean, plus how good the application is, plus how lenient the reviewer is,
plus chance; the three are drawn from normal distributions around zero. What is told of an
application is the mean plus its own part (the best linear unbiased prediction), so that a score by
few reviewers, or by one who differs from all others, is drawn towards the mean.

How large the three are is not taken as known: every pair of shares on a grid is weighed by how
likely it makes the scores (restricted likelihood, all shares equally likely beforehand, chance
with a prior as strong as one review half a step off). An interval is the middle nine tenths of
what remains possible, over all of them; so it is wide where there are few reviews.

Where no chain of shared reviewers joins two applications, they are compared only by the model's
word that all reviewers come from one population: `groups` says which are joined.

*Source:* C. R. Henderson, "Best linear unbiased estimation and prediction under a selection
model", Biometrics 31 (1975), 423-447; H. D. Patterson and R. Thompson, "Recovery of inter-block
information when block sizes are unequal", Biometrika 58 (1971), 545-554; D. A. Harville,
"Bayesian inference for variance components using only error contrasts", Biometrika 61 (1974),
383-385.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array, csr_array, diags_array, hstack
from scipy.sparse.csgraph import connected_components
from scipy.special import stdtr

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Ratios = tuple[float, float]
"""The variances of application and reviewer, told in that of chance."""

INTERVAL: Final = 0.9
SURE: Final = 0.95
"""Two applications are told apart where one is the better with so much probability."""

SHARES: Final = tuple((2 * place + 1) / 24 for place in range(12))
"""Shares of the variance of application and chance, of reviewer and chance: the grid."""

LEAST_WEIGHT: Final = 1e-4
"""Points of the grid that are less likely than the likeliest by this factor are left out."""

EVERYWHERE = 1_000
"""Up to so many reviewers every point of the grid is worked out."""

KEPT_BYTES = 2**28
"""Matrices of points are kept up to so much; beyond it they are made again where they are needed.
"""

PRIOR_STEP: Final = 0.5
HALVINGS: Final = 48
REACH: Final = 8.0
"""The interval ends within so many spreads: with one review, the widest, it does at 6.3."""

BLOCK_ROWS: Final = 1_000
TINY: Final = 1e-30


@dataclass(frozen=True, slots=True)
class Review:
    """One score that a reviewer gave an application."""

    application: str
    reviewer: str
    score: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of an application: how many reviews, their mean and spread (None of a single one), and its
    estimate with the interval.

    `group` counts from 1 down the ranked list: within a group the first cannot be told from any
    other. `beats_next` is how probably it is better than the next in the list, None for the last;
    `beaten_by_first` how probably the first of its group is better than it. `joined` is one number
    for all applications that shared reviewers join.
    """

    application: str
    reviews: int
    mean: float
    spread: float | None
    estimate: float
    low: float
    high: float
    group: int
    beats_next: float | None
    beaten_by_first: float
    joined: int


@dataclass(frozen=True, slots=True)
class Severity:
    """Of a reviewer: by how much they score higher than others would, with its interval."""

    reviewer: str
    reviews: int
    leniency: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Applications from the best estimate down (equal ones by name), and reviewers by name.

    The shares are of all variance, as likely as the scores make them: applications, reviewers,
    chance.
    """

    applications: tuple[Estimate, ...]
    reviewers: tuple[Severity, ...]
    application_share: float
    reviewer_share: float
    chance_share: float

    @property
    def joined(self) -> int:
        """How many sets of applications there are that no shared reviewer joins."""
        return len({one.joined for one in self.applications})


def calibrate(reviews: Iterable[Review], *, step: float = 1.0) -> Calibrated:
    """What the reviews say of applications and reviewers; `step` is the step of the scale.

    Raises ValueError where there is no review, or a reviewer scores an application twice.
    """
    ordered = sorted(reviews, key=lambda one: (one.application, one.reviewer))
    if not ordered:
        raise ValueError("there is no review")
    if len({(one.application, one.reviewer) for one in ordered}) < len(ordered):
        raise ValueError("a reviewer scores an application once")
    equations = _Equations.of(_Scores.of(ordered), (PRIOR_STEP * step) ** 2)
    return _told(equations, _weighed(equations))


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    applications: tuple[str, ...]
    reviewers: tuple[str, ...]
    application: Ints
    reviewer: Ints
    score: Floats

    @classmethod
    def of(cls, reviews: Sequence[Review]) -> "_Scores":
        applications = sorted({one.application for one in reviews})
        reviewers = sorted({one.reviewer for one in reviews})
        row = {key: place for place, key in enumerate(applications)}
        column = {key: place for place, key in enumerate(reviewers)}
        return cls(
            tuple(applications),
            tuple(reviewers),
            np.array([row[one.application] for one in reviews], dtype=np.int64),
            np.array([column[one.reviewer] for one in reviews], dtype=np.int64),
            np.array([one.score for one in reviews], dtype=np.float64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """What one pair of ratios says; `values` are of applications (with the mean), then reviewers.

    `scale` is the variance of chance.
    """

    log_weight: float
    ratios: Ratios
    scale: float
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Solution:
    """The matrices of a point: an application is what a row of `moved` makes of reviewers and the
    mean, whose covariance is `inverse`, and its own part; in squares of the scale.
    """

    moved: csr_array
    inverse: Floats
    own: Floats

    def variances(self) -> Floats:
        """Of applications, then of reviewers."""
        through = self._joint(self.moved, self.moved)
        return np.append(through + self.own, np.diag(self.inverse)[:-1])

    def with_next(self, order: Ints) -> Floats:
        """The covariance of each application in that order with the one behind it."""
        return self._joint(self.moved[order[:-1]], self.moved[order[1:]])

    def with_all(self, place: int) -> Floats:
        """The covariance of one application with every other."""
        found: Floats = self.moved @ (self.inverse @ self.moved[[place]].toarray()[0])
        return found

    def _joint(self, some: csr_array, others: csr_array) -> Floats:
        """Row by row, a block at a time: whole the product would be large."""
        found = np.empty(some.shape[0])
        for start in range(0, len(found), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            found[rows] = (others[rows].multiply(some[rows] @ self.inverse)).sum(axis=1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Equations:
    """Henderson's equations of these scores, applications taken out first.

    The columns of `beside` are reviewers, then the mean.
    """

    scores: _Scores
    prior: float
    beside: csr_array
    row_count: Floats
    row_sum: Floats
    column_count: Floats
    column_sum: Floats

    @classmethod
    def of(cls, scores: _Scores, prior: float) -> "_Equations":
        count, width = len(scores.applications), len(scores.reviewers)
        ones = np.ones(len(scores.score))
        met = csr_array(
            coo_array((ones, (scores.application, scores.reviewer)), shape=(count, width))
        )
        row_count = np.bincount(scores.application, minlength=count).astype(np.float64)
        return cls(
            scores,
            prior,
            csr_array(hstack([met, row_count[:, None]])),
            row_count,
            np.bincount(scores.application, scores.score, minlength=count),
            np.bincount(scores.reviewer, minlength=width).astype(np.float64),
            np.bincount(scores.reviewer, scores.score, minlength=width),
        )

    def pivots(self, application_ratio: float) -> Floats:
        return self.row_count + 1 / application_ratio

    def core(self, application_ratio: float) -> Floats:
        """What is left for reviewers and the mean, before reviewers are drawn to zero."""
        width = len(self.column_count)
        core = np.zeros((width + 1, width + 1))
        core[:width, :width] = np.diag(self.column_count)
        core[:width, width] = core[width, :width] = self.column_count
        core[width, width] = self.row_count.sum()
        weighed = diags_array(1 / self.pivots(application_ratio)) @ self.beside
        core -= (self.beside.T @ weighed).toarray()
        return core

    def drawn(self, core: Floats, reviewer_ratio: float) -> tuple[Floats, bool]:
        """The factor of the core in which reviewers are drawn to zero by that ratio."""
        width = len(self.column_count)
        whole = core.copy()
        whole[range(width), range(width)] += 1 / reviewer_ratio
        found: tuple[Floats, bool] = cho_factor(whole, overwrite_a=True, check_finite=False)
        return found

    def point(self, core: Floats, ratios: Ratios) -> _Point:
        """The values at these ratios, and how likely they make the scores."""
        count, width = len(self.row_count), len(self.column_count)
        score = self.scores.score
        pivots = self.pivots(ratios[0])
        right = np.append(self.column_sum, score.sum()) - self.beside.T @ (self.row_sum / pivots)
        factor = self.drawn(core, ratios[1])
        solved = cho_solve(factor, right, check_finite=False)
        own = (self.row_sum - self.beside @ solved) / pivots
        rest = score @ score - self.row_sum @ own
        rest -= self.column_sum @ solved[:width] + score.sum() * solved[width]
        freedom = len(score)
        scale = (max(float(rest), 0.0) + self.prior) / freedom
        log_determinant = 2 * np.log(np.diag(factor[0])).sum() + np.log(pivots).sum()
        log_determinant += count * np.log(ratios[0]) + width * np.log(ratios[1])
        return _Point(
            float(-0.5 * log_determinant - 0.5 * freedom * np.log(scale)),
            ratios,
            scale,
            np.append(own + solved[width], solved[:width]),
        )

    def solution(self, ratios: Ratios) -> _Solution:
        """The matrices at these ratios."""
        pivots = self.pivots(ratios[0])
        factor = self.drawn(self.core(ratios[0]), ratios[1])
        moved = -(diags_array(1 / pivots) @ self.beside)
        # An application is its own part plus the mean: the combination that gives it.
        width = len(self.column_count)
        mean = moved[:, [width]].toarray() + 1
        return _Solution(
            csr_array(hstack([moved[:, :width], mean])),
            cho_solve(factor, np.eye(width + 1), check_finite=False),
            1 / pivots,
        )


def _weighed(equations: _Equations) -> list[_Point]:
    """The points that count, along the grid.

    Among many reviewers a point takes long: there the search begins where simple variances say, and
    goes on from each point that counts to those around it.
    """
    size = range(len(SHARES))
    waiting = {(first, second) for first in size for second in size}
    if len(equations.column_count) > EVERYWHERE:
        waiting = {_start(equations.scores)}
    found: dict[tuple[int, int], _Point] = {}
    while waiting:
        for first in sorted({first for first, _second in waiting}):
            core = equations.core(_ratio(first))
            for second in sorted(second for row, second in waiting if row == first):
                point = equations.point(core, (_ratio(first), _ratio(second)))
                found[first, second] = point
        least = max(point.log_weight for point in found.values()) + np.log(LEAST_WEIGHT)
        counting = [place for place, point in found.items() if point.log_weight > least]
        waiting = {
            (first + row, second + column)
            for first, second in counting
            for row in (-1, 0, 1)
            for column in (-1, 0, 1)
            if first + row in size and second + column in size
        } - found.keys()
    return [found[place] for place in sorted(counting)]


def _ratio(place: int) -> float:
    return SHARES[place] / (1 - SHARES[place])


def _start(scores: _Scores) -> tuple[int, int]:
    """The place of the grid to which the variances within applications and reviewers lead."""
    whole = float(scores.score.var())
    chance_and_reviewers = _variance_within(scores.application, scores.score)
    chance_and_applications = _variance_within(scores.reviewer, scores.score)
    chance = max(chance_and_reviewers + chance_and_applications - whole, TINY)
    shares = (
        1 - chance / max(part, chance) for part in (chance_and_applications, chance_and_reviewers)
    )
    first, second = (int(np.abs(np.array(SHARES) - share).argmin()) for share in shares)
    return first, second


def _variance_within(group: Ints, score: Floats) -> float:
    count = np.bincount(group)
    means = np.bincount(group, score) / np.maximum(count, 1)
    freedom = max(len(score) - int((count > 0).sum()), 1)
    return float(((score - means[group]) ** 2).sum() / freedom)


@dataclass(frozen=True, slots=True, eq=False)
class _Mixture:
    """The points with their weights, which sum to one; `variances` a row for each point.

    `solution` gives the matrices of a pair of ratios.
    """

    points: Sequence[_Point]
    weights: Floats
    variances: Floats
    freedom: int
    solution: Callable[[Ratios], _Solution]

    def better(self, difference: Floats, variance: Floats) -> Floats:
        """How probably the differences are above zero, by their mean and spread over all points;
        both arguments have a row for each point.
        """
        mean = self.weights @ difference
        square = self.weights @ (variance + difference**2)
        spread = np.sqrt(np.maximum(square - mean**2, TINY))
        found: Floats = stdtr(self.freedom, mean / spread)
        return found


def _told(equations: _Equations, points: Sequence[_Point]) -> Calibrated:
    scores = equations.scores
    weights = np.exp([one.log_weight - points[0].log_weight for one in points])
    weights /= weights.sum()
    count = len(scores.applications)
    kept = KEPT_BYTES // (8 * (len(scores.reviewers) + 1) ** 2)
    solution = lru_cache(maxsize=kept)(partial(_Equations.solution, equations))
    values = np.array([one.values for one in points])
    variances = np.array([solution(one.ratios).variances() * one.scale for one in points])
    mixture = _Mixture(points, weights, variances, len(scores.score), solution)
    estimate = weights @ values
    low, high = (
        _quantile(mixture, values, share) for share in ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)
    )
    order = np.array(sorted(range(count), key=lambda at: (-estimate[at], scores.applications[at])))
    ratios = np.array([(*one.ratios, 1.0) for one in points])
    shares = weights @ (ratios / ratios.sum(axis=1, keepdims=True))
    ranked = _Ranked(*_groups(mixture, values, order), _beats_next(mixture, values, order))
    return Calibrated(
        _estimates(equations, order, (estimate, low, high), ranked),
        tuple(
            Severity(
                key,
                int(equations.column_count[at]),
                float(estimate[count + at]),
                float(low[count + at]),
                float(high[count + at]),
            )
            for at, key in enumerate(scores.reviewers)
        ),
        float(shares[0]),
        float(shares[1]),
        float(shares[2]),
    )


def _quantile(mixture: _Mixture, values: Floats, share: float) -> Floats:
    """The value below which so much of the mixture of Student's distributions lies."""
    spreads = np.sqrt(mixture.variances)
    low = (values - REACH * spreads).min(axis=0)
    high = (values + REACH * spreads).max(axis=0)
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        below = mixture.weights @ stdtr(mixture.freedom, (middle - values) / spreads)
        low = np.where(below < share, middle, low)
        high = np.where(below < share, high, middle)
    found: Floats = (low + high) / 2
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Down the ranked list: the group, how probably its first is better, how probably one is
    better than the next.
    """

    groups: Sequence[int]
    beaten_by_first: Floats
    beats_next: Floats


def _groups(mixture: _Mixture, values: Floats, order: Ints) -> tuple[list[int], Floats]:
    """Groups down the ranked list: a new one begins with whom the first is surely better than."""
    groups: list[int] = []
    beaten = np.empty(len(order))
    while len(groups) < len(order):
        start = len(groups)
        better = _better_than_all(mixture, values, int(order[start]))[order[start:]]
        surely = np.flatnonzero(better >= SURE)
        size = int(surely[0]) if len(surely) else len(better)
        beaten[start : start + size] = better[:size]
        groups += [groups[-1] + 1 if groups else 1] * size
    return groups, beaten


def _better_than_all(mixture: _Mixture, values: Floats, place: int) -> Floats:
    """How probably that application is better than each."""
    shared = np.array(
        [one.scale * mixture.solution(one.ratios).with_all(place) for one in mixture.points]
    )
    count = shared.shape[1]
    own = mixture.variances[:, :count]
    difference = values[:, [place]] - values[:, :count]
    return mixture.better(difference, own[:, [place]] + own - 2 * shared)


def _beats_next(mixture: _Mixture, values: Floats, order: Ints) -> Floats:
    """How probably each in the ranked list is better than the one behind it."""
    first, second = order[:-1], order[1:]
    own = mixture.variances
    shared = np.array(
        [one.scale * mixture.solution(one.ratios).with_next(order) for one in mixture.points]
    )
    return mixture.better(
        values[:, first] - values[:, second], own[:, first] + own[:, second] - 2 * shared
    )


def _joined(scores: _Scores) -> Ints:
    """For each application the number of the set that shared reviewers join it to."""
    count = len(scores.applications)
    size = count + len(scores.reviewers)
    edges = (np.ones(len(scores.score)), (scores.application, count + scores.reviewer))
    _number, labels = connected_components(coo_array(edges, shape=(size, size)), directed=False)
    _values, found = np.unique(labels[:count], return_inverse=True)
    return found + 1


def _estimates(
    equations: _Equations, order: Ints, told: tuple[Floats, Floats, Floats], ranked: _Ranked
) -> tuple[Estimate, ...]:
    scores, counts = equations.scores, equations.row_count
    means = equations.row_sum / counts
    deviations = (scores.score - means[scores.application]) ** 2
    squares = np.bincount(scores.application, deviations, minlength=len(counts))
    spreads = np.sqrt(squares / np.maximum(counts - 1, 1))
    joined = _joined(scores)
    estimate, low, high = told
    return tuple(
        Estimate(
            scores.applications[at],
            int(counts[at]),
            float(means[at]),
            float(spreads[at]) if counts[at] > 1 else None,
            float(estimate[at]),
            float(low[at]),
            float(high[at]),
            ranked.groups[place],
            float(ranked.beats_next[place]) if place < len(order) - 1 else None,
            float(ranked.beaten_by_first[place]),
            int(joined[at]),
        )
        for place, at in enumerate(order)
    )
