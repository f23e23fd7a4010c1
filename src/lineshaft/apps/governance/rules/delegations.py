"""What governance decides of delegations: that whoever may do something by their own role may let
somebody nearer to the work do it, over what is theirs, up to an amount.

Nobody delegates what was delegated to them, and what moves power itself (roles, delegations) is not
delegable at all: a permission says so. Rules that ask for a second person stay as they are.

*Source*: the network's charter asks to decide at the lowest level.
"""

from typing import Final

from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.roles import INSTITUTE_STAFF, Role

LOWEST_LEVEL: Final = Citation("Manufacturing USA network charter: decide at the lowest level")

HOLDER_ROLES: Final = (*sorted(INSTITUTE_STAFF), Role.RESEARCHER)
"""Roles at an institute to whoever holds which something can be delegated."""

_NOT_DELEGABLE: Final = gettext_noop("This cannot be delegated.")
_NOT_YOURS: Final = gettext_noop(
    "You may delegate only what you may do by your own role, over what is yours."
)
_NOBODY: Final = gettext_noop("Say to whom: a person, or a role at an institute, not both.")
_NO_PLACE: Final = gettext_noop("A role is held at an institute. Name the institute.")
_NOT_AT_INSTITUTE: Final = gettext_noop("This role is not one that is held at an institute.")
_BODY_ELSEWHERE: Final = gettext_noop("The body is not one of that institute.")
_NO_USER: Final = gettext_noop(
    "%(person)s has no user of the platform, so the delegation would let nobody do anything."
)
_ENDED: Final = gettext_noop("This delegation is over already.")
_NO_WHY: Final = gettext_noop("Say why.")
_BAD_AMOUNT: Final = gettext_noop("The amount is more than nothing.")


def refuse_delegation(
    *,
    is_delegable: bool,
    may_by_role: bool,
    has_person: bool,
    role: str,
    has_institute: bool,
    is_body_there: bool,
    person_without_user: str,
    up_to_minor: int | None,
) -> Refusal | None:
    """Why a verb can't be delegated so, or None.

    `person_without_user` names a person who could not act, empty where there is none.
    """
    if not is_delegable:
        return Refusal("not_delegable", _NOT_DELEGABLE, LOWEST_LEVEL)
    if not may_by_role:
        return Refusal("not_yours", _NOT_YOURS, LOWEST_LEVEL)
    if has_person == bool(role):
        return Refusal("delegate_to_whom", _NOBODY)
    if role and not has_institute:
        return Refusal("role_nowhere", _NO_PLACE)
    if role and role not in HOLDER_ROLES:
        return Refusal("role_elsewhere", _NOT_AT_INSTITUTE)
    if not is_body_there:
        return Refusal("body_elsewhere", _BODY_ELSEWHERE)
    if person_without_user:
        return Refusal("no_user", _NO_USER, params={"person": person_without_user})
    if up_to_minor is not None and up_to_minor <= 0:
        return Refusal("no_amount", _BAD_AMOUNT)
    return None


def refuse_revocation(*, is_over: bool, why: str) -> Refusal | None:
    """Why a delegation can't be revoked with such a reason, or None."""
    if is_over:
        return Refusal("delegation_over", _ENDED)
    return None if why.strip() else Refusal("no_why", _NO_WHY)
