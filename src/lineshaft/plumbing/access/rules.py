"""Who may grant roles and hold tokens, and the limits of both."""

from typing import Final

from lineshaft.kernel.refusals import Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role, ScopeKind

TOKEN_LIFE_MAX_DAYS: Final = 366
"""A token older than a year has usually outlived whoever asked for it."""

NUMBER_DIGITS_MAX: Final = 18
"""Digits of a record's number, which a column of 64 bits holds."""

PERMISSIONS = permissions(
    Permission(
        "grant_role",
        gettext_noop("Only an administrator or the programme office may grant roles."),
        roles=frozenset({Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER}),
    ),
    Permission(
        "revoke_role",
        gettext_noop("Only an administrator or the programme office may revoke roles."),
        roles=frozenset({Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER}),
    ),
    Permission(
        "create_token",
        gettext_noop("Sign in to create an API token."),
        is_for_signed_in=True,
    ),
    Permission(
        "revoke_token",
        gettext_noop("Only the owner of a token may revoke it."),
        is_for_signed_in=True,
    ),
)


def refuse_token_life(days: int) -> Refusal | None:
    """Refuse a token that would live for no day, or for longer than the limit."""
    if 1 <= days <= TOKEN_LIFE_MAX_DAYS:
        return None
    return Refusal(
        code="token_life",
        message=gettext_noop("A token lives from 1 to %(limit)d days; %(days)d were asked for."),
        params={"limit": TOKEN_LIFE_MAX_DAYS, "days": days},
    )


def refuse_own_grant(actor: Actor, user_id: int) -> Refusal | None:
    """Refuse a person who grants a role to themselves."""
    if actor.user_id is None or actor.user_id != user_id:
        return None
    return Refusal(
        code="own_grant",
        message=gettext_noop("Nobody grants a role to themselves. Ask a second person to do it."),
    )


def refuse_scope(grant: RoleGrant) -> Refusal | None:
    """Refuse an organisation that is not named by its number, as every actor reads it."""
    is_number = grant.scope_id.isdecimal() and len(grant.scope_id) <= NUMBER_DIGITS_MAX
    if grant.scope_kind is not ScopeKind.ORGANISATION or is_number:
        return None
    return Refusal(
        code="scope",
        message=gettext_noop(
            "“%(scope)s” is no number of an organisation. It stands in the address of its page."
        ),
        params={"scope": grant.scope_id},
    )


def refuse_known_address(address: str, is_known: bool) -> Refusal | None:  # noqa: FBT001 -- a fact
    """Refuse an e-mail address under which somebody signs in already."""
    if not is_known:
        return None
    return Refusal(
        code="known_address",
        message=gettext_noop("Somebody signs in as %(address)s already. Grant that user the role."),
        params={"address": address},
    )
