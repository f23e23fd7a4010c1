"""Accounts as the running program has them: who gets in, and what is left in outbox and trail."""

import logging
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from pytest_django import Settings

from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import create_token
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough secret"
RESET = "/accounts/password/reset/"
LOGIN = "/accounts/login/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def sign_in(email: str, password: str, **extra: str) -> bool:
    """Whether somebody signs in with these from a browser of their own."""
    browser = Client()
    browser.post(LOGIN, {"login": email, "password": password}, **extra)  # type: ignore[arg-type]
    return "_auth_user_id" in browser.session


def test_reset_link_is_in_no_outbox_and_its_use_is_audited(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.IS_DEMONSTRATION, settings.MAIL_URL = True, ""
    user = make_user(password=PASSWORD)
    with caplog.at_level(logging.WARNING, logger="lineshaft.plumbing.mail.services"):
        Client().post(RESET, {"email": user.email})
    message = OutboxMessage.objects.get()
    assert (message.is_secret, message.body, message.state) == (True, "", "dropped")
    officer = make_user("Officer")
    make_grant(officer, Role.PROGRAMME_OFFICER)
    page = signed_in(officer).get(message.get_absolute_url()).content.decode()
    assert ("/accounts/password" in page, "kept from view" in page) == (False, True)
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", caplog.text)
    assert found is not None
    browser = Client()
    form = browser.get(found[1]).headers["Location"]
    browser.post(form, {"password1": "another long secret", "password2": "another long secret"})
    assert sign_in(user.email, "another long secret")
    assert verbs() == ["request_password_reset", "reset_password"]
    assert AuditEvent.objects.last().changes == {"client_address": "127.0.0.1"}  # type: ignore[union-attr]


def test_changed_password_is_audited() -> None:
    user = make_user(password=PASSWORD)
    signed_in(user).post(
        "/accounts/password/change/",
        {
            "oldpassword": PASSWORD,
            "password1": "another long secret",
            "password2": "another long secret",
        },
    )
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_user_id, event.subject_id) == (
        "change_password",
        user.pk,
        str(user.pk),
    )


def test_second_factor_removed_is_audited() -> None:
    user = make_user(password=PASSWORD)
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": PASSWORD})
    TOTP.activate(user, generate_totp_secret())
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert verbs() == ["remove_second_factor"]


@pytest.mark.parametrize("action", ["action_add", "action_primary", "action_send"])
def test_address_of_another_cannot_be_taken(action: str) -> None:
    victim, thief = make_user("Victim"), make_user("Thief", password=PASSWORD)
    client = signed_in(thief)
    answer = client.post("/accounts/email/", {"email": victim.email, action: ""})
    assert answer.status_code == 405
    assert not EmailAddress.objects.filter(email=victim.email).exists()
    assert not sign_in(victim.email, PASSWORD)
    assert thief.email in client.get("/accounts/email/").content.decode()


@pytest.mark.parametrize("is_demonstration", [True, False])
def test_persona_signs_in_to_a_demonstration_only(
    settings: Settings, *, is_demonstration: bool
) -> None:
    settings.IS_DEMONSTRATION = is_demonstration
    User.objects.create_user("p@demo.example", PASSWORD, name="P", is_demonstration=True)
    assert sign_in("p@demo.example", PASSWORD) is is_demonstration


def token_of(user: User) -> dict[str, str]:
    actor = make_actor(user_id=user.pk)
    _token, secret = create_token(actor, name="x", days=1, may_write=True, now=clock.now())
    return {"authorization": f"Bearer {secret}"}


def test_token_of_a_user_without_the_second_factor_has_no_role(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = False
    user = make_user()
    make_grant(user, Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "nextflex")
    headers = token_of(user)
    asked = Client()
    me = asked.get("/api/v1/me", headers=headers).json()
    assert (me["roles"], me["institutes"]) == ([], [])
    refused = asked.post("/api/v1/snapshots", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor")
    TOTP.activate(user, generate_totp_secret())
    me = asked.get("/api/v1/me", headers=headers).json()
    assert me["roles"] == ["institute_finance:institute:nextflex"]
    assert asked.post("/api/v1/snapshots", headers=headers).status_code == 202


def test_session_without_the_second_factor_has_no_role_over_the_api_either(
    settings: Settings,
) -> None:
    settings.IS_DEMONSTRATION = False
    user = make_user()
    make_grant(user, Role.PROGRAMME_OFFICER)
    client = signed_in(user)
    assert client.get("/api/v1/me").json()["roles"] == []
    assert client.get("/desk/").headers["Location"] == "/accounts/2fa/"


def test_stored_grant_over_nothing_locks_nobody_out(settings: Settings) -> None:
    settings.IS_DEMONSTRATION = True
    user = make_user()
    make_grant(user, Role.MEMBER, ScopeKind.ORGANISATION, "abc")
    make_grant(user, Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "nosuch")
    grant = make_grant(user, Role.LEARNER)
    type(grant).objects.filter(pk=grant.pk).update(role="conjurer")
    assert signed_in(user).get("/desk/").status_code == 200


def test_token_of_a_persona_works_in_a_demonstration_only(settings: Settings) -> None:
    user = User.objects.create_user("p@demo.example", PASSWORD, name="P", is_demonstration=True)
    headers = token_of(user)
    settings.IS_DEMONSTRATION = False
    assert Client().get("/api/v1/me", headers=headers).status_code == 401
    settings.IS_DEMONSTRATION = True
    assert Client().get("/api/v1/me", headers=headers).status_code == 200
