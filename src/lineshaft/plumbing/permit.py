"""Who may do what: the permission of a verb, and the one question asked of it.

Each app's `rules.py` holds its PERMISSIONS table, verb by verb. A service asks `permit` before it
decides anything else; a page asks `may` to know which buttons to show. A verb that is delegable may
also be done by whoever it was delegated to, over what and up to which amount the delegation says.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, gettext_noop
from lineshaft.plumbing.actor import Actor, DelegatedPower, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind

_NOT_PERMITTED = gettext_noop(
    "You may not do this. Ask the programme office for the role it needs."
)
_ABOVE_DELEGATION = gettext_noop(
    "What was delegated to you ends at %(most)s. Ask whoever delegated it for a larger amount."
)


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may perform a verb.

    `roles` may, over what they are held for; `is_for_anyone` opens the verb to the public and
    `is_for_signed_in` to whoever has signed in. `sentence` says it to a person (English msgid).
    `is_delegable` says that those roles may let somebody else do it; its service then names the
    delegation that it used in the trail.
    """

    verb: str
    sentence: str
    roles: frozenset[Role] = frozenset()
    is_for_anyone: bool = False
    is_for_signed_in: bool = False
    is_delegable: bool = False


def permissions(*entries: Permission) -> dict[str, Permission]:
    """The table of an app, keyed by verb; a verb entered twice is a programmer's mistake."""
    table = {entry.verb: entry for entry in entries}
    if len(table) != len(entries):
        message = "A verb stands twice in a permission table."
        raise ValueError(message)
    return table


def declared_permissions() -> dict[str, Permission]:
    """Every permission of every installed app, by verb."""
    return {verb: one for table in _tables() for verb, one in table.items()}


def may(
    actor: Actor,
    permission: Permission,
    *,
    institute: str | None = None,
    agency: str | None = None,
    organisation: str | None = None,
    agencies: Iterable[str] = (),
    body: str | None = None,
    amount_minor: int | None = None,
) -> bool:
    """Whether the actor may perform the verb on a subject with these scopes, and of that amount.

    A role held over the network covers every subject. A token without the scope `write` performs
    nothing, whatever its owner may do.
    """
    return may_by_role(
        actor,
        permission,
        institute=institute,
        agency=agency,
        organisation=organisation,
        agencies=agencies,
    ) or bool(
        _powers(
            actor,
            permission,
            institute,
            {agency, *agencies},
            body=body,
            amount_minor=amount_minor,
        )
    )


def may_by_role(
    actor: Actor,
    permission: Permission,
    *,
    institute: str | None = None,
    agency: str | None = None,
    organisation: str | None = None,
    agencies: Iterable[str] = (),
) -> bool:
    """The same without what was delegated."""
    if actor.is_system or permission.is_for_anyone:
        return True
    if actor.is_anonymous or not _may_write(actor):
        return False
    if permission.is_for_signed_in:
        return True
    covered = _scopes(institute, agency, organisation, agencies)
    return any(_gives(grant, permission, covered) for grant in actor.grants)


def grant_to_delegate(
    actor: Actor, permission: Permission, *, institute: str | None, agencies: Iterable[str] = ()
) -> RoleGrant | None:
    """The actor's widest grant by which they may do that there, and so let somebody else do it.

    One held for an agency lets do it only for what is that agency's; None where there is no grant.
    """
    if not _may_write(actor):
        return None
    covered = _scopes(institute, None, None, agencies)
    having = [grant for grant in actor.grants if _gives(grant, permission, covered)]
    return min(having, key=_narrowness, default=None)


def permit(
    actor: Actor,
    permission: Permission,
    *,
    institute: str | None = None,
    agency: str | None = None,
    organisation: str | None = None,
    agencies: Iterable[str] = (),
    body: str | None = None,
    amount_minor: int | None = None,
) -> DelegatedPower | None:
    """What delegation the actor needs to perform the verb on such a subject; None where none.

    Raises NotPermitted, whose message quotes who may, or up to which amount it was delegated.
    """
    if may_by_role(
        actor,
        permission,
        institute=institute,
        agency=agency,
        organisation=organisation,
        agencies=agencies,
    ):
        return None
    theirs = {agency, *agencies}
    if powers := _powers(
        actor, permission, institute, theirs, body=body, amount_minor=amount_minor
    ):
        return min(powers, key=lambda one: one.id)
    limited = _powers(actor, permission, institute, theirs, body=body, amount_minor=0)
    if limited and amount_minor is not None:
        widest = max(limited, key=lambda one: one.up_to_minor or 0)
        raise NotPermitted(
            code="above_delegation",
            message=_ABOVE_DELEGATION,
            params={"most": Amount(Money(widest.up_to_minor or 0, widest.currency))},
        )
    raise NotPermitted(
        code="not_permitted",
        message=permission.sentence or _NOT_PERMITTED,
        params={"verb": permission.verb},
    )


def used_delegation(power: DelegatedPower | None) -> dict[str, int]:
    """What the trail says of the delegation under which a verb was done, where under one."""
    return {"delegation": power.id} if power else {}


def powers_of(actor: Actor, permission: Permission) -> tuple[DelegatedPower, ...]:
    """The delegations of that verb to the actor, over whatever they are held."""
    if not (actor.delegations and permission.is_delegable and _may_write(actor)):
        return ()
    return tuple(one for one in actor.delegations if one.verb == permission.verb)


def _powers(
    actor: Actor,
    permission: Permission,
    institute: str | None,
    agencies: AbstractSet[str | None],
    *,
    body: str | None,
    amount_minor: int | None,
) -> list[DelegatedPower]:
    """The delegations that cover it. One up to an amount covers nothing whose amount is not told,
    one over a body or an institute, or given for an agency, nothing but what is theirs.
    """
    return [
        one
        for one in powers_of(actor, permission)
        if one.institute in {"", institute}
        and one.agency in {"", *agencies}
        and one.body in {"", body}
        and (
            one.up_to_minor is None
            or (amount_minor is not None and amount_minor <= one.up_to_minor)
        )
    ]


def _gives(
    grant: RoleGrant, permission: Permission, covered: AbstractSet[tuple[ScopeKind, str]]
) -> bool:
    """Whether the grant permits the verb on a subject of these scopes."""
    is_over = grant.scope_kind is ScopeKind.NETWORK or (grant.scope_kind, grant.scope_id) in covered
    return is_over and grant.role in permission.roles


def _narrowness(grant: RoleGrant) -> tuple[bool, bool, str, str]:
    kind = grant.scope_kind
    is_agency = kind is ScopeKind.AGENCY
    return kind is not ScopeKind.NETWORK, is_agency, grant.role, grant.scope_id


def _may_write(actor: Actor) -> bool:
    return actor.token_scopes is None or "write" in actor.token_scopes


def _tables() -> Iterator[dict[str, Permission]]:
    """The permission tables that apps declare in their rules."""
    for config in apps.get_app_configs():
        name = f"{config.name}.rules"
        if config.name.startswith("lineshaft.") and find_spec(name) is not None:
            yield getattr(import_module(name), "PERMISSIONS", {})


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
