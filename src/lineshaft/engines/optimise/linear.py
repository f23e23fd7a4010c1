"""A linear model, some of whose columns are whole numbers, and HiGHS, which solves it.

Columns and rows are added as arrays; what is solved is always a minimum. Runs are deterministic
unless the time runs out. *Source* of the solver: Q. Huangfu and J. A. J. Hall, "Parallelizing the
dual revised simplex method", Mathematical Programming Computation 10 (2018), 119-142.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]

TOLERANCE: Final = 1e-9
"""How far a row or a whole number may be off, and a proven minimum from the least."""


class Ended(StrEnum):
    """How a run ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    OUT_OF_TIME = "out_of_time"  # or broken off by the solver itself: nothing is proven


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a run gave: `values` of the columns, None where it found none.

    No solution is below `bound`. `duals` of the rows are there where no column is a whole number
    and the run was not stopped: what a unit more on a row's side adds to the minimum.
    """

    ended: Ended
    values: Floats | None
    bound: float
    duals: Floats | None


@dataclass(slots=True, eq=False)
class Model:
    """A model that is being written down."""

    _costs: list[Floats] = field(default_factory=list)
    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)
    _whole: list[NDArray[np.bool_]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    _sides: list[tuple[Floats, Floats]] = field(default_factory=list)
    _columns: int = 0
    _rows: int = 0

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self._columns

    def columns(
        self,
        count: int,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = math.inf,
        is_whole: bool = False,
    ) -> Ints:
        """Add so many columns and return their numbers."""
        self._costs.append(_broadcast(cost, count))
        self._lower.append(_broadcast(lower, count))
        self._upper.append(_broadcast(upper, count))
        self._whole.append(np.full(count, is_whole))
        self._columns += count
        return np.arange(self._columns - count, self._columns)

    def rows(
        self,
        count: int,
        *parts: tuple[ArrayLike, ArrayLike, ArrayLike],
        lower: ArrayLike = -math.inf,
        upper: ArrayLike = math.inf,
    ) -> Ints:
        """Add so many rows and return their numbers.

        Each part holds entries as three arrays: the row (from 0 to `count`), the column, and the
        factor, which may be one number for all.
        """
        for row, column, factor in parts:
            places = np.asarray(row, dtype=np.int64)
            columns = np.asarray(column, dtype=np.int64)
            self._entries.append((places + self._rows, columns, _broadcast(factor, len(places))))
        self._sides.append((_broadcast(lower, count), _broadcast(upper, count)))
        self._rows += count
        return np.arange(self._rows - count, self._rows)

    def extend(self, rows: Ints, columns: Ints, factor: float) -> None:
        """Let columns stand in rows that are there, one in each."""
        self._entries.append((rows, columns, _broadcast(factor, len(rows))))

    def minimum(self, *, time_limit_s: float, start: Floats | None = None) -> Found:
        """Minimise; `start` is a solution from which to go on, one value a column."""
        if not self._columns:
            start = None
            self.columns(1, upper=0.0)  # HiGHS does not look at the rows of an empty model
        solver = highspy.Highs()
        _silence(solver, time_limit_s)
        is_whole = bool(np.concatenate(self._whole).any())
        solver.passModel(self._as_lp())
        if start is not None:
            given = highspy.HighsSolution()
            given.col_value = start.tolist()
            solver.setSolution(given)
        solver.run()
        return self._read(solver, is_whole=is_whole)

    def _as_lp(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._columns, self._rows
        lp.sense_ = highspy.ObjSense.kMinimize
        lp.col_cost_ = _joined(self._costs)
        lp.col_lower_ = _joined(self._lower)
        lp.col_upper_ = _joined(self._upper)
        lp.row_lower_ = _joined([side[0] for side in self._sides])
        lp.row_upper_ = _joined([side[1] for side in self._sides])
        rows, columns, factors = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        shape = (self._rows, self._columns)
        matrix = coo_array((factors, (rows, columns)), shape=shape).tocsc()
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        whole = np.concatenate(self._whole)
        if whole.any():
            lp.integrality_ = [kinds[one] for one in whole.astype(int)]
        return lp

    def _read(self, solver: highspy.Highs, *, is_whole: bool) -> Found:
        status = solver.getModelStatus()
        info = solver.getInfo()
        statuses = highspy.HighsModelStatus
        if status in {statuses.kInfeasible, statuses.kUnboundedOrInfeasible}:
            return Found(Ended.INFEASIBLE, None, math.inf, None)
        if status in {
            statuses.kUnbounded,
            statuses.kLoadError,
            statuses.kModelError,
        }:  # our mistake
            raise AssertionError(f"HiGHS ended with {solver.modelStatusToString(status)}")
        ended = Ended.OPTIMAL if status == statuses.kOptimal else Ended.OUT_OF_TIME
        is_feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        solution = solver.getSolution()
        values = np.array(solution.col_value) if is_feasible else None
        if is_whole:
            is_bounded = status in {statuses.kOptimal, statuses.kTimeLimit}
            bound = float(info.mip_dual_bound) if is_bounded else -math.inf
            return Found(ended, values, bound, None)
        if ended is Ended.OPTIMAL:
            duals = np.array(solution.row_dual)
            return Found(ended, values, float(info.objective_function_value), duals)
        return Found(ended, values, -math.inf, None)


def _silence(solver: highspy.Highs, time_limit_s: float) -> None:
    options = {
        "log_to_console": False,
        "output_flag": False,
        "threads": 1,
        "time_limit": max(time_limit_s, 0.0),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": TOLERANCE,
        "mip_feasibility_tolerance": TOLERANCE,
        "primal_feasibility_tolerance": TOLERANCE,
        "dual_feasibility_tolerance": TOLERANCE,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)


def _broadcast(values: ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(values, dtype=np.float64), (count,))


def _joined(parts: list[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)
