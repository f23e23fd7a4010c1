import numpy as np
import pytest

from lineshaft.engines.optimise.linear import Ended, Model


def test_a_minimum_has_values_bound_and_duals() -> None:
    model = Model()
    x = model.columns(2, cost=[1.0, 3.0])
    model.rows(1, ([0, 0], x, [1.0, 1.0]), lower=4.0)
    found = model.minimum(time_limit_s=10)
    assert (found.ended, found.bound) == (Ended.OPTIMAL, 4.0)
    assert found.values is not None
    assert found.values.tolist() == [4.0, 0.0]
    assert found.duals is not None
    assert found.duals.tolist() == [1.0]


def test_whole_numbers_have_no_duals_and_begin_from_a_start() -> None:
    model = Model()
    x = model.columns(3, cost=[-2.0, -3.0, -4.0], upper=1.0, is_whole=True)
    model.rows(1, ([0, 0, 0], x, [2.0, 3.0, 4.0]), upper=5.5)
    found = model.minimum(time_limit_s=10, start=np.array([1.0, 1.0, 0.0]))
    assert found.values is not None
    assert np.rint(found.values).tolist() == [1.0, 1.0, 0.0]
    assert (found.bound, found.duals) == (-5.0, None)


def test_what_cannot_be_is_said() -> None:
    model = Model()
    x = model.columns(1, upper=1.0)
    model.rows(1, ([0], x, 1.0), lower=2.0)
    found = model.minimum(time_limit_s=10)
    assert (found.ended, found.values) == (Ended.INFEASIBLE, None)


@pytest.mark.parametrize(("least", "ended"), [(0.0, Ended.OPTIMAL), (1.0, Ended.INFEASIBLE)])
def test_rows_without_columns_are_looked_at(least: float, ended: Ended) -> None:
    model = Model()
    model.rows(1, ([], [], []), lower=least)
    assert model.minimum(time_limit_s=10).ended is ended


def test_a_column_that_only_helps_is_a_mistake() -> None:
    model = Model()
    x = model.columns(1, cost=-1.0)
    model.rows(1, ([0], x, 1.0), lower=0.0)
    with pytest.raises(AssertionError, match="HiGHS ended with Unbounded"):
        model.minimum(time_limit_s=10)


def test_out_of_time_there_is_no_bound() -> None:
    model = Model()
    drawing = np.random.Generator(np.random.PCG64(3))
    x = model.columns(60, cost=-drawing.random(60), upper=1.0)
    rows = np.repeat(np.arange(30), 60)
    model.rows(30, (rows, np.tile(x, 30), drawing.random(1800)), upper=5.0)
    found = model.minimum(time_limit_s=0)
    assert (found.ended, found.bound) == (Ended.OUT_OF_TIME, -np.inf)


def test_a_run_that_the_solver_breaks_off_proves_nothing() -> None:
    model = Model()
    x = model.columns(3, cost=-1.0, upper=1.0, is_whole=True)
    costs = np.array([7e9, 7e9 + 3, 7e9 + 3]) / (7e9 + 3)
    # The best fits within the tolerance, or not: HiGHS gives up with a solve error.
    model.rows(1, ([0] * 3, x, 1.0), lower=0.0)
    model.rows(1, ([0] * 3, x, costs), lower=0.0, upper=(14e9 - 2) / (7e9 + 3))
    model.rows(1, ([], [], []), lower=0.0)
    found = model.minimum(time_limit_s=10)
    assert (found.ended, found.bound, found.duals) == (Ended.OUT_OF_TIME, -np.inf, None)
