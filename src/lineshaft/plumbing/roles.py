"""Roles, and the kinds of thing over which a role can be held.

A role says what somebody does; its scope says for whom. The same role over the whole network covers
every institute, agency and organisation in it.
"""

from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What somebody does in the network."""

    PROGRAMME_OFFICER = "programme_officer"
    AGENCY_SPONSOR = "agency_sponsor"
    INSTITUTE_MANAGER = "institute_manager"
    INSTITUTE_FINANCE = "institute_finance"
    MEMBER = "member"
    RESEARCHER = "researcher"
    REVIEWER = "reviewer"
    SMALL_MANUFACTURER = "small_manufacturer"
    LEARNER = "learner"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class ScopeKind(StrEnum):
    """The kind of thing that a role is held over."""

    NETWORK = "network"
    AGENCY = "agency"
    INSTITUTE = "institute"
    ORGANISATION = "organisation"
    COMPETITION = "competition"


ROLE_LABELS: Final = {
    Role.PROGRAMME_OFFICER: _("Programme officer"),
    Role.AGENCY_SPONSOR: _("Agency sponsor"),
    Role.INSTITUTE_MANAGER: _("Institute manager"),
    Role.INSTITUTE_FINANCE: _("Institute finance officer"),
    Role.MEMBER: _("Member"),
    Role.RESEARCHER: _("Researcher"),
    Role.REVIEWER: _("Reviewer"),
    Role.SMALL_MANUFACTURER: _("Small manufacturer"),
    Role.LEARNER: _("Learner"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMINISTRATOR: _("Administrator"),
}

SCOPE_LABELS: Final = {
    ScopeKind.NETWORK: _("Network"),
    ScopeKind.AGENCY: _("Agency"),
    ScopeKind.INSTITUTE: _("Institute"),
    ScopeKind.ORGANISATION: _("Organisation"),
    ScopeKind.COMPETITION: _("Competition"),
}

ROLE_CHOICES: Final = [(role.value, label) for role, label in ROLE_LABELS.items()]
SCOPE_CHOICES: Final = [(kind.value, label) for kind, label in SCOPE_LABELS.items()]

NETWORK_STAFF: Final = frozenset({Role.PROGRAMME_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR})
"""Held over the network, these roles read everything in it."""

INSTITUTE_STAFF: Final = frozenset({Role.INSTITUTE_MANAGER, Role.INSTITUTE_FINANCE})
"""Held over an institute, these roles read everything of that institute."""

SECOND_FACTOR_ROLES: Final = frozenset(
    {
        Role.PROGRAMME_OFFICER,
        Role.ADMINISTRATOR,
        Role.AGENCY_SPONSOR,
        Role.INSTITUTE_FINANCE,
    }
)
"""Outside a demonstration these roles work only after a second factor has been set up."""

TWO_PERSON_ROLES: Final = SECOND_FACTOR_ROLES | {Role.INSTITUTE_MANAGER, Role.AUDITOR}
"""Outside a demonstration these roles, which move money, attest or read everything, are in force
only once a second person has confirmed the grant.
"""

SCOPES_OF_ROLE: Final = {
    Role.PROGRAMME_OFFICER: frozenset({ScopeKind.NETWORK}),
    Role.AGENCY_SPONSOR: frozenset({ScopeKind.AGENCY, ScopeKind.NETWORK}),
    Role.INSTITUTE_MANAGER: frozenset({ScopeKind.INSTITUTE, ScopeKind.NETWORK}),
    Role.INSTITUTE_FINANCE: frozenset({ScopeKind.INSTITUTE, ScopeKind.NETWORK}),
    Role.MEMBER: frozenset({ScopeKind.ORGANISATION}),
    Role.RESEARCHER: frozenset({ScopeKind.ORGANISATION, ScopeKind.INSTITUTE}),
    Role.REVIEWER: frozenset({ScopeKind.COMPETITION, ScopeKind.NETWORK}),
    Role.SMALL_MANUFACTURER: frozenset({ScopeKind.ORGANISATION}),
    Role.LEARNER: frozenset({ScopeKind.NETWORK, ScopeKind.INSTITUTE}),
    Role.AUDITOR: frozenset({ScopeKind.NETWORK}),
    Role.ADMINISTRATOR: frozenset({ScopeKind.NETWORK}),
}
"""Over which kinds of thing each role is granted; over another it would permit nothing."""
