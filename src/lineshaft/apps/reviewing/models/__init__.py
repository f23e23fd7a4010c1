"""Records of reviewing: the pool and panels, assignments, reviews."""

from lineshaft.apps.reviewing.models.assignments import ORIGIN_LABELS, Assignment
from lineshaft.apps.reviewing.models.discussion import (
    DISCUSSION_TRIGGERS,
    Consensus,
    ConsensusScore,
    DiscussionRemark,
)
from lineshaft.apps.reviewing.models.pool import (
    SEAT_STATE_LABELS,
    SECTOR_LABELS,
    PanelSeat,
    Reviewer,
    ReviewerText,
)
from lineshaft.apps.reviewing.models.replies import (
    REPLY_TRIGGERS,
    RemarkRelease,
    Reply,
    ReplySubmission,
)
from lineshaft.apps.reviewing.models.reviews import (
    PHASE_LABELS,
    REVIEW_STATE_LABELS,
    REVIEW_TRIGGERS,
    Review,
    ReviewReminder,
    ReviewScore,
    ReviewVersion,
    StagePhase,
)
from lineshaft.apps.reviewing.models.runs import (
    CERTAINTY_LABELS,
    OBJECTIVE_LABELS,
    RUN_STATE_LABELS,
    ApplicationAffinity,
    AssignmentRun,
    ProposedPair,
)
from lineshaft.apps.reviewing.models.tallies import TALLY_TRIGGERS, ReviewTally
from lineshaft.plumbing.triggers import Trigger

TRIGGERS: tuple[Trigger, ...] = (
    *REVIEW_TRIGGERS,
    *DISCUSSION_TRIGGERS,
    *REPLY_TRIGGERS,
    *TALLY_TRIGGERS,
)

__all__ = [
    "CERTAINTY_LABELS",
    "OBJECTIVE_LABELS",
    "ORIGIN_LABELS",
    "PHASE_LABELS",
    "REVIEW_STATE_LABELS",
    "RUN_STATE_LABELS",
    "SEAT_STATE_LABELS",
    "SECTOR_LABELS",
    "TRIGGERS",
    "ApplicationAffinity",
    "Assignment",
    "AssignmentRun",
    "Consensus",
    "ConsensusScore",
    "DiscussionRemark",
    "PanelSeat",
    "ProposedPair",
    "RemarkRelease",
    "Reply",
    "ReplySubmission",
    "Review",
    "ReviewReminder",
    "ReviewScore",
    "ReviewTally",
    "ReviewVersion",
    "Reviewer",
    "ReviewerText",
    "StagePhase",
]
