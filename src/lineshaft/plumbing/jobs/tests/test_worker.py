"""The worker: running handlers, progress, stopping, ending, and being killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError, connection, transaction

from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditSeal
from lineshaft.plumbing.audit.services import record_event, seal, verify
from lineshaft.plumbing.jobs import rules, services
from lineshaft.plumbing.jobs.context import JobContext, LeaseLost
from lineshaft.plumbing.jobs.kinds import handler_of
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.services import UNEXPECTED
from lineshaft.plumbing.jobs.tests import factories
from lineshaft.plumbing.jobs.tests.factories import SYSTEM, THIS
from lineshaft.plumbing.jobs.worker import run_next_job, run_until_idle, run_worker

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def _kinds(settings: Any) -> Iterator[None]:
    settings.JOB_MODULES = (THIS,)
    factories.seen.clear()
    yield
    factories.JOBS.pop("test.now", None)


def queued(kind: str, actor: Actor = SYSTEM, **payload: Any) -> Job:
    return services.enqueue(actor, kind, payload, now=clock.now())


def ended(job: Job) -> Job:
    job.refresh_from_db()
    return job


@pytest.mark.django_db
def test_run_until_idle_runs_every_job_and_records_progress() -> None:
    jobs = [queued("test.count", total=2), queued("test.count", total=4)]
    assert run_until_idle() == 2
    assert [(job.state, job.progress_done, job.progress_total) for job in map(ended, jobs)] == [
        ("done", 2, 2),
        ("done", 4, 4),
    ]
    assert (jobs[1].note, jobs[1].note_params) == ("Counting to %(total)s", {"total": 4})
    assert factories.seen == [("test", {"total": 2}), ("test", {"total": 4})]


@pytest.mark.django_db
def test_run_next_job_acts_for_whoever_asked() -> None:
    user = User.objects.create_user("own@example.org", name="Own Name")
    queued("test.count", Actor(user.pk, "Own Name"))
    assert run_next_job("w")
    assert factories.seen == [("Own Name", {})]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "state", "error"),
    [
        ("test.crash", "queued", UNEXPECTED),
        ("test.refuse", "failed", "The year %(year)s is closed."),
        ("test.wait", "queued", Unavailable.default_message),
        ("test.unknown", "queued", "No part of this installation runs jobs of kind “%(kind)s”."),
    ],
)
def test_run_next_job_fault_is_recorded(kind: str, state: str, error: str) -> None:
    job = queued(kind)
    assert run_next_job("w")
    assert (ended(job).state, job.error, bool(job.trace)) == (state, error, kind != "test.refuse")


@pytest.mark.django_db
def test_run_next_job_stopped_on_request() -> None:
    def stop_myself(context: JobContext) -> None:
        services.stop_job(SYSTEM, context.job.pk, now=clock.now())
        context.progress.exchanged_at = 0.0
        context.check_stop()

    factories.JOBS["test.now"] = stop_myself
    job = _run_fresh(queued("test.now"))
    assert (job.state, job.error) == ("stopped", "")


@pytest.mark.django_db
def test_run_next_job_that_returns_after_hearing_the_wish_is_stopped() -> None:
    def stop_myself(context: JobContext) -> None:
        services.stop_job(SYSTEM, context.job.pk, now=clock.now())
        context.progress.exchanged_at = 0.0
        assert context.should_stop()

    factories.JOBS["test.now"] = stop_myself
    assert _run_fresh(queued("test.now")).state == "stopped"


@pytest.mark.django_db
def test_run_next_job_that_never_listens_is_done() -> None:
    def ignore(context: JobContext) -> None:
        services.stop_job(SYSTEM, context.job.pk, now=clock.now())

    factories.JOBS["test.now"] = ignore
    assert _run_fresh(queued("test.now")).state == "done"


@pytest.mark.django_db
def test_report_inside_a_transaction_is_left_to_the_heartbeat() -> None:
    seen: list[int] = []

    def report_inside(context: JobContext) -> None:
        with transaction.atomic():
            context.report(1, 2)
            seen.append(Job.objects.get(pk=context.job.pk).progress_done)
        context.progress.exchanged_at = 0.0
        context.report(1, 2)
        seen.append(Job.objects.get(pk=context.job.pk).progress_done)

    factories.JOBS["test.now"] = report_inside
    _run_fresh(queued("test.now"))
    assert seen == [0, 1]


@pytest.mark.django_db
def test_handler_whose_lease_was_lost_writes_nothing_more() -> None:
    def lose(context: JobContext) -> None:
        services.take_back_lost_jobs(now=clock.now() + timedelta(seconds=rules.LEASE_S + 1))
        context.progress.exchanged_at = 0.0
        context.report(1, 1)
        with pytest.raises(LeaseLost):
            context.report(1, 1)
        raise LeaseLost

    factories.JOBS["test.now"] = lose
    assert _run_fresh(queued("test.now")).state == "queued"


@pytest.mark.django_db
def test_handler_that_ends_after_its_lease_is_not_recorded() -> None:
    def lose(_context: JobContext) -> None:
        services.take_back_lost_jobs(now=clock.now() + timedelta(seconds=rules.LEASE_S + 1))

    factories.JOBS["test.now"] = lose
    assert _run_fresh(queued("test.now")).state == "queued"


@pytest.mark.django_db
def test_run_until_idle_endless_chain_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineshaft.plumbing.jobs.worker.IDLE_RUNS_MAX", 3)

    def chain(_context: JobContext) -> None:
        queued("test.now")

    factories.JOBS["test.now"] = chain
    queued("test.now")
    with pytest.raises(RuntimeError, match="Still not idle after 3 jobs"):
        run_until_idle()


def test_job_modules_with_a_kind_twice_are_a_mistake(settings: Any) -> None:
    settings.JOB_MODULES = (THIS, THIS)
    with pytest.raises(ValueError, match=r"test\.count"):
        handler_of("test.count")


@pytest.mark.django_db(transaction=True)
def test_run_worker_heartbeat_shows_progress_of_a_silent_handler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "HEARTBEAT_S", 0.05)
    found: list[tuple[int, bool]] = []

    def compute(context: JobContext) -> None:
        context.progress.done, context.progress.total = 7, 9
        context.progress.is_new = True
        before = Job.objects.get(pk=context.job.pk).leased_until
        _wait_until(lambda: Job.objects.get(pk=context.job.pk).progress_done == 7)
        job = Job.objects.get(pk=context.job.pk)
        assert job.leased_until is not None
        assert before is not None
        found.append((job.progress_done, job.leased_until > before))
        stop.set()

    factories.JOBS["test.now"] = compute
    job = queued("test.now")
    stop = threading.Event()
    assert run_worker(stop, poll_s=0.01) == 1
    assert (found, ended(job).state) == ([(7, True)], "done")


@pytest.mark.django_db(transaction=True)
def test_run_worker_that_ends_gives_its_job_back() -> None:
    stop = threading.Event()
    job = queued("test.listen")
    threading.Timer(0.3, stop.set).start()
    assert run_worker(stop, poll_s=0.01) == 1
    assert (ended(job).state, job.attempts) == ("queued", 0)


@pytest.mark.django_db(transaction=True)
def test_run_worker_idle_waits_and_ends() -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    assert run_worker(stop, poll_s=0.01) == 0


@pytest.mark.django_db(transaction=True)
def test_run_worker_asks_again_for_the_daily_jobs_when_the_database_did_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, asked = threading.Event(), list[int]()

    def want(**_now: Any) -> list[Job]:
        asked.append(1)
        if len(asked) == 1:
            raise OperationalError
        stop.set()
        return []

    monkeypatch.setattr(services, "want_daily_jobs", want)
    threading.Timer(5, stop.set).start()
    run_worker(stop, poll_s=0.01)
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_run_worker_idle_seals_the_audit_trail() -> None:
    with transaction.atomic():
        record_event(SYSTEM, "test_verb", ("test.thing", "1"), now=clock.now())
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    run_worker(stop, poll_s=0.01)
    assert list(AuditSeal.objects.values_list("number", "events")) == [(1, 1)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_run_worker_beside_another_sealer_goes_on_and_every_event_is_sealed_once() -> None:
    """On PostgreSQL the later one fails on the number of its seal; on SQLite it waits its turn."""
    with transaction.atomic():
        record_event(SYSTEM, "test_verb", ("test.thing", "1"), now=clock.now())
    stop, runs = threading.Event(), list[int]()

    def work() -> None:
        runs.append(run_worker(stop, poll_s=0.01))
        connection.close()

    worker = threading.Thread(target=work)
    with transaction.atomic():
        seal(now=clock.now())
        worker.start()
        time.sleep(0.7)  # the worker comes to the same events before this is committed
    time.sleep(0.3)
    stop.set()
    worker.join(timeout=40)
    assert runs == [0]
    assert list(AuditSeal.objects.values_list("number", "events")) == [(1, 1)]
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_worker_killed_in_the_middle_is_replaced_by_another(tmp_path: Path) -> None:
    path = tmp_path / "steps"
    payload = {"path": str(path), "steps": 4, "pause_ms": 0}
    job = services.enqueue(
        SYSTEM, "test.write_slowly", payload | {"pause_ms": 60_000}, now=clock.now()
    )
    victim = _worker_process()
    try:
        _wait_until(path.exists, limit_s=60)
        first = ended(job).leased_until
        assert first is not None
        _wait_until(lambda: Job.objects.filter(pk=job.pk, leased_until__gt=first).exists())
        assert services.take_back_lost_jobs(now=clock.now()) == 0
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    assert (ended(job).state, job.worker, job.attempts) == ("running", "victim", 1)
    assert run_until_idle("heir") == 0  # the lease has not run out
    run_out = clock.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(payload=payload, leased_until=run_out)
    assert run_until_idle("heir") == 1
    assert (ended(job).state, job.worker, job.attempts) == ("done", "heir", 2)
    assert path.read_text().split() == ["1", "2", "2", "2", "2"]


def _run_fresh(job: Job) -> Job:
    assert run_next_job("w")
    return ended(job)


def _wait_until(is_so: Callable[[], bool], limit_s: float = 20) -> None:
    end_s = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.05)


def _worker_process() -> subprocess.Popen[bytes]:
    """A worker on the very database of this test."""
    script = Path(__file__).with_name("worker_process.py")
    environment = os.environ | {  # noqa: TID251 -- handed on to the other process
        "DATABASE_URL": _database_url(),
        "DJANGO_SETTINGS_MODULE": "lineshaft.config.settings",
    }
    return subprocess.Popen([sys.executable, str(script)], env=environment)


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user, password = quote(database["USER"]), quote(database["PASSWORD"])
    place = f"{database['HOST'] or 'localhost'}:{database['PORT'] or 5432}"
    return f"postgres://{user}:{password}@{place}/{database['NAME']}"
