"""Kinds of jobs for the tests, as an app's tasks.py declares them."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.errors import Refused, Unavailable
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs.context import Handler, JobContext

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SYSTEM = Actor.system("test")
THIS = "lineshaft.plumbing.jobs.tests.factories"

seen: list[tuple[str, dict[str, Any]]] = []


def count(context: JobContext) -> None:
    """Count to the payload's number, with progress."""
    seen.append((context.actor.label, context.payload))
    total = context.payload.get("total", 3)
    for done in range(1, total + 1):
        context.check_stop()
        context.report(done, total, "Counting to %(total)s", total=total)


def crash(_context: JobContext) -> None:
    message = "no luck"
    raise ZeroDivisionError(message)


def refuse(_context: JobContext) -> None:
    raise Refused(Refusal("closed", "The year %(year)s is closed.", params={"year": 2022}))


def wait_for_mail(_context: JobContext) -> None:
    raise Unavailable


def write_slowly(context: JobContext) -> None:
    """Write a line to a file for each step; the pace and the file come from the payload."""
    path = Path(context.payload["path"])
    for done in range(context.payload["steps"]):
        with path.open("a") as file:
            file.write(f"{context.job.attempts}\n")
        context.report(done, context.payload["steps"])
        time.sleep(context.payload["pause_ms"] / 1000)


def listen(context: JobContext) -> None:
    """Work until wanted to stop."""
    while not context.should_stop():
        time.sleep(0.02)


JOB_TITLES = {"test.count": "Counting"}
JOBS: dict[str, Handler] = {
    "test.count": count,
    "test.crash": crash,
    "test.refuse": refuse,
    "test.wait": wait_for_mail,
    "test.write_slowly": write_slowly,
    "test.listen": listen,
}
