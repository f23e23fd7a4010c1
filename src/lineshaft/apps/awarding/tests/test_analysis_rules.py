from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.rules import Assumptions, PlanInput
from lineshaft.apps.awarding.tests.factories import letter, plan_parts
from lineshaft.apps.competitions.rules import AMOUNT_MINOR_MAX
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR
from lineshaft.kernel.jurisdiction import MatchingBasis
from lineshaft.kernel.profile import load_profile

CASH = {"cash"}


def counted(*, term_months: int | None = 60, years_after: int = 0, **parts: Any) -> PlanInput:
    content = {"terms": {"term_months": term_months}, **plan_parts(**parts)}
    return rules.plan_input(content, cash_kinds=CASH, years_after=years_after)


def millions(amounts: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one // MILLION_MINOR for one in amounts)


def test_plan_is_counted_from_what_was_handed_in() -> None:
    plan = counted(
        in_kind=(1, 2, 3, 4, 5),
        letters=(letter("State", 5, 5, 5, 5, 5), letter("Tools", 9, kind="equipment_donated")),
        revenue={"dues": {1: 1, 5: 9}, "services": {6: 7}},
    )
    assert (plan.years, plan.term_years) == (5, 5)
    assert millions(plan.cost) == (50, 50, 50, 50, 50)
    assert millions(plan.federal) == (40, 30, 20, 10, 0)
    assert millions(plan.matched) == (11, 22, 33, 44, 55)
    assert millions(plan.in_kind) == (1, 2, 3, 4, 5)
    assert [(one.key, one.giver, millions(one.amounts)) for one in plan.promises] == [
        ("letter-1", "State", (5, 5, 5, 5, 5))
    ]
    assert [(key, millions(amounts)) for key, amounts in plan.revenue] == [
        ("dues", (1, 0, 0, 0, 9))
    ]
    assert plan.beyond == 7 * MILLION_MINOR
    assert plan.keys == {"letter-1", "dues"}


def test_money_that_letters_call_federal_matches_nothing_and_pays_bills() -> None:
    plan = counted(letters=(letter("NSF", 4, 50, is_federal=True), letter("Land", 2)))
    assert millions(plan.federal) == (44, 80, 20, 10, 0)
    assert millions(plan.asked) == (40, 30, 20, 10, 0)
    assert millions(plan.matched) == (6, 0, 30, 40, 50)
    assert [one.giver for one in plan.promises] == ["Land"]


def test_years_beyond_the_term_cost_what_its_last_year_does() -> None:
    plan = counted(
        years_after=2,
        letters=(letter("State", 0, 0, 0, 0, 0, 3), letter("Late", *(0,) * 7, 1)),
        revenue={"dues": {7: 60, 8: 1}},
    )
    assert millions(plan.cost) == (50, 50, 50, 50, 50, 50, 50)
    assert millions(plan.federal) == (40, 30, 20, 10, 0, 0, 0)
    assert millions(plan.promises[0].amounts) == (0, 0, 0, 0, 0, 3, 0)
    assert millions(plan.revenue[0][1]) == (0, 0, 0, 0, 0, 0, 60)
    assert plan.beyond == 2 * MILLION_MINOR


def test_plan_of_one_year_without_revenue() -> None:
    plan = counted(term_months=None, federal=(1, 2), cash=())
    assert (plan.years, millions(plan.cost), plan.revenue, plan.promises) == (1, (3,), (), ())
    assert rules.refuse_no_plan(plan) is None
    empty = rules.refuse_no_plan(counted(federal=(), cash=()))
    assert empty is not None
    assert empty.code == "no_budget"


@given(
    federal=st.lists(st.integers(0, 10**5), min_size=1, max_size=10),
    cash=st.lists(st.integers(0, 10**5), min_size=1, max_size=10),
    given_away=st.lists(st.integers(0, 10**5), max_size=10),
    after=st.integers(0, rules.YEARS_BEYOND_MOST),
)
def test_no_money_is_lost_or_below_zero(
    federal: list[int], cash: list[int], given_away: list[int], after: int
) -> None:
    plan = counted(
        years_after=after,
        federal=tuple(federal),
        cash=tuple(cash),
        letters=(letter("A", *given_away),),
        revenue={"dues": dict(enumerate(given_away, 1))},
    )
    term = millions(plan.cost)[: plan.term_years]
    assert sum(term) == sum(federal) + sum(cash)
    told = sum(millions(plan.promises[0].amounts)) if plan.promises else 0
    told += sum(sum(millions(amounts)) for _key, amounts in plan.revenue)
    assert told + plan.beyond // MILLION_MINOR == 2 * sum(given_away)
    assert min(*plan.cost, *plan.federal, *plan.matched) >= 0


def rule(basis: MatchingBasis, share_bp: int = 5_000) -> Any:
    known = load_profile("us").matching_rules[0]
    return replace(known, basis=basis, share_bp=share_bp)


def test_match_is_tested_over_the_whole_or_year_by_year() -> None:
    plan = counted()
    whole, yearly = rules.match_findings(
        plan, [rule(MatchingBasis.TOTAL), rule(MatchingBasis.YEAR)]
    )
    assert (whole.is_met, whole.share_bp, whole.short) == (True, 6_000, ())
    assert (yearly.is_met, yearly.short) == (False, (1, 2))
    (unmet,) = rules.match_findings(plan, [rule(MatchingBasis.TOTAL, 6_001)])
    assert not unmet.is_met
    (nothing,) = rules.match_findings(counted(federal=()), [rule(MatchingBasis.TOTAL)])
    assert (nothing.is_met, nothing.share_bp) == (True, 10_000)
    assert rules.share_bp(0, 0) is None


@pytest.mark.parametrize(
    ("is_judged", "is_over", "expected"),
    [(True, False, ""), (False, False, "stage_not_judged"), (True, True, "competition_over")],
)
def test_plan_is_analysed_in_a_stage_that_judges(
    expected: str, *, is_judged: bool, is_over: bool
) -> None:
    found = rules.refuse_analysis("Call", is_judged=is_judged, is_over=is_over)
    assert (found.code if found else "") == expected


USUAL = Assumptions()


@pytest.mark.parametrize(
    ("changes", "reason", "fields"),
    [
        pytest.param({}, "", [], id="as before"),
        pytest.param({"seed": 7}, "", ["reason"], id="changed without a reason"),
        pytest.param({"seed": 7}, "Another draw", [], id="changed with one"),
        pytest.param({"honoured_bp": 10_001}, "x", ["honoured_bp"], id="share"),
        pytest.param({"honoured": {"letter-1": -1}}, "x", ["honoured_letter-1"], id="one's share"),
        pytest.param({"spread_bp": -1}, "x", ["spread_bp"], id="spread"),
        pytest.param({"cost_spread_bp": 20_001}, "x", ["cost_spread_bp"], id="spread of cost"),
        pytest.param({"spreads": {"dues": 20_001}}, "x", ["spread_dues"], id="one's spread"),
        pytest.param({"spreads": {"luck": 1}}, "x", [""], id="no such stream"),
        pytest.param({"seed": -1}, "x", ["seed"], id="seed"),
        pytest.param({"reserve_minor": AMOUNT_MINOR_MAX}, "x", ["reserve_minor"], id="reserve"),
        pytest.param({"years_after": 3}, "x", ["years_after"], id="years"),
    ],
)
def test_assumptions_are_checked(changes: dict[str, Any], reason: str, fields: list[str]) -> None:
    plan = counted(letters=(letter("State", 1),), revenue={"dues": {1: 1}})
    said = replace(USUAL, **changes)
    found = rules.faults_of_assumptions(said, USUAL, plan, reason=reason)
    assert [one.field for one in found] == fields


def test_assumptions_come_back_as_they_were_stored() -> None:
    said = Assumptions(honoured_bp=8_000, honoured={"letter-2": 1}, spreads={"dues": 2})
    assert rules.assumptions_of(said.as_content()) == said
    assert (said.honoured_of("letter-1"), said.honoured_of("letter-2")) == (8_000, 1)
    assert (said.spread_of("dues"), said.spread_of("services")) == (2, rules.SPREAD_BP)
