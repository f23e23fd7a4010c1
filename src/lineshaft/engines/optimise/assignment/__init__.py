"""Who reviews which application: the largest total fit, or the fairest.

`assign` answers with an assignment and its bound, or with what cannot be; `check` counts an
assignment over without the solver; `changed` and `settled` weigh a change made by hand.
"""

from lineshaft.engines.optimise.assignment.change import Changed, changed, settled
from lineshaft.engines.optimise.assignment.check import Fault, Found, check
from lineshaft.engines.optimise.assignment.problem import Matrix, Pairs, PanelRule, Problem
from lineshaft.engines.optimise.assignment.solution import (
    Assignment,
    Freeing,
    Infeasible,
    Objective,
    Remedy,
    Status,
)
from lineshaft.engines.optimise.assignment.solve import TIME_LIMIT_S, assign

__all__ = [
    "TIME_LIMIT_S",
    "Assignment",
    "Changed",
    "Fault",
    "Found",
    "Freeing",
    "Infeasible",
    "Matrix",
    "Objective",
    "Pairs",
    "PanelRule",
    "Problem",
    "Remedy",
    "Status",
    "assign",
    "changed",
    "check",
    "settled",
]
