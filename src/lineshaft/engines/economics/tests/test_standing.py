from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.engines.economics import (
    Books,
    ExpectedYear,
    Levers,
    Projection,
    Reason,
    Stream,
    Verdict,
    coverage_bp,
    diversity,
    project,
)

FLAT: Final = Books(
    first_year=2016,
    base=(1000,) * 7,
    in_kind=(300,) * 7,
    costs=((1000,) * 7, (600,) * 7),
    streams=(
        Stream("dues", (240,) * 7),
        Stream("services", (120,) * 7),
        Stream("partners", (240,) * 7),
        Stream("licences", (0,) * 7),
    ),
    members=12,
    base_left=3000,
    award_months=30,
    elapsed_months=2,
)
"""Seven steady years: 600 of own income against 1600 of cost, 30 months of award left."""


@st.composite
def books(draw: st.DrawFn) -> Books:
    years = draw(st.integers(0, 9))
    series = st.lists(st.integers(0, 10**10), min_size=years, max_size=years).map(tuple)
    return Books(
        first_year=2014,
        base=draw(series),
        in_kind=draw(series),
        costs=tuple(draw(st.lists(series, max_size=2))),
        streams=tuple(
            Stream(key, draw(series)) for key in ("dues", "services", "partners", "licences")
        ),
        members=draw(st.integers(0, 400)),
        base_left=draw(st.integers(0, 10**10)),
        award_months=draw(st.integers(-60, 100)),
        elapsed_months=draw(st.integers(0, 11)),
    )


LEVERS = st.builds(
    Levers,
    fee_change_bp=st.integers(-10_000, 20_000),
    members=st.none() | st.integers(0, 500),
    services_more=st.integers(0, 10**9),
    partners_stay_bp=st.integers(0, 10_000),
    cost_change_bp=st.integers(-10_000, 10_000),
    reserve=st.integers(0, 10**10),
    base_more=st.integers(0, 10**10),
    award_months=st.none() | st.integers(0, 120),
    terminated_months=st.none() | st.integers(0, 120),
)


def test_books_tell_their_years_and_sources() -> None:
    assert FLAT.years == tuple(range(2016, 2023))
    assert FLAT.sources(6) == (1000, 240, 120, 240, 0, 300)


def test_flat_books_are_paid_until_the_award_ends() -> None:
    found = project(FLAT)
    assert [year.year for year in found.years] == list(range(2023, 2036))  # 3 of award, 10 beyond
    assert [year.base for year in found.years[:4]] == [1000, 1000, 500, 0]
    assert [year.own.amount for year in found.years] == [600] * 13
    assert [year.balance for year in found.years[:4]] == [0, 0, -500, -1500]
    assert found.years[0].income == 1900
    assert found.years[0].coverage_bp == found.coverage_bp == 3750
    assert (found.award_months, found.runway_months) == (28, 28)
    assert (found.verdict, found.reasons) == (Verdict.RUNS_OUT, (Reason.AWARD_ENDS,))
    assert not found.is_urgent


def test_award_that_is_spent_early_says_so() -> None:
    found = project(replace(FLAT, base_left=1500))
    assert found.runway_months == 18 - 2
    assert found.reasons == (Reason.AWARD_SPENT,)
    assert found.is_urgent


def test_award_that_is_over_leaves_nothing() -> None:
    found = project(replace(FLAT, base_left=0, award_months=-5))
    assert (found.award_months, found.runway_months) == (None, 0)
    assert (found.verdict, found.reasons) == (Verdict.OUT, (Reason.AWARD_OVER,))


def test_termination_for_convenience_stops_base_money_that_is_left() -> None:
    found = project(FLAT, Levers(terminated_months=6))
    assert [year.base for year in found.years[:2]] == [500, 0]
    assert found.runway_months == 6 - 2
    assert len(found.years) == 13


def test_reserve_carries_on_after_the_award() -> None:
    found = project(FLAT, Levers(reserve=1000))
    assert found.runway_months == 30 - 2 + 12


def test_lasting_income_stands() -> None:
    found = project(FLAT, Levers(services_more=1000))
    assert found.runway_months is None
    assert (found.verdict, found.reasons) == (Verdict.STANDS, ())
    assert found.years[-1].balance == 0


@pytest.mark.parametrize(
    ("levers", "own", "cost"),
    [
        pytest.param(Levers(fee_change_bp=5000), 720, 1600, id="fee"),
        pytest.param(Levers(members=24), 840, 1600, id="members"),
        pytest.param(Levers(services_more=60), 660, 1600, id="services"),
        pytest.param(Levers(cost_change_bp=-2500), 600, 1200, id="cost"),
        pytest.param(Levers(partners_stay_bp=5000), 480, 1600, id="partners"),
    ],
)
def test_lever_moves_what_it_names(levers: Levers, own: int, cost: int) -> None:
    last = project(FLAT, levers).years[-1]
    assert (last.own.amount, last.cost.amount) == (own, cost)


def test_partners_leave_month_by_month_with_the_award() -> None:
    found = project(FLAT, Levers(partners_stay_bp=0))
    assert [dict(year.streams)["partners"].amount for year in found.years[1:4]] == [240, 120, 0]
    assert [year.in_kind for year in found.years[1:4]] == [300, 150, 0]


def test_members_lever_without_members_changes_nothing() -> None:
    without = replace(FLAT, members=0)
    assert project(without, Levers(members=50)) == project(without)


def test_more_base_money_lasts_with_a_later_end() -> None:
    found = project(FLAT, Levers(base_more=2000, award_months=60))
    assert found.runway_months == 58
    assert len(found.years) == 15


def test_what_is_spent_as_it_comes_in_leaves_no_gap() -> None:
    streams = (
        Stream("dues", (7, 9, 12, 20, 41, 40, 55)),
        Stream("services", (9, 1, 8, 0, 3, 2, 1)),
    )
    alone = replace(FLAT, streams=streams, costs=tuple(one.amounts for one in streams))
    found = project(replace(alone, base_left=0, award_months=0))
    assert found.runway_months is None
    assert {year.balance for year in found.years} == {0}


def test_wavering_income_may_run_out() -> None:
    wavering = replace(
        FLAT,
        streams=(Stream("dues", (1400, 2000, 1500, 2100, 1500, 2100, 1700)),),
        base_left=0,
        award_months=0,
    )
    found = project(wavering)
    assert found.runway_months is None
    assert found.runway_low_months == 0
    assert (found.verdict, found.reasons) == (Verdict.MAY_RUN_OUT, (Reason.LOW_END,))


def test_falling_income_from_one_source_is_named() -> None:
    falling = replace(FLAT, streams=(Stream("dues", (100, 90, 80, 70, 60, 50, 40)),))
    assert project(falling).reasons == (Reason.AWARD_SPENT, Reason.OWN_FALLS)
    alone = replace(falling, in_kind=(0,) * 7)
    assert project(alone).reasons == (
        Reason.AWARD_SPENT,
        Reason.OWN_FALLS,
        Reason.ONE_SOURCE,
    )


def test_short_past_has_no_interval_and_says_so() -> None:
    short = Books(
        2020, (10,), (0,), ((10,),), (Stream("dues", (4,)),), base_left=5, award_months=12
    )
    found = project(short)
    assert found.years[0].own.low is found.years[0].own.high is found.years[0].balance_low is None
    assert found.reasons[-1] is Reason.SHORT_PAST
    assert found.runway_low_months is None


def test_empty_books_say_nothing() -> None:
    found = project(Books(2020, (), (), (), ()))
    assert [year.year for year in found.years] == list(range(2020, 2030))
    assert (found.coverage_bp, found.diversity, found.runway_months) == (None, None, None)
    assert found.years[0].coverage_bp is None
    assert found.verdict is Verdict.STANDS


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        pytest.param((), None, id="none"),
        pytest.param((0, 0), None, id="nothing"),
        pytest.param((7,), 100, id="one"),
        pytest.param((5, 5, 5, 0), 300, id="three-equal"),
        pytest.param((2, 1), 180, id="two-to-one"),
    ],
)
def test_diversity_is_the_effective_number_of_sources(
    amounts: tuple[int, ...], expected: int | None
) -> None:
    assert diversity(amounts) == expected


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=9))
def test_diversity_lies_between_one_source_and_all(amounts: list[int]) -> None:
    found = diversity(amounts)
    assert found is None or 100 <= found <= 100 * sum(1 for amount in amounts if amount)


def test_coverage_of_no_cost_is_none() -> None:
    assert coverage_bp(5, 0) is None
    assert coverage_bp(1, 3) == 3333


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(FLAT, costs=((1,),)),
        lambda: replace(FLAT, streams=(FLAT.streams[0], FLAT.streams[0])),
        lambda: replace(FLAT, base_left=-1),
        lambda: Levers(fee_change_bp=-10_001),
        lambda: Levers(partners_stay_bp=10_001),
        lambda: Levers(reserve=-1),
    ],
    ids=["ragged", "twice", "owed", "fee", "stay", "reserve"],
)
def test_impossible_values_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"year|once|zero|whole|all"):
        make()


# ----------------------------------------------------------------------------------- properties


@given(books(), LEVERS)
def test_parts_sum_and_no_income_is_below_zero(found_books: Books, levers: Levers) -> None:
    found = project(found_books, levers)
    for year in found.years:
        assert year.own.amount == sum(each.amount for _key, each in year.streams)
        assert year.income == year.base + year.in_kind + year.own.amount
        assert min(year.base, year.in_kind, *(each.amount for _key, each in year.streams)) >= 0
        assert year.own.low is None or 0 <= year.own.low <= year.own.amount
        assert year.own.high is None or year.own.high >= year.own.amount
    assert sum(year.base for year in found.years) <= found_books.base_left + levers.base_more


@given(books(), LEVERS)
def test_balance_is_what_came_less_what_went(found_books: Books, levers: Levers) -> None:
    found = project(found_books, levers)
    balance = levers.reserve
    for year in found.years:
        balance += year.base + year.own.amount - year.cost.amount
        assert balance == year.balance


def _whole(value: Any) -> bool:
    """Whether no number within is a float."""
    if is_dataclass(value):
        return all(_whole(getattr(value, each.name)) for each in fields(value))
    if isinstance(value, tuple):
        return all(_whole(each) for each in value)
    return not isinstance(value, float)


@given(books(), LEVERS)
def test_no_amount_is_a_float(found_books: Books, levers: Levers) -> None:
    assert _whole(project(found_books, levers))


def _in_hand(found: Projection) -> list[int]:
    return [year.balance for year in found.years]


def _months(found: Projection) -> int:
    return 10**6 if found.runway_months is None else found.runway_months


def _at_least(better: Projection, worse: Projection) -> bool:
    """Whether at no time less is in hand, and the money lasts as long."""
    pairs = zip(_in_hand(better), _in_hand(worse), strict=False)
    return all(one >= other for one, other in pairs) and _months(better) >= _months(worse)


@pytest.mark.parametrize(
    ("lever", "most"),
    [
        ("fee_change_bp", 20_000),
        ("services_more", 10**9),
        ("partners_stay_bp", 10_000),
        ("reserve", 10**10),
        ("base_more", 10**10),
        ("members", 500),
        ("award_months", 120),
        ("terminated_months", 120),
    ],
)
@given(data=st.data())
def test_lever_up_leaves_no_less_in_hand(lever: str, most: int, data: st.DataObject) -> None:
    found_books, levers = data.draw(books()), data.draw(LEVERS)
    low, high = sorted(data.draw(st.tuples(st.integers(0, most), st.integers(0, most))))
    less = project(found_books, replace(levers, **{lever: low}))
    more = project(found_books, replace(levers, **{lever: high}))
    assert _at_least(more, less)


@given(books(), LEVERS, st.integers(-10_000, 10_000), st.integers(0, 10_000))
def test_cost_up_leaves_no_more_in_hand(
    found_books: Books, levers: Levers, change_bp: int, rise_bp: int
) -> None:
    dearer = project(found_books, replace(levers, cost_change_bp=change_bp + rise_bp))
    assert _at_least(project(found_books, replace(levers, cost_change_bp=change_bp)), dearer)


def test_year_of_no_cost_has_no_coverage() -> None:
    year = project(Books(2020, (0,), (0,), (), ())).years[0]
    assert isinstance(year, ExpectedYear)
    assert year.coverage_bp is None
