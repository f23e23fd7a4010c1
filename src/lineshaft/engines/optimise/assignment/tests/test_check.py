from dataclasses import replace

import numpy as np
import pytest

from lineshaft.engines.optimise.assignment import (
    Assignment,
    Fault,
    Found,
    Infeasible,
    Matrix,
    Pairs,
    PanelRule,
    Problem,
    assign,
    changed,
    check,
    settled,
)
from lineshaft.engines.optimise.assignment.tests.brute import pairs_of

SCORES = np.array([[0.9, 0.8, 0.1], [0.7, 0.2, -np.inf], [0.3, 0.6, 0.5]])


def problem() -> Problem:
    return Problem.uniform(
        Matrix(SCORES),
        demand=1,
        most=1,
        rules=[PanelRule("lab", frozenset({0}), most=0, applications=frozenset({2}))],
    )


def found() -> Assignment:
    answer = assign(problem())
    assert isinstance(answer, Assignment)
    return answer


def with_pairs(*pairs: tuple[int, int, float]) -> Assignment:
    return replace(found(), pairs=pairs_of((3, 3), *pairs))


def faults_of(asked: Problem, assignment: Assignment) -> set[Found]:
    return {one for one in check(asked, assignment) if one.fault is not Fault.FIGURE}


def test_an_assignment_that_holds_has_no_fault() -> None:
    assert found().pairs.reviewer.tolist() == [1, 0, 2]
    assert check(problem(), found()) == ()


@pytest.mark.parametrize(
    ("pairs", "faults"),
    [
        pytest.param(
            [(0, 1, 0.8), (1, 0, 0.7)],
            {Found(Fault.COVERAGE, 0, 1, application=2)},
            id="lacking",
        ),
        pytest.param(
            [(0, 1, 0.8), (1, 1, 0.2), (2, 2, 0.5)],
            {Found(Fault.OVER_LOAD, 2, 1, reviewer=1)},
            id="over load",
        ),
        pytest.param(
            [(0, 1, 0.8), (1, 2, 0.2), (2, 0, 0.3)],
            {
                Found(Fault.NOT_ALLOWED, 1, 0, 1, 2),
                Found(Fault.RULE, 1, 0, application=2, rule="lab"),
            },
            id="conflict and rule",
        ),
        pytest.param(
            [(0, 1, 0.81), (1, 0, 0.7), (2, 2, 0.5)],
            {Found(Fault.SCORE, 0.81, 0.8, 0, 1)},
            id="another score",
        ),
    ],
)
def test_each_fault_is_found(pairs: list[tuple[int, int, float]], faults: set[Found]) -> None:
    assert faults_of(problem(), with_pairs(*pairs)) == faults


def test_least_load_and_forced_pairs_are_counted_over() -> None:
    asked = replace(problem(), least=np.array([0, 0, 1]), forced=((0, 0),))
    given = with_pairs((0, 1, 0.8), (1, 0, 0.7))
    assert faults_of(asked, given) >= {
        Found(Fault.UNDER_LOAD, 0, 1, reviewer=2),
        Found(Fault.NOT_FORCED, 0, 1, 0, 0),
    }


def test_figures_that_are_not_those_of_the_pairs_are_found() -> None:
    wrong = replace(found(), total=9.0, worst=1.0)
    assert [one.fault for one in check(problem(), wrong)] == [Fault.FIGURE, Fault.FIGURE]


def test_a_change_by_hand_is_checked_and_its_cost_told() -> None:
    change = changed(problem(), found(), added=[(0, 0)], removed=[(0, 1)])
    assert change.total_cost == pytest.approx(0.8 - 0.9)
    assert change.worst_cost == pytest.approx(0.0)
    assert change.faults == (Found(Fault.OVER_LOAD, 2, 1, reviewer=0),)


def test_a_change_to_a_conflict_counts_nothing_and_is_told() -> None:
    change = changed(problem(), found(), added=[(1, 2)], removed=[(1, 0)])
    assert change.total == pytest.approx(0.8 + 0.5)
    assert Found(Fault.NOT_ALLOWED, 1, 0, 1, 2) in change.faults


def test_a_change_settled_anew_is_the_best_that_has_it() -> None:
    answer = settled(problem(), found(), added=[(0, 0)])
    assert isinstance(answer, Assignment)
    assert answer.pairs.reviewer.tolist() == [0, 1, 2]
    assert answer.total == pytest.approx(0.9 + 0.2 + 0.5)
    assert isinstance(settled(problem(), found(), removed=[(1, 0), (1, 1)]), Infeasible)


@pytest.mark.parametrize(
    "change", [{"added": [(0, 1)]}, {"removed": [(0, 0)]}], ids=["is there", "is not there"]
)
def test_a_change_of_nothing_is_a_mistake(change: dict[str, list[tuple[int, int]]]) -> None:
    with pytest.raises(ValueError, match="a pair that is"):
        changed(problem(), found(), **change)


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        pytest.param(([0], [0, 1], [1.0]), "an application, a reviewer and a score", id="lengths"),
        pytest.param(([9], [0], [1.0]), "that is not there", id="nobody"),
        pytest.param(([0], [0], [np.nan]), "a finite number", id="no number"),
    ],
)
def test_pairs_that_are_none_are_a_mistake(pairs: tuple[list[int], ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Pairs.of((2, 2), *pairs)


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [(np.ones(3), "rows and columns"), (np.array([[np.nan]]), "a finite number")],
)
def test_a_matrix_that_is_none_is_a_mistake(scores: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Matrix(scores)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"demand": np.array([1])}, "one demand"),
        ({"least": np.array([0])}, "a least and a most"),
        ({"least": np.array([2, 0, 0])}, "nor least above most"),
        ({"forced": ((0, 7),)}, "that is not there"),
    ],
)
def test_a_problem_that_is_none_is_a_mistake(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(problem(), **wrong)  # type: ignore[arg-type]


def test_a_rule_that_allows_less_than_it_asks_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="a rule asks"):
        PanelRule("lab", frozenset(), least=2, most=1)
