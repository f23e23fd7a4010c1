"""Verbs of reviewing: the pool, texts of reviewers, panels."""

from lineshaft.apps.reviewing.services.access import give_reviewer_access
from lineshaft.apps.reviewing.services.assigning import permit_on_stage
from lineshaft.apps.reviewing.services.assignments import (
    FaultShown,
    Weighed,
    assign_reviewer,
    faults_standing,
    seen_of,
    unassign_reviewer,
    weigh_change,
)
from lineshaft.apps.reviewing.services.discussion import (
    ConsensusEntry,
    post_remark,
    record_consensus,
    withdraw_remark,
)
from lineshaft.apps.reviewing.services.masking import masks
from lineshaft.apps.reviewing.services.panels import (
    accept_panel_invitation,
    decline_panel_invitation,
    invite_to_panel,
    leave_panel,
    name_panel_chair,
    remove_from_panel,
)
from lineshaft.apps.reviewing.services.phases import close_reviewing, open_discussion
from lineshaft.apps.reviewing.services.pool import (
    OwnTerms,
    PoolOutcome,
    ReviewerRow,
    ReviewingTerms,
    add_reviewer,
    add_reviewers,
    edit_own_reviewing,
    edit_reviewer,
    restore_reviewer,
    retire_reviewer,
)
from lineshaft.apps.reviewing.services.proposals import (
    CONFLICT_FOUND,
    PROPOSE_JOB,
    REPLACED,
    adopt_assignment,
    discard_proposal,
    propose_assignment,
    settle_change,
    stop_proposal,
    take_back_conflicted,
)
from lineshaft.apps.reviewing.services.record import permit_to_judge
from lineshaft.apps.reviewing.services.reminders import remind_reviewers
from lineshaft.apps.reviewing.services.replies import (
    attach_reply_document,
    may_reply,
    release_remarks,
    remove_reply_document,
    submit_reply,
    text_field,
    write_reply,
)
from lineshaft.apps.reviewing.services.reviews import (
    ReviewEntry,
    Seen,
    lacking_of,
    reopen_review,
    return_review,
    submit_review,
    write_review,
)
from lineshaft.apps.reviewing.services.solving import compute_assignment, count_affinities
from lineshaft.apps.reviewing.services.tallies import verify_tallies
from lineshaft.apps.reviewing.services.texts import (
    TextOutcome,
    add_reviewer_texts,
    remove_reviewer_text,
)

__all__ = [
    "CONFLICT_FOUND",
    "PROPOSE_JOB",
    "REPLACED",
    "ConsensusEntry",
    "FaultShown",
    "OwnTerms",
    "PoolOutcome",
    "ReviewEntry",
    "ReviewerRow",
    "ReviewingTerms",
    "Seen",
    "TextOutcome",
    "Weighed",
    "accept_panel_invitation",
    "add_reviewer",
    "add_reviewer_texts",
    "add_reviewers",
    "adopt_assignment",
    "assign_reviewer",
    "attach_reply_document",
    "close_reviewing",
    "compute_assignment",
    "count_affinities",
    "decline_panel_invitation",
    "discard_proposal",
    "edit_own_reviewing",
    "edit_reviewer",
    "faults_standing",
    "give_reviewer_access",
    "invite_to_panel",
    "lacking_of",
    "leave_panel",
    "masks",
    "may_reply",
    "name_panel_chair",
    "open_discussion",
    "permit_on_stage",
    "permit_to_judge",
    "post_remark",
    "propose_assignment",
    "record_consensus",
    "release_remarks",
    "remind_reviewers",
    "remove_from_panel",
    "remove_reply_document",
    "remove_reviewer_text",
    "reopen_review",
    "restore_reviewer",
    "retire_reviewer",
    "return_review",
    "seen_of",
    "settle_change",
    "stop_proposal",
    "submit_reply",
    "submit_review",
    "take_back_conflicted",
    "text_field",
    "unassign_reviewer",
    "verify_tallies",
    "weigh_change",
    "withdraw_remark",
    "write_reply",
    "write_review",
]
