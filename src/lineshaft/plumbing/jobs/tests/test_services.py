"""A job's life: queued, taken, renewed, ended, repeated, taken back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.kernel.ids import new_id
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.jobs import rules, services
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.queries import jobs_visible_to
from lineshaft.plumbing.jobs.queue import run_job
from lineshaft.plumbing.jobs.tests.factories import NOW, SYSTEM
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = [pytest.mark.django_db, pytest.mark.database]

LATER = NOW + timedelta(hours=1)


def queued(**options: Any) -> Job:
    return services.enqueue(SYSTEM, "test.count", {"total": 1}, now=NOW, **options)


def taken() -> services.Lease:
    lease = services.claim_next_job("worker-1", now=NOW)
    assert lease is not None
    return lease


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def test_enqueue_writes_job_and_its_place_in_the_queue() -> None:
    job = queued()
    assert job.task_id is not None
    task = DBTaskResult.objects.get(pk=job.task_id)
    assert (job.state, job.actor_label, task.args_kwargs["kwargs"]) == (
        "queued",
        "test",
        {"job_id": str(job.pk)},
    )


def test_enqueue_in_a_transaction_that_rolls_back_leaves_nothing() -> None:
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    assert (Job.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_enqueue_unique_returns_the_job_that_has_not_begun() -> None:
    job = queued(unique=True)
    assert queued(unique=True) == job
    assert services.enqueue(SYSTEM, "test.count", {"total": 2}, now=NOW, unique=True) != job
    taken()
    assert queued(unique=True) != job


def test_enqueue_not_before_waits() -> None:
    queued(not_before=LATER)
    assert services.claim_next_job("w", now=NOW) is None
    assert services.claim_next_job("w", now=LATER) is not None


def test_claim_next_job_takes_the_oldest_once() -> None:
    first, second = queued(), queued()
    assert [taken().job, taken().job] == [first, second]
    assert services.claim_next_job("w", now=NOW) is None


def test_claim_next_job_leases_and_counts_the_attempt() -> None:
    queued()
    job = taken().job
    assert (job.state, job.attempts, job.worker, job.leased_until) == (
        "running",
        1,
        "worker-1",
        NOW + timedelta(seconds=60),
    )


def test_claim_next_job_passes_over_one_that_is_not_queued_any_more() -> None:
    first, second = queued(), queued()
    Job.objects.filter(pk=first.pk).update(state="stopped")
    assert taken().job == second


def test_finish_job_clears_the_lease() -> None:
    queued()
    lease = taken()
    assert services.finish_job(lease, now=LATER, progress_done=1)
    job = Job.objects.get(pk=lease.job.pk)
    assert (job.state, job.leased_until, job.lease_token, job.finished_at) == (
        "done",
        None,
        None,
        LATER,
    )


def test_renew_lease_extends_it() -> None:
    queued()
    lease = taken()
    assert services.renew_lease(lease, now=LATER, progress_done=5)
    job = Job.objects.get(pk=lease.job.pk)
    assert (job.leased_until, job.progress_done) == (LATER + timedelta(seconds=60), 5)


def test_worker_that_lost_its_lease_can_write_nothing() -> None:
    queued()
    lost = taken()
    assert services.take_back_lost_jobs(now=LATER) == 1
    again = services.claim_next_job("worker-2", now=LATER)
    assert again is not None
    assert (again.job, again.job.attempts) == (lost.job, 2)
    assert not services.renew_lease(lost, now=LATER)
    assert not services.finish_job(lost, now=LATER)
    assert not services.fail_job(lost, ValueError(), now=LATER)
    assert not services.release_job(lost, now=LATER)
    assert state_of(lost.job) == "running"
    assert services.finish_job(again, now=LATER)


def test_fail_job_waits_longer_each_time_and_gives_up() -> None:
    job = queued()
    waits = []
    now = NOW
    for _attempt in range(rules.ATTEMPTS_MAX):
        lease = services.claim_next_job("w", now=now)
        assert lease is not None
        assert services.fail_job(lease, ValueError("no luck"), now=now)
        job.refresh_from_db()
        waits.append((job.state, int((job.run_after - now).total_seconds())))
        assert services.claim_next_job("w", now=now) is None
        now = max(job.run_after, now)
    assert waits[:3] == [("queued", 10), ("queued", 60), ("queued", 300)]
    assert waits[3][0] == "failed"
    assert (job.error, job.error_params) == (
        services.UNEXPECTED,
        {},
    )
    assert job.trace.endswith("ValueError: no luck\n")


def test_release_job_does_not_count_the_attempt() -> None:
    job = queued()
    assert services.release_job(taken(), now=NOW)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)
    assert taken().job == job


def test_take_back_lost_jobs_leaves_living_ones_alone() -> None:
    queued()
    taken()
    assert services.take_back_lost_jobs(now=NOW + timedelta(seconds=59)) == 0


def test_take_back_lost_jobs_leaves_one_alone_that_ended_in_this_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    jobs = [queued(), queued()]
    leases = {lease.job.pk: lease for lease in (taken(), taken())}

    def while_the_other_ends(_text: str, taken_back: UUID, *_rest: str) -> None:
        (other,) = {job.pk for job in jobs} - {taken_back}
        services.finish_job(leases[other], now=NOW)

    monkeypatch.setattr(services.logger, "warning", while_the_other_ends)
    assert services.take_back_lost_jobs(now=LATER) == 1
    assert sorted(map(state_of, jobs)) == ["done", "queued"]


def test_claim_next_job_that_others_hold_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    job = queued()
    monkeypatch.setattr(DBTaskResultQuerySet, "get_locked", lambda _due: None)
    assert services.claim_next_job("w", now=NOW) is None
    assert state_of(job) == "queued"


def test_take_back_lost_jobs_gives_up_what_kills_every_worker() -> None:
    job = queued()
    now = NOW
    for _attempt in range(rules.ATTEMPTS_MAX):
        assert services.claim_next_job("w", now=now)
        now += timedelta(seconds=61)
        assert services.take_back_lost_jobs(now=now) == 1
    job.refresh_from_db()
    assert (job.state, job.error_params) == ("failed", {"attempts": 4})


def test_take_back_lost_jobs_stops_what_was_to_stop() -> None:
    job = queued()
    taken()
    services.stop_job(SYSTEM, job.pk, now=NOW)
    services.take_back_lost_jobs(now=LATER)
    assert state_of(job) == "stopped"


def test_take_back_lost_jobs_puts_a_displaced_job_back() -> None:
    job = queued()
    DBTaskResult.objects.all().delete()
    assert services.take_back_lost_jobs(now=NOW) == 0
    assert services.take_back_lost_jobs(now=LATER) == 1
    assert taken().job == job


def test_run_job_by_another_worker_of_the_queue_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="only `lineshaft worker` takes it"):
        run_job.call(job_id="7")


def test_stop_job_queued_stops_at_once() -> None:
    job = services.stop_job(SYSTEM, queued().pk, now=NOW)
    assert (job.state, job.is_stopping) == ("stopped", False)
    assert services.claim_next_job("w", now=NOW) is None
    assert AuditEvent.objects.get().verb == "stop_job"


def test_stop_job_that_has_no_place_in_the_queue_stops() -> None:
    job = Job.objects.create(kind="count", payload={}, requested_at=NOW, run_after=NOW)
    assert services.stop_job(SYSTEM, job.pk, now=NOW).state == "stopped"


def test_enqueue_that_the_database_refuses_is_not_tried_again() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.enqueue(SYSTEM, "count", {}, now=None)  # type: ignore[arg-type] # not null


def test_enqueue_unique_that_somebody_queued_in_this_moment_returns_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = queued(unique=True)
    look = Job.objects.select_for_update
    looks = iter((Job.objects.none,))

    def too_early_at_first() -> QuerySet[Job]:
        return next(looks, look)()

    monkeypatch.setattr(Job.objects, "select_for_update", too_early_at_first)
    assert queued(unique=True) == theirs
    assert Job.objects.count() == 1


def test_stop_job_running_is_a_wish() -> None:
    job = queued()
    lease = taken()
    job = services.stop_job(SYSTEM, job.pk, now=NOW)
    assert (job.state, job.is_stopping) == ("running", True)
    assert services.end_stopped_job(lease, now=NOW)
    assert state_of(job) == "stopped"


def test_stop_job_done_is_refused() -> None:
    queued()
    lease = taken()
    services.finish_job(lease, now=NOW)
    with pytest.raises(Refused):
        services.stop_job(SYSTEM, lease.job.pk, now=NOW)


def test_retry_job_begins_anew() -> None:
    job = services.stop_job(SYSTEM, queued().pk, now=NOW)
    job = services.retry_job(SYSTEM, job.pk, now=LATER)
    assert (job.state, job.attempts, job.stop_requested_at) == ("queued", 0, None)
    assert services.claim_next_job("w", now=LATER) is not None
    with pytest.raises(Refused):
        services.retry_job(SYSTEM, job.pk, now=LATER)


def test_jobs_visible_to_shows_staff_all_and_others_their_own(
    programme_officer: Actor, learner: Actor
) -> None:
    user = User.objects.create_user("own@example.org", name="own")
    own = Actor(user.pk, "own")
    job = queued()
    mine = services.enqueue(own, "test.count", {}, now=NOW)
    assert set(jobs_visible_to(programme_officer)) == {job, mine}
    assert list(jobs_visible_to(own)) == [mine]
    assert list(jobs_visible_to(Actor.public())) == []
    assert services.stop_job(own, mine.pk, now=NOW).state == "stopped"
    with pytest.raises(NotFound):
        services.stop_job(own, job.pk, now=NOW)
    with pytest.raises(NotFound):
        services.stop_job(SYSTEM, new_id(), now=NOW)


def test_stop_job_by_an_auditor_is_not_permitted() -> None:
    grant = RoleGrant(Role.AUDITOR, ScopeKind.NETWORK)
    auditor = Actor(7, "auditor", grants=frozenset({grant}))
    with pytest.raises(NotPermitted):
        services.stop_job(auditor, queued().pk, now=NOW)


def test_job_running_without_lease_is_refused_by_the_database() -> None:
    job = queued()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="running")


def test_job_queued_twice_under_one_key_is_refused_by_the_database() -> None:
    key = queued(unique=True).unique_key
    other = queued()
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=other.pk).update(unique_key=key)


@pytest.mark.parametrize(("total", "done", "percent"), [(0, 5, None), (3, 1, 33), (3, 9, 100)])
def test_progress_percent_is_whole(total: int, done: int, percent: int | None) -> None:
    assert Job(progress_total=total, progress_done=done).progress_percent == percent
