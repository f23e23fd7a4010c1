"""Writes of users, grants and tokens.

Each verb permits, decides, writes and audits in one transaction.
"""

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta
from typing import Final

from allauth.account.adapter import get_adapter
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string

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


def invite_user(actor: Actor, user: User, *, origin: str, now: datetime) -> None:
    """Mail the user a link, good for some days, by which they set their own first password.

    `origin` is the platform's public address. Whoever invites never sees the link. Raises Refused
    for a user who has a password.
    """
    permit(actor, rules.PERMISSIONS["invite_user"])
    refuse_if(rules.refuse_invitation(user.has_usable_password()))
    context = {"user": user, "days": _link_life_days(), "link": _link(user, origin)}
    with transaction.atomic(), translation.override(user.language):
        # The adapter of accounts puts it in the outbox, as a secret.
        get_adapter().send_mail("access/email/invitation", user.email, context)
        record_event(actor, "invite_user", user, now=now)


def issue_link(actor: Actor, user: User, *, origin: str, now: datetime) -> str:
    """A link by which the user sets a password, for the operator's terminal alone.

    For an installation without a mail server, and for a user whose mail does not arrive.
    """
    permit(actor, rules.PERMISSIONS["issue_link"])
    with transaction.atomic():
        record_event(actor, "issue_link", user, now=now)
    return _link(user, origin)


def change_address(actor: Actor, user: User, *, email: str, now: datetime) -> User:
    """Let the user sign in by another address from now on.

    Whoever sets the address can have the password reset, so it takes the operator of the server.
    Raises Refused for an address that somebody has already.
    """
    permit(actor, rules.PERMISSIONS["change_address"])
    address = email.strip().lower()
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        refuse_if(rules.refuse_known_address(address, User.objects.filter(email=address).exists()))
        changes = {"email": {"from": user.email, "to": address}}
        EmailAddress.objects.filter(user_id=user.pk).delete()
        user.email = address
        user.save(update_fields=["email"])
        record_event(actor, "change_address", user, changes=changes, now=now)
    return user


def grant_role(
    actor: Actor, user: User, grant: RoleGrant, *, starts_on: date, now: datetime, why: str = ""
) -> Grant:
    """Let `user` hold a role from `starts_on` on; granting what stands open changes nothing.

    A role of TWO_PERSON_ROLES waits for `confirm_role`. Raises NotPermitted, and Refused for a
    grant to oneself, over a kind of thing that the role is not held over, or over nothing.
    """
    permit(actor, rules.PERMISSIONS["grant_role"])
    refuse_if(rules.refuse_own_grant(actor, user.pk))
    refuse_if(rules.refuse_scope_kind(grant))
    exists = import_string(settings.SCOPE_EXISTS)(grant.scope_kind, grant.scope_id)
    refuse_if(rules.refuse_unknown_scope(grant, exists))
    is_waiting = rules.is_for_two(actor, grant.role, is_demonstration=settings.IS_DEMONSTRATION)
    with transaction.atomic():
        row, is_new = Grant.objects.get_or_create(
            user=user,
            role=grant.role,
            scope_kind=grant.scope_kind,
            scope_id=grant.scope_id,
            starts_on=starts_on,
            ends_on=None,
            defaults={"is_waiting": is_waiting, "granted_by_id": actor.user_id},
        )
        if is_new:
            changes = {
                "user": user.pk,
                "role": grant.role,
                "scope_kind": grant.scope_kind,
                "scope": grant.scope_id,
                "is_waiting": is_waiting,
            }
            record_event(actor, "grant_role", row, changes=changes, why=why, now=now)
    return row


def confirm_role(actor: Actor, grant_id: int, *, now: datetime) -> Grant:
    """Put a grant that waits into force; again, it changes nothing.

    Raises Refused for whoever granted it and for whoever gets it.
    """
    permit(actor, rules.PERMISSIONS["confirm_role"])
    with transaction.atomic():
        row = _locked_grant(grant_id)
        refuse_if(rules.refuse_lone_confirmation(actor, row.granted_by_id, row.user_id))
        if row.is_waiting:
            row.is_waiting, row.confirmed_by_id = False, actor.user_id
            row.save(update_fields=["is_waiting", "confirmed_by"])
            changes = {"user": row.user_id, "role": row.role, "scope": row.scope_id}
            record_event(actor, "confirm_role", row, changes=changes, now=now)
    return row


def revoke_role(actor: Actor, grant_id: int, *, ends_on: date, now: datetime, why: str) -> Grant:
    """End a grant: from `ends_on` on it is not in force, nor ever if it was to begin later.

    One that has ended by then stays as it is.
    """
    permit(actor, rules.PERMISSIONS["revoke_role"])
    with transaction.atomic():
        row = _locked_grant(grant_id)
        last = max(ends_on, row.starts_on)
        if row.ends_on is None or row.ends_on > last:
            row.ends_on = last
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


def _locked_grant(grant_id: int) -> Grant:
    row = Grant.objects.select_for_update().filter(pk=grant_id).first()
    if row is None:
        raise NotFound(code="grant", message=gettext_noop("There is no such grant."))
    return row


def _link(user: User, origin: str) -> str:
    """The address of allauth's page that sets a password for whoever has the key in it."""
    key = EmailAwarePasswordResetTokenGenerator().make_token(user)
    names = {"uidb36": user_pk_to_url_str(user), "key": key}
    return origin.rstrip("/") + reverse("account_reset_password_from_key", kwargs=names)


def _link_life_days() -> int:
    return settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
