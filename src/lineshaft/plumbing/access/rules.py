"""Who may register users, grant roles and hold tokens, and the limits of each.

No person alone gives anybody power: whoever registers a user never learns the password, and a role
of TWO_PERSON_ROLES is in force once a second person has confirmed it. See
docs/decisions/0011-two-persons-for-power.md.
"""

from typing import Final

from lineshaft.kernel.refusals import Refusal
from lineshaft.kernel.text import Term, gettext_noop
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import SCOPES_OF_ROLE, TWO_PERSON_ROLES, Role, ScopeKind

TOKEN_LIFE_MAX_DAYS: Final = 366
"""A token older than a year has usually outlived whoever asked for it."""

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
        "confirm_role",
        gettext_noop("Only an administrator or the programme office may confirm a role."),
        roles=frozenset({Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER}),
    ),
    Permission(
        "invite_user",
        gettext_noop("Only an administrator or the programme office may invite a user."),
        roles=frozenset({Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER}),
    ),
    Permission(
        "issue_link",
        gettext_noop("A link to set a password is shown at the server's terminal only."),
    ),
    Permission(
        "change_address",
        gettext_noop("The address of a user is changed at the server's terminal only."),
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


def refuse_known_address(address: str, is_known: bool) -> Refusal | None:  # noqa: FBT001 -- a fact
    """Refuse an e-mail address under which somebody signs in already."""
    if not is_known:
        return None
    return Refusal(
        code="known_address",
        message=gettext_noop("Somebody signs in as %(address)s already. Grant that user the role."),
        params={"address": address},
    )


def is_for_two(actor: Actor, role: Role, *, is_demonstration: bool) -> bool:
    """Whether a grant of the role by the actor waits for a second person.

    The operator at the server's terminal has every power already, and somebody must be the first.
    """
    return role in TWO_PERSON_ROLES and not actor.is_system and not is_demonstration


def refuse_scope_kind(grant: RoleGrant) -> Refusal | None:
    """Refuse a role over a kind of thing that it is not held over."""
    if grant.scope_kind in SCOPES_OF_ROLE[grant.role]:
        return None
    return Refusal(
        code="scope_kind",
        message=gettext_noop("This role is not held over such a scope, only over: %(kinds)s."),
        params={
            "kinds": tuple(
                Term(kind.value.capitalize()) for kind in sorted(SCOPES_OF_ROLE[grant.role])
            ),
        },
    )


def refuse_unknown_scope(grant: RoleGrant, exists: bool) -> Refusal | None:  # noqa: FBT001 -- a fact
    """Refuse a role over something that there is not."""
    if exists:
        return None
    messages = {
        ScopeKind.NETWORK: gettext_noop("A role over the network has no scope id. Leave it empty."),
        ScopeKind.AGENCY: gettext_noop("There is no agency with the key “%(id)s”."),
        ScopeKind.INSTITUTE: gettext_noop("There is no institute with the key “%(id)s”."),
        ScopeKind.ORGANISATION: gettext_noop("There is no organisation with the number “%(id)s”."),
        ScopeKind.COMPETITION: gettext_noop("There is no competition with the key “%(id)s”."),
    }
    return Refusal(
        code="unknown_scope", message=messages[grant.scope_kind], params={"id": grant.scope_id}
    )


def refuse_lone_confirmation(actor: Actor, granted_by: int | None, user_id: int) -> Refusal | None:
    """Refuse a confirmation by whoever granted the role, or by whoever gets it."""
    if actor.user_id is None or actor.user_id not in {granted_by, user_id}:
        return None
    return Refusal(
        code="lone_confirmation",
        message=gettext_noop(
            "A role of this power takes two persons: one who grants it, another who confirms it,"
            " and neither is the one who gets it."
        ),
    )


def refuse_invitation(has_password: bool) -> Refusal | None:  # noqa: FBT001 -- a fact
    """Refuse to invite a user who has set a password."""
    if not has_password:
        return None
    return Refusal(
        code="has_password",
        message=gettext_noop(
            "This user has set a password already, and can ask for a new one on the sign-in page."
        ),
    )
