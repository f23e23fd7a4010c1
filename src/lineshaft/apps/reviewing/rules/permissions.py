"""Who may do what in reviewing, and when."""

from typing import Final

from lineshaft.apps.competitions.rules import RUNNERS
from lineshaft.apps.reviewing.rules.pool import ACCEPTED, DECLINED, INVITED, LEFT
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

SEAT_WORKFLOW: Final = Workflow(
    "PanelSeat",
    INVITED,
    (
        Transition("accept_panel_invitation", frozenset({INVITED}), ACCEPTED),
        Transition("decline_panel_invitation", frozenset({INVITED}), DECLINED),
        Transition("leave_panel", frozenset({ACCEPTED}), LEFT),
        Transition("remove_from_panel", frozenset({INVITED, ACCEPTED}), LEFT),
        Transition("invite_to_panel", frozenset({DECLINED, LEFT}), INVITED),
    ),
)

POOL_VERBS: Final = ("add_reviewer", "edit_reviewer", "retire_reviewer", "restore_reviewer")
"""The verbs of whoever runs a competition, over the pool that all competitions share."""

PANEL_VERBS: Final = ("invite_to_panel", "remove_from_panel", "name_panel_chair")
"""The verbs of whoever runs the competition that a panel judges in."""

OWN_VERBS: Final = ("edit_own_reviewing", "add_reviewer_texts", "remove_reviewer_text")
"""The verbs of a reviewer over the own record; whoever keeps the pool writes texts too."""

SEAT_VERBS: Final = ("accept_panel_invitation", "decline_panel_invitation", "leave_panel")
"""The verbs of whoever a seat is for."""

POOL_PERMISSIONS: Final[dict[str, Permission]] = permissions(
    *(
        Permission(
            verb,
            gettext_noop("Whoever runs a competition keeps the pool of reviewers."),
            roles=RUNNERS,
        )
        for verb in POOL_VERBS
    ),
    *(
        Permission(
            verb,
            gettext_noop("Whoever runs a competition puts its panels together."),
            roles=RUNNERS,
        )
        for verb in PANEL_VERBS
    ),
    *(
        Permission(
            verb,
            gettext_noop("Sign in as the reviewer whose record it is."),
            is_for_signed_in=True,
        )
        for verb in OWN_VERBS
    ),
    *(
        Permission(
            verb,
            gettext_noop("Sign in as the reviewer whom the invitation is for."),
            is_for_signed_in=True,
        )
        for verb in SEAT_VERBS
    ),
    Permission(
        "give_reviewer_access",
        gettext_noop("The programme office lets a reviewer sign in."),
        roles=frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR}),
    ),
)

REVIEWING_VERBS: Final = ("write_review", "submit_review", "reopen_review")
"""The verbs of whoever reviews an application."""

JUDGING_VERBS: Final = ("open_discussion", "close_reviewing", "remind_reviewers")
"""The verbs of whoever runs the competition."""

REVIEW_PERMISSIONS: Final = (
    *(
        Permission(
            verb,
            gettext_noop("Whoever is assigned to an application reviews it."),
            is_for_signed_in=True,
        )
        for verb in REVIEWING_VERBS
    ),
    Permission(
        "return_review",
        gettext_noop("Whoever runs the competition returns a review, or the chair of the panel."),
        is_for_signed_in=True,
    ),
    *(
        Permission(
            verb,
            gettext_noop(
                "The panel discusses the applications that it reviews, with whoever runs the"
                " competition."
            ),
            is_for_signed_in=True,
        )
        for verb in ("post_remark", "withdraw_remark")
    ),
    Permission(
        "record_consensus",
        gettext_noop("The chair of the panel records the consensus."),
        is_for_signed_in=True,
    ),
    *(
        Permission(
            verb,
            gettext_noop("Whoever runs the competition does this."),
            roles=RUNNERS,
        )
        for verb in JUDGING_VERBS
    ),
)
