"""Who may do what: the permission of a verb, and the one question asked of it.

Each app's `rules.py` holds its PERMISSIONS table, verb by verb. A service asks `permit` before it
decides anything else; a page asks `may` to know which buttons to show.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may perform a verb.

    `roles` may, over what they are held for; `is_for_anyone` opens the verb to the public and
    `is_for_signed_in` to whoever has signed in. `sentence` says it to a person (English msgid).
    """

    verb: str
    sentence: str
    roles: frozenset[Role] = frozenset()
    is_for_anyone: bool = False
    is_for_signed_in: bool = False


def permissions(*entries: Permission) -> dict[str, Permission]:
    """The table of an app, keyed by verb; a verb entered twice is a programmer's mistake."""
    table = {entry.verb: entry for entry in entries}
    if len(table) != len(entries):
        message = "A verb stands twice in a permission table."
        raise ValueError(message)
    return table


def may(
    actor: Actor,
    permission: Permission,
    *,
    institute: str | None = None,
    agency: str | None = None,
    organisation: str | None = None,
    agencies: Iterable[str] = (),
) -> bool:
    """Whether the actor may perform the verb on a subject with these scopes.

    A role held over the network covers every subject. A token without the scope `write` performs
    nothing, whatever its owner may do.
    """
    if actor.is_system or permission.is_for_anyone:
        return True
    if actor.is_anonymous:
        return False
    if actor.token_scopes is not None and "write" not in actor.token_scopes:
        return False
    if permission.is_for_signed_in:
        return True
    covered = _scopes(institute, agency, organisation, agencies)
    return any(
        grant.role in permission.roles
        and (grant.scope_kind is ScopeKind.NETWORK or (grant.scope_kind, grant.scope_id) in covered)
        for grant in actor.grants
    )


def permit(
    actor: Actor,
    permission: Permission,
    *,
    institute: str | None = None,
    agency: str | None = None,
    organisation: str | None = None,
    agencies: Iterable[str] = (),
) -> None:
    """Return if the actor may perform the verb on such a subject.

    Raises NotPermitted, whose message quotes who may.
    """
    if may(
        actor,
        permission,
        institute=institute,
        agency=agency,
        organisation=organisation,
        agencies=agencies,
    ):
        return
    raise NotPermitted(
        code="not_permitted",
        message=permission.sentence
        or gettext_noop("You may not do this. Ask the programme office for the role it needs."),
        params={"verb": permission.verb},
    )


def _scopes(
    institute: str | None,
    agency: str | None,
    organisation: str | None,
    agencies: Iterable[str],
) -> set[tuple[ScopeKind, str]]:
    named = [
        (ScopeKind.INSTITUTE, institute),
        (ScopeKind.AGENCY, agency),
        (ScopeKind.ORGANISATION, organisation),
        *((ScopeKind.AGENCY, key) for key in agencies),
    ]
    return {(kind, scope_id) for kind, scope_id in named if scope_id}
