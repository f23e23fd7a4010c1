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
from lineshaft.apps.funding.forms.budgets import BudgetForm, BudgetRevisionForm
from lineshaft.apps.funding.forms.claims import ClaimForm, DecideClaimForm
from lineshaft.apps.funding.forms.closeout import CloseoutForm, ReserveReleaseForm
from lineshaft.apps.funding.forms.closings import CloseBooksForm, ReopenBooksForm
from lineshaft.apps.funding.forms.commitments import CommitmentForm
from lineshaft.apps.funding.forms.contributions import (
    AcceptForm,
    ContributionFilterForm,
    ContributionForm,
    EvidenceForm,
)
from lineshaft.apps.funding.forms.costs import CostFilterForm, CostForm, CostMoveForm
from lineshaft.apps.funding.forms.fields import (
    AmountField,
    ConfirmForm,
    FilesField,
    FilesInput,
    ReasonForm,
    chosen,
    initial_day,
    posted,
    prefilled,
)
from lineshaft.apps.funding.forms.financial_reports import (
    CertifyForm,
    IndirectRateForm,
    ReportScopeForm,
)
from lineshaft.apps.funding.forms.income import IncomeForm, IncomeUseForm, ReportingTermsForm
from lineshaft.apps.funding.forms.match_tests import (
    MATCH_STATUS_LABELS,
    MATCH_TEST_LABELS,
    MatchTestFilterForm,
)
from lineshaft.apps.funding.forms.own_income import OwnIncomeFilterForm, OwnIncomeForm, ReversalForm
from lineshaft.apps.funding.forms.proposals import ProposalFilterForm
from lineshaft.apps.funding.forms.reconciliation import (
    EntryFilterForm,
    ExplanationForm,
    HandMatchForm,
    LineFilterForm,
    ReconciliationPeriodForm,
    UndoForm,
)
from lineshaft.apps.funding.forms.rules import ImagineForm
from lineshaft.apps.funding.forms.transfers import (
    CorrectionForm,
    MovementForm,
    ReleaseForm,
    TransferFilterForm,
)
from lineshaft.apps.funding.forms.valuation import ValuationForm

__all__ = [
    "MATCH_STATUS_LABELS",
    "MATCH_TEST_LABELS",
    "AcceptForm",
    "AmendForm",
    "AmountField",
    "BudgetForm",
    "BudgetRevisionForm",
    "CertifyForm",
    "ClaimForm",
    "CloseBooksForm",
    "CloseoutForm",
    "CommitmentForm",
    "ConfirmForm",
    "ContributionFilterForm",
    "ContributionForm",
    "CorrectionForm",
    "CostFilterForm",
    "CostForm",
    "CostMoveForm",
    "DecideClaimForm",
    "DeficienciesForm",
    "EntryFilterForm",
    "EvidenceForm",
    "ExplanationForm",
    "FilesField",
    "FilesInput",
    "HandMatchForm",
    "ImagineForm",
    "IncomeForm",
    "IncomeUseForm",
    "IndirectRateForm",
    "IneligibleForm",
    "LineFilterForm",
    "MatchTestFilterForm",
    "MovementForm",
    "OwnIncomeFilterForm",
    "OwnIncomeForm",
    "ProposalFilterForm",
    "ReasonForm",
    "ReconciliationPeriodForm",
    "ReleaseForm",
    "RenewForm",
    "ReopenBooksForm",
    "ReportScopeForm",
    "ReportingTermsForm",
    "ReserveReleaseForm",
    "ReversalForm",
    "SignForm",
    "StepForm",
    "TerminateForm",
    "TransferFilterForm",
    "UndoForm",
    "ValuationForm",
    "WaiverForm",
    "chosen",
    "initial_day",
    "posted",
    "prefilled",
]
