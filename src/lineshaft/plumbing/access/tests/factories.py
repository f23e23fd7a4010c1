"""Users and grants for tests of this and of every app above."""

from datetime import date

from lineshaft.plumbing.access.models import Grant, User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.limits import Limits
from lineshaft.plumbing.roles import Role, ScopeKind
from tests.replaying import Numbers, replayed

_numbers = Numbers(__name__)


@replayed
def make_user(name: str = "Ada Example", *, password: str | None = None) -> User:
    """A stored user with an address of its own."""
    return User.objects.create_user(
        email=f"user{next(_numbers)}@example.org", name=name, password=password
    )


def make_grant(
    user: User,
    role: Role,
    scope_kind: ScopeKind = ScopeKind.NETWORK,
    scope_id: str = "",
    *,
    starts_on: date = date(2020, 1, 1),
    ends_on: date | None = None,
) -> Grant:
    """A stored grant in force since 2020."""
    return Grant.objects.create(
        user=user,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def make_actor(
    role: Role | None = None,
    scope_kind: ScopeKind = ScopeKind.NETWORK,
    scope_id: str = "",
    *,
    user_id: int = 1,
    organisation_ids: frozenset[int] = frozenset(),
    institute_keys: frozenset[str] = frozenset(),
    overseen_institute_keys: frozenset[str] = frozenset(),
    limits: tuple[Limits, ...] = (),
    token_scopes: frozenset[str] | None = None,
) -> Actor:
    """An actor with at most one role; nothing is stored."""
    grants = frozenset({RoleGrant(role, scope_kind, scope_id)}) if role else frozenset()
    return Actor(
        user_id=user_id,
        label="Ada Example",
        grants=grants,
        organisation_ids=organisation_ids,
        institute_keys=institute_keys,
        overseen_institute_keys=overseen_institute_keys,
        limits=limits,
        token_scopes=token_scopes,
    )
