from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lineshaft.kernel.errors import NotFound, NotPermitted, Refused
from lineshaft.plumbing.access import services
from lineshaft.plumbing.access.models import ApiToken, Grant
from lineshaft.plumbing.access.queries import grants_in_force, tokens_visible_to, users_visible_to
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FINANCE = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "america-makes")

pytestmark = pytest.mark.django_db


def officer(user_id: int = 0) -> Actor:
    return make_actor(Role.PROGRAMME_OFFICER, user_id=user_id)


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


@pytest.mark.parametrize("scope_id", ["abc", "", "-1", "1.5", "9" * 19])
def test_grant_role_over_an_organisation_without_its_number_is_refused(scope_id: str) -> None:
    user = make_user()
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, scope_id)
    with pytest.raises(Refused, match="no number of an organisation"):
        services.grant_role(officer(), user, grant, starts_on=date(2026, 1, 1), now=NOW)
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
    assert list(users_visible_to(officer())) == [one, other]
