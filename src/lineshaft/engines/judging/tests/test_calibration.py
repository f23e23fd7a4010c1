import tracemalloc

import numpy as np
import pytest

from lineshaft.engines.judging import calibration
from lineshaft.engines.judging.calibration import Calibrated, Review, calibrate


def invented(seed: int, *, severity: float = 0.7) -> tuple[list[Review], dict[str, float]]:
    drawing = np.random.Generator(np.random.PCG64(seed))
    good, lenient = drawing.normal(0, 0.6, 24), drawing.normal(0, severity, 12)
    reviews = [
        Review(f"a{row:02}", f"r{column:02}", 3 + good[row] + lenient[column] + chance)
        for row in range(24)
        for column, chance in zip(
            drawing.choice(12, 3, replace=False), drawing.normal(0, 0.4, 3), strict=True
        )
    ]
    return reviews, {f"a{row:02}": 3 + good[row] for row in range(24)}


def test_a_harsh_reviewer_is_taken_out() -> None:
    reviews = [
        Review(application, reviewer, score - 2 * (reviewer == "harsh"))
        for application, score, reviewers in (
            ("better", 4.5, ("harsh", "one")),
            ("worse", 3.5, ("one", "two")),
            ("other", 4.0, ("harsh", "two")),
            ("third", 4.0, ("harsh", "one")),
            ("fourth", 3.0, ("two", "one")),
        )
        for reviewer in reviewers
    ]
    found = calibrate(reviews)
    by_key = {one.application: one for one in found.applications}
    assert by_key["better"].mean == by_key["worse"].mean == 3.5
    assert by_key["better"].estimate > by_key["worse"].estimate
    assert [one.reviewer for one in found.reviewers if one.leniency < 0] == ["harsh"]


def test_nine_tenths_of_the_intervals_hold_the_truth() -> None:
    held, nearer = [], []
    for seed in range(25):
        reviews, truth = invented(seed)
        found = calibrate(reviews)
        held += [one.low <= truth[one.application] <= one.high for one in found.applications]
        off = [abs(one.estimate - truth[one.application]) for one in found.applications]
        raw = [abs(one.mean - truth[one.application]) for one in found.applications]
        nearer.append(sum(off) < sum(raw))
    assert 0.86 <= np.mean(held) <= 0.94
    assert sum(nearer) >= 22


def test_ranks_and_groups_go_down_the_list() -> None:
    found = calibrate(invented(1)[0])
    estimates = [one.estimate for one in found.applications]
    groups = [one.group for one in found.applications]
    assert estimates == sorted(estimates, reverse=True)
    assert groups == sorted(groups)
    assert groups[0] == 1
    assert groups[-1] > 1
    assert all(one.beaten_by_first < 0.95 for one in found.applications)
    for group in set(groups):
        assert found.applications[groups.index(group)].beaten_by_first == 0.5
    *others, last = (one.beats_next for one in found.applications)
    assert last is None
    assert all(one is not None and 0.5 <= one <= 1 for one in others)


def test_shares_sum_to_one_and_follow_the_scores() -> None:
    mild, severe = (calibrate(invented(2, severity=size)[0]) for size in (0.05, 1.5))
    for found in (mild, severe):
        whole = found.application_share + found.reviewer_share + found.chance_share
        assert whole == pytest.approx(1)
    assert severe.reviewer_share > mild.reviewer_share


def shape(found: Calibrated) -> list[tuple[str, float, float, float]]:
    return [(one.application, one.estimate, one.low, one.high) for one in found.applications]


def test_order_of_reviews_changes_nothing_and_a_shift_moves_all() -> None:
    reviews, _truth = invented(3)
    straight = shape(calibrate(reviews))
    assert shape(calibrate(reversed(reviews))) == straight
    moved = shape(
        calibrate(Review(one.application, one.reviewer, one.score + 1) for one in reviews)
    )
    for (key, *values), (moved_key, *moved_values) in zip(straight, moved, strict=True):
        assert key == moved_key
        assert np.array(moved_values) - 1 == pytest.approx(np.array(values), abs=1e-6)


def test_applications_that_no_reviewer_joins_are_told() -> None:
    found = calibrate(
        [Review("a", "x", 4), Review("b", "x", 3), Review("c", "y", 2), Review("d", "y", 5)]
    )
    assert found.joined == 2
    joined = {one.application: one.joined for one in found.applications}
    assert joined["a"] == joined["b"] != joined["c"] == joined["d"]


def test_a_single_review_has_a_wide_interval_and_no_spread() -> None:
    (only,) = calibrate([Review("a", "x", 4)]).applications
    assert (only.reviews, only.mean, only.spread, only.group) == (1, 4, None, 1)
    assert only.estimate == pytest.approx(4)
    assert only.high - only.low > 1


def test_more_reviews_make_the_interval_narrower() -> None:
    reviews, _truth = invented(4)
    added = [Review("a00", f"r{column:02}", 3.5) for column in range(12)]
    known = {(one.application, one.reviewer) for one in reviews}
    more = [*reviews, *(one for one in added if (one.application, one.reviewer) not in known)]
    widths = [
        next(one.high - one.low for one in calibrate(some).applications if one.application == "a00")
        for some in (reviews, more)
    ]
    assert widths[1] < widths[0]


@pytest.mark.parametrize(
    ("reviews", "sentence"),
    [([], "no review"), ([Review("a", "x", 4), Review("a", "x", 5)], "once")],
)
def test_reviews_that_are_none_are_a_mistake(reviews: list[Review], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        calibrate(reviews)


def test_matrices_of_points_are_kept_up_to_a_bound_and_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawing = np.random.Generator(np.random.PCG64(4))
    reviews = [
        Review(f"a{row}", f"r{column}", float(drawing.normal(3, 1)))
        for row in range(40)
        for column in drawing.choice(30, 3, replace=False)
    ]
    with_all = calibrate(reviews)
    monkeypatch.setattr(calibration, "KEPT_BYTES", 0)
    tracemalloc.start()
    try:
        assert calibrate(reviews) == with_all
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    matrices = 40 * 31 + 31 * 31
    assert peak < 60 * 8 * matrices  # a few at a time, of 144 points


def test_many_applications_are_ranked_from_sparse_equations_as_from_full_ones() -> None:
    reviews, _truth = invented(5)
    found = calibrate(reviews)
    keys = sorted({one.application for one in reviews})
    reviewers = sorted({one.reviewer for one in reviews})
    score = np.array([one.score for one in reviews])
    rows = np.array([keys.index(one.application) for one in reviews])
    columns = np.array([reviewers.index(one.reviewer) for one in reviews])
    total, weight = np.zeros(len(keys)), 0.0
    size = len(reviews)
    of_row = (rows[:, None] == np.arange(len(keys))).astype(float)
    of_column = (columns[:, None] == np.arange(len(reviewers))).astype(float)
    ones = np.ones(size)
    found_points = []
    for first in calibration.SHARES:
        for second in calibration.SHARES:
            ratio, other = first / (1 - first), second / (1 - second)
            spread = np.eye(size) + ratio * of_row @ of_row.T + other * of_column @ of_column.T
            inverse = np.linalg.inv(spread)
            precision = ones @ inverse @ ones
            mean = ones @ inverse @ score / precision
            rest = score - mean
            scale = (rest @ inverse @ rest + 0.25) / size
            log = -0.5 * (np.linalg.slogdet(spread)[1] + np.log(precision)) - 0.5 * size * np.log(
                scale
            )
            found_points.append((log, mean + ratio * of_row.T @ inverse @ rest))
    highest = max(log for log, _values in found_points)
    for log, values in found_points:
        if log > highest + np.log(calibration.LEAST_WEIGHT):
            total += np.exp(log - highest) * values
            weight += np.exp(log - highest)
    estimates = {one.application: one.estimate for one in found.applications}
    assert [estimates[key] for key in keys] == pytest.approx(total / weight, abs=1e-8)


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_search_from_simple_variances_finds_what_the_whole_grid_does(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviews, _truth = invented(seed)
    everywhere = shape(calibrate(reviews))
    monkeypatch.setattr(calibration, "EVERYWHERE", 0)
    for (key, *values), (other_key, *other_values) in zip(
        everywhere, shape(calibrate(reviews)), strict=True
    ):
        assert key == other_key
        assert values == pytest.approx(other_values, abs=1e-9)


def test_search_begins_also_where_nothing_varies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "EVERYWHERE", 0)
    found = calibrate([Review("a", "x", 3), Review("b", "y", 3)])
    assert [one.estimate for one in found.applications] == pytest.approx([3, 3])
