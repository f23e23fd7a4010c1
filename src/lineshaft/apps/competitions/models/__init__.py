"""Tables of competitions: topics, competitions with their stages, questions, applications."""

from lineshaft.apps.competitions.models.applications import (
    APPLICATION_STATE_LABELS,
    APPLICATION_TRIGGERS,
    OUTCOME_LABELS,
    TEAM_ROLE_LABELS,
    WORK_LABELS,
    Application,
    ApplicationPartner,
    Submission,
    TeamMember,
)
from lineshaft.apps.competitions.models.applying import (
    APPLYING_TRIGGERS,
    SOURCE_LABELS,
    ApplicationDocument,
    ApplicationSection,
    ApplicationVersion,
    BudgetLine,
    CommitmentAmount,
    CommitmentLetter,
    EligibleLead,
    RevenueLine,
)
from lineshaft.apps.competitions.models.competitions import (
    COMPETITION_STATE_LABELS,
    COMPETITION_TRIGGERS,
    KIND_LABELS,
    LATE_LABELS,
    Amendment,
    Competition,
    CompetitionSponsor,
    NoticeEdition,
    TopicUse,
)
from lineshaft.apps.competitions.models.questions import (
    QUESTION_TRIGGERS,
    Question,
    SavedSearch,
)
from lineshaft.apps.competitions.models.stages import (
    BLINDNESS_LABELS,
    GATE_LABELS,
    STAGE_KIND_LABELS,
    Criterion,
    CriterionAnchor,
    RequiredDocument,
    Stage,
)
from lineshaft.apps.competitions.models.topics import (
    TOPIC_STATE_LABELS,
    TOPIC_TRIGGERS,
    Endorsement,
    Topic,
)

TRIGGERS = (
    *TOPIC_TRIGGERS,
    *COMPETITION_TRIGGERS,
    *QUESTION_TRIGGERS,
    *APPLICATION_TRIGGERS,
    *APPLYING_TRIGGERS,
)
"""What the database itself refuses; installed after every migration."""

__all__ = [
    "APPLICATION_STATE_LABELS",
    "BLINDNESS_LABELS",
    "COMPETITION_STATE_LABELS",
    "GATE_LABELS",
    "KIND_LABELS",
    "LATE_LABELS",
    "OUTCOME_LABELS",
    "SOURCE_LABELS",
    "STAGE_KIND_LABELS",
    "TEAM_ROLE_LABELS",
    "TOPIC_STATE_LABELS",
    "TRIGGERS",
    "WORK_LABELS",
    "Amendment",
    "Application",
    "ApplicationDocument",
    "ApplicationPartner",
    "ApplicationSection",
    "ApplicationVersion",
    "BudgetLine",
    "CommitmentAmount",
    "CommitmentLetter",
    "Competition",
    "CompetitionSponsor",
    "Criterion",
    "CriterionAnchor",
    "EligibleLead",
    "Endorsement",
    "NoticeEdition",
    "Question",
    "RequiredDocument",
    "RevenueLine",
    "SavedSearch",
    "Stage",
    "Submission",
    "TeamMember",
    "Topic",
    "TopicUse",
]
