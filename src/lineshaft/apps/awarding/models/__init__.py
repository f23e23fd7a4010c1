"""Records of awarding: site visits, analyses of plans, the selection, letters."""

from lineshaft.apps.awarding.models.analyses import (
    ANALYSIS_TRIGGERS,
    PLAN_RATING_LABELS,
    PlanAnalysis,
)
from lineshaft.apps.awarding.models.awards import AWARD_TRIGGERS, Award, PlannedObligation
from lineshaft.apps.awarding.models.letters import (
    LETTER_LABELS,
    LETTER_TRIGGERS,
    LetterSending,
    SelectionLetter,
)
from lineshaft.apps.awarding.models.selection import (
    BASIS_LABELS,
    FACTOR_LABELS,
    MARK_LABELS,
    SELECTION_TRIGGERS,
    ApplicationMark,
    OverlapPair,
    SelectionChoice,
    SelectionRecord,
    SelectionScenario,
)
from lineshaft.apps.awarding.models.visits import (
    CHECKLIST_ANSWER_LABELS,
    FINDING_KIND_LABELS,
    VISIT_STATE_LABELS,
    VISIT_TRIGGERS,
    AgendaItem,
    ChecklistItem,
    FindingFile,
    OpenQuestion,
    SiteVisit,
    VisitFinding,
    VisitMember,
    VisitReport,
)
from lineshaft.plumbing.triggers import Trigger

TRIGGERS: tuple[Trigger, ...] = (
    *VISIT_TRIGGERS,
    *ANALYSIS_TRIGGERS,
    *AWARD_TRIGGERS,
    *LETTER_TRIGGERS,
    *SELECTION_TRIGGERS,
)

__all__ = [
    "AWARD_TRIGGERS",
    "BASIS_LABELS",
    "CHECKLIST_ANSWER_LABELS",
    "FACTOR_LABELS",
    "FINDING_KIND_LABELS",
    "LETTER_LABELS",
    "LETTER_TRIGGERS",
    "MARK_LABELS",
    "PLAN_RATING_LABELS",
    "SELECTION_TRIGGERS",
    "TRIGGERS",
    "VISIT_STATE_LABELS",
    "AgendaItem",
    "ApplicationMark",
    "Award",
    "ChecklistItem",
    "FindingFile",
    "LetterSending",
    "OpenQuestion",
    "OverlapPair",
    "PlanAnalysis",
    "PlannedObligation",
    "SelectionChoice",
    "SelectionLetter",
    "SelectionRecord",
    "SelectionScenario",
    "SiteVisit",
    "VisitFinding",
    "VisitMember",
    "VisitReport",
]
