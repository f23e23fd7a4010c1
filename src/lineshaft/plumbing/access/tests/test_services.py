from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.plumbing.access import rules, services
from lineshaft.plumbing.access.models import ApiToken, Grant
from lineshaft.plumbing.access.queries import grants_in_force, tokens_visible_to, users_visible_to
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import SCOPES_OF_ROLE, Role, ScopeKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINANCE = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "america-makes")

pytestmark = pytest.mark.django_db

OutboxMessage: Any = apps.get_model("mail", "OutboxMessage")
"""By name: mail is a sibling that knows access."""


def scope_exists(kind: ScopeKind, scope_id: str) -> bool:
    """Stands for what the program asks of the apps above."""
    return (kind, scope_id) != (ScopeKind.INSTITUTE, "nosuch")


@pytest.fixture(autouse=True)
def _scopes(settings: Settings) -> None:
    settings.SCOPE_EXISTS = f"{__name__}.scope_exists"


def officer(user_id: int = 0) -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=user_id or make_user("Officer").pk)


def test_register_user_as_programme_officer_stores_user_and_event() -> None:
    user = services.register_user(
        officer(), email="New@Example.org", name="New", password="a long secret", now=NOW
    )
    assert (user.email, user.check_password("a long secret")) == ("new@example.org", True)
    assert AuditEvent.objects.get().verb == "register_user"


def test_register_user_under_a_known_address_is_refused() -> None:
    known = make_user()
    with pytest.raises(Refused, match="signs in as"):
        services.register_user(
            officer(), email=known.email.upper(), name="New", password=None, now=NOW
        )


def test_user_of_token_a_second_time_in_a_day_writes_nothing() -> None:
    _token, secret = services.create_token(
        make_actor(user_id=make_user().pk), name="x", days=30, may_write=False, now=NOW
    )
    services.user_of_token(secret, now=NOW)
    with CaptureQueriesContext(connection) as queries:
        services.user_of_token(secret, now=NOW)
    assert len(queries) == 1


def test_grant_role_twice_stores_one_grant_and_one_event() -> None:
    user = make_user()
    for _again in range(2):
        services.grant_role(officer(), user, FINANCE, starts_on=date(2026, 1, 1), now=NOW)
    assert Grant.objects.count() == 1
    assert AuditEvent.objects.count() == 1


def test_grant_role_as_member_is_not_permitted_and_changes_nothing() -> None:
    with pytest.raises(NotPermitted):
        services.grant_role(
            make_actor(Role.MEMBER), make_user(), FINANCE, starts_on=NOW.date(), now=NOW
        )
    assert Grant.objects.count() == 0


def test_register_user_hashes_the_password_before_it_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    depths = []

    def hash_password(password: str | None) -> str:
        depths.append(len(connection.savepoint_ids))
        return make_password(password)

    monkeypatch.setattr(services, "make_password", hash_password)
    before = len(connection.savepoint_ids)
    services.register_user(officer(), email="a@example.org", name="A", password="x", now=NOW)
    assert depths == [before]


def test_grant_role_to_oneself_is_refused() -> None:
    user = make_user()
    with pytest.raises(Refused, match="Nobody grants a role to themselves"):
        services.grant_role(officer(user.pk), user, FINANCE, starts_on=NOW.date(), now=NOW)


@pytest.mark.parametrize(
    ("on", "is_in_force"),
    [
        pytest.param(date(2025, 12, 31), False, id="before"),
        pytest.param(date(2026, 1, 1), True, id="first day"),
        pytest.param(date(2026, 6, 30), True, id="last day"),
        pytest.param(date(2026, 7, 1), False, id="end is not included"),
    ],
)
def test_grants_in_force_hold_over_a_half_open_span(on: date, is_in_force: bool) -> None:
    user = make_user()
    make_grant(
        user,
        Role.INSTITUTE_FINANCE,
        ScopeKind.INSTITUTE,
        "america-makes",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 7, 1),
    )
    assert grants_in_force(user.pk, on) == (frozenset({FINANCE}) if is_in_force else frozenset())


def test_revoke_role_ends_the_grant_and_keeps_the_row() -> None:
    grant = make_grant(make_user(), Role.MEMBER, ScopeKind.ORGANISATION, "7")
    services.revoke_role(officer(), grant.pk, ends_on=date(2026, 11, 24), now=NOW, why="left")
    assert Grant.objects.get().ends_on == date(2026, 11, 24)


@pytest.mark.parametrize(
    "starts_on",
    [
        pytest.param(date(2020, 1, 1), id="long ago"),
        pytest.param(NOW.date(), id="today"),
        pytest.param(date(2027, 1, 1), id="next year"),
        pytest.param(date(9999, 12, 31), id="last day there is"),
    ],
)
def test_revoke_role_today_ends_it_now_and_it_can_be_granted_again(starts_on: date) -> None:
    user, today = make_user(), NOW.date()
    learner = RoleGrant(Role.LEARNER, ScopeKind.NETWORK)
    row = services.grant_role(officer(), user, learner, starts_on=starts_on, now=NOW)
    for _again in range(2):
        services.revoke_role(officer(), row.pk, ends_on=today, now=NOW, why="left")
    assert grants_in_force(user.pk, today) == frozenset()
    assert grants_in_force(user.pk, max(starts_on, today)) == frozenset()
    services.grant_role(officer(), user, learner, starts_on=today, now=NOW)
    assert grants_in_force(user.pk, today) == {learner}
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "grant_role",
        "revoke_role",
        "grant_role",
    ]


def test_revoke_role_that_has_ended_keeps_its_end() -> None:
    grant = make_grant(make_user(), Role.LEARNER, ends_on=date(2021, 1, 1))
    services.revoke_role(officer(), grant.pk, ends_on=NOW.date(), now=NOW, why="")
    assert Grant.objects.get().ends_on == date(2021, 1, 1)


def test_role_of_power_waits_for_a_second_person() -> None:
    user, today = make_user(), NOW.date()
    one, other = make_user("One"), make_user("Other")
    row = services.grant_role(officer(one.pk), user, FINANCE, starts_on=today, now=NOW)
    assert (row.is_waiting, grants_in_force(user.pk, today)) == (True, frozenset())
    for alone in (officer(one.pk), officer(user.pk)):
        with pytest.raises(Refused, match="takes two persons"):
            services.confirm_role(alone, row.pk, now=NOW)
    with pytest.raises(NotPermitted):
        services.confirm_role(make_actor(Role.AUDITOR, user_id=other.pk), row.pk, now=NOW)
    for _again in range(2):
        services.confirm_role(officer(other.pk), row.pk, now=NOW)
    assert grants_in_force(user.pk, today) == {FINANCE}
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "grant_role",
        "confirm_role",
    ]


def test_confirm_role_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        services.confirm_role(officer(), 999, now=NOW)


@pytest.mark.parametrize(
    ("actor", "role", "is_demonstration", "is_waiting"),
    [
        pytest.param(make_actor(Role.ADMINISTRATOR), Role.LEARNER, False, False, id="no power"),
        pytest.param(make_actor(Role.ADMINISTRATOR), Role.AUDITOR, False, True, id="reads all"),
        pytest.param(make_actor(Role.ADMINISTRATOR), Role.ADMINISTRATOR, False, True, id="all"),
        pytest.param(make_actor(Role.ADMINISTRATOR), Role.AUDITOR, True, False, id="demonstration"),
        pytest.param(Actor.system("shell"), Role.ADMINISTRATOR, False, False, id="the operator"),
    ],
)
def test_is_for_two(actor: Actor, role: Role, *, is_demonstration: bool, is_waiting: bool) -> None:
    assert rules.is_for_two(actor, role, is_demonstration=is_demonstration) is is_waiting


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        (RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.AGENCY, "DOD"), "Institute, Network"),
        (RoleGrant(Role.MEMBER, ScopeKind.NETWORK), "Organisation"),
        (RoleGrant(Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "nosuch"), "no institute with"),
    ],
)
def test_grant_role_over_what_cannot_hold_it_is_refused(grant: RoleGrant, said: str) -> None:
    with pytest.raises(Refused, match=said):
        services.grant_role(officer(), make_user(), grant, starts_on=NOW.date(), now=NOW)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("kind", ScopeKind)
def test_unknown_scope_has_a_sentence_for_every_kind(kind: ScopeKind) -> None:
    grant = RoleGrant(Role.LEARNER, kind, "x")
    refusal = rules.refuse_unknown_scope(grant, exists=False)
    assert refusal is not None
    assert refusal.message % dict(refusal.params)


def test_every_role_is_held_over_something() -> None:
    assert [role for role in Role if not SCOPES_OF_ROLE[role]] == []


def test_invite_user_mails_a_secret_and_only_to_whoever_has_no_password(
    settings: Settings,
) -> None:
    settings.MAIL_URL = "smtp://127.0.0.1:1"
    user = make_user()
    services.invite_user(officer(), user, origin="https://net.example/", now=NOW)
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.is_secret) == (user.email, True)
    assert "https://net.example/accounts/password/reset/key/" in message.body
    assert AuditEvent.objects.get().verb == "invite_user"
    with pytest.raises(Refused, match="has set a password already"):
        services.invite_user(
            officer(), make_user(password="a long secret"), origin="https://x", now=NOW
        )


def test_issue_link_is_for_the_terminal_alone() -> None:
    user = make_user()
    with pytest.raises(NotPermitted):
        services.issue_link(officer(), user, origin="https://x", now=NOW)
    link = services.issue_link(Actor.system("shell"), user, origin="https://x", now=NOW)
    assert link.startswith("https://x/accounts/password/reset/key/")
    assert AuditEvent.objects.get().verb == "issue_link"


def test_change_address_is_for_the_terminal_alone_and_unique() -> None:
    user, other = make_user(), make_user()
    with pytest.raises(NotPermitted):
        services.change_address(officer(), user, email="new@example.org", now=NOW)
    with pytest.raises(Refused, match="signs in as"):
        services.change_address(Actor.system("shell"), user, email=other.email.upper(), now=NOW)
    services.change_address(Actor.system("shell"), user, email="New@Example.org ", now=NOW)
    user.refresh_from_db()
    assert (user.email, AuditEvent.objects.get().verb) == ("new@example.org", "change_address")


def test_revoke_role_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        services.revoke_role(officer(), 999, ends_on=NOW.date(), now=NOW, why="")


def test_create_token_stores_a_digest_and_the_secret_finds_it_again() -> None:
    user = make_user()
    token, secret = services.create_token(
        make_actor(user_id=user.pk), name="payroll", days=30, may_write=True, now=NOW
    )
    assert secret not in str(ApiToken.objects.values().get())
    found = services.user_of_token(secret, now=NOW)
    assert found is not None
    assert (found.pk, found.user_id) == (token.pk, user.pk)
    assert ApiToken.objects.get().last_used_on == NOW.date()


@pytest.mark.parametrize("days", [0, 367])
def test_create_token_beyond_its_life_is_refused(days: int) -> None:
    with pytest.raises(Refused, match="A token lives from 1 to 366 days"):
        services.create_token(
            make_actor(user_id=make_user().pk), name="x", days=days, may_write=False, now=NOW
        )


def test_create_token_as_public_is_not_permitted() -> None:
    with pytest.raises(NotPermitted):
        services.create_token(Actor.public(), name="x", days=1, may_write=False, now=NOW)


def test_user_of_token_expired_revoked_or_altered_is_none() -> None:
    actor = make_actor(user_id=make_user().pk)
    token, secret = services.create_token(actor, name="x", days=1, may_write=False, now=NOW)
    assert services.user_of_token(secret, now=NOW + timedelta(days=1)) is None
    assert services.user_of_token(secret[:-1] + "~", now=NOW) is None
    assert services.user_of_token("nonsense", now=NOW) is None
    assert services.user_of_token("xyz_a_b", now=NOW) is None
    services.revoke_token(actor, token.pk, now=NOW)
    services.revoke_token(actor, token.pk, now=NOW)
    assert services.user_of_token(secret, now=NOW) is None


def test_revoke_token_of_another_is_not_found() -> None:
    owner, other = make_user(), make_user()
    token, _secret = services.create_token(
        make_actor(user_id=owner.pk), name="x", days=1, may_write=False, now=NOW
    )
    with pytest.raises(NotFound):
        services.revoke_token(make_actor(user_id=other.pk), token.pk, now=NOW)
    assert list(tokens_visible_to(make_actor(user_id=other.pk))) == []
    assert list(tokens_visible_to(make_actor(user_id=owner.pk))) == [token]


def test_users_visible_to_a_member_is_the_member_alone() -> None:
    one, other = make_user("A"), make_user("B")
    assert list(users_visible_to(make_actor(Role.MEMBER, user_id=one.pk))) == [one]
    assert list(users_visible_to(officer(one.pk))) == [one, other]
