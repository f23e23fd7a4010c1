import math
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineshaft.engines.optimise import portfolio
from lineshaft.engines.optimise.linear import Ended, Found
from lineshaft.engines.optimise.portfolio import (
    BUDGET,
    CHOSEN,
    Application,
    Bound,
    Choice,
    Factor,
    Impossible,
    Portfolio,
    Price,
    best_portfolio,
    by_rank,
)

MILLION = 100_000_000

FIVE = (
    Application("fibres", 70 * MILLION, 4.6),
    Application("photonics", 60 * MILLION, 4.5),
    Application("robots", 50 * MILLION, 4.2),
    Application("biology", 40 * MILLION, 3.9),
    Application("recycling", 30 * MILLION, 3.1),
)
COASTS = Factor("geography", (Bound("inland", frozenset({"recycling", "biology"}), least=2),))
OVERLAP = Factor("duplication", (Bound("light", frozenset({"photonics", "robots"}), most=1),))


def choice(budget: int = 150, *factors: Factor, **more: frozenset[str]) -> Choice:
    return Choice(FIVE, budget * MILLION, factors, **more)


def rounded(prices: tuple[Price, ...]) -> list[Price]:
    return [replace(one, value=round(one.value, 9)) for one in prices]


def test_the_best_portfolio_is_not_the_top_of_the_list() -> None:
    found = best_portfolio(choice())
    assert isinstance(found, Portfolio)
    assert found.funded == ("photonics", "robots", "biology")
    assert found.value == pytest.approx(12.6)
    assert (found.cost, found.is_optimal) == (150 * MILLION, True)
    assert by_rank(choice()) == ("fibres", "photonics")
    assert by_rank(choice(1_000)) == tuple(one.key for one in FIVE)


def test_each_factor_has_its_price() -> None:
    found = best_portfolio(choice(150, COASTS, OVERLAP))
    assert isinstance(found, Portfolio)
    assert found.funded == ("fibres", "biology", "recycling")
    assert rounded(found.prices) == [
        Price("geography", 0.3, ("robots",), ("biology",)),
        Price("duplication", 0.0, (), ()),
    ]
    assert found.price_of_all == pytest.approx(12.6 - 11.6)


def test_the_price_of_a_factor_names_what_it_moves() -> None:
    found = best_portfolio(choice(150, OVERLAP))
    assert isinstance(found, Portfolio)
    assert found.funded == ("fibres", "robots", "recycling")
    assert rounded(found.prices) == [
        Price("duplication", 0.7, ("photonics", "biology"), ("fibres", "recycling"))
    ]


def test_bounds_on_money_hold() -> None:
    share = Bound("bio", frozenset({"biology", "recycling"}), least_cost=60 * MILLION)
    cap = Bound("light", frozenset({"photonics"}), most_cost=50 * MILLION)
    found = best_portfolio(choice(150, Factor("balance", (share, cap))))
    assert isinstance(found, Portfolio)
    assert {"biology", "recycling"} <= set(found.funded)
    assert "photonics" not in found.funded


def test_decisions_by_hand_stand() -> None:
    found = best_portfolio(
        choice(chosen=frozenset({"recycling"}), refused=frozenset({"photonics"}))
    )
    assert isinstance(found, Portfolio)
    assert "recycling" in found.funded
    assert "photonics" not in found.funded


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param(choice(60, COASTS), ("inland", "budget"), id="budget"),
        pytest.param(
            choice(300, OVERLAP, COASTS, chosen=frozenset({"photonics", "robots"})),
            ("light", "chosen"),
            id="by hand",
        ),
    ],
)
def test_what_cannot_be_names_an_irreducible_set(asked: Choice, names: tuple[str, ...]) -> None:
    assert best_portfolio(asked) == Impossible(names)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    number = draw(st.integers(1, 6))
    keys = [f"a{place}" for place in range(number)]
    applications = tuple(
        Application(key, draw(st.integers(0, 9)) * MILLION, draw(st.integers(0, 50)) / 10)
        for key in keys
    )
    groups = st.frozensets(st.sampled_from(keys), min_size=1)
    factors = (
        Factor("one", (Bound("first", draw(groups), most=draw(st.integers(0, 2))),)),
        Factor("two", (Bound("second", draw(groups), least=draw(st.integers(0, 2))),)),
    )
    return Choice(applications, draw(st.integers(0, 25)) * MILLION, factors)


@settings(max_examples=80, deadline=None)
@given(choices())
def test_the_optimum_is_that_of_trying_all(asked: Choice) -> None:
    bounds = [bound for factor in asked.factors for bound in factor.bounds]
    values = [
        math.fsum(one.value for one in some)
        for size in range(len(asked.applications) + 1)
        for some in combinations(asked.applications, size)
        if sum(one.cost for one in some) <= asked.budget
        and all(
            bound.least
            <= sum(one.key in bound.applications for one in some)
            <= (99 if bound.most is None else bound.most)
            for bound in bounds
        )
    ]
    found = best_portfolio(asked)
    if not values:
        assert isinstance(found, Impossible)
        return
    assert isinstance(found, Portfolio)
    assert found.value == pytest.approx(max(values))
    assert all(price.is_exact and price.value >= 0 for price in found.prices)


def test_out_of_time_is_said() -> None:
    with pytest.raises(TimeoutError):
        best_portfolio(choice(150, COASTS, OVERLAP), time_limit_s=0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Application("a", -1, 1.0),
        lambda: Application("a", 1, math.nan),
        lambda: Bound("a", frozenset(), least=2, most=1),
        lambda: Bound("a", frozenset(), least_cost=-1),
        lambda: Choice((FIVE[0], FIVE[0]), 1),
        lambda: Choice(FIVE, 1, chosen=frozenset({"nobody"})),
        lambda: Choice(FIVE, -1),
    ],
)
def test_what_is_no_choice_is_a_mistake(wrong: type) -> None:
    with pytest.raises(ValueError, match=r"below zero|at least none|stands once|not there"):
        wrong()


HUGE = 7_000_000_000
TWINS = (Application("left", HUGE, 1.0), Application("right", HUGE, 1.5))
BOTH = frozenset({"left", "right"})


def test_a_budget_short_by_one_cent_funds_one_of_two() -> None:
    found = best_portfolio(Choice(TWINS, 2 * HUGE - 1))
    assert isinstance(found, Portfolio)
    assert (found.funded, found.is_optimal) == (("right",), True)
    assert isinstance(enough := best_portfolio(Choice(TWINS, 2 * HUGE)), Portfolio)
    assert enough.funded == ("left", "right")


def test_a_bound_on_money_is_kept_to_the_cent() -> None:
    capped = Factor("balance", (Bound("cap", BOTH, most_cost=2 * HUGE - 1),))
    found = best_portfolio(Choice(TWINS, 3 * HUGE, (capped,)))
    assert isinstance(found, Portfolio)
    assert (found.funded, found.price_of_all) == (("right",), 1.0)
    small = Application("small", 1, 0.0)
    asked = Factor("regions", (Bound("share", BOTH | {"small"}, least_cost=2 * HUGE + 1),))
    found = best_portfolio(Choice((*TWINS, small), 3 * HUGE, (asked,)))
    assert isinstance(found, Portfolio)
    assert found.funded == ("left", "right", "small")


CENT_APART = (Application("left", HUGE, 1.5), Application("right", HUGE + 1, 1.0))


def test_a_bound_that_asks_for_a_cent_more_takes_the_dearer_one() -> None:
    asked = Factor("regions", (Bound("share", BOTH, least_cost=HUGE + 1),))
    found = best_portfolio(Choice(CENT_APART, HUGE + 1, (asked,)))
    assert isinstance(found, Portfolio)
    assert (found.funded, found.is_optimal) == (("right",), True)


def test_what_is_too_dear_by_a_cent_is_left_out_and_what_is_cheap_stays() -> None:
    cheap = Application("cheap", 1, 0.5)
    found = best_portfolio(Choice((*CENT_APART, cheap), 2 * HUGE))
    assert isinstance(found, Portfolio)
    assert found.funded == ("left", "cheap")


def test_a_search_that_ends_between_two_solutions_is_out_of_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter((0.0, math.inf))
    monkeypatch.setattr(portfolio, "monotonic", lambda: next(clock))
    with pytest.raises(TimeoutError):
        best_portfolio(Choice(CENT_APART, 2 * HUGE))


def test_out_of_time_nothing_chosen_by_hand_is_at_fault_where_nothing_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = iter((Ended.INFEASIBLE,))
    monkeypatch.setattr(
        portfolio,
        "_solved",
        lambda *_asked: Found(next(ended, Ended.OUT_OF_TIME), None, 0.0, None),
    )
    both = Factor("balance", (Bound("both", BOTH, least=2),))
    assert best_portfolio(Choice(TWINS, HUGE, (both,))) == Impossible(("both", BUDGET))


@pytest.mark.parametrize(
    ("factors", "names"),
    [
        pytest.param((), (CHOSEN, BUDGET), id="budget"),
        pytest.param(
            (Factor("balance", (Bound("cap", BOTH, most_cost=2 * HUGE - 1),)),),
            ("cap", CHOSEN),
            id="cap",
        ),
        pytest.param(
            (Factor("regions", (Bound("share", BOTH, least_cost=2 * HUGE + 1),)),),
            ("share",),
            id="share",
        ),
    ],
)
def test_what_fails_by_one_cent_cannot_hold(
    factors: tuple[Factor, ...], names: tuple[str, ...]
) -> None:
    budget = 3 * HUGE if factors else 2 * HUGE - 1
    assert best_portfolio(Choice(TWINS, budget, factors, BOTH)) == Impossible(names)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=2, max_size=7),
    st.integers(1, 4),
    st.integers(-2, 8),
)
def test_nearly_equal_costs_are_told_apart(
    drawn: list[tuple[int, int]], count: int, beyond: int
) -> None:
    applications = tuple(
        Application(str(at), HUGE + cents, value) for at, (cents, value) in enumerate(drawn)
    )
    budget = count * HUGE + beyond
    best = max(
        sum(one.value for one in part)
        for size in range(len(applications) + 1)
        for part in combinations(applications, size)
        if sum(one.cost for one in part) <= budget
    )
    found = best_portfolio(Choice(applications, budget))
    assert isinstance(found, Portfolio)
    assert found.cost <= budget
    assert found.value == pytest.approx(best)
