"""Asking for work, stopping and repeating it, and the steps of a job's life that a worker takes.

A job and its place in the queue are written in the transaction of the verb that needs them, so a
crash loses neither. Every step of a worker is guarded by the lease's token: who lost the lease can
write nothing more.
"""

import hashlib
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django_tasks_db.models import DBTaskResult, get_date_max
from django_tasks_db.utils import exclusive_transaction

from lineshaft.kernel.errors import LineshaftError, NotFound, Unavailable
from lineshaft.kernel.ids import new_id
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.rules import canonical, plain
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.jobs import rules
from lineshaft.plumbing.jobs.kinds import daily_kinds
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.queries import jobs_visible_to
from lineshaft.plumbing.jobs.queue import run_job
from lineshaft.plumbing.permit import permit

logger = logging.getLogger(__name__)

ENQUEUE_TRIES = 3
"""Times to look for the job that somebody else has just queued; it may begin in between."""

DAILY_ROUND = Actor.system("daily round")
"""Asks for what runs each day."""

READY = "READY"
TASK_RUNNING = "RUNNING"
TASK_FAILED = "FAILED"

LOST = gettext_noop("The worker was lost %(attempts)s times in the middle of this job.")
UNEXPECTED = gettext_noop(
    "It failed unexpectedly. The fault has been written to the log; if it stays, tell whoever runs"
    " the platform the address of this page."
)


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's hold of a job: valid while the job's token is this one."""

    job: Job
    token: UUID
    task: DBTaskResult[Any, Any] | None = None


def enqueue(
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    unique: bool = False,
    not_before: datetime | None = None,
) -> Job:
    """Queue a job in the caller's transaction (or one of its own) and return it.

    Whether the actor may is decided by the calling verb. `payload` holds plain values: ids, not
    records. It begins as soon as a worker is free, or after `not_before`. With `unique` a job of
    the same kind and payload that has not begun yet is returned instead, and does not begin before
    the caller's transaction has ended.
    """
    content = plain(payload)
    key = hashlib.sha256(f"{kind}:{canonical(content)}".encode()).hexdigest() if unique else ""
    tries = ENQUEUE_TRIES
    with transaction.atomic():
        while True:
            queued = Job.objects.select_for_update().filter(unique_key=key).first() if key else None
            if queued:
                return queued
            try:
                with transaction.atomic():
                    job = Job.objects.create(
                        kind=kind,
                        payload=content,
                        unique_key=key,
                        requested_by_id=actor.user_id,
                        actor_label=actor.label,
                        requested_at=now,
                        run_after=not_before or now,
                    )
            except IntegrityError:
                tries -= 1
                if not key or not tries:
                    raise
                continue  # somebody queued the same in this moment: take theirs
            _place_in_queue(job, run_after=not_before)
            return job


def want_daily_jobs(*, now: datetime) -> list[Job]:
    """Queue today's job of each daily kind that has none yet, as the program itself; returns those.

    Two workers that ask in one moment may both get one to run: a daily handler is written for it,
    as every handler is. The day is that of UTC.
    """
    payload = {"day": now.date().isoformat()}
    return [
        enqueue(DAILY_ROUND, kind, payload, now=now, unique=True)
        for kind in daily_kinds()
        if not Job.objects.filter(kind=kind, payload=payload).exists()
    ]


def stop_job(actor: Actor, job_id: UUID, *, now: datetime) -> Job:
    """Stop a queued job at once, a running one as soon as its handler listens.

    Raises NotFound, NotPermitted, and Refused for a job that is over.
    """
    with transaction.atomic():
        job = _lock(actor, job_id)
        _permit_owner(actor, job, "stop_job")
        refuse_if(rules.TRANSITIONS["Job"].check(job.state, "stop_job"))
        job.stop_requested_at = now
        if job.state == rules.QUEUED:
            job.state = rules.STOPPED
            job.finished_at = now
            _leave_queue(job)
        job.save(update_fields=["stop_requested_at", "state", "finished_at"])
        record_event(actor, "stop_job", job, now=now, changes={"kind": job.kind})
    return job


def retry_job(actor: Actor, job_id: UUID, *, now: datetime) -> Job:
    """Queue a failed or stopped job again, with all its attempts before it.

    Raises NotFound, NotPermitted, and Refused for a job that is open or done.
    """
    with transaction.atomic():
        job = _lock(actor, job_id)
        _permit_owner(actor, job, "retry_job")
        refuse_if(rules.TRANSITIONS["Job"].check(job.state, "retry_job"))
        Job.objects.filter(pk=job.pk).update(
            state=rules.QUEUED,
            attempts=0,
            error="",
            error_params={},
            trace="",
            note="",
            note_params={},
            progress_done=0,
            stop_requested_at=None,
            finished_at=None,
            run_after=now,
        )
        job.refresh_from_db()
        _place_in_queue(job, run_after=None)
        record_event(actor, "retry_job", job, now=now, changes={"kind": job.kind})
    return job


def claim_next_job(worker: str, *, now: datetime) -> Lease | None:
    """Take the next due job under a lease, or None; queue and job change in one transaction."""
    due = DBTaskResult.objects.filter(
        Q(run_after=get_date_max()) | Q(run_after__lte=now),
        status=READY,
        task_path=run_job.module_path,
    )
    while due.exists():
        with exclusive_transaction():
            task = due.get_locked()
            if task is None:
                return None
            task.claim(worker)
            lease = lease_job(UUID(task.args_kwargs["kwargs"]["job_id"]), worker, now=now)
            if lease:
                return Lease(lease.job, lease.token, task)
            task.set_successful(None)  # stopped, or taken by another way, since it was queued
    return None


def lease_job(job_id: UUID, worker: str, *, now: datetime) -> Lease | None:
    """Begin a queued job under a new lease; None if it is not queued any more."""
    token = new_id()
    taken = Job.objects.filter(pk=job_id, state=rules.QUEUED).update(
        state=rules.RUNNING,
        lease_token=token,
        leased_until=now + timedelta(seconds=rules.LEASE_S),
        attempts=F("attempts") + 1,
        worker=worker[:64],
        started_at=now,
        unique_key="",
        error="",
        error_params={},
        trace="",
    )
    return Lease(Job.objects.get(pk=job_id), token) if taken else None


def renew_lease(lease: Lease, *, now: datetime, **columns: Any) -> bool:
    """Hold the job for another while and write `columns`; False where the lease was lost."""
    return bool(_held(lease).update(leased_until=now + timedelta(seconds=rules.LEASE_S), **columns))


def finish_job(lease: Lease, *, now: datetime, **columns: Any) -> bool:
    """Record that the handler is done; False where the lease was lost."""
    return _end(lease, rules.DONE, now=now, **columns)


def end_stopped_job(lease: Lease, *, now: datetime) -> bool:
    """Record that the handler has stopped on request; False where the lease was lost."""
    return _end(lease, rules.STOPPED, now=now)


def fail_job(lease: Lease, error: Exception, *, now: datetime) -> bool:
    """Record a fault: queued again after a pause while attempts are left, failed for good else.

    An error of our own tree other than Unavailable is an answer and not a fault: trying again
    would give the same one. False where the lease was lost.
    """
    is_answer = isinstance(error, LineshaftError) and not isinstance(error, Unavailable)
    columns: dict[str, Any] = {
        "error": error.message if isinstance(error, LineshaftError) else UNEXPECTED,
        "error_params": plain(_params_of(error)),
        "trace": "" if is_answer else "".join(traceback.format_exception(error))[-20_000:],
    }
    if is_answer or lease.job.attempts >= lease.job.attempts_max:
        return _end(lease, rules.FAILED, now=now, **columns)
    run_after = now + timedelta(seconds=rules.back_off_s(lease.job.attempts))
    return _postpone(lease, run_after=run_after, **columns)


def release_job(lease: Lease, *, now: datetime) -> bool:
    """Give a job back unfinished, because the worker ends; the attempt does not count."""
    return _postpone(lease, run_after=now, attempts=lease.job.attempts - 1)


def take_back_lost_jobs(*, now: datetime) -> int:
    """Queue again what killed workers held, and what lost its place in the queue; how many.

    A job whose attempts are used up has failed: it may be what kills the workers.
    """
    taken = 0
    lost = Job.objects.filter(state=rules.RUNNING, leased_until__lt=now)
    waiting = DBTaskResult.objects.filter(id=OuterRef("task_id"), status=READY)
    displaced = Job.objects.filter(
        ~Exists(waiting),
        state=rules.QUEUED,
        run_after__lt=now - timedelta(seconds=rules.LEASE_S),
    )
    for jobs in (lost, displaced):
        for job_id in list(jobs.values_list("pk", flat=True)):
            with transaction.atomic():
                job = jobs.select_for_update(skip_locked=True).filter(pk=job_id).first()
                if job:
                    _take_back(job, now)
                    taken += 1
    return taken


def _take_back(job: Job, now: datetime) -> None:
    logger.warning("Taking back job %s (%s) from worker %s.", job.pk, job.kind, job.worker)
    _leave_queue(job)
    if job.state == rules.RUNNING:
        job.leased_until = None
        job.lease_token = None
        if job.stop_requested_at:
            job.state, job.finished_at = rules.STOPPED, now
        elif job.attempts >= job.attempts_max:
            job.state, job.finished_at = rules.FAILED, now
            job.error, job.error_params = LOST, {"attempts": job.attempts}
        else:
            job.state, job.run_after = rules.QUEUED, now
        job.save()
    if job.state == rules.QUEUED:
        _place_in_queue(job, run_after=None)


def _end(lease: Lease, state: str, *, now: datetime, **columns: Any) -> bool:
    return bool(
        _held(lease).update(
            state=state, finished_at=now, leased_until=None, lease_token=None, **columns
        )
    )


def _postpone(lease: Lease, *, run_after: datetime, **columns: Any) -> bool:
    with transaction.atomic():
        held = _held(lease).update(
            state=rules.QUEUED,
            run_after=run_after,
            leased_until=None,
            lease_token=None,
            **columns,
        )
        if held:
            _place_in_queue(lease.job, run_after=run_after)
    return bool(held)


def _held(lease: Lease) -> Any:
    return Job.objects.filter(pk=lease.job.pk, state=rules.RUNNING, lease_token=lease.token)


def _place_in_queue(job: Job, *, run_after: datetime | None) -> None:
    result = run_job.using(run_after=run_after).enqueue(job_id=str(job.pk))
    job.task_id = UUID(result.id)
    Job.objects.filter(pk=job.pk).update(task_id=job.task_id)


def _leave_queue(job: Job) -> None:
    if job.task_id is None:
        return
    DBTaskResult.objects.filter(pk=job.task_id, status=READY).delete()
    DBTaskResult.objects.filter(pk=job.task_id, status=TASK_RUNNING).update(status=TASK_FAILED)


def _lock(actor: Actor, job_id: UUID) -> Job:
    job = jobs_visible_to(actor).select_for_update(of=("self",)).filter(pk=job_id).first()
    if job is None:
        raise NotFound(code="job")
    return job


def _permit_owner(actor: Actor, job: Job, verb: str) -> None:
    if actor.user_id is None or job.requested_by_id != actor.user_id:
        permit(actor, rules.PERMISSIONS[verb])


def _params_of(error: Exception) -> Mapping[str, Any]:
    if isinstance(error, LineshaftError):
        return error.params
    return {}
