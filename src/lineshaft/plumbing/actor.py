"""Who is acting: a frozen value, assembled once per request, that every decision takes.

A lower app decides by what an upper app knows (which institutes the actor's organisation has
joined, say) without importing it: the knowledge arrives in this value.
"""

from dataclasses import dataclass

from lineshaft.plumbing.limits import Gate, Limits, Reach, reach_of
from lineshaft.plumbing.roles import INSTITUTE_STAFF, NETWORK_STAFF, Role, ScopeKind


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """One role held over one thing; `scope_id` is empty for the network."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str = ""


@dataclass(frozen=True, slots=True)
class DelegatedPower:
    """One verb that somebody with the role for it has delegated to the actor.

    `institute` and `body` are keys of what it is held over, both empty for the network; `agency`
    is the giver's, empty unless the giver does it for one; `role` is the giver's, empty where the
    program gave it; `up_to_minor` is the largest amount that it covers, None where it has none.
    """

    id: int
    verb: str
    institute: str = ""
    body: str = ""
    up_to_minor: int | None = None
    currency: str = ""
    agency: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or the program itself, at the moment of an action.

    `institute_keys` are the institutes the actor belongs to, as staff or through a member
    organisation; `overseen_institute_keys` those that the actor's agency sponsors; `limits` is what
    decisions on the participation of the actor's organisations leave open; `token_scopes` is None
    for a person at a browser; `lacks_second_factor` says why somebody who was granted roles holds
    none; `delegations` are what was delegated to the actor and is in force; `is_reviewer` says that
    they are in the pool of reviewers, or were ever asked to sit on a panel.
    """

    user_id: int | None
    label: str
    grants: frozenset[RoleGrant] = frozenset()
    organisation_ids: frozenset[int] = frozenset()
    institute_keys: frozenset[str] = frozenset()
    overseen_institute_keys: frozenset[str] = frozenset()
    limits: tuple[Limits, ...] = ()
    token_scopes: frozenset[str] | None = None
    language: str = "en"
    is_system: bool = False
    lacks_second_factor: bool = False
    delegations: frozenset[DelegatedPower] = frozenset()
    is_reviewer: bool = False

    @classmethod
    def public(cls, language: str = "en") -> "Actor":
        """Anybody: sees what is public and may do what anyone may."""
        return cls(user_id=None, label="public", language=language)

    @classmethod
    def system(cls, label: str) -> "Actor":
        """The program itself, named by `label` in the audit trail; permitted everything."""
        return cls(user_id=None, label=label, is_system=True)

    @property
    def is_anonymous(self) -> bool:
        """True for the public: nobody has signed in and it is not the program."""
        return self.user_id is None and not self.is_system

    @property
    def own_id(self) -> int:
        """The user's id for a condition on rows of their own; 0, which nobody has, for the rest."""
        return self.user_id or 0

    @property
    def is_network_staff(self) -> bool:
        """True where everything in the network may be read."""
        return self.is_system or any(
            grant.role in NETWORK_STAFF and grant.scope_kind is ScopeKind.NETWORK
            for grant in self.grants
        )

    @property
    def is_in_network(self) -> bool:
        """True for whoever belongs to the network, so that level `network` is open to them."""
        return (
            self.is_network_staff
            or bool(self.institute_keys)
            or bool(self.overseen_institute_keys)
            or any(grant.role is Role.REVIEWER for grant in self.grants)
        )

    @property
    def own_institute_keys(self) -> frozenset[str]:
        """Institutes on whose staff the actor is."""
        return frozenset(
            grant.scope_id
            for grant in self.grants
            if grant.role in INSTITUTE_STAFF and grant.scope_kind is ScopeKind.INSTITUTE
        )

    @property
    def staff_institute_keys(self) -> frozenset[str]:
        """Institutes whose every record the actor reads: own staff, and the sponsoring agency."""
        return self.own_institute_keys | self.overseen_institute_keys

    def reach(self, gate: Gate | None = None) -> Reach:
        """How far the actor reads beyond what is public, plainly or through a gate."""
        if not self.limits:
            return Reach(has_network=self.is_in_network)
        return reach_of(
            self.limits,
            gate,
            joined=self.institute_keys,
            staffed=self.staff_institute_keys,
            is_open=self.is_unlimited_somewhere,
        )

    @property
    def is_unlimited_somewhere(self) -> bool:
        """True where the actor belongs to the network by something that no decision limits."""
        limited = {one.institute for one in self.limits}
        return (
            self.is_network_staff
            or bool(self.staff_institute_keys)
            or bool(self.institute_keys - limited)
            or any(grant.role is Role.REVIEWER for grant in self.grants)
        )

    def has_role(
        self, role: Role, scope_kind: ScopeKind | None = None, scope_id: str | None = None
    ) -> bool:
        """Whether the role is held, over that scope if one is named."""
        return any(
            grant.role is role
            and (scope_kind is None or grant.scope_kind is scope_kind)
            and (scope_id is None or grant.scope_id == scope_id)
            for grant in self.grants
        )

    def scope_ids(self, role: Role, scope_kind: ScopeKind) -> frozenset[str]:
        """The ids of the things of that kind over which the role is held."""
        return frozenset(
            grant.scope_id
            for grant in self.grants
            if grant.role is role and grant.scope_kind is scope_kind
        )
