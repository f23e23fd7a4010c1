"""Who may do what in competitions, and when."""

from typing import Final

from lineshaft.apps.competitions.rules.applications import SUBMITTED, WRITING
from lineshaft.apps.competitions.rules.applications import WITHDRAWN as APPLICATION_WITHDRAWN
from lineshaft.apps.competitions.rules.competitions import (
    ANNOUNCED,
    CANCELLED,
    DECIDED,
    DRAFT,
    IN_REVIEW,
    OPEN,
    PUBLISHED,
    SELECTING,
)
from lineshaft.apps.competitions.rules.topics import MERGED, PROPOSED, TAKEN_UP, WITHDRAWN
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

TRANSITIONS: Final[dict[str, Workflow]] = {
    "Topic": Workflow(
        "Topic",
        PROPOSED,
        (
            Transition("take_up_topic", frozenset({PROPOSED}), TAKEN_UP),
            Transition("cancel_competition", frozenset({TAKEN_UP}), PROPOSED),
            Transition("merge_topics", frozenset({PROPOSED}), MERGED),
            Transition("withdraw_topic", frozenset({PROPOSED}), WITHDRAWN),
        ),
        final=frozenset({MERGED, WITHDRAWN}),
    ),
    "Competition": Workflow(
        "Competition",
        DRAFT,
        (
            Transition("announce_competition", frozenset({DRAFT}), ANNOUNCED),
            Transition("open_competition", frozenset({DRAFT, ANNOUNCED}), OPEN),
            Transition("begin_review", frozenset({OPEN, IN_REVIEW}), IN_REVIEW),
            Transition("call_applications", frozenset({IN_REVIEW}), OPEN),
            Transition("begin_selection", frozenset({IN_REVIEW}), SELECTING),
            Transition("decide_competition", frozenset({SELECTING}), DECIDED),
            Transition("publish_results", frozenset({DECIDED}), PUBLISHED),
            Transition(
                "cancel_competition",
                frozenset({DRAFT, ANNOUNCED, OPEN, IN_REVIEW, SELECTING}),
                CANCELLED,
            ),
        ),
        final=frozenset({PUBLISHED, CANCELLED}),
    ),
    "Application": Workflow(
        "Application",
        WRITING,
        (
            Transition("submit_application", frozenset({WRITING, SUBMITTED}), SUBMITTED),
            Transition(
                "withdraw_from_competition",
                frozenset({WRITING, SUBMITTED}),
                APPLICATION_WITHDRAWN,
            ),
            Transition("resume_application", frozenset({APPLICATION_WITHDRAWN}), WRITING),
        ),
    ),
}

LEADING_VERBS: Final = (
    "add_partner",
    "share_with_partner",
    "remove_partner",
    "invite_to_team",
    "remove_from_team",
    "submit_application",
    "withdraw_from_competition",
    "resume_application",
    "name_unwanted_reviewer",
    "remove_unwanted_reviewer",
)
"""The verbs of whoever leads the team of an application."""

WRITING_VERBS: Final = (
    "edit_application",
    "write_section",
    "set_budget",
    "set_revenue",
    "add_commitment",
    "remove_commitment",
    "attach_document",
    "remove_document",
)
"""The verbs of whoever writes in an application."""

APPLICANT_VERBS: Final = ("start_application", "join_team", *LEADING_VERBS, *WRITING_VERBS)
"""What only people of a team do to an application."""

_NETWORK: Final = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
RUNNERS: Final = _NETWORK | {Role.AGENCY_SPONSOR, Role.INSTITUTE_MANAGER}
"""Roles by which competitions are run, each over what it is held for."""

_RUNNERS_SENTENCE: Final = gettext_noop(
    "The programme office runs every competition, an agency those that it sponsors, an institute's"
    " manager the institute's project calls."
)
RUNNING_VERBS: Final = (
    "draft_competition",
    "edit_competition",
    "add_stage",
    "edit_stage",
    "remove_stage",
    "set_criteria",
    "set_anchors",
    "announce_competition",
    "open_competition",
    "amend_competition",
    "amend_stage",
    "extend_deadline",
    "begin_review",
    "call_applications",
    "begin_selection",
    "decide_stage_outcomes",
    "tell_stage_outcomes",
    "judge_topic_overlap",
    "publish_results",
    "cancel_competition",
    "answer_question",
    "set_eligible_leads",
    "check_conflicts",
    "decide_conflict",
)
"""The verbs of whoever runs a competition."""

PERMISSIONS: Final[dict[str, Permission]] = permissions(
    *(
        Permission(
            verb,
            gettext_noop("Whoever belongs to the network proposes and endorses topics."),
            is_for_signed_in=True,
        )
        for verb in ("propose_topic", "endorse_topic", "withdraw_endorsement")
    ),
    Permission(
        "withdraw_topic",
        gettext_noop("Whoever proposed a topic withdraws it, or the programme office."),
        is_for_signed_in=True,
    ),
    Permission(
        "merge_topics",
        gettext_noop("The programme office and the agencies merge topics that ask the same."),
        roles=_NETWORK | {Role.AGENCY_SPONSOR},
    ),
    Permission(
        "take_up_topic",
        gettext_noop("Whoever runs a competition takes topics up in it."),
        roles=RUNNERS,
    ),
    *(Permission(verb, _RUNNERS_SENTENCE, roles=RUNNERS) for verb in RUNNING_VERBS),
    Permission(
        "decide_competition",
        gettext_noop(
            "The selecting official decides; where none is named, whoever runs the competition."
        ),
        roles=RUNNERS,
    ),
    Permission(
        "ask_question",
        gettext_noop("Sign in to ask a question, so that the answer reaches you."),
        is_for_signed_in=True,
    ),
    *(
        Permission(
            verb,
            gettext_noop("Sign in to keep a search and be told of what is new in it."),
            is_for_signed_in=True,
        )
        for verb in ("save_search", "delete_search")
    ),
    Permission(
        "start_application",
        gettext_noop("Sign in to apply for an organisation of yours."),
        is_for_signed_in=True,
    ),
    Permission(
        "join_team",
        gettext_noop("Sign in with the address that was invited to join the team."),
        is_for_signed_in=True,
    ),
    Permission(
        "declare_conflict",
        gettext_noop(
            "Whoever is checked in a competition declares conflicts of their own, whoever runs it"
            " anybody's."
        ),
        is_for_signed_in=True,
    ),
    *(
        Permission(
            verb,
            gettext_noop("Whoever leads the team of an application does this."),
            is_for_signed_in=True,
        )
        for verb in LEADING_VERBS
    ),
    *(
        Permission(
            verb,
            gettext_noop("Whoever leads the team of an application, or writes in it, does this."),
            is_for_signed_in=True,
        )
        for verb in WRITING_VERBS
    ),
)
