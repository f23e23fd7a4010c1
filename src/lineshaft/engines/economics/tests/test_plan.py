from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betaincinv, ndtr

from lineshaft.engines.economics.plan import (
    COST,
    FIRMNESS,
    MARKET,
    Commitment,
    Plan,
    Revenue,
    _honoured,
    analyse,
    simulate,
)

PLAN = Plan(
    first_year=2026,
    cost=(200, 220, 240, 240, 220),
    federal=(140, 120, 90, 50, 0),
    commitments=(
        Commitment("state", (30, 30, 30, 30, 30)),
        Commitment("acme", (20, 20, 20, 20, 20), honoured=0.8),
    ),
    revenue=(
        Revenue("dues", (10, 30, 60, 100, 140)),
        Revenue("services", (0, 10, 30, 50, 60)),
    ),
    in_kind=(40, 40, 40, 40, 40),
    reserve=30,
)


def test_a_plan_tells_its_years() -> None:
    found = analyse(PLAN)
    assert [one.cash for one in found.years] == [30, 20, 10, 20, 50]
    assert [one.match_bp for one in found.years] == [4166, 5200, 6666, 8275, 10_000]
    assert [one.federal_bp for one in found.years] == [7000, 5454, 3750, 2083, 0]
    assert (found.glides, found.break_even, found.lowest.year) == (True, 2030, 2028)
    assert found.mix == (("dues", 4595), ("services", 2027), ("state", 2027), ("acme", 1351))
    assert sum(part for _key, part in found.mix) == 10_000


def test_a_plan_that_never_pays_for_itself_says_so() -> None:
    found = analyse(replace(PLAN, commitments=(), revenue=(), in_kind=(), federal=(0, 1, 2, 3, 4)))
    assert (found.glides, found.break_even, found.mix) == (False, None, ())
    assert found.years[0].match_bp is None
    assert analyse(replace(PLAN, cost=(0,) * 5)).break_even == 2026


@pytest.mark.parametrize(
    ("cost", "federal", "glides"),
    [
        pytest.param((100, 0, 100, 100, 100), (50, 0, 40, 30, 0), True, id="none between"),
        pytest.param((0, 100, 100, 100, 100), (0, 50, 40, 30, 0), True, id="none at first"),
        pytest.param((100, 0, 100, 100, 100), (50, 0, 60, 30, 0), False, id="a rise over it"),
        pytest.param((100_000,) * 5, (50_000, 50_001, 0, 0, 0), False, id="a rise below one bp"),
    ],
)
def test_years_without_cost_have_no_share(
    cost: tuple[int, ...], federal: tuple[int, ...], glides: bool
) -> None:
    assert analyse(replace(PLAN, cost=cost, federal=federal)).glides is glides


def test_the_chance_is_that_of_the_seed() -> None:
    first, again, other = (simulate(PLAN, seed=seed, draws=2_000) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert abs(first.chance - other.chance) < 5 * (first.chance_error + other.chance_error)
    assert first.cash_low <= first.cash_middle <= first.cash_high
    assert [one.year for one in first.fan] == [2026, 2027, 2028, 2029, 2030]
    assert all(one.low <= one.middle <= one.high for one in first.fan)
    last = first.fan[-1]
    assert (last.low, last.middle, last.high) == (
        first.cash_low,
        first.cash_middle,
        first.cash_high,
    )


def test_what_it_depends_on_most_stands_first() -> None:
    found = simulate(PLAN, seed=7, draws=4_000).depends_on
    swings = [one.swing for one in found]
    assert swings == sorted(swings, reverse=True)
    assert {one.key for one in found} == {COST, MARKET, "dues", "services", "state", "acme"}
    assert found[0].chance_at_best > found[0].chance_at_worst
    steady = replace(PLAN, cost_spread=0.0)
    assert simulate(steady, seed=7, draws=4_000).depends_on[0].key == MARKET


@pytest.mark.parametrize(
    ("better", "is_surely"),
    [
        pytest.param({"reserve": 10_000}, False, id="reserve"),
        pytest.param({"cost": (180, 200, 220, 220, 200)}, False, id="cheaper"),
        pytest.param({"cost": (1,) * 5}, True, id="no cost"),
    ],
)
def test_a_better_plan_has_a_better_chance(better: dict[str, object], *, is_surely: bool) -> None:
    before = simulate(PLAN, seed=7, draws=4_000).chance
    after = simulate(replace(PLAN, **better), seed=7, draws=4_000).chance  # type: ignore[arg-type]
    assert after > before
    assert (after == 1.0) is is_surely


def test_without_chance_the_plan_is_what_it_says() -> None:
    sure = replace(
        PLAN,
        commitments=(Commitment("state", (50,) * 5, honoured=1.0), Commitment("none", (9,) * 5, 0)),
        revenue=tuple(replace(one, spread=0.0) for one in PLAN.revenue),
        cost_spread=0.0,
    )
    found = simulate(sure, seed=1, draws=50)
    assert (found.chance, found.chance_error) == (1.0, 0.0)
    assert (found.cash_low, found.cash_high) == (50, 50)
    stated = analyse(replace(sure, commitments=sure.commitments[:1])).years
    assert [(one.low, one.high) for one in found.fan] == [(one.cash, one.cash) for one in stated]
    poorer = replace(sure, reserve=0, federal=(140, 120, 79, 50, 0))
    assert simulate(poorer, seed=1, draws=50).chance == 0.0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: replace(PLAN, cost=(1,)), "one amount a year"),
        (lambda: replace(PLAN, cost=(), federal=()), "one amount a year"),
        (lambda: replace(PLAN, reserve=-1), "below zero"),
        (lambda: replace(PLAN, federal=(-1, 0, 0, 0, 0)), "below zero"),
        (lambda: replace(PLAN, revenue=(Revenue(COST, (0,) * 5),)), "a name of their own"),
        (lambda: Commitment("a", (1,), honoured=1.2), "between none and all"),
        (lambda: Revenue("a", (1,), spread=-0.1), "not below zero"),
        (lambda: simulate(PLAN, seed=1, draws=0), "once at least"),
    ],
)
def test_what_is_no_plan_is_a_mistake(wrong: type, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wrong()


@pytest.mark.parametrize("mean", [0.02, 0.5, 0.9, 0.99])
def test_share_that_comes_is_that_of_its_distribution(mean: float) -> None:
    luck = np.linspace(-4.0, 4.0, 1_003)
    exact = betaincinv(FIRMNESS * mean, FIRMNESS * (1 - mean), ndtr(luck))
    assert np.abs(_honoured(mean, luck) - exact).max() < 1e-5
