from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings

from lineshaft.engines.optimise.assignment import (
    Freeing,
    Infeasible,
    Matrix,
    Pairs,
    PanelRule,
    Problem,
    Remedy,
    assign,
)
from lineshaft.engines.optimise.assignment import explain as explain_module
from lineshaft.engines.optimise.assignment import flow as flow_module
from lineshaft.engines.optimise.assignment import freeing as freeing_module
from lineshaft.engines.optimise.assignment.claims import Claim, Ground, Kind
from lineshaft.engines.optimise.assignment.explain import explained
from lineshaft.engines.optimise.assignment.tests.brute import problems, tried
from lineshaft.engines.optimise.linear import Ended, Found, Model


def refused(problem: Problem) -> Infeasible:
    found = assign(problem)
    assert isinstance(found, Infeasible)
    return found


def claims_of(problem: Problem, found: Infeasible) -> list[Claim]:
    places = {rule.key: place for place, rule in enumerate(problem.rules)}
    return [
        *(Claim(Kind.DEMAND, one) for one in found.applications),
        *(Claim(Kind.LEAST, one) for one in found.reviewers),
        *(Claim(Kind.FORCED, *pair) for pair in found.forced),
        *(Claim(Kind.RULE, application, places[key]) for key, application in found.rules),
    ]


@settings(max_examples=200, deadline=None)
@given(problems(has_rules=True))
def test_what_is_at_fault_is_irreducible(problem: Problem) -> None:
    assume(tried(problem).total is None)
    found = refused(problem)
    claims = claims_of(problem, found)
    ground = Ground(problem, problem.scores.every())
    assert not ground.holds(claims)
    assert all(ground.holds([one for one in claims if one is not dropped]) for dropped in claims)


@settings(max_examples=200, deadline=None)
@given(problems(has_rules=True))
def test_a_reason_is_there_where_trying_all_finds_nothing(problem: Problem) -> None:
    if tried(problem).total is None:
        assert explained(problem) != Infeasible(())
    else:
        with pytest.raises(ValueError, match="every claim can be met"):
            explained(problem)


def test_reviewers_without_room_are_named_with_what_would_do() -> None:
    scores = np.full((4, 4), -np.inf)
    scores[:2, :2] = 1.0  # two applications share two reviewers, of one application each
    scores[2:, 2:] = 1.0
    problem = Problem.uniform(Matrix(scores), demand=2, most=1)
    problem = replace(problem, most=np.array([1, 1, 2, 2]))
    assert refused(problem) == Infeasible(
        applications=(0, 1),
        missing=2,
        freeing=(
            Freeing(Remedy.MORE_LOAD, 2, reviewers=(0, 1)),
            Freeing(Remedy.LESS_DEMAND, 2, applications=refused(problem).freeing[1].applications),
            refused(problem).freeing[2],
        ),
    )
    assert refused(problem).freeing[2].remedy is Remedy.LIFT_PAIRS
    assert refused(problem).freeing[2].by == 2


def test_what_would_do_does() -> None:
    scores = np.full((3, 4), -np.inf)
    scores[:, :2] = 1.0
    problem = Problem.uniform(Matrix(scores), demand=2, most=2)
    found = refused(problem)
    for way in found.freeing:
        demand, most, lifted = problem.demand.copy(), problem.most.copy(), scores.copy()
        match way.remedy:
            case Remedy.MORE_LOAD:
                most[list(way.reviewers)] += way.by
            case Remedy.LESS_DEMAND:
                demand[list(way.applications)] = 0
            case _:
                lifted[list(way.applications), list(way.reviewers)] = 0.5
        freed = Problem(Matrix(lifted), demand, problem.least, most)
        assert not isinstance(assign(freed), Infeasible)
    assert [way.remedy for way in found.freeing] == [
        Remedy.MORE_LOAD,
        Remedy.LESS_DEMAND,
        Remedy.LIFT_PAIRS,
    ]


def test_least_loads_that_nobody_can_fill_are_named() -> None:
    problem = Problem.uniform(Matrix(np.ones((1, 3))), demand=1, most=2, least=1)
    found = refused(problem)
    assert found.applications == ()
    assert len(found.reviewers) == 2
    assert Freeing(Remedy.LESS_LEAST, 1, reviewers=found.freeing[0].reviewers) == found.freeing[0]


@pytest.mark.parametrize(
    ("forced", "named"),
    [
        pytest.param(((0, 0),), ((0, 0),), id="in conflict"),
        pytest.param(((0, 1), (0, 2)), ((0, 1), (0, 2)), id="more than demanded"),
        pytest.param(((0, 1), (1, 1)), ((0, 1), (1, 1)), id="more than a reviewer takes"),
    ],
)
def test_forced_pairs_that_cannot_be_are_named(
    forced: tuple[tuple[int, int], ...], named: tuple[tuple[int, int], ...]
) -> None:
    scores = np.ones((2, 3))
    scores[0, 0] = -np.inf
    problem = Problem.uniform(Matrix(scores), demand=1, most=1, forced=forced)
    found = refused(problem)
    assert (found.applications, found.forced) == ((), named)
    assert found.freeing[-1].remedy is Remedy.DROP_FORCED


def test_a_rule_that_no_panel_can_keep_is_named() -> None:
    rule = PanelRule("industry", frozenset({2}), least=1)
    problem = Problem.uniform(Matrix(np.ones((3, 3))), demand=1, most=2, rules=[rule])
    found = refused(problem)
    assert (found.applications, found.rules) == (
        (),
        (("industry", 0), ("industry", 1), ("industry", 2)),
    )
    assert Freeing(Remedy.MORE_LOAD, 1, reviewers=(2,)) in found.freeing
    assert Freeing(Remedy.DROP_RULE, 1, (0, 1, 2), rule="industry") in found.freeing


def test_of_very_many_pairs_those_that_are_short_are_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scores = np.full((5, 5), 0.5)
    scores[:2, 1:] = -np.inf
    problem = Problem.uniform(Matrix(scores), demand=1, most=1)
    monkeypatch.setattr(explain_module, "PAIRS_MAX", 1)
    assert refused(problem).applications == (0, 1)


def test_of_very_many_pairs_forced_ones_are_searched_too(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.full((5, 5), 0.5)
    scores[0, 1:] = -np.inf  # the first has only a reviewer who is forced on the second
    problem = Problem.uniform(Matrix(scores), demand=1, most=1, forced=((1, 0),))
    monkeypatch.setattr(explain_module, "PAIRS_MAX", 1)
    found = refused(problem)
    assert (found.applications, found.forced) == ((0,), ((1, 0),))


def test_a_fault_that_lies_elsewhere_is_found_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = np.full((5, 5), 0.5)
    scores[:2, 1:] = -np.inf
    problem = Problem.uniform(Matrix(scores), demand=1, most=1)
    monkeypatch.setattr(explain_module, "PAIRS_MAX", 1)
    assert explained(problem, np.array([3]), np.array([2])).applications == (0, 1)


def test_out_of_time_all_that_may_be_at_fault_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = PanelRule("industry", frozenset({2}), least=1)
    problem = Problem.uniform(Matrix(np.ones((3, 3))), demand=1, most=2, rules=[rule])
    monkeypatch.setattr(
        Model,
        "minimum",
        lambda *_args, **_kwargs: Found(Ended.OUT_OF_TIME, None, -np.inf, None),
    )
    assert explained(problem) == Infeasible((0, 1, 2), missing=1)
    assert explained(problem, np.array([1])) == Infeasible((1,), missing=1)


class Closed(Matrix):
    """Scores too many to be listed."""

    def every(self) -> Pairs:
        raise AssertionError("all pairs were listed")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param((1, 2, 2), Infeasible((), (0, 1, 2), missing=1), id="least"),
        pytest.param((4, 3, 0), Infeasible((0, 1, 2, 3), missing=1), id="demand"),
    ],
)
def test_of_very_many_pairs_sums_are_compared_first(
    monkeypatch: pytest.MonkeyPatch, asked: tuple[int, int, int], expected: Infeasible
) -> None:
    scores = Closed(np.ones((5, 5)))
    demand, most, least = asked
    problem = Problem.uniform(scores, demand=demand, most=most, least=least)
    monkeypatch.setattr(explain_module, "PAIRS_MAX", 1)
    assert explained(problem) == expected


def test_of_very_many_pairs_those_of_idle_reviewers_are_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scores = np.full((5, 5), 0.5)
    scores[1:, :2] = -np.inf  # two reviewers may have one application alone
    problem = Problem.uniform(Closed(scores), demand=1, most=2)
    problem = replace(problem, least=np.array([1, 1, 0, 0, 1]))
    monkeypatch.setattr(flow_module, "ALL_PAIRS", 1)
    monkeypatch.setattr(flow_module, "CANDIDATES", 1)
    monkeypatch.setattr(explain_module, "PAIRS_MAX", 1)
    assert (refused(problem).applications, refused(problem).reviewers) == ((), (0, 1))


def test_of_large_sets_no_way_out_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeing_module, "COLUMNS_MAX", 1)
    problem = Problem.uniform(Matrix(np.ones((1, 3))), demand=1, most=2, least=1)
    assert (len(refused(problem).reviewers), refused(problem).freeing) == (2, ())
