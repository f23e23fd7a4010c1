"""Who may do what in governance, and when."""

from typing import Final

from lineshaft.apps.governance.rules.policies import ADOPTED, DRAFT, REPLACED, WITHDRAWN
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

TRANSITIONS: Final[dict[str, Workflow]] = {
    "PolicyVersion": Workflow(
        "PolicyVersion",
        DRAFT,
        (
            Transition("adopt_policy", frozenset({DRAFT}), ADOPTED),
            Transition("withdraw_draft", frozenset({DRAFT}), WITHDRAWN),
            Transition("revise_policy", frozenset({DRAFT}), REPLACED),
        ),
        final=frozenset({ADOPTED, WITHDRAWN, REPLACED}),
    ),
}

_NETWORK: Final = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
_COMMENTERS: Final = frozenset(
    {
        Role.PROGRAMME_OFFICER,
        Role.AGENCY_SPONSOR,
        Role.INSTITUTE_MANAGER,
        Role.INSTITUTE_FINANCE,
    }
)
_FILLERS: Final = _NETWORK | {Role.INSTITUTE_MANAGER}
_FILLERS_SENTENCE: Final = gettext_noop(
    "The institute's manager keeps its own bodies, the programme office every body."
)
_MANAGERS: Final = frozenset({Role.INSTITUTE_MANAGER})

PERMISSIONS: Final[dict[str, Permission]] = permissions(
    Permission(
        "draft_policy",
        gettext_noop("Only the programme office drafts a common policy."),
        roles=_NETWORK,
    ),
    Permission(
        "revise_policy",
        gettext_noop("Only the programme office drafts a new version of a common policy."),
        roles=_NETWORK,
    ),
    Permission(
        "withdraw_draft",
        gettext_noop("Only the programme office withdraws a draft."),
        roles=_NETWORK,
    ),
    Permission(
        "adopt_policy",
        gettext_noop("Only the programme office enters that the council has adopted a policy."),
        roles=_NETWORK,
    ),
    Permission(
        "comment_on_policy",
        gettext_noop("Institutes, agencies and the programme office comment on drafts."),
        roles=_COMMENTERS,
    ),
    Permission(
        "state_position",
        gettext_noop("Only the institute's manager says how it stands towards a policy."),
        roles=_MANAGERS,
    ),
    Permission(
        "attest_policy",
        gettext_noop("Only the institute's manager attests that it kept to a policy."),
        roles=_MANAGERS,
    ),
    *(
        Permission(verb, _FILLERS_SENTENCE, roles=_FILLERS)
        for verb in ("establish_body", "add_seat", "close_seat", "fill_seats", "end_appointment")
    ),
)
