"""Fields of funding's pages, by noun."""

from lineshaft.apps.funding.forms.agreements import SignForm, TerminateForm
from lineshaft.apps.funding.forms.amendments import (
    AmendForm,
    DeficienciesForm,
    IneligibleForm,
    RenewForm,
    StepForm,
    WaiverForm,
)
from lineshaft.apps.funding.forms.budgets import (
    BudgetForm,
    BudgetRevisionForm,
)
from lineshaft.apps.funding.forms.closeout import (
    CloseoutForm,
    ReserveReleaseForm,
)
from lineshaft.apps.funding.forms.contributions import (
    AcceptForm,
    ContributionFilterForm,
    ContributionForm,
    EvidenceForm,
)
from lineshaft.apps.funding.forms.fields import (
    AmountField,
    ConfirmForm,
    FilesField,
    FilesInput,
    ReasonForm,
    chosen,
    initial_day,
    posted,
)
from lineshaft.apps.funding.forms.rules import (
    ImagineForm,
)
from lineshaft.apps.funding.forms.transfers import (
    CorrectionForm,
    MovementForm,
    ReleaseForm,
    TransferFilterForm,
)

__all__ = [
    "AcceptForm",
    "AmendForm",
    "AmountField",
    "BudgetForm",
    "BudgetRevisionForm",
    "CloseoutForm",
    "ConfirmForm",
    "ContributionFilterForm",
    "ContributionForm",
    "CorrectionForm",
    "DeficienciesForm",
    "EvidenceForm",
    "FilesField",
    "FilesInput",
    "ImagineForm",
    "IneligibleForm",
    "MovementForm",
    "ReasonForm",
    "ReleaseForm",
    "RenewForm",
    "ReserveReleaseForm",
    "SignForm",
    "StepForm",
    "TerminateForm",
    "TransferFilterForm",
    "WaiverForm",
    "chosen",
    "initial_day",
    "posted",
]
