"""The worker: takes due jobs one by one, runs their handlers and keeps their leases alive.

A heartbeat on its own thread and database connection renews the lease while a handler computes or
sits in a long transaction, and carries progress out of it.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Self

from django.conf import settings
from django.db import (
    IntegrityError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
)
from django.utils.module_loading import import_string

from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.rules import plain
from lineshaft.plumbing.audit.services import seal, seal_recent
from lineshaft.plumbing.jobs import rules, services
from lineshaft.plumbing.jobs.context import JobContext, JobStopped, LeaseLost, Progress
from lineshaft.plumbing.jobs.kinds import handler_of
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import Lease

logger = logging.getLogger(__name__)

IDLE_RUNS_MAX = 1000
"""Jobs that `run_until_idle` runs before it takes them for an endless chain."""


class Heartbeat:
    """Renews the lease of whatever run it watches, from a thread of its own."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def watch(self, run: "_Run | None") -> None:
        """Care for this run from now on; for none with None."""
        with self._lock:
            self._run = run

    def _beat(self) -> None:
        while not self._ended.wait(rules.HEARTBEAT_S):
            with self._lock:
                run = self._run
            if run is None:
                continue
            try:
                run.exchange()
            except OperationalError as error:
                # SQLite: the handler's own transaction holds the database; the next beat tries.
                logger.debug("The heartbeat waits: %s", error)
        connections.close_all()


def run_worker(stop_event: threading.Event, *, name: str = "", poll_s: float = rules.POLL_S) -> int:
    """Run jobs until `stop_event` is set; return how many were run.

    When it is set in the middle of a job, a handler that listens leaves it and the job goes back
    into the queue; one that does not listen is finished first. A database that does not answer is
    waited for. Once a day, and when it begins, it asks for the jobs that run each day.
    """
    worker = name or f"{socket.gethostname()}:{os.getpid()}"
    runs = 0
    seal_events: Callable[..., int] = seal  # looks through the whole trail, so once
    sealed_s = -rules.SEAL_S
    rounds_on: date | None = None
    with Heartbeat() as heartbeat:
        while not stop_event.is_set():
            close_old_connections()
            try:
                services.take_back_lost_jobs(now=clock.now())
                if rounds_on != clock.today():
                    services.want_daily_jobs(now=clock.now())
                    rounds_on = clock.today()
                has_run = run_next_job(worker, heartbeat=heartbeat, stop_event=stop_event)
                if not has_run and time.monotonic() - sealed_s >= rules.SEAL_S:
                    _seal_trail(seal_events)
                    seal_events, sealed_s = seal_recent, time.monotonic()
            except OperationalError:
                logger.exception("The database does not answer; the worker waits.")
                has_run = False
            runs += has_run
            if not has_run:
                stop_event.wait(poll_s)
    return runs


def _seal_trail(seal_events: Callable[..., int]) -> None:
    """Seal what the audit trail has gained; another worker that does it at once is welcome to."""
    try:
        seal_events(now=clock.now())
    except IntegrityError:
        logger.debug("Another worker sealed the audit trail in this moment.")


def run_until_idle(worker: str = "until-idle") -> int:
    """Run whatever is due in this thread, without heartbeat or waiting; how many were run."""
    for runs in range(IDLE_RUNS_MAX):
        services.take_back_lost_jobs(now=clock.now())
        if not run_next_job(worker):
            return runs
    message = f"Still not idle after {IDLE_RUNS_MAX} jobs: does one queue itself?"
    raise RuntimeError(message)


def run_next_job(
    worker: str,
    *,
    heartbeat: Heartbeat | None = None,
    stop_event: threading.Event | None = None,
) -> bool:
    """Take the next due job and run it to its end, good or bad; False where none is due."""
    lease = services.claim_next_job(worker, now=clock.now())
    if lease is None:
        return False
    run = _Run(lease, stop_event)
    if heartbeat:
        heartbeat.watch(run)
    try:
        run.go()
    finally:
        if heartbeat:
            heartbeat.watch(None)
    return True


class _Run:
    """One run of a handler under a lease, and how it ends."""

    def __init__(self, lease: Lease, stop_event: threading.Event | None) -> None:
        self.lease = lease
        self.progress = Progress()
        self._stop_event = stop_event
        self._lock = threading.Lock()
        self._thread_id = threading.get_ident()
        self._depth = _transaction_depth()

    def go(self) -> None:
        job = self.lease.job
        logger.info("Job %s (%s) begins, attempt %s.", job.pk, job.kind, job.attempts)
        error: Exception | None = None
        try:
            handler = handler_of(job.kind)
            handler(JobContext(job, _actor_of(job), self.progress, self.exchange))
        except LeaseLost:
            logger.warning("Job %s was taken over by another worker.", job.pk)
            return self._close_task(None)
        except JobStopped:
            self.progress.is_stop_heard = True
        except Exception as failure:
            logger.warning("Job %s (%s) failed.", job.pk, job.kind, exc_info=failure)
            error = failure
        with self._lock:
            is_kept = self._end(error)
        if not is_kept:
            logger.warning("Job %s ended after its lease; its end is not recorded.", job.pk)
        return self._close_task(error)

    def exchange(self) -> None:
        """Write progress, renew the lease, and hear whether to stop.

        In a transaction of the handler only the heartbeat does it, or the written progress would
        lock the row and stay unseen until the end.
        """
        self.progress.exchanged_at = time.monotonic()
        if threading.get_ident() == self._thread_id and _transaction_depth() != self._depth:
            return
        with self._lock:
            columns = self._reported()
            if not services.renew_lease(self.lease, now=clock.now(), **columns):
                self.progress.is_lease_lost = True
                return
        wishes = Job.objects.filter(pk=self.lease.job.pk, stop_requested_at__isnull=False)
        is_ending = self._stop_event is not None and self._stop_event.is_set()
        self.progress.is_stop_wanted = is_ending or wishes.exists()

    def _end(self, error: Exception | None) -> bool:
        now = clock.now()
        if error is not None:
            return services.fail_job(self.lease, error, now=now)
        if not self.progress.is_stop_heard:
            return services.finish_job(self.lease, now=now, **self._reported(is_done=True))
        if Job.objects.filter(pk=self.lease.job.pk, stop_requested_at__isnull=False).exists():
            return services.end_stopped_job(self.lease, now=now)
        return services.release_job(self.lease, now=now)

    def _reported(self, *, is_done: bool = False) -> dict[str, object]:
        with self.progress.lock:
            if not (self.progress.is_new or is_done):
                return {}
            self.progress.is_new = False
            total = self.progress.total
            return {
                "progress_done": total if is_done else self.progress.done,
                "progress_total": total,
                "note": self.progress.note[:300],
                "note_params": plain(self.progress.note_params),
            }

    def _close_task(self, error: Exception | None) -> None:
        task = self.lease.task
        if task is None:
            return
        if error is None:
            task.set_successful(None)
        else:
            task.set_failed(error)


def _actor_of(job: Job) -> Actor:
    """The actor as of now: a right that was withdrawn while the job waited is not used."""
    if job.requested_by_id is None:
        return Actor.system(job.actor_label)
    user = User.objects.get(pk=job.requested_by_id)
    build = import_string(settings.ACTOR_OF_USER)
    actor: Actor = build(user, today=clock.today(), language=user.language)
    return actor


def _transaction_depth() -> int:
    return len(connection.savepoint_ids) + connection.in_atomic_block
