"""Fields of funding's pages, by noun."""

from lineshaft.apps.funding.forms.agreements import SignForm, TerminateForm
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
from lineshaft.apps.funding.forms.transfers import (
    CorrectionForm,
    MovementForm,
    ReleaseForm,
    TransferFilterForm,
)

__all__ = [
    "AcceptForm",
    "AmountField",
    "ConfirmForm",
    "ContributionFilterForm",
    "ContributionForm",
    "CorrectionForm",
    "EvidenceForm",
    "FilesField",
    "FilesInput",
    "MovementForm",
    "ReasonForm",
    "ReleaseForm",
    "SignForm",
    "TerminateForm",
    "TransferFilterForm",
    "chosen",
    "initial_day",
    "posted",
]
