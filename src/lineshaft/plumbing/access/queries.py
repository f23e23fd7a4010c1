"""Reads of users, grants and tokens."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q, QuerySet

from lineshaft.plumbing.access.models import ApiToken, Grant, User
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind


def grants_in_force(user_id: int, today: date) -> frozenset[RoleGrant]:
    """What the user is granted on that day; one query.

    A stored row of an unknown role or kind grants nothing, and locks nobody out.
    """
    return known_grants(
        grant_rows_in_force(today)
        .filter(user_id=user_id)
        .values_list("role", "scope_kind", "scope_id")
    )


def grant_rows_in_force(today: date) -> QuerySet[Grant]:
    """The stored grants of everybody that are in force on that day."""
    return Grant.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=today), starts_on__lte=today, is_waiting=False
    )


def known_grants(rows: Iterable[tuple[str, str, str]]) -> frozenset[RoleGrant]:
    """The grants in rows of role, kind and id of what they are held over."""
    return frozenset(
        RoleGrant(Role(role), ScopeKind(kind), scope)
        for role, kind, scope in rows
        if role in Role and kind in ScopeKind
    )


def tokens_visible_to(actor: Actor) -> QuerySet[ApiToken]:
    """The actor's own tokens; nobody sees another's."""
    return ApiToken.objects.filter(user_id=actor.own_id).order_by("-created_at", "pk")


def users_visible_to(actor: Actor) -> QuerySet[User]:
    """Every user for network staff, oneself for the rest."""
    users = User.objects.order_by("name", "pk")
    return users if actor.is_network_staff else users.filter(pk=actor.own_id)


def live_token(prefix: str, now: datetime) -> ApiToken | None:
    """The token of that prefix, unless it has expired or was revoked; one query.

    A persona's is live in a demonstration only, as its password is.
    """
    tokens = ApiToken.objects.select_related("user").filter(
        prefix=prefix, revoked_at__isnull=True, expires_at__gt=now, user__is_active=True
    )
    if not settings.IS_DEMONSTRATION:
        tokens = tokens.filter(user__is_demonstration=False)
    return tokens.first()


def live_tokens_of(actor: Actor, now: datetime) -> frozenset[int]:
    """The ids of the actor's own tokens that still work."""
    rows = ApiToken.objects.filter(
        user_id=actor.own_id, revoked_at__isnull=True, expires_at__gt=now
    )
    return frozenset(rows.values_list("pk", flat=True))


def verified_addresses_of(user_id: int) -> frozenset[str]:
    """The addresses of e-mail that are proved to be the user's, in small letters.

    Those that a provider of sign-in or a mailed link has verified, and the account's own where it
    has a password: the office registers the address, and only a link mailed there sets one.
    """
    verified = EmailAddress.objects.filter(user_id=user_id, verified=True)
    found = {address.lower() for address in verified.values_list("email", flat=True)}
    user = User.objects.filter(pk=user_id).first()
    if user is not None and user.has_usable_password():
        found.add(user.email.lower())
    return frozenset(found)


def verified_addresses(users: QuerySet[Any]) -> QuerySet[EmailAddress]:
    """The verified addresses of the users whose ids these rows give."""
    found: QuerySet[EmailAddress] = EmailAddress.objects.filter(user_id__in=users, verified=True)
    return found


def grants_of(user: User) -> QuerySet[Grant]:
    """Every grant that the user holds or held, the latest first."""
    rows = Grant.objects.filter(user=user).select_related("granted_by")
    return rows.order_by("-starts_on", "-pk")
