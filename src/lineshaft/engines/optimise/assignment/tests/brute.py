"""Every assignment of a small problem, one after the other, by trying all."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st

from lineshaft.engines.optimise.assignment import Matrix, Pairs, PanelRule, Problem


@dataclass(frozen=True)
class Tried:
    """The best total, and the best floor with the best total at it; None where there is none."""

    total: float | None
    floor: float | None
    total_at_floor: float | None


def panels(problem: Problem) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every assignment that holds, as the reviewers of each application."""
    count, reviewers = len(problem.demand), range(len(problem.most))
    forced = set(problem.forced)
    allowed = [
        [
            one
            for one in reviewers
            if np.isfinite(problem.scores.of_pairs(np.array([row]), np.array([one])))[0]
        ]
        for row in range(count)
    ]
    choices = [
        [
            panel
            for panel in combinations(allowed[row], int(problem.demand[row]))
            if fits(problem, row, panel)
        ]
        for row in range(count)
    ]
    for chosen in product(*choices):
        pairs = {(row, one) for row, panel in enumerate(chosen) for one in panel}
        load = np.bincount([one for _row, one in pairs], minlength=len(problem.most))
        is_held = (load <= problem.most).all() and (load >= problem.least).all()
        if is_held and forced <= pairs:
            yield chosen


def fits(problem: Problem, row: int, panel: tuple[int, ...]) -> bool:
    for rule in problem.rules:
        if rule.applications is not None and row not in rule.applications:
            continue
        number = len(rule.group & set(panel))
        if number < rule.least or (rule.most is not None and number > rule.most):
            return False
    return True


def tried(problem: Problem) -> Tried:
    best: float | None = None
    fair: tuple[float, float] | None = None
    for chosen in panels(problem):
        sums = [
            float(
                problem.scores.of_pairs(np.full(len(panel), row), np.array(panel, dtype=int)).sum()
            )
            for row, panel in enumerate(chosen)
        ]
        wanting = [one for one, demand in zip(sums, problem.demand, strict=True) if demand]
        key = (round(min(wanting, default=0.0), 9), sum(sums))
        best = max(best, sum(sums)) if best is not None else sum(sums)
        fair = max(fair, key) if fair is not None else key
    return Tried(best, fair[0] if fair else None, fair[1] if fair else None)


SCORES = st.one_of(
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    st.integers(-300, 1000).map(lambda whole: whole / 997),
)


@st.composite
def problems(draw: st.DrawFn, *, has_rules: bool = False) -> Problem:
    """Small problems; one in two of pairs alone, some without any assignment."""
    count, reviewers = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    scores = np.array(
        draw(
            st.lists(
                st.lists(SCORES, min_size=reviewers, max_size=reviewers),
                min_size=count,
                max_size=count,
            )
        )
    )
    cells = st.tuples(st.integers(0, count - 1), st.integers(0, reviewers - 1))
    for cell in draw(st.lists(cells, max_size=3)):
        scores[cell] = -np.inf
    whole = st.integers(0, 2)
    demand = np.array(draw(st.lists(whole, min_size=count, max_size=count)))
    least = np.array(draw(st.lists(st.integers(0, 1), min_size=reviewers, max_size=reviewers)))
    more = np.array(draw(st.lists(st.integers(0, 3), min_size=reviewers, max_size=reviewers)))
    forced = draw(st.lists(cells, max_size=2)) if draw(st.booleans()) else []
    rules: list[PanelRule] = []
    if has_rules:
        groups = st.frozensets(st.integers(0, reviewers - 1), min_size=1)
        rules.append(PanelRule("mixed", draw(groups), least=draw(st.integers(0, 1))))
        few = st.frozensets(st.integers(0, count - 1))
        rules.append(PanelRule("one", draw(groups), most=1, applications=draw(few)))
    matrix = Matrix(scores)
    return Problem(
        matrix if draw(st.booleans()) else matrix.every(),
        demand.astype(np.int64),
        least.astype(np.int64),
        (least + more).astype(np.int64),
        tuple(forced),
        tuple(rules),
    )


def pairs_of(shape: tuple[int, int], *pairs: tuple[int, int, float]) -> Pairs:
    rows, columns, scores = zip(*pairs, strict=True)
    return Pairs.of(shape, rows, columns, scores)
