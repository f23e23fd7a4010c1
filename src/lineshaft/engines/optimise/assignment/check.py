"""Whether an assignment holds, found out without any solver: counted from the problem alone."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isclose
from typing import Final

from lineshaft.engines.optimise.assignment.problem import Pairs, PanelRule, Problem
from lineshaft.engines.optimise.assignment.solution import Assignment, least_sum

AGREES: Final = 1e-9


class Fault(StrEnum):
    """What may be wrong with an assignment."""

    COVERAGE = "coverage"  # an application has another number of reviewers than it demands
    OVER_LOAD = "over_load"  # a reviewer has more than their most
    UNDER_LOAD = "under_load"  # a reviewer has less than their least
    NOT_ALLOWED = "not_allowed"  # a pair that may not be, such as a conflict of interest
    NOT_FORCED = "not_forced"  # a pair that must be and is not
    RULE = "rule"  # a panel that breaks a rule
    SCORE = "score"  # a pair with another score than the problem gives it
    FIGURE = "figure"  # total or worst are not what the pairs give


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: where, what was found, and what was wanted (the nearest that would do)."""

    fault: Fault
    found: float
    wanted: float
    application: int | None = None
    reviewer: int | None = None
    rule: str = ""


def check(problem: Problem, assignment: Assignment) -> tuple[Found, ...]:
    """Everything that is wrong with an assignment; nothing where it holds."""
    pairs = assignment.pairs
    figures = (
        (assignment.total, float(pairs.score.sum())),
        (assignment.worst, least_sum(problem, pairs)),
    )
    return (
        *faults(problem, pairs),
        *(
            Found(Fault.FIGURE, said, counted)
            for said, counted in figures
            if not isclose(said, counted, rel_tol=AGREES, abs_tol=AGREES)
        ),
    )


def faults(problem: Problem, pairs: Pairs) -> tuple[Found, ...]:
    """What is wrong with these pairs, kind by kind, each in order of its numbers."""
    found: list[Found] = []
    by_application = Counter(pairs.application.tolist())
    for application, wanted in enumerate(problem.demand.tolist()):
        if by_application[application] != wanted:
            has = by_application[application]
            found.append(Found(Fault.COVERAGE, has, wanted, application=application))
    by_reviewer = Counter(pairs.reviewer.tolist())
    limits = zip(problem.least.tolist(), problem.most.tolist(), strict=True)
    for reviewer, (least, most) in enumerate(limits):
        load = by_reviewer[reviewer]
        if load > most:
            found.append(Found(Fault.OVER_LOAD, load, most, reviewer=reviewer))
        if load < least:
            found.append(Found(Fault.UNDER_LOAD, load, least, reviewer=reviewer))
    found += _of_pairs(problem, pairs)
    for rule in problem.rules:
        found += _of_rule(problem, pairs, rule)
    return tuple(found)


def _of_pairs(problem: Problem, pairs: Pairs) -> list[Found]:
    """Pairs that may not be, have another score, or lack."""
    forced = set(problem.forced)
    given = problem.scores.of_pairs(pairs.application, pairs.reviewer)
    found = []
    assigned = set()
    for application, reviewer, score, wanted in zip(
        pairs.application.tolist(),
        pairs.reviewer.tolist(),
        pairs.score.tolist(),
        given.tolist(),
        strict=True,
    ):
        assigned.add((application, reviewer))
        if wanted == -inf:
            found.append(Found(Fault.NOT_ALLOWED, 1, 0, application, reviewer))
        elif score != wanted:
            found.append(Found(Fault.SCORE, score, wanted, application, reviewer))
    return found + [Found(Fault.NOT_FORCED, 0, 1, *pair) for pair in sorted(forced - assigned)]


def _of_rule(problem: Problem, pairs: Pairs, rule: PanelRule) -> list[Found]:
    """Panels that break a rule."""
    numbers = Counter(
        application
        for application, reviewer in zip(
            pairs.application.tolist(), pairs.reviewer.tolist(), strict=True
        )
        if reviewer in rule.group
    )
    held = range(len(problem.demand)) if rule.applications is None else sorted(rule.applications)
    most = inf if rule.most is None else rule.most
    return [
        Found(
            Fault.RULE,
            numbers[application],
            min(max(numbers[application], rule.least), most),
            application=application,
            rule=rule.key,
        )
        for application in held
        if not rule.least <= numbers[application] <= most
    ]
