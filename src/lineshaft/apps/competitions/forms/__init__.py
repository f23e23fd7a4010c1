"""Forms of competitions: fields, formats and messages."""

from lineshaft.apps.competitions.forms.applying import (
    AmountsForm,
    ApplicationForm,
    ConfirmForm,
    DocumentForm,
    InviteForm,
    LeadsForm,
    LetterForm,
    PartnerForm,
    SectionForm,
    SharesForm,
    StartForm,
    WithdrawForm,
    initial_of_application,
)
from lineshaft.apps.competitions.forms.competitions import (
    AmendingForm,
    DraftForm,
    ExtendForm,
    TermsForm,
    initial_of,
)
from lineshaft.apps.competitions.forms.conflicts import (
    ConflictFilters,
    DecideConflictForm,
    DeclareConflictForm,
    UnwantedForm,
)
from lineshaft.apps.competitions.forms.fields import Choices, moment_in_zone, shown_in_zone
from lineshaft.apps.competitions.forms.opportunities import (
    STATUS_LABELS,
    AnswerForm,
    OpportunityFilters,
    QuestionForm,
    SaveSearchForm,
)
from lineshaft.apps.competitions.forms.outcomes import OutcomesForm
from lineshaft.apps.competitions.forms.overlaps import JudgementForm
from lineshaft.apps.competitions.forms.stages import (
    AmendStageForm,
    AnchorsForm,
    CriteriaForm,
    NewStageForm,
    StageForm,
    initial_of_stage,
)
from lineshaft.apps.competitions.forms.topics import (
    EndorseForm,
    MergeForm,
    TakeUpForm,
    TopicFilters,
    TopicForm,
    WhyForm,
)

__all__ = [
    "STATUS_LABELS",
    "AmendStageForm",
    "AmendingForm",
    "AmountsForm",
    "AnchorsForm",
    "AnswerForm",
    "ApplicationForm",
    "Choices",
    "ConfirmForm",
    "ConflictFilters",
    "CriteriaForm",
    "DecideConflictForm",
    "DeclareConflictForm",
    "DocumentForm",
    "DraftForm",
    "EndorseForm",
    "ExtendForm",
    "InviteForm",
    "JudgementForm",
    "LeadsForm",
    "LetterForm",
    "MergeForm",
    "NewStageForm",
    "OpportunityFilters",
    "OutcomesForm",
    "PartnerForm",
    "QuestionForm",
    "SaveSearchForm",
    "SectionForm",
    "SharesForm",
    "StageForm",
    "StartForm",
    "TakeUpForm",
    "TermsForm",
    "TopicFilters",
    "TopicForm",
    "UnwantedForm",
    "WhyForm",
    "WithdrawForm",
    "initial_of",
    "initial_of_application",
    "initial_of_stage",
    "moment_in_zone",
    "shown_in_zone",
]
