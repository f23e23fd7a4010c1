"""Assignment of reviewers: how good and how long, on real matrices and at the size of a large
conference, beside taking the best pairs one by one and beside a linear program over all pairs.

The real matrices lie beside the repository. The large one is `bench/invented_affinities.py`; it is
solved by the command, from the reading of the file to the end of the process.
"""

import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.invented_affinities import APPLICATIONS, REVIEWERS, invented
from bench.program import DATA, FOLDER, Home, run
from bench.report import AtLeast, AtMost, Report, Row, Section

MATRICES: Final = DATA / "reviewer_assignment"
DEMAND: Final = 3
LARGE_LOAD: Final = 6
SUM_S_MAX: Final = 30.0
FAIR_S_MAX: Final = 300.0
MEMORY_GB_MAX: Final = 8.0
FLOOR_SHARE_MIN: Final = 0.99


@dataclass(frozen=True, slots=True)
class Case:
    """A real matrix with its loads, and what is known to be the best."""

    name: str
    file: str
    most: int
    total: float
    worst: float


CASES: Final = (
    Case("midl", "midl2018.npz", 4, 201.8849, 0.9448),
    Case("aamas", "aamas2015.npz", 12, 1406.25, 1.5),
    Case("preflib", "preflib_md00002_1.npz", 6, 124.25, 0.75),
)

SECTION: Final = Section(
    "Assignment of reviewers",
    f"{DEMAND} reviewers an application. Sum: the largest total; baseline: the best pairs taken one"
    " by one (greedy), and the same optimum by scipy's linear program over all pairs. Fair: first"
    " the largest possible worst application, baseline the worst of the largest total. Large:"
    f" {APPLICATIONS:,} applications, {REVIEWERS:,} reviewers of a load of {LARGE_LOAD} at most, by"
    " `lineshaft assign` from the file to the end of the process; published best time at that size"
    " 67.64 s (FairColor, a heuristic; FairFlow 45 min, FairIR 3 h 24 min, on other machines).",
    [
        *(
            row
            for case in CASES
            for row in (
                Row(
                    f"{case.name}: largest total",
                    f"assignment.{case.name}.total",
                    f"assignment.{case.name}.greedy",
                    bound=AtLeast(1.0),
                ),
                Row(
                    f"{case.name}: total beside the known optimum",
                    f"assignment.{case.name}.known",
                    bound=AtLeast(-0.00005),
                ),
                Row(
                    f"{case.name}: seconds",
                    f"assignment.{case.name}.seconds",
                    f"assignment.{case.name}.linprog",
                ),
                Row(
                    f"{case.name}: worst application, fair",
                    f"assignment.{case.name}.worst",
                    f"assignment.{case.name}.unfair",
                ),
                Row(
                    f"{case.name}: fair beside the bound of every worst",
                    f"assignment.{case.name}.floor",
                    bound=AtLeast(FLOOR_SHARE_MIN),
                ),
                Row(f"{case.name}: total, fair", f"assignment.{case.name}.fair_total"),
                Row(f"{case.name}: seconds, fair", f"assignment.{case.name}.fair_seconds"),
            )
        ),
        Row(
            "large: largest total",
            "assignment.large.total",
            "assignment.large.greedy",
            bound=AtLeast(1.0),
        ),
        Row("large: gap to the bound over all pairs", "assignment.large.gap", bound=AtMost(1e-4)),
        Row("large: seconds", "assignment.large.seconds", bound=AtMost(SUM_S_MAX)),
        Row("large: memory", "assignment.large.memory", bound=AtMost(MEMORY_GB_MAX)),
        Row("large: worst application, fair", "assignment.large.worst", "assignment.large.unfair"),
        Row(
            "large: worst application beside its bound",
            "assignment.large.floor",
            bound=AtLeast(FLOOR_SHARE_MIN),
        ),
        Row("large: seconds, fair", "assignment.large.fair_seconds", bound=AtMost(FAIR_S_MAX)),
        Row("large: memory, fair", "assignment.large.fair_memory", bound=AtMost(MEMORY_GB_MAX)),
    ],
)


def measure(
    report: Report, *, applications: int = APPLICATIONS, reviewers: int = REVIEWERS
) -> None:
    """The real matrices where they are, then the large one."""
    for case in CASES:
        if (MATRICES / case.file).exists():
            _real(report, case)
        else:
            report(f"assignment.{case.name}.total", float("nan"), "", f"no {case.file}")
    _large(report, applications, reviewers)


def _real(report: Report, case: Case) -> None:
    from lineshaft.engines.optimise.assignment import Matrix, Objective, Problem  # noqa: PLC0415

    with np.load(MATRICES / case.file) as file:
        scores = file["similarity"].T.astype(np.float64)
        if "coi" in file.files:
            scores[file["coi"].T != 0] = -np.inf
    problem = Problem.uniform(Matrix(scores), demand=DEMAND, most=case.most)
    took_s, largest = _assigned(problem, Objective.SUM)
    name = f"assignment.{case.name}"
    report(f"{name}.total", largest.total, "", largest.status)
    report(f"{name}.known", largest.total - case.total, "", f"{case.total}")
    report(f"{name}.greedy", greedy(scores, DEMAND, case.most), "", "greedy")
    report(f"{name}.seconds", took_s, "s", "")
    program_s, optimum = _by_linear_program(scores, DEMAND, case.most)
    report(f"{name}.linprog", program_s, "s", f"linear program, {optimum:.4f}")
    fair_s, fair = _assigned(problem, Objective.FAIR)
    report(f"{name}.worst", fair.worst, "", fair.status)
    report(f"{name}.unfair", largest.worst, "", "")
    report(f"{name}.floor", fair.worst / fair.worst_bound, "", f"linear bound {case.worst}")
    report(f"{name}.fair_total", fair.total, "", f"at most {fair.total_bound:.4f}")
    report(f"{name}.fair_seconds", fair_s, "s", "")


def _assigned(problem: Any, objective: Any) -> tuple[float, Any]:
    """Seconds, and an assignment that was counted over. Raises AssertionError where it is wrong."""
    from lineshaft.engines.optimise.assignment import assign, check  # noqa: PLC0415

    started_s = time.perf_counter()
    found = assign(problem, objective=objective)
    took_s = time.perf_counter() - started_s
    if check(problem, found):  # type: ignore[arg-type]
        raise AssertionError("the assignment does not hold")
    return took_s, found


def greedy(scores: NDArray[Any], demand: int, most: int) -> float:
    """The total of the best pairs taken one by one; what is lacking in the end stays so."""
    applications, reviewers = scores.shape
    count = min(100, reviewers)
    best = np.argpartition(scores, -count, axis=1)[:, -count:]
    rows = np.repeat(np.arange(applications), count)
    columns = best.ravel()
    values = scores[rows, columns].astype(np.float64)
    left, load, total = np.full(applications, demand), np.full(reviewers, most), 0.0
    for place in np.argsort(-values, kind="stable").tolist():
        row, column = int(rows[place]), int(columns[place])
        if left[row] and load[column] and np.isfinite(values[place]):
            left[row] -= 1
            load[column] -= 1
            total += values[place]
    return total


def _by_linear_program(scores: NDArray[np.float64], demand: int, most: int) -> tuple[float, float]:
    """Seconds and optimum of scipy's linear program over all pairs."""
    from scipy.optimize import linprog  # noqa: PLC0415 -- only here
    from scipy.sparse import coo_array  # noqa: PLC0415 -- as above

    started_s = time.perf_counter()
    rows, columns = np.nonzero(np.isfinite(scores))
    places = np.arange(len(rows))
    ones = np.ones(len(rows))
    covered = coo_array((ones, (rows, places)), shape=(scores.shape[0], len(rows)))
    loaded = coo_array((ones, (columns, places)), shape=(scores.shape[1], len(rows)))
    found = linprog(
        -scores[rows, columns],
        A_ub=loaded.tocsr(),
        b_ub=np.full(scores.shape[1], most),
        A_eq=covered.tocsr(),
        b_eq=np.full(scores.shape[0], demand),
        bounds=(0, 1),
        method="highs",
    )
    return time.perf_counter() - started_s, -float(found.fun)


def _large(report: Report, applications: int, reviewers: int) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"affinities-{applications}x{reviewers}.npz"
    scores = invented(applications, reviewers)
    np.savez(path, similarity=scores)
    report("assignment.large.greedy", greedy(scores.T, DEMAND, LARGE_LOAD), "", "greedy")
    del scores
    try:
        largest = _by_command(str(path), "sum")
        fair = _by_command(str(path), "fair")
    finally:
        path.unlink()
    size = f"{applications:,} x {reviewers:,}"
    report("assignment.large.total", largest["total"], "", f"{largest['status']}, {size}")
    report("assignment.large.gap", largest["bound"] - largest["total"], "", "")
    report("assignment.large.seconds", largest["took_s"], "s", f"{largest['cpu_s']:.1f} s of CPU")
    report("assignment.large.memory", largest["peak_gb"], "GB", "")
    report("assignment.large.worst", fair["worst"], "", f"total {fair['total']:.2f}")
    report("assignment.large.unfair", largest["worst"], "", "")
    report("assignment.large.floor", fair["worst"] / fair["bound"], "", f"{fair['bound']:.4f}")
    report("assignment.large.fair_seconds", fair["took_s"], "s", f"{fair['cpu_s']:.1f} s of CPU")
    report("assignment.large.fair_memory", fair["peak_gb"], "GB", "")


def _by_command(path: str, objective: str) -> dict[str, Any]:
    """What the command says, and what it took, in a process that runs nothing else."""
    found: dict[str, Any] = json.loads(run([sys.executable, __file__, path, objective]))
    return found


def main(arguments: list[str]) -> int:
    """Run the command on a file and print what it said and took, as JSON."""
    path, objective = arguments
    loads = ["--demand", str(DEMAND), "--max-load", str(LARGE_LOAD)]
    home = Home(FOLDER)
    words = ["assign", "--affinity", path, *loads, "--objective", objective, "--format", "json"]
    started_s = time.perf_counter()
    said = run(home.lineshaft(*words))
    took_s = time.perf_counter() - started_s
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    measured = {
        "took_s": took_s,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_gb": used.ru_maxrss / 1024**2,
    }
    print(json.dumps(json.loads(said.splitlines()[-1]) | measured))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
