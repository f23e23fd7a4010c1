"""Forms of reviewing: fields, formats and messages."""

from lineshaft.apps.reviewing.forms.assignments import (
    ConfirmChangeForm,
    ProposeForm,
    TakeBackForm,
    initial_of_terms,
    name_of_pair,
    pairs_named,
)
from lineshaft.apps.reviewing.forms.discussion import ConsensusForm, RemarkForm
from lineshaft.apps.reviewing.forms.panels import (
    AcceptForm,
    InvitePanelForm,
    SeatFilters,
    SeatReasonForm,
)
from lineshaft.apps.reviewing.forms.pool import (
    ANSWERS,
    DECLARATION_CHOICES,
    DECLARATION_HELP,
    CandidateFilters,
    NewReviewerForm,
    OwnReviewingForm,
    PoolFilters,
    ReviewerForm,
    ReviewingForm,
    SeenForm,
    TextsForm,
)
from lineshaft.apps.reviewing.forms.ranking import RankingFilters
from lineshaft.apps.reviewing.forms.replies import ConfirmReplyForm, ReplyDocumentForm, ReplyForm
from lineshaft.apps.reviewing.forms.reviews import (
    CriterionFields,
    GoOnForm,
    ProgressFilters,
    ReturnForm,
    ReviewForm,
    initial_of_review,
    score_choices,
)

__all__ = [
    "ANSWERS",
    "DECLARATION_CHOICES",
    "DECLARATION_HELP",
    "AcceptForm",
    "CandidateFilters",
    "ConfirmChangeForm",
    "ConfirmReplyForm",
    "ConsensusForm",
    "CriterionFields",
    "GoOnForm",
    "InvitePanelForm",
    "NewReviewerForm",
    "OwnReviewingForm",
    "PoolFilters",
    "ProgressFilters",
    "ProposeForm",
    "RankingFilters",
    "RemarkForm",
    "ReplyDocumentForm",
    "ReplyForm",
    "ReturnForm",
    "ReviewForm",
    "ReviewerForm",
    "ReviewingForm",
    "SeatFilters",
    "SeatReasonForm",
    "SeenForm",
    "TakeBackForm",
    "TextsForm",
    "initial_of_review",
    "initial_of_terms",
    "name_of_pair",
    "pairs_named",
    "score_choices",
]
