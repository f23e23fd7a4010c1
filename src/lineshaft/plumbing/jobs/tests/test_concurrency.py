"""Several workers and several wishes at the same moment."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from lineshaft.plumbing.jobs import services
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.tests.factories import NOW, SYSTEM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

THREADS = 4


def at_once(work: Callable[[int], None]) -> None:
    """Run the work in several threads that begin together, each with its own connection."""
    barrier = threading.Barrier(THREADS)
    failures: list[Exception] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except Exception as error:  # noqa: BLE001 -- told to the test's own thread
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_claims_at_once_take_each_job_once() -> None:
    jobs = [services.enqueue(SYSTEM, "test.count", {"n": n}, now=NOW) for n in range(12)]
    taken: list[Job] = []

    def claim(number: int) -> None:
        while lease := services.claim_next_job(f"w{number}", now=NOW):
            taken.append(lease.job)

    at_once(claim)
    # A worker that finds every due task locked ends early; the others take the rest.
    assert sorted(job.pk for job in taken) == sorted(job.pk for job in jobs)


def test_unique_wishes_at_once_make_one_job() -> None:
    found: list[Job] = []
    at_once(
        lambda _number: found.append(
            services.enqueue(SYSTEM, "test.count", {}, now=NOW, unique=True)
        )
    )
    assert len({job.pk for job in found}) == 1
    assert Job.objects.count() == 1


def test_take_backs_at_once_queue_a_lost_job_once() -> None:
    services.enqueue(SYSTEM, "test.count", {}, now=NOW)
    assert services.claim_next_job("w", now=NOW)
    later = NOW.replace(hour=23)
    taken: list[int] = []
    at_once(lambda _number: taken.append(services.take_back_lost_jobs(now=later)))
    assert sum(taken) == 1
    assert services.claim_next_job("w", now=later)
    assert services.claim_next_job("w", now=later) is None
