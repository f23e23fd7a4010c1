"""Files of affinities, read to assign reviewers: a matrix (.npz), or one row a pair (CSV).

A matrix has reviewers in rows and applications in columns, numbered from zero, as such files are
published; in a CSV both have names. Anything that is wrong ends the reading with one sentence: the
file, the place, what is wrong, how to mend it.
"""

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from lineshaft.config.matched_files import MIB, invalid, opened
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange.convert import heading_key, with_guard
from lineshaft.plumbing.exchange.faults import shortened
from lineshaft.plumbing.exchange.limits import FileLimits

if TYPE_CHECKING:
    from lineshaft.engines.optimise.assignment import Pairs
    from lineshaft.engines.optimise.assignment.problem import Scores

LIMITS: Final = FileLimits(source_bytes=1024 * MIB, unpacked_bytes=2 * 1024 * MIB, rows=20_000_000)
CELLS_MAX: Final = 200_000_000
"""A matrix of 20,000 applications and 10,000 reviewers fits, in 1.6 GB."""

KEYS: Final = ("similarity", "coi")
REQUIRED: Final = ("application", "reviewer", "score")
COLUMNS: Final = (*REQUIRED, "conflict")
YES: Final = frozenset({"1", "yes", "true", "y"})
NO: Final = frozenset({"", "0", "no", "false", "n"})
MATRIX: Final = 2


@dataclass(frozen=True, slots=True)
class Affinities:
    """The scores of a file, and the names of its applications and reviewers."""

    scores: "Scores"
    applications: Sequence[str]
    reviewers: Sequence[str]


def read_affinities(path: Path, *, encoding: str = "") -> Affinities:
    """The affinities of a file, those in conflict left out.

    Raises Invalid for whatever is wrong with the file, TooLarge beyond LIMITS, OSError where it
    cannot be opened.
    """
    return _matrix(path) if path.suffix.lower() == ".npz" else _pairs(path, encoding)


def write_pairs(path: Path, pairs: "Pairs", names: Affinities) -> None:
    """Write one row for each pair: application, reviewer, score."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(REQUIRED)
        for application, reviewer, score in zip(
            pairs.application.tolist(), pairs.reviewer.tolist(), pairs.score.tolist(), strict=True
        ):
            named = (names.applications[application], names.reviewers[reviewer])
            writer.writerow((*map(with_guard, named), repr(score)))


# ---------------------------------------------------------------------------------- a matrix (.npz)


def _matrix(path: Path) -> Affinities:
    from lineshaft.engines.optimise.assignment import Matrix  # noqa: PLC0415 -- loads the solvers

    similarity, conflicts = _arrays(path)
    scores = np.ascontiguousarray(similarity.T)
    if not np.isfinite(scores).all():
        application, reviewer = np.argwhere(~np.isfinite(scores))[0].tolist()
        raise invalid(
            path,
            gettext_noop(
                "The similarity of reviewer %(reviewer)s and application %(application)s (from 0) "
                "is no number. Give every pair one; a pair that may not be is marked in coi."
            ),
            reviewer=reviewer,
            application=application,
        )
    if conflicts is not None:
        if scores.dtype.kind != "f":
            scores = scores.astype(np.float64)
        scores[conflicts.T != 0] = -np.inf
    elif scores.dtype.kind != "f":
        scores = scores.astype(np.float64)
    rows, columns = scores.shape
    return Affinities(Matrix(scores), _Numbers(rows), _Numbers(columns))


def _arrays(path: Path) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """The similarity, and the conflicts if there are any, of one shape."""
    try:
        with path.open("rb") as content, np.lib.npyio.NpzFile(content) as file:
            if KEYS[0] not in file.files:
                raise invalid(
                    path,
                    gettext_noop(
                        "There is no array “similarity”; there are: %(found)s. Save reviewers x "
                        "applications under that name."
                    ),
                    found=shortened(", ".join(file.files)),
                )
            similarity = file[KEYS[0]]
            conflicts = file[KEYS[1]] if KEYS[1] in file.files else None
    except (ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        message = gettext_noop(
            "This is no .npz file of plain arrays (%(reason)s). Save it with numpy.savez."
        )
        raise invalid(path, message, reason=shortened(str(error))) from error
    if similarity.ndim != MATRIX or not similarity.size or similarity.dtype.kind not in "fiub":
        message = gettext_noop(
            "similarity has the shape %(shape)s and the type %(type)s. It is a matrix of numbers, "
            "reviewers x applications."
        )
        raise invalid(path, message, shape=_shape(similarity), type=similarity.dtype)
    if similarity.size > CELLS_MAX:
        message = gettext_noop(
            "similarity has %(cells)s cells, and at most %(most)s are read. Give the best pairs "
            "alone, as CSV."
        )
        raise invalid(path, message, cells=f"{similarity.size:,}", most=f"{CELLS_MAX:,}")
    if conflicts is not None and (
        conflicts.shape != similarity.shape or conflicts.dtype.kind not in "fiub"
    ):
        message = gettext_noop(
            "coi has the shape %(coi)s, similarity %(similarity)s. Save both as reviewers x "
            "applications; in coi 0 is no conflict, all else is one."
        )
        raise invalid(path, message, coi=_shape(conflicts), similarity=_shape(similarity))
    return similarity, conflicts


def _shape(array: NDArray[Any]) -> str:
    return " x ".join(map(str, array.shape))


class _Numbers(Sequence[str]):
    """Names of what has none: its number, from zero."""

    def __init__(self, count: int) -> None:
        self._range = range(count)

    def __len__(self) -> int:
        return len(self._range)

    def __getitem__(self, place: Any) -> Any:
        return str(self._range[place])


# ----------------------------------------------------------------------------- one row a pair (CSV)


def _pairs(path: Path, encoding: str) -> Affinities:
    from lineshaft.engines.optimise.assignment import Pairs  # noqa: PLC0415 -- loads the solvers

    applications: dict[str, int] = {}
    reviewers: dict[str, int] = {}
    found: dict[tuple[int, int], float | None] = {}
    with opened(path, LIMITS, encoding=encoding) as file:
        places = _places(path, file.headings)
        for row, cells in file.rows:
            texts = {
                column: "" if cells[place] is None else str(cells[place]).strip()
                for column, place in places.items()
            }
            pair = (
                applications.setdefault(_name(path, row, texts, "application"), len(applications)),
                reviewers.setdefault(_name(path, row, texts, "reviewer"), len(reviewers)),
            )
            if pair in found:
                message = gettext_noop("The pair stands twice. Take one of the two rows away.")
                raise invalid(path, message, row=row)
            found[pair] = _score(path, row, texts)
    if not found:
        raise invalid(path, gettext_noop("The file holds no pair. Enter one a row."))
    allowed = [(*pair, score) for pair, score in found.items() if score is not None]
    rows, columns, scores = zip(*allowed, strict=True) if allowed else ((), (), ())
    shape = (len(applications), len(reviewers))
    return Affinities(Pairs.of(shape, rows, columns, scores), [*applications], [*reviewers])


def _name(path: Path, row: int, texts: dict[str, str], column: str) -> str:
    if not texts[column]:
        message = gettext_noop("The row names nobody here. Enter a name, or leave the row out.")
        raise invalid(path, message, row=row, column=column)
    return texts[column]


def _score(path: Path, row: int, texts: dict[str, str]) -> float | None:
    """The row's score; None for a pair in conflict."""
    conflict = texts.get("conflict", "").lower()
    if conflict in YES:
        return None
    if conflict not in NO:
        message = gettext_noop("“%(text)s” is neither yes nor no. Enter yes for a conflict.")
        raise invalid(path, message, row=row, column="conflict", text=shortened(conflict))
    try:
        score = float(texts["score"])
    except ValueError:
        score = float("nan")
    if not np.isfinite(score):
        message = gettext_noop("“%(text)s” is no number. Enter one such as 0.75.")
        raise invalid(path, message, row=row, column="score", text=shortened(texts["score"]))
    return score


def _places(path: Path, headings: Sequence[str]) -> dict[str, int]:
    """Where each known column stands. Raises Invalid where one is missing, or stands twice."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        key = heading_key(heading)
        if key in found:
            message = gettext_noop("The column stands twice. Take one of the two away.")
            raise invalid(path, message, row=1, column=heading)
        if key in COLUMNS:
            found[key] = place
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        message = gettext_noop(
            "There is no column %(missing)s; there are: %(found)s. Name the columns in the first "
            "row: application, reviewer, score, and conflict where there are any."
        )
        raise invalid(
            path,
            message,
            row=1,
            missing=", ".join(missing),
            found=shortened(", ".join(headings)),
        )
    return found
