"""The states of an import, and who may import at all.

Which rows somebody may write is decided row by row by the service that an import calls; here only
whether the page opens for them.
"""

from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import Permission, may, may_by_role, permissions, permit
from lineshaft.plumbing.roles import Role, ScopeKind

WAITING: Final = "waiting"
CHECKED: Final = "checked"
REFUSED: Final = "refused"
APPLIED: Final = "applied"

TRANSITIONS: Final = {
    "ImportBatch": Workflow(
        name="import",
        initial=WAITING,
        transitions=(
            Transition("check_import", frozenset({WAITING}), CHECKED),
            Transition("refuse_import", frozenset({WAITING}), REFUSED),
            Transition("apply_import", frozenset({WAITING}), APPLIED),
        ),
        final=frozenset({CHECKED, REFUSED, APPLIED}),
    )
}

PERMISSIONS: Final = permissions(
    Permission(
        "run_import",
        gettext_noop("Only the programme office and the staff of an institute may import."),
        roles=frozenset(
            {
                Role.PROGRAMME_OFFICER,
                Role.ADMINISTRATOR,
                Role.INSTITUTE_MANAGER,
                Role.INSTITUTE_FINANCE,
            }
        ),
    ),
)


def may_import(actor: Actor, permission: Permission | None) -> bool:
    """Whether the actor holds a role of the permission over anything at all."""
    chosen = permission or PERMISSIONS["run_import"]
    scopes = _scopes(actor)
    return may(actor, chosen) or any(may_by_role(actor, chosen, **scope) for scope in scopes)


def permit_import(actor: Actor, permission: Permission | None) -> None:
    """Raise NotPermitted for an actor who may import nothing of the kind."""
    if not may_import(actor, permission):
        permit(actor, permission or PERMISSIONS["run_import"])


def _scopes(actor: Actor) -> list[dict[str, str]]:
    names = {
        ScopeKind.INSTITUTE: "institute",
        ScopeKind.AGENCY: "agency",
        ScopeKind.ORGANISATION: "organisation",
    }
    return [
        {names[grant.scope_kind]: grant.scope_id}
        for grant in actor.grants
        if grant.scope_kind in names
    ]
