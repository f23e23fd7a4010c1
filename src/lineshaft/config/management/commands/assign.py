"""`lineshaft assign`: who reviews which application, from a file of affinities."""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.core.management.base import CommandParser

from lineshaft.config.console import ConsoleCommand, known_encoding, progress
from lineshaft.kernel.errors import Unavailable
from lineshaft.kernel.text import gettext_noop

if TYPE_CHECKING:
    from lineshaft.config.affinity_files import Affinities
    from lineshaft.engines.optimise.assignment import Assignment, Freeing, Infeasible

NAMED_MAX: Final = 8
"""More applications or reviewers than these are counted, not named."""

OBJECTIVES: Final = ("sum", "fair")
TIME_LIMIT_S: Final = 240.0


class Command(ConsoleCommand):
    """Reads a file and writes another; no record of the network is read or changed."""

    help = (
        "Assign reviewers to applications, from a file of affinities.\n"
        "The file is .npz (similarity: reviewers x applications; coi: not 0 for a conflict) or\n"
        "CSV (application, reviewer, score, conflict). The method, and what is proven, stands in\n"
        "docs/reference/assignment.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--affinity", type=Path, required=True, metavar="FILE", help="to read")
        parser.add_argument(
            "--demand", type=count, required=True, help="reviewers of each application, exactly"
        )
        parser.add_argument(
            "--max-load", type=count, required=True, help="applications of a reviewer at most"
        )
        parser.add_argument(
            "--min-load", type=count, default=0, help="applications of a reviewer at the least (0)"
        )
        parser.add_argument(
            "--objective",
            choices=OBJECTIVES,
            default=OBJECTIVES[0],
            help="the largest total, or first the largest possible worst application (sum)",
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="CSV of the pairs to write")
        parser.add_argument(
            "--format", choices=["text", "json"], default="text", help="form of the answer (text)"
        )
        parser.add_argument(
            "--time-limit",
            type=seconds,
            default=TIME_LIMIT_S,
            metavar="SECONDS",
            help=f"after which the best found is taken ({TIME_LIMIT_S:.0f})",
        )
        parser.add_argument("--encoding", default="", help="encoding of a CSV, if not UTF-8")

    def handle(self, *_args: Any, **options: Any) -> None:
        started_s = time.monotonic()
        encoding = known_encoding(options["encoding"])
        output: Path | None = options["output"]
        if output is not None:
            _refuse_output(output, options["affinity"])
        if options["min_load"] > options["max_load"]:
            raise Unavailable(
                gettext_noop(
                    "--min-load is %(least)s and --max-load %(most)s. Give a least load that is no "
                    "more than the most."
                ),
                code="load",
                params={"least": options["min_load"], "most": options["max_load"]},
            )
        # Not at the top: `lineshaft help` loads every command, and the solvers take a second.
        from lineshaft.config.affinity_files import read_affinities, write_pairs  # noqa: PLC0415
        from lineshaft.engines.optimise.assignment import (  # noqa: PLC0415
            Infeasible,
            Objective,
            Problem,
            assign,
        )

        with progress("assign") as report:
            report(0, 0, "reading")
            read = read_affinities(options["affinity"], encoding=encoding)
            problem = Problem.uniform(
                read.scores,
                demand=options["demand"],
                most=options["max_load"],
                least=options["min_load"],
            )
            found = assign(
                problem,
                objective=Objective(options["objective"]),
                time_limit_s=options["time_limit"],
                report=lambda note: report(0, 0, note),
            )
        took_s = time.monotonic() - started_s
        if isinstance(found, Infeasible):
            if options["format"] == "json":
                self.answer(json.dumps(_figures(None, took_s)))
            raise Unavailable("%(text)s", code="infeasible", params={"text": said(found, read)})
        if output is not None:
            write_pairs(output, found.pairs, read)
        if options["format"] == "json":
            self.answer(json.dumps(_figures(found, took_s)))
        else:
            self.answer(_summary(found, took_s))


def count(text: str) -> int:
    """The type of a number of reviewers or applications."""
    if not text.isdecimal() or not text.isascii() or len(text) > 6:  # noqa: PLR2004 -- a million
        message = f"{text!r} is no number of them: give a whole number from 0 to 999999"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def seconds(text: str) -> float:
    """The type of the option --time-limit."""
    if not text.isdecimal() or not text.isascii() or not 0 < len(text) <= 6:  # noqa: PLR2004
        message = f"{text!r} is no time: give whole seconds from 0 to 999999"
        raise argparse.ArgumentTypeError(message)
    return float(text)


def said(found: "Infeasible", names: "Affinities") -> str:
    """What cannot be, and what would free it, in words."""
    at_fault = [
        _named("applications", found.applications, names.applications),
        _named("reviewers, who would have less than --min-load,", found.reviewers, names.reviewers),
    ]
    whole = (
        f"There is no such assignment: {' and '.join(filter(None, at_fault))} cannot all be"
        f" served; reviews are lacking: {found.missing}. Without any one of them the others could."
    )
    return " ".join([whole, *(f"It would do {_way(way, names)}." for way in found.freeing)])


def _way(way: "Freeing", names: "Affinities") -> str:
    from lineshaft.engines.optimise.assignment import Remedy  # noqa: PLC0415 -- as above

    applications = _named("", way.applications, names.applications)
    reviewers = _named("", way.reviewers, names.reviewers)
    match way.remedy:
        case Remedy.MORE_LOAD:
            return f"to let {reviewers} take {way.by} more in all"
        case Remedy.LESS_DEMAND:
            return f"to ask {way.by} reviewers fewer in all for {applications}"
        case Remedy.LESS_LEAST:
            return f"to ask {way.by} less in all of {reviewers} as the least"
        case Remedy.LIFT_PAIRS:
            pairs = [
                f"{names.applications[application]} with {names.reviewers[reviewer]}"
                for application, reviewer in zip(way.applications, way.reviewers, strict=True)
            ]
            return f"to allow {_listed(pairs)}"
        case Remedy.DROP_RULE | Remedy.DROP_FORCED:
            raise AssertionError("the command knows no rules and forces nothing")


def _named(what: str, places: tuple[int, ...], names: Any) -> str:
    if not places:
        return ""
    return f"{what} {_listed([names[place] for place in places])}".strip()


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED_MAX])
    left = len(names) - NAMED_MAX
    return f"{shown} and {left} more" if left > 0 else shown


def _figures(found: "Assignment | None", took_s: float) -> dict[str, Any]:
    """The six figures of the answer."""
    return {
        "total": found.total if found else None,
        "worst": found.worst if found else None,
        "assigned": found.pairs.count if found else 0,
        "seconds": round(took_s, 3),
        "status": found.status.value if found else "infeasible",
        "bound": found.bound if found else None,
    }


def _summary(found: "Assignment", took_s: float) -> str:
    return (
        f"{found.status.value}: total {found.total:.4f} (at most {found.total_bound:.4f}), worst"
        f" application {found.worst:.4f} (at most {found.worst_bound:.4f}),"
        f" {found.pairs.count:,} pairs, {took_s:.1f} s"
    )


def _refuse_output(output: Path, file: Path) -> None:
    """Raise Unavailable where the result cannot stand, NotADirectoryError where no folder is."""
    if not output.parent.is_dir():
        raise NotADirectoryError(20, "is no folder", str(output.parent))
    if output.is_dir():
        message = gettext_noop("%(output)s is a folder. Give the name of a file with --output.")
    elif output.exists() and file.exists() and output.samefile(file):
        message = gettext_noop(
            "%(output)s is the file to read. Give the name of another file with --output."
        )
    else:
        return
    raise Unavailable(message, code="output", params={"output": output})
