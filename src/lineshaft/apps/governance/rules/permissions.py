"""Who may do what in governance, and when."""

from typing import Final

from lineshaft.apps.governance.rules.meetings import CALLED, CANCELLED, CLOSED, MINUTED, OPEN
from lineshaft.apps.governance.rules.policies import (
    ADOPTED,
    DRAFT,
    REPLACED,
    REVOKED,
    WITHDRAWN,
)
from lineshaft.apps.governance.rules.votes import DECIDED, DROPPED, PROPOSED, VOTING
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
            Transition("revoke_adoption", frozenset({ADOPTED}), REVOKED),
        ),
        final=frozenset({WITHDRAWN, REPLACED, REVOKED}),
    ),
    "Meeting": Workflow(
        "Meeting",
        CALLED,
        (
            Transition("open_meeting", frozenset({CALLED}), OPEN),
            Transition("close_meeting", frozenset({OPEN}), CLOSED),
            Transition("approve_minutes", frozenset({CLOSED}), MINUTED),
            Transition("cancel_meeting", frozenset({CALLED}), CANCELLED),
        ),
        final=frozenset({MINUTED, CANCELLED}),
    ),
    "Motion": Workflow(
        "Motion",
        PROPOSED,
        (
            Transition("open_vote", frozenset({PROPOSED}), VOTING),
            Transition("close_vote", frozenset({VOTING}), DECIDED),
            Transition("drop_motion", frozenset({PROPOSED}), DROPPED),
        ),
        final=frozenset({DECIDED, DROPPED}),
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
_RECORDERS_SENTENCE: Final = gettext_noop(
    "The institute's manager keeps the record of its own bodies, the programme office that of "
    "every body, and so does whoever it was delegated to."
)
_DELEGATORS: Final = _NETWORK | {
    Role.AGENCY_SPONSOR,
    Role.INSTITUTE_MANAGER,
    Role.INSTITUTE_FINANCE,
}
RECORDING: Final = (
    "call_meeting",
    "cancel_meeting",
    "open_meeting",
    "close_meeting",
    "add_agenda_item",
    "attach_paper",
    "note_item",
    "record_attendance",
    "propose_motion",
    "drop_motion",
    "open_election",
    "nominate_candidate",
    "open_vote",
    "record_votes",
    "close_vote",
    "approve_minutes",
    "add_action",
)
"""The verbs of whoever keeps a body's record, such as its secretary."""

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
        "revoke_adoption",
        gettext_noop("Only the programme office enters that the council took an adoption back."),
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
        for verb in (
            "establish_body",
            "add_seat",
            "close_seat",
            "fill_seats",
            "end_appointment",
            "annul_appointment",
            "amend_charter",
        )
    ),
    *(
        Permission(verb, _RECORDERS_SENTENCE, roles=_FILLERS, is_delegable=True)
        for verb in RECORDING
    ),
    Permission(
        "disclose_conflict",
        gettext_noop("Whoever holds a seat of the body discloses a conflict of their own."),
        is_for_signed_in=True,
    ),
    Permission(
        "cast_vote",
        gettext_noop("Whoever is on the roll of the vote votes, each for themselves."),
        is_for_signed_in=True,
    ),
    Permission(
        "close_action",
        gettext_noop("Its owner closes an action, or whoever keeps the body's record."),
        is_for_signed_in=True,
    ),
    Permission(
        "delegate",
        gettext_noop("Whoever may do something by their own role may delegate it."),
        roles=_DELEGATORS,
    ),
    Permission(
        "revoke_delegation",
        gettext_noop("Whoever may delegate this may revoke it."),
        roles=_DELEGATORS,
    ),
)
