"""The pages of users and roles, as officers of a network in use."""

from datetime import date
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role

pytestmark = pytest.mark.django_db

OutboxMessage: Any = apps.get_model("mail", "OutboxMessage")
"""By name: mail is a sibling that knows access."""

SHOW_QUERIES = 7
"""Session, user, grants, second factor, organisations, the user shown, their grants."""


@pytest.fixture(autouse=True)
def _in_use(settings: Settings) -> None:
    settings.IS_DEMONSTRATION, settings.MAIL_URL = False, ""


def officer() -> Client:
    user = make_user("Officer")
    make_grant(user, Role.PROGRAMME_OFFICER)
    TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.force_login(user)
    return client


def test_register_user_gives_nobody_a_password() -> None:
    client = officer()
    answer = client.post(
        "/access/users/register/",
        {"name": "New", "email": "New@example.org", "password": "chosen by the officer"},
    )
    user = User.objects.get(email="new@example.org")
    assert answer.headers["Location"] == f"/access/users/{user.pk}/"
    assert not user.has_usable_password()
    assert OutboxMessage.objects.get().recipient == user.email
    page = client.get(answer.headers["Location"]).content.decode()
    assert "lineshaft invite new@example.org" in page
    client.post(f"/access/users/{user.pk}/invite/")
    assert OutboxMessage.objects.count() == 2


def test_register_user_known_address_is_told_in_the_form() -> None:
    known = make_user()
    answer = officer().post("/access/users/register/", {"name": "New", "email": known.email})
    assert answer.status_code == 409
    assert "signs in as" in answer.content.decode()


def test_role_of_power_is_confirmed_by_a_second_officer() -> None:
    one, other, user = officer(), officer(), make_user("Chosen")
    entered = {"role": "administrator", "scope_kind": "network", "starts_on": "2022-01-01"}
    one.post(f"/access/users/{user.pk}/grant/", entered)
    grant = Grant.objects.get(user=user)
    page = f"/access/users/{user.pk}/"
    confirm = f"/access/grants/{grant.pk}/confirm/"
    assert confirm not in one.get(page).content.decode()
    assert one.post(confirm).status_code == 409
    assert confirm in other.get(page).content.decode()
    assert other.post(confirm).headers["Location"] == page
    grant.refresh_from_db()
    assert not grant.is_waiting
    assert "waits for a second person" not in other.get(page).content.decode()


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"role": "member", "scope_kind": "organisation", "scope_id": "abc"}, "no organisation"),
        ({"role": "member", "scope_kind": "organisation"}, "no organisation"),
        ({"role": "institute_manager", "scope_kind": "institute", "scope_id": "nosuch"}, "no inst"),
        ({"role": "institute_finance", "scope_kind": "agency", "scope_id": "DOD"}, "not held over"),
        ({"role": "learner", "scope_kind": "network", "scope_id": "x"}, "Leave it empty"),
    ],
)
def test_role_over_nothing_is_refused_in_the_form(entered: dict[str, str], said: str) -> None:
    user = make_user()
    answer = officer().post(
        f"/access/users/{user.pk}/grant/", {**entered, "starts_on": "2022-01-01"}
    )
    assert (answer.status_code, said in answer.content.decode()) == (409, True)
    assert not user.grants.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_show_user_costs_the_same_for_any_number_of_grants(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, user, granter = officer(), make_user(), make_user()
    for number in range(count):
        grant = make_grant(user, Role.LEARNER, starts_on=date(2020 + number, 1, 1))
        Grant.objects.filter(pk=grant.pk).update(granted_by=granter)
    client.get("/access/users/")
    with django_assert_num_queries(SHOW_QUERIES):
        page = client.get(f"/access/users/{user.pk}/").content.decode()
    assert page.count("End now") == count
