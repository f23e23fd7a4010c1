"""The pages of jobs: who sees which, and the two verbs."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.jobs import services
from lineshaft.plumbing.jobs.models import Job
from lineshaft.plumbing.jobs.tests.factories import NOW, SYSTEM, THIS
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

LIST_QUERIES = 6
"""Session, user, grants, organisations, then count and page."""


@pytest.fixture(autouse=True)
def _platform(settings: Any) -> None:
    settings.JOB_MODULES = (THIS,)
    settings.IS_DEMONSTRATION = True  # nobody needs a second factor here


def signed_in(role: Role) -> tuple[Client, User]:
    user = User.objects.create_user(f"{role}@example.org", name=role)
    Grant.objects.create(
        user=user, role=role, scope_kind="network", starts_on=NOW.date().replace(year=2020)
    )
    client = Client()
    client.force_login(user)
    return client, user


def queued(kind: str = "test.count", actor: Actor = SYSTEM) -> Job:
    return services.enqueue(actor, kind, {}, now=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_list_jobs_costs_the_same_for_any_length(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, _user = signed_in(Role.PROGRAMME_OFFICER)
    for _number in range(count):
        queued()
    client.get("/jobs/")
    with django_assert_num_queries(LIST_QUERIES):
        page = client.get("/jobs/").content.decode()
    assert page.count("Counting</a>") == count


def test_list_jobs_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    client, _user = signed_in(Role.PROGRAMME_OFFICER)
    for _number in range(51):
        queued()
    first, last = (client.get(f"/jobs/?page={number}").content.decode() for number in (1, 99))
    assert (first.count("Counting</a>"), last.count("Counting</a>")) == (50, 1)
    assert client.get("/jobs/?page=x").content.decode().count("Counting</a>") == 50


def test_list_jobs_empty_says_so() -> None:
    client, _user = signed_in(Role.AUDITOR)
    assert "No work in the background" in client.get("/jobs/").content.decode()


def test_show_job_open_refreshes_itself_and_offers_to_stop() -> None:
    client, _user = signed_in(Role.PROGRAMME_OFFICER)
    job = queued()
    page = client.get(job.get_absolute_url()).content.decode()
    assert (f'hx-get="/jobs/{job.pk}/"' in page, "Stop it" in page, "Run it again" in page) == (
        True,
        True,
        False,
    )


def test_stop_and_retry_are_posts_that_lead_back() -> None:
    client, _user = signed_in(Role.PROGRAMME_OFFICER)
    job = queued()
    assert client.get(f"/jobs/{job.pk}/stop/").status_code == 405
    page = client.post(f"/jobs/{job.pk}/stop/", follow=True).content.decode()
    assert ("Run it again" in page, "hx-get" in page) == (True, False)
    client.post(f"/jobs/{job.pk}/retry/")
    assert run_until_idle() == 1
    page = client.get(job.get_absolute_url()).content.decode()
    assert ("Run it again" in page, "Stop it" in page) == (False, False)
    assert client.post(f"/jobs/{job.pk}/retry/").status_code == 409


@pytest.mark.parametrize("role", [Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR])
def test_show_job_failed_tells_a_sentence_and_the_administrator_the_trace(role: Role) -> None:
    client, _user = signed_in(role)
    refused, crashed = queued("test.refuse"), queued("test.crash")
    Job.objects.update(attempts_max=1)
    run_until_idle()
    assert "The year 2022 is closed." in client.get(refused.get_absolute_url()).content.decode()
    page = client.get(crashed.get_absolute_url()).content.decode()
    assert "It failed unexpectedly. The fault has been written to the log" in page
    assert ("ZeroDivisionError" in page) is ("<pre" in page) is (role is Role.ADMINISTRATOR)
    assert "test.crash" not in page.partition("<h1")[2].partition("</h1>")[2]


def test_jobs_of_others_are_not_there_and_own_ones_are() -> None:
    client, user = signed_in(Role.LEARNER)
    other = queued()
    own = queued("test.crash", Actor(user.pk, "own"))
    assert client.get(other.get_absolute_url()).status_code == 404
    assert client.post(f"/jobs/{other.pk}/stop/").status_code == 404
    assert client.get(own.get_absolute_url()).status_code == 200
    page = client.get("/jobs/").content.decode()
    assert ("Counting" in page, "test.crash" in page) == (False, True)
    assert client.post(f"/jobs/{own.pk}/stop/").status_code == 302


def test_auditor_reads_but_does_not_stop() -> None:
    client, _user = signed_in(Role.AUDITOR)
    job = queued()
    assert "Stop it" not in client.get(job.get_absolute_url()).content.decode()
    assert client.post(f"/jobs/{job.pk}/stop/").status_code == 403
