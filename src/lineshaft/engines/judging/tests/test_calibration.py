import tracemalloc

import numpy as np
import pytest

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
    for first, place in ((groups.index(group), group) for group in set(groups)):
        mates = [at for at, group in enumerate(groups) if group == place]
        assert all(found.better[first, at] < 0.95 for at in mates)


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


def test_no_point_of_the_grid_keeps_its_matrices() -> None:
    drawing = np.random.Generator(np.random.PCG64(4))
    reviews = [
        Review(f"a{row}", f"r{column}", float(drawing.normal(3, 1)))
        for row in range(40)
        for column in drawing.choice(30, 3, replace=False)
    ]
    tracemalloc.start()
    try:
        calibrate(reviews)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    matrices = 40 * 31 + 31 * 31
    assert peak < 60 * 8 * matrices  # a few at a time, of 144 points
