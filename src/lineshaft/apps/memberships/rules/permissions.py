"""Who may do what in memberships, and when."""

from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

TRANSITIONS: Final[dict[str, Workflow]] = {}
"""An agreement has no states: whether it is in force follows from its span and the day."""

_ADMITTERS: Final = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR, Role.INSTITUTE_MANAGER})

PERMISSIONS: Final[dict[str, Permission]] = permissions(
    Permission(
        "admit_member",
        gettext_noop("Only the institute's manager or the programme office may admit a member."),
        roles=_ADMITTERS,
    ),
    Permission(
        "end_membership",
        gettext_noop("Only the institute's manager or the programme office may end a membership."),
        roles=_ADMITTERS,
    ),
    Permission(
        "set_tier_terms",
        gettext_noop("Only the institute's manager or the programme office may set its terms."),
        roles=_ADMITTERS,
    ),
)
