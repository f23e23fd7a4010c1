"""Writes of grants and tokens. Each verb permits, decides, writes and audits in one transaction."""

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access import rules
from lineshaft.plumbing.access.models import ApiToken, Grant, User
from lineshaft.plumbing.access.queries import live_token
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

MARK: Final = "lst"


def register_user(
    actor: Actor, *, email: str, name: str, password: str | None, now: datetime
) -> User:
    """Store a user who can sign in with `password`, or by other means when it is None.

    Raises NotPermitted, and Refused for an address that somebody has already.
    """
    permit(actor, rules.PERMISSIONS["grant_role"])
    address = email.strip().lower()
    # Before the transaction: hashing takes half a second, in which SQLite would let nobody write.
    encoded = make_password(password)
    with transaction.atomic():
        refuse_if(rules.refuse_known_address(address, User.objects.filter(email=address).exists()))
        user = User.objects.create(email=address, password=encoded, name=name)
        record_event(actor, "register_user", user, now=now)
    return user


def grant_role(
    actor: Actor, user: User, grant: RoleGrant, *, starts_on: date, now: datetime, why: str = ""
) -> Grant:
    """Let `user` hold a role from `starts_on` on; granting it again changes nothing.

    Raises NotPermitted, and Refused for a grant to oneself.
    """
    permit(actor, rules.PERMISSIONS["grant_role"])
    refuse_if(rules.refuse_own_grant(actor, user.pk))
    refuse_if(rules.refuse_scope(grant))
    with transaction.atomic():
        row, is_new = Grant.objects.get_or_create(
            user=user,
            role=grant.role,
            scope_kind=grant.scope_kind,
            scope_id=grant.scope_id,
            starts_on=starts_on,
        )
        if is_new:
            changes = {"user": user.pk, "role": grant.role, "scope": grant.scope_id}
            record_event(actor, "grant_role", row, changes=changes, why=why, now=now)
    return row


def revoke_role(actor: Actor, grant_id: int, *, ends_on: date, now: datetime, why: str) -> Grant:
    """End a grant on a day; from then on it is not in force."""
    permit(actor, rules.PERMISSIONS["revoke_role"])
    with transaction.atomic():
        row = Grant.objects.select_for_update().filter(pk=grant_id).first()
        if row is None:
            raise NotFound(code="grant", message=gettext_noop("There is no such grant."))
        row.ends_on = max(ends_on, row.starts_on + timedelta(days=1))
        row.save(update_fields=["ends_on"])
        changes = {"user": row.user_id, "role": row.role, "ends_on": row.ends_on}
        record_event(actor, "revoke_role", row, changes=changes, why=why, now=now)
    return row


def create_token(
    actor: Actor, *, name: str, days: int, may_write: bool, now: datetime
) -> tuple[ApiToken, str]:
    """Store a token of the actor's own and return it with its secret, shown this once."""
    permit(actor, rules.PERMISSIONS["create_token"])
    refuse_if(rules.refuse_token_life(days))
    prefix = secrets.token_hex(6)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user_id=actor.own_id,
            name=name,
            prefix=prefix,
            secret_digest=_digest(secret),
            may_write=may_write,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        changes = {"name": name, "days": days, "may_write": may_write}
        record_event(actor, "create_token", token, changes=changes, now=now)
    return token, f"{MARK}_{prefix}_{secret}"


def revoke_token(actor: Actor, token_id: int, *, now: datetime) -> ApiToken:
    """End a token of the actor's own at once. Raises NotFound for another's."""
    permit(actor, rules.PERMISSIONS["revoke_token"])
    with transaction.atomic():
        token = (
            ApiToken.objects.select_for_update().filter(pk=token_id, user_id=actor.own_id).first()
        )
        if token is None:
            raise NotFound(code="token", message=gettext_noop("You have no such token."))
        if token.revoked_at is None:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
            record_event(actor, "revoke_token", token, now=now)
    return token


def user_of_token(text: str, *, now: datetime) -> ApiToken | None:
    """The live token whose secret `text` is, or None; notes the day it was last used."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != MARK:  # noqa: PLR2004 -- mark, prefix, secret
        return None
    token = live_token(parts[1], now)
    if token is None or not hmac.compare_digest(token.secret_digest, _digest(parts[2])):
        return None
    if token.last_used_on != now.date():
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=now.date())
    return token


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
