"""Forms of awarding."""

from lineshaft.apps.awarding.forms.analyses import (
    AssumptionsForm,
    JudgementForm,
    initial_of_assumptions,
)
from lineshaft.apps.awarding.forms.awards import AwardForm, InstituteAwardForm
from lineshaft.apps.awarding.forms.fields import Choices
from lineshaft.apps.awarding.forms.selection import (
    ChoiceForm,
    MarksForm,
    PairForm,
    ScenarioForm,
    SelectionDecisionForm,
)
from lineshaft.apps.awarding.forms.visits import (
    AgendaForm,
    CancelVisitForm,
    ChecklistForm,
    ChecklistItemForm,
    FindingFileForm,
    FindingForm,
    NewFindingForm,
    OpenAnswerForm,
    OpenQuestionForm,
    PlanVisitForm,
    VisitForm,
    VisitMemberForm,
    VisitReportForm,
    initial_of_visit,
)

__all__ = [
    "AgendaForm",
    "AssumptionsForm",
    "AwardForm",
    "CancelVisitForm",
    "ChecklistForm",
    "ChecklistItemForm",
    "ChoiceForm",
    "Choices",
    "FindingFileForm",
    "FindingForm",
    "InstituteAwardForm",
    "JudgementForm",
    "MarksForm",
    "NewFindingForm",
    "OpenAnswerForm",
    "OpenQuestionForm",
    "PairForm",
    "PlanVisitForm",
    "ScenarioForm",
    "SelectionDecisionForm",
    "VisitForm",
    "VisitMemberForm",
    "VisitReportForm",
    "initial_of_assumptions",
    "initial_of_visit",
]
