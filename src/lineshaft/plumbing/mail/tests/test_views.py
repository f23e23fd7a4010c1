"""The outbox's pages: for the staff of the network alone."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.mail import services
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LIST_QUERIES = 6
"""Session, user, grants, organisations, then count and page."""


@pytest.fixture(autouse=True)
def _platform(settings: Any) -> None:
    settings.IS_DEMONSTRATION = True  # nobody needs a second factor here
    settings.MAIL_URL = ""


def signed_in(role: Role) -> Client:
    user = User.objects.create_user(f"{role}@example.org", name=role)
    Grant.objects.create(
        user=user, role=role, scope_kind="network", starts_on=NOW.date().replace(year=2020)
    )
    client = Client()
    client.force_login(user)
    return client


def written() -> OutboxMessage:
    return services.send_mail_later(
        "member@example.org", "Welcome", "One\n\n<b>Two</b>", now=NOW, about=("x.y", "7")
    )


@pytest.mark.parametrize("count", [1, 3])
def test_list_messages_costs_the_same_for_any_length(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(Role.PROGRAMME_OFFICER)
    for _number in range(count):
        written()
    client.get("/outbox/")
    with django_assert_num_queries(LIST_QUERIES):
        page = client.get("/outbox/").content.decode()
    assert page.count("Welcome</a>") == count
    assert "No mail server is set" in page


def test_show_message_is_as_its_reader_gets_it() -> None:
    page = signed_in(Role.AUDITOR).get(written().get_absolute_url()).content.decode()
    assert "<p>One</p>" in page
    assert "&lt;b&gt;Two&lt;/b&gt;" in page
    assert "Send it again" not in page


def test_retry_message_failed_is_queued_again() -> None:
    client = signed_in(Role.PROGRAMME_OFFICER)
    message = written()
    OutboxMessage.objects.update(state="failed", error="451 later")
    page = client.get(message.get_absolute_url()).content.decode()
    assert ("Send it again" in page, "451 later" in page) == (True, True)
    assert client.post(f"/outbox/{message.pk}/retry/").status_code == 302
    assert OutboxMessage.objects.get().state == "queued"


@pytest.mark.parametrize("role", [Role.LEARNER, Role.INSTITUTE_MANAGER])
def test_outbox_is_closed_to_others(role: Role) -> None:
    client = signed_in(role)
    message = written()
    paths = ("/outbox/", message.get_absolute_url())
    assert [client.get(path).status_code for path in paths] == [403, 403]
    assert client.post(f"/outbox/{message.pk}/retry/").status_code == 403


def test_show_message_unknown_is_not_there() -> None:
    client = signed_in(Role.AUDITOR)
    path = written().get_absolute_url()
    OutboxMessage.objects.all().delete()
    assert client.get(path).status_code == 404
    assert "Nothing written yet" in client.get("/outbox/").content.decode()
