"""`kill -9` in the middle of work leaves a consistent database, and the work can be done again."""

import signal
from itertools import pairwise

import pytest

from tests.crash.lab import Kill, Lab, choose
from tests.crash.state import differences

pytestmark = pytest.mark.long

SEED = "2022"
QUICK = {"import": 3, "posting": 3, "publication": 2, "snapshot": 2, "job": 2, "submission": 2}
ON_BOTH = {"posting"}
"""The quick one that `make test` asks of PostgreSQL too; `make test-all` asks all of both."""

QUICK_CASES = [
    pytest.param(scenario, marks=[pytest.mark.database] if scenario in ON_BOTH else [])
    for scenario in QUICK
]
THOROUGH = {
    "import": 45,
    "posting": 60,
    "publication": 40,
    "snapshot": 20,
    "job": 35,
    "submission": 30,
}
BATCH_PARTS = 5
"""By which the points of a large batch are shared among workers."""


@pytest.mark.parametrize("scenario", QUICK_CASES)
def test_kill_at_a_few_points_leaves_nothing_half_done(lab: Lab, scenario: str) -> None:
    kill_at_points(lab, scenario, QUICK[scenario], seed=f"quick {scenario} {SEED}")


@pytest.mark.slow
@pytest.mark.parametrize("scenario", THOROUGH)
def test_kill_at_many_points_leaves_nothing_half_done(lab: Lab, scenario: str) -> None:
    kill_at_points(lab, scenario, THOROUGH[scenario], seed=f"thorough {scenario} {SEED}")


def test_fourteen_points_quick_and_more_than_two_hundred_in_all() -> None:
    assert (sum(QUICK.values()), sum(THOROUGH.values())) == (14, 230)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(BATCH_PARTS))
def test_kill_at_two_hundred_points_of_a_large_batch_records_all_or_none(
    lab: Lab, part: int
) -> None:
    assert len(lab.undisturbed("batch").states) == 2
    kill_at_points(lab, "batch", 200, seed=f"batch {SEED}", part=slice(part, None, BATCH_PARTS))


def kill_at_points(
    lab: Lab, scenario: str, count: int, *, seed: str, part: slice = slice(None)
) -> None:
    """Choose so many points, and kill at those of them that are of the part."""
    undisturbed = lab.undisturbed(scenario)
    assert undisturbed.problems == ()
    assert all(before != after for before, after in pairwise(undisturbed.states))
    kills = choose(undisturbed, count, seed)
    assert len(kills) == count
    faults = [fault for kill in kills[part] for fault in faults_of(lab, scenario, kill)]
    assert faults == []


def faults_of(lab: Lab, scenario: str, kill: Kill) -> list[str]:
    """What is wrong after a kill: problems, a state that no whole step leaves, another end."""
    undisturbed = lab.undisturbed(scenario)
    after = lab.kill(scenario, kill)
    where = f"{scenario}, {kill}"
    wanted = signal.SIGKILL if kill.point else signal.SIGXFSZ
    faults = [f"{where}: {problem}" for problem in (*after.problems_left, *after.problems_again)]
    if after.signal != wanted:
        faults.append(f"{where}: ended by signal {after.signal}, not by {wanted}")
    if after.left not in undisturbed.states:
        nearest = min((differences(after.left, state) for state in undisturbed.states), key=len)
        faults.append(f"{where}: half done: {nearest}")
    if after.again != undisturbed.states[-1]:
        other = differences(after.again, undisturbed.states[-1])
        faults.append(f"{where}: done again, it ends otherwise: {other}")
    return faults
