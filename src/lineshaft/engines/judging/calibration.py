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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import stdtr

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]

INTERVAL: Final = 0.9
SURE: Final = 0.95
"""Two applications are told apart where one is the better with so much probability."""

SHARES: Final = tuple((2 * place + 1) / 24 for place in range(12))
"""Shares of the variance of application and chance, of reviewer and chance: the grid."""

LEAST_WEIGHT: Final = 1e-4
"""Points of the grid that are less likely than the likeliest by this factor are left out."""

PRIOR_STEP: Final = 0.5
HALVINGS: Final = 60
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
    other. `joined` is one number for all applications that shared reviewers join.
    """

    application: str
    reviews: int
    mean: float
    spread: float | None
    estimate: float
    low: float
    high: float
    group: int
    joined: int


@dataclass(frozen=True, slots=True)
class Severity:
    """Of a reviewer: by how much they score higher than others would, with its interval."""

    reviewer: str
    reviews: int
    leniency: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibrated:
    """Applications from the best estimate down (equal ones by name), and reviewers by name.

    The shares are of all variance, as likely as the scores make them: applications, reviewers,
    chance. `better` is how probably each ranked application is better than each other.
    """

    applications: tuple[Estimate, ...]
    reviewers: tuple[Severity, ...]
    application_share: float
    reviewer_share: float
    chance_share: float
    better: Floats

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
    scores = _Scores.of(ordered)
    prior = (PRIOR_STEP * step) ** 2
    return _told(scores, _weighed(scores, prior), prior)


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
    """What one pair of variances, told in those of chance, says; variances in its squares too.

    `values` are of applications (with the mean), then reviewers.
    """

    log_weight: float
    application_ratio: float
    reviewer_ratio: float
    scale: float
    values: Floats
    spreads: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Solution:
    """A point with the matrices it comes from, which are too large to keep for every point."""

    point: _Point
    moved: Floats
    inverse: Floats

    @property
    def covariance(self) -> Floats:
        """Of applications, in squares of the scale."""
        point = self.point
        own = np.diag(point.spreads[: len(self.moved)] ** 2 - point.scale * self._through)
        found: Floats = point.scale * (self.moved @ self.inverse @ self.moved.T) + own
        return found

    @property
    def _through(self) -> Floats:
        """The part of the variance of applications that comes by reviewers and the mean."""
        found: Floats = np.einsum("ij,ij->i", self.moved @ self.inverse, self.moved)
        return found


def _weighed(scores: _Scores, prior: float) -> list[_Point]:
    points = [
        _solution(scores, first / (1 - first), second / (1 - second), prior).point
        for first in SHARES
        for second in SHARES
    ]
    highest = max(point.log_weight for point in points)
    return [one for one in points if one.log_weight > highest + np.log(LEAST_WEIGHT)]


def _solution(
    scores: _Scores, application_ratio: float, reviewer_ratio: float, prior: float
) -> _Solution:
    """Henderson's equations for these ratios, applications taken out first."""
    count, width = len(scores.applications), len(scores.reviewers)
    shape = (count, width)
    ones = np.ones(len(scores.score))
    met = coo_array((ones, (scores.application, scores.reviewer)), shape=shape).toarray()
    row_count, column_count = met.sum(axis=1), met.sum(axis=0)
    row_sum = np.bincount(scores.application, scores.score, minlength=count)
    column_sum = np.bincount(scores.reviewer, scores.score, minlength=width)
    pivots = row_count + 1 / application_ratio
    # Columns: reviewers, then the mean.
    beside = np.column_stack([met, row_count])
    core = np.zeros((width + 1, width + 1))
    core[:width, :width] = np.diag(column_count + 1 / reviewer_ratio)
    core[:width, width] = core[width, :width] = column_count
    core[width, width] = len(ones)
    core -= beside.T @ (beside / pivots[:, None])
    right = np.append(column_sum, scores.score.sum()) - beside.T @ (row_sum / pivots)
    factor = cho_factor(core)
    solved = cho_solve(factor, right)
    own = (row_sum - beside @ solved) / pivots
    inverse = cho_solve(factor, np.eye(width + 1))
    rest = scores.score @ scores.score - row_sum @ own
    rest -= column_sum @ solved[:width] + scores.score.sum() * solved[width]
    freedom = len(ones)
    scale = (max(float(rest), 0.0) + prior) / freedom
    log_determinant = 2 * np.log(np.diag(factor[0])).sum() + np.log(pivots).sum()
    log_determinant += count * np.log(application_ratio) + width * np.log(reviewer_ratio)
    # An application is its own part plus the mean: the combination of the inverse that gives it.
    moved = -beside / pivots[:, None]
    moved[:, width] += 1
    variances = np.einsum("ij,ij->i", moved @ inverse, moved) + 1 / pivots
    spreads = np.append(variances, np.diag(inverse)[:width])
    point = _Point(
        float(-0.5 * log_determinant - 0.5 * freedom * np.log(scale)),
        application_ratio,
        reviewer_ratio,
        scale,
        np.append(own + solved[width], solved[:width]),
        np.sqrt(spreads * scale),
    )
    return _Solution(point, moved, inverse)


def _told(scores: _Scores, points: Sequence[_Point], prior: float) -> Calibrated:
    weights = np.exp([one.log_weight - points[0].log_weight for one in points])
    weights /= weights.sum()
    freedom = len(scores.score)
    count = len(scores.applications)
    values = np.array([one.values for one in points])
    spreads = np.array([one.spreads for one in points])
    estimate = weights @ values
    low, high = (
        _quantile(weights, values, spreads, freedom, share)
        for share in ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)
    )
    order = sorted(range(count), key=lambda at: (-estimate[at], scores.applications[at]))
    covariances = (
        _solution(scores, one.application_ratio, one.reviewer_ratio, prior).covariance
        for one in points
    )
    better = _better(weights, zip(points, covariances, strict=True), order, freedom)
    ratios = np.array([(one.application_ratio, one.reviewer_ratio, 1.0) for one in points])
    shares = weights @ (ratios / ratios.sum(axis=1, keepdims=True))
    joined = _joined(scores)
    groups = _groups(better)
    return Calibrated(
        tuple(
            _estimate(scores, at, (estimate, low, high), group, int(joined[at]))
            for at, group in zip(order, groups, strict=True)
        ),
        tuple(
            Severity(
                key,
                int((scores.reviewer == at).sum()),
                float(estimate[count + at]),
                float(low[count + at]),
                float(high[count + at]),
            )
            for at, key in enumerate(scores.reviewers)
        ),
        float(shares[0]),
        float(shares[1]),
        float(shares[2]),
        better,
    )


def _quantile(
    weights: Floats, values: Floats, spreads: Floats, freedom: int, share: float
) -> Floats:
    """The value below which so much of the mixture of Student's distributions lies."""
    low = (values - 1e3 * spreads).min(axis=0)
    high = (values + 1e3 * spreads).max(axis=0)
    for _halving in range(HALVINGS):
        middle = (low + high) / 2
        below = weights @ stdtr(freedom, (middle - values) / spreads)
        low = np.where(below < share, middle, low)
        high = np.where(below < share, high, middle)
    found: Floats = (low + high) / 2
    return found


def _better(
    weights: Floats, points: Iterable[tuple[_Point, Floats]], order: Sequence[int], freedom: int
) -> Floats:
    """How probably each application is better than each other, by the differences' mean and
    spread over all points, each with its covariance.
    """
    size = len(order)
    mean, square = np.zeros((size, size)), np.zeros((size, size))
    for weight, (point, unordered) in zip(weights, points, strict=True):
        values = point.values[list(order)]
        covariance = unordered[np.ix_(order, order)]
        own = np.diag(covariance)
        difference = values[:, None] - values[None, :]
        mean += weight * difference
        square += weight * (own[:, None] + own[None, :] - 2 * covariance + difference**2)
    spread = np.sqrt(np.maximum(square - mean**2, TINY))
    found: Floats = stdtr(freedom, mean / spread)
    return found


def _groups(better: Floats) -> list[int]:
    """Groups down the ranked list: a new one begins with whom the first is surely better than."""
    found: list[int] = []
    first = 0
    for place in range(len(better)):
        if better[first, place] >= SURE:
            first = place
            found.append(found[-1] + 1)
        else:
            found.append(found[-1] if found else 1)
    return found


def _joined(scores: _Scores) -> Ints:
    """For each application the number of the set that shared reviewers join it to."""
    count = len(scores.applications)
    size = count + len(scores.reviewers)
    edges = (np.ones(len(scores.score)), (scores.application, count + scores.reviewer))
    _number, labels = connected_components(coo_array(edges, shape=(size, size)), directed=False)
    _values, found = np.unique(labels[:count], return_inverse=True)
    return found + 1


def _estimate(
    scores: _Scores, at: int, told: tuple[Floats, Floats, Floats], group: int, joined: int
) -> Estimate:
    given = scores.score[scores.application == at]
    estimate, low, high = (float(part[at]) for part in told)
    return Estimate(
        scores.applications[at],
        len(given),
        float(given.mean()),
        float(given.std(ddof=1)) if len(given) > 1 else None,
        estimate,
        low,
        high,
        group,
        joined,
    )
