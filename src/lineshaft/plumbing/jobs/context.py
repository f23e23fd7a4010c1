"""What a handler of a job is given: the job, the actor it acts for, progress and the wish to stop.

A handler is `Callable[[JobContext], None]`, declared by kind in `JOBS` of its app's `tasks.py`. It
may be run again from the start at any time, also after it has succeeded once, and raises to fail.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs import rules
from lineshaft.plumbing.jobs.models import Job

type Handler = Callable[["JobContext"], None]


class JobStopped(Exception):
    """Raised by `check_stop` to leave a handler; what it has committed stays."""


class LeaseLost(Exception):
    """Another worker has taken the job over; this one must write nothing more for it."""


@dataclass(slots=True)
class Progress:
    """What the handler last reported and what it was told; shared with the heartbeat."""

    done: int = 0
    total: int = 0
    note: str = ""
    note_params: Mapping[str, Any] = field(default_factory=dict)
    is_new: bool = False
    is_stop_wanted: bool = False
    is_stop_heard: bool = False
    is_lease_lost: bool = False
    exchanged_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class JobContext:
    """One run of a handler. `exchange` writes the progress, renews the lease and reads wishes."""

    job: Job
    actor: Actor
    progress: Progress
    exchange: Callable[[], None]

    @property
    def payload(self) -> dict[str, Any]:
        return dict(self.job.payload)

    def report(self, done: int, total: int, note: str = "", /, **note_params: Any) -> None:
        """Tell how far the work is: `done` of `total`, and in words (English msgid and its params).

        Cheap: written at most twice a second. Inside a transaction of the handler it is left to
        the heartbeat, or progress would only show once all is over.
        """
        progress = self.progress
        with progress.lock:
            progress.done, progress.total = done, total
            progress.note, progress.note_params = note, note_params
            progress.is_new = True
        self._exchange_sometimes()

    def should_stop(self) -> bool:
        """Whether the handler is wanted to stop; it then returns, or raises JobStopped."""
        self._exchange_sometimes()
        self.progress.is_stop_heard = self.progress.is_stop_wanted
        return self.progress.is_stop_heard

    def check_stop(self) -> None:
        """Leave the handler by JobStopped if it is wanted to stop."""
        if self.should_stop():
            raise JobStopped

    def _exchange_sometimes(self) -> None:
        if self.progress.is_lease_lost:
            raise LeaseLost
        if time.monotonic() - self.progress.exchanged_at >= rules.REPORT_S:
            self.exchange()
