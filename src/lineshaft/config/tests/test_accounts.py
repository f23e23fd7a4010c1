"""Accounts: what whoever has one can do at once, and what is written to them."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db


def test_second_factor_is_set_up_without_confirming_the_address(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True
    user = make_user("Fay Finance")
    user.set_password("line-and-shaft")
    user.save()
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": "line-and-shaft"})
    client.post("/accounts/reauthenticate/", {"password": "line-and-shaft"})
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200


def test_new_password_message_speaks_of_the_network_and_carries_the_link(
    settings: Settings,
) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:1"
    user = make_user("Fay Finance")
    Client().post("/accounts/password/reset/", {"email": user.email})
    message = OutboxMessage.objects.get()
    assert message.subject == "A new password for your account"
    assert "/accounts/password/reset/key/" in message.body
    assert "Hello from" not in message.body
    assert mail.outbox == []


def test_new_password_for_a_stranger_sends_no_one_to_register(settings: Settings) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:1"
    Client().post("/accounts/password/reset/", {"email": "nobody@nowhere.example"})
    message = OutboxMessage.objects.get()
    assert message.subject == "No account has this address"
    assert "signup" not in message.body
