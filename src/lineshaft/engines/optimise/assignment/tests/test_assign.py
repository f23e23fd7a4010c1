from collections.abc import Callable
from dataclasses import replace
from itertools import count as numbers
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings

from lineshaft.engines.optimise.assignment import (
    Assignment,
    Infeasible,
    Matrix,
    Objective,
    PanelRule,
    Problem,
    Status,
    assign,
    check,
)
from lineshaft.engines.optimise.assignment import floor as floor_module
from lineshaft.engines.optimise.assignment import flow as flow_module
from lineshaft.engines.optimise.assignment import ruled as ruled_module
from lineshaft.engines.optimise.assignment.problem import Bools
from lineshaft.engines.optimise.assignment.program import Answer, Ask
from lineshaft.engines.optimise.assignment.tests.brute import problems, tried
from lineshaft.engines.optimise.linear import Ended


def solved(problem: Problem, objective: Objective = Objective.SUM) -> Assignment:
    found = assign(problem, objective=objective)
    assert isinstance(found, Assignment)
    return found


def invented(applications: int, reviewers: int, seed: int = 3) -> Matrix:
    drawing = np.random.Generator(np.random.PCG64(seed))
    return Matrix(drawing.random((applications, reviewers)) ** 2)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_largest_total_is_that_of_trying_all(problem: Problem) -> None:
    best = tried(problem)
    found = assign(problem)
    if best.total is None:
        assert isinstance(found, Infeasible)
        return
    assert isinstance(found, Assignment)
    assert check(problem, found) == ()
    assert found.total == pytest.approx(best.total, abs=1e-9)
    assert (found.status, found.total_bound) == (Status.OPTIMAL, found.total)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_fairest_is_that_of_trying_all(problem: Problem) -> None:
    best = tried(problem)
    found = assign(problem, objective=Objective.FAIR)
    if best.total is None:
        assert isinstance(found, Infeasible)
        return
    assert isinstance(found, Assignment)
    assert check(problem, found) == ()
    assert found.worst == pytest.approx(best.floor, abs=1e-8)
    assert found.total == pytest.approx(best.total_at_floor, abs=1e-8)
    assert found.status is Status.OPTIMAL
    assert found.bound >= found.worst


@pytest.mark.parametrize("objective", Objective)
@settings(max_examples=80, deadline=None)
@given(problem=problems(has_rules=True))
def test_rules_of_panels_are_kept_at_the_best(problem: Problem, objective: Objective) -> None:
    best = tried(problem)
    found = assign(problem, objective=objective)
    if best.total is None:
        assert isinstance(found, Infeasible)
        return
    assert isinstance(found, Assignment)
    assert check(problem, found) == ()
    assert found.status is Status.OPTIMAL
    if objective is Objective.SUM:
        assert found.total == pytest.approx(best.total, abs=1e-8)
    else:
        assert found.worst == pytest.approx(best.floor, abs=1e-8)
        assert found.total == pytest.approx(best.total_at_floor, abs=1e-8)


@pytest.mark.parametrize("objective", Objective)
def test_order_of_rows_and_columns_changes_nothing(objective: Objective) -> None:
    scores = invented(9, 7).scores
    rows, columns = np.random.Generator(np.random.PCG64(5)).permutation(9), np.arange(7)[::-1]
    straight = solved(Problem.uniform(Matrix(scores), demand=2, most=4), objective)
    turned = solved(Problem.uniform(Matrix(scores[rows][:, columns]), demand=2, most=4), objective)
    assert turned.total == pytest.approx(straight.total, abs=1e-9)
    assert turned.worst == pytest.approx(straight.worst, abs=1e-9)


@pytest.mark.parametrize("objective", Objective)
def test_scale_and_shift_of_scores_change_no_pair(objective: Objective) -> None:
    scores = invented(9, 7).scores
    straight = solved(Problem.uniform(Matrix(scores), demand=2, most=4), objective)
    moved = solved(Problem.uniform(Matrix(8 * scores - 3), demand=2, most=4), objective)
    assert (moved.pairs.reviewer == straight.pairs.reviewer).all()


@pytest.mark.parametrize("objective", Objective)
def test_the_same_problem_gives_the_same_pairs(objective: Objective) -> None:
    problem = Problem.uniform(invented(20, 12), demand=3, most=6, least=2)
    first, second = (solved(problem, objective) for _run in range(2))
    assert (first.pairs.keys == second.pairs.keys).all()


def test_more_load_never_lowers_the_total() -> None:
    totals = [
        solved(Problem.uniform(invented(12, 6), demand=2, most=most)).total
        for most in (4, 5, 6, 12)
    ]
    assert totals == sorted(totals)


def test_a_forced_pair_costs_and_a_forbidden_one_too() -> None:
    scores = invented(8, 6).scores.copy()
    problem = Problem.uniform(Matrix(scores), demand=2, most=3)
    free = solved(problem)
    worst = int(np.argmin(scores[0]))
    forced = solved(replace(problem, forced=((0, worst),)))
    assert (0, worst) in set(
        zip(forced.pairs.application.tolist(), forced.pairs.reviewer.tolist(), strict=True)
    )
    assert forced.total < free.total
    scores[0, int(free.pairs.reviewer[0])] = -np.inf
    assert solved(Problem.uniform(Matrix(scores), demand=2, most=3)).total < free.total


def test_pairs_left_out_are_priced_in(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = invented(60, 40)
    problem = Problem.uniform(matrix, demand=3, most=5, least=2)
    over_all = solved(problem)
    monkeypatch.setattr(flow_module, "ALL_PAIRS", 10)
    monkeypatch.setattr(flow_module, "CANDIDATES", 0)
    monkeypatch.setattr(flow_module, "SPREAD", 1)
    monkeypatch.setattr(flow_module, "CANDIDATES_OF_REVIEWER", 0)
    monkeypatch.setattr(flow_module, "ADDED", 1)
    few = solved(problem)
    assert few.total == pytest.approx(over_all.total, abs=1e-9)
    assert few.status is Status.OPTIMAL


def test_a_floor_lifts_the_worst_and_costs_total() -> None:
    problem = Problem.uniform(invented(40, 15, seed=4), demand=3, most=8)
    largest, fair = solved(problem), solved(problem, Objective.FAIR)
    assert fair.worst > largest.worst
    assert largest.total > fair.total
    assert fair.status is Status.OPTIMAL
    assert fair.total_bound < largest.total


def test_an_employer_gives_one_reviewer_and_industry_at_least_one() -> None:
    matrix = invented(12, 12)
    firm, industry = frozenset({0, 1, 2}), frozenset({10, 11})
    rules = (PanelRule("firm", firm, most=1), PanelRule("industry", industry, least=1))
    found = solved(Problem.uniform(matrix, demand=3, most=6, rules=rules))
    for application in range(12):
        panel = set(found.pairs.reviewer[found.pairs.application == application].tolist())
        assert len(panel & firm) <= 1
        assert len(panel & industry) >= 1


@pytest.mark.parametrize("objective", Objective)
def test_out_of_time_there_is_an_answer_with_its_gap(objective: Objective) -> None:
    problem = Problem.uniform(invented(40, 15, seed=4), demand=3, most=8)
    found = assign(problem, objective=objective, time_limit_s=0.0)
    assert isinstance(found, Assignment)
    assert check(problem, found) == ()
    if objective is Objective.FAIR:
        assert found.status is Status.FEASIBLE
        assert found.gap > 0


def test_without_demand_there_is_nothing_to_assign() -> None:
    for objective in Objective:
        found = solved(Problem.uniform(invented(3, 2), demand=0, most=1), objective)
        assert (found.pairs.count, found.total, found.worst) == (0, 0.0, 0.0)
        assert found.status is Status.OPTIMAL


def few_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the problem were large: few candidates, the rest priced in."""
    monkeypatch.setattr(flow_module, "ALL_PAIRS", 10)
    monkeypatch.setattr(flow_module, "CANDIDATES", 1)
    monkeypatch.setattr(flow_module, "SPREAD", 1)
    monkeypatch.setattr(flow_module, "ADDED", 1)
    monkeypatch.setattr(floor_module, "CORE_PAIRS", 10)
    monkeypatch.setattr(floor_module, "ADDED", 1)
    monkeypatch.setattr(ruled_module, "WHOLE_PAIRS", 10)
    monkeypatch.setattr(ruled_module, "CANDIDATES", 3)
    monkeypatch.setattr(ruled_module, "OF_GROUP", 1)


@pytest.mark.parametrize("is_sparse", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_floor_is_the_same_over_candidates(
    monkeypatch: pytest.MonkeyPatch, seed: int, *, is_sparse: bool
) -> None:
    matrix = invented(40, 15, seed=seed)
    scores = matrix.every() if is_sparse else matrix
    problem = Problem.uniform(scores, demand=3, most=9, least=5)
    over_all = solved(problem, Objective.FAIR)
    few_pairs(monkeypatch)
    few = solved(problem, Objective.FAIR)
    assert check(problem, few) == ()
    assert few.worst == pytest.approx(over_all.worst, abs=1e-8)
    assert few.total == pytest.approx(over_all.total, abs=1e-8)


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("seed", range(3))
def test_rules_are_kept_at_the_same_best_over_candidates(
    monkeypatch: pytest.MonkeyPatch, objective: Objective, seed: int
) -> None:
    rules = (
        PanelRule("firm", frozenset(range(5)), most=1),
        PanelRule("industry", frozenset(range(10, 15)), least=1),
    )
    problem = Problem.uniform(invented(20, 15, seed=seed), demand=3, most=4, rules=rules)
    over_all = solved(problem, objective)
    few_pairs(monkeypatch)
    few = solved(problem, objective)
    assert check(problem, few) == ()
    assert few.total == pytest.approx(over_all.total, abs=1e-8)
    assert few.worst == pytest.approx(over_all.worst, abs=1e-8)


@pytest.mark.parametrize("seed", [1, 13, 73])
def test_hard_rules_are_kept_at_the_best_over_candidates(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    scores = np.random.Generator(np.random.PCG64(seed)).random((14, 10)) ** 2
    rules = (
        PanelRule("firm", frozenset(range(4)), most=1),
        PanelRule("industry", frozenset(range(5, 10)), least=1),
    )
    problem = Problem.uniform(Matrix(scores), demand=2, most=4, least=2, rules=rules)
    over_all = solved(problem, Objective.FAIR)
    few_pairs(monkeypatch)
    monkeypatch.setattr(flow_module, "CANDIDATES", 0)
    monkeypatch.setattr(ruled_module, "CANDIDATES", 0)
    few = solved(problem, Objective.FAIR)
    assert (few.status, over_all.status) == (Status.OPTIMAL, Status.OPTIMAL)
    assert few.worst == pytest.approx(over_all.worst, abs=1e-8)
    assert few.total == pytest.approx(over_all.total, abs=1e-8)


def test_rules_that_only_the_left_out_pairs_keep_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    few_pairs(monkeypatch)
    rules = (PanelRule("late", frozenset({3, 4, 5}), least=2),)
    scores = np.tile(np.arange(9.0, 3.0, -1.0), (6, 1))
    problem = Problem.uniform(Matrix(scores), demand=2, most=6, rules=rules)
    assert solved(problem).total == pytest.approx(6 * (6 + 5))
    impossible = replace(problem, rules=(PanelRule("late", frozenset({5}), least=2),))
    assert isinstance(assign(impossible), Infeasible)


def test_an_application_without_demand_is_no_worst() -> None:
    problem = Problem(
        invented(3, 3), np.array([1, 0, 1]), np.zeros(3, dtype=np.int64), np.ones(3, dtype=np.int64)
    )
    rules = (PanelRule("first", frozenset({0}), most=1),)
    for asked in (problem, replace(problem, rules=rules)):
        assert solved(asked, Objective.FAIR).worst > 0


@pytest.mark.parametrize("objective", Objective)
def test_out_of_time_the_rules_that_do_not_hold_yet_are_named(
    monkeypatch: pytest.MonkeyPatch, objective: Objective
) -> None:
    monkeypatch.setattr(ruled_module, "LEAST_S", 0.0)
    rules = (PanelRule("firm", frozenset(range(8)), most=1),)
    problem = Problem.uniform(invented(40, 15, seed=4), demand=3, most=9, rules=rules)
    found = assign(problem, objective=objective, time_limit_s=0.0)
    assert isinstance(found, Assignment)
    assert found.status is Status.INCOMPLETE
    assert {one.rule for one in check(problem, found)} == {"firm"}
    assert found.total_bound >= found.total


@pytest.mark.parametrize("seed", [25, 161, 163, 195, 271, 403])
def test_hard_floors_are_proven_over_candidates(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    problem = hard(seed)
    over_all = solved(problem, Objective.FAIR)
    few_pairs(monkeypatch)
    few = solved(problem, Objective.FAIR)
    assert (few.status, over_all.status) == (Status.OPTIMAL, Status.OPTIMAL)
    assert few.worst == pytest.approx(over_all.worst, abs=1e-8)
    assert few.total == pytest.approx(over_all.total, abs=1e-8)


def starved(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, is_stopped: Callable[[Ask], bool]
) -> None:
    """Some programs that this module solves are stopped before they find anything."""
    real = module.solve

    def solve(ask: Ask, *, time_limit_s: float, start: Bools | None = None) -> Answer:
        if is_stopped(ask):
            return Answer(Ended.OUT_OF_TIME, None, np.inf)
        found: Answer = real(ask, time_limit_s=time_limit_s, start=start)
        return found

    monkeypatch.setattr(module, "solve", solve)


def at(number: int) -> Callable[[Ask], bool]:
    calls = numbers(1)
    return lambda _ask: next(calls) == number


@pytest.mark.parametrize("seed", [1, 271])
def test_where_no_whole_program_of_everyone_has_time_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    wide = Problem.uniform(invented(40, 15, seed=seed), demand=3, most=9)
    problem = wide if seed == 1 else hard(seed)
    starved(
        monkeypatch,
        floor_module,
        lambda ask: ask.is_whole and len(ask.applications) == len(problem.demand),
    )
    found = solved(problem, Objective.FAIR)
    assert check(problem, found) == ()
    assert found.status is Status.FEASIBLE


def hard(seed: int) -> Problem:
    """Where the bound of the linear program is not reached, among others."""
    drawing = np.random.Generator(np.random.PCG64(seed))
    scores = drawing.random((14, 10)) ** 2
    scores[drawing.random((14, 10)) < 0.4] = -np.inf
    return Problem.uniform(Matrix(scores), demand=2, most=3, least=2 * (seed % 2))


@pytest.mark.parametrize("seed", [25, 161, 163, 271])
@pytest.mark.parametrize("number", range(1, 9))
def test_whichever_program_of_a_hard_floor_has_no_time_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, number: int, seed: int
) -> None:
    best = solved(hard(seed), Objective.FAIR)
    starved(monkeypatch, floor_module, at(number))
    found = solved(hard(seed), Objective.FAIR)
    assert check(hard(seed), found) == ()
    assert found.worst <= best.worst + 1e-8 <= found.worst_bound + 2e-8


@pytest.mark.parametrize("seed", [25, 163])
def test_a_bound_over_too_many_columns_is_not_lowered(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    best = solved(hard(seed), Objective.FAIR)
    monkeypatch.setattr(floor_module, "COLUMNS_MAX", 0)
    found = solved(hard(seed), Objective.FAIR)
    assert check(hard(seed), found) == ()
    assert found.status is Status.FEASIBLE
    assert found.worst <= best.worst + 1e-8 <= found.worst_bound + 2e-8


def test_a_floor_lets_in_pairs_that_no_total_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    few_pairs(monkeypatch)
    monkeypatch.setattr(flow_module, "ALL_PAIRS", 0)
    monkeypatch.setattr(flow_module, "CANDIDATES", 0)
    monkeypatch.setattr(floor_module, "CORE_PAIRS", 0)
    scores = np.array([[1.0, -np.inf, 0.3], [0.45, 0.2, -np.inf]])
    found = solved(Problem.uniform(Matrix(scores), demand=1, most=1), Objective.FAIR)
    assert found.pairs.reviewer.tolist() == [2, 0]
    assert (found.worst, found.status) == (0.3, Status.OPTIMAL)


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize(("most", "least"), [(6, 6), (8, 0)])
@pytest.mark.parametrize("number", range(1, 7))
def test_whichever_program_has_no_time_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, number: int, most: int, least: int, *, is_large: bool
) -> None:
    count = 30 if least else 40
    problem = Problem.uniform(invented(count, 15, seed=4), demand=3, most=most, least=least)
    best = solved(problem, Objective.FAIR)
    if is_large:
        few_pairs(monkeypatch)
    starved(monkeypatch, floor_module, at(number))
    found = solved(problem, Objective.FAIR)
    assert check(problem, found) == ()
    assert found.worst <= best.worst + 1e-8
    assert found.worst_bound >= best.worst - 1e-8
    if found.worst == pytest.approx(best.worst):
        assert found.total_bound >= best.total - 1e-8


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("number", range(1, 7))
def test_whichever_program_of_rules_has_no_time_there_is_an_answer(
    monkeypatch: pytest.MonkeyPatch, number: int, objective: Objective
) -> None:
    rules = (
        PanelRule("firm", frozenset(range(5)), most=1),
        PanelRule("industry", frozenset(range(10, 15)), least=1),
    )
    problem = Problem.uniform(invented(20, 15, seed=4), demand=3, most=5, rules=rules)
    best = solved(problem, objective)
    few_pairs(monkeypatch)
    starved(monkeypatch, ruled_module, at(number))
    found = solved(problem, objective)
    assert found.bound >= best.bound - 1e-8
    assert (check(problem, found) == ()) is (found.status is not Status.INCOMPLETE)


def test_over_too_many_columns_there_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor_module, "COLUMNS_MAX", 0)
    found = solved(Problem.uniform(invented(40, 15, seed=1), demand=3, most=9), Objective.FAIR)
    assert found.status is Status.FEASIBLE
    assert found.worst == found.worst_bound
    assert found.total_bound > found.total


def test_costs_that_a_flow_cannot_hold_are_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_module, "COST_BITS", 70)
    monkeypatch.setattr(flow_module, "SCORE_BITS", 57)
    with pytest.raises(AssertionError, match="always exists"):
        assign(Problem.uniform(invented(9, 7), demand=2, most=4))


def test_floors_are_found_where_scores_come_in_steps() -> None:
    scores = np.round(invented(30, 12, seed=2).scores * 4) / 4
    problem = Problem.uniform(Matrix(scores), demand=3, most=8)
    found = solved(problem, Objective.FAIR)
    assert found.status is Status.OPTIMAL
    assert (4 * found.worst) % 1 == 0
    assert floor_module.unit_of(Matrix(scores).every()) == 0.25
    assert floor_module.unit_of(invented(3, 3).every()) is None
