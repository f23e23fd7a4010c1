"""Agreements, their ledger, and the contributions behind it: one module for each noun."""

from lineshaft.apps.funding.models import (
    amendments,
    claims,
    closeout,
    closings,
    commitments,
    contributions,
    costs,
    day_sums,
    duplicates,
    financial_reports,
    income,
    ledger,
    own_income,
    proposals,
    reconciliation,
    renewals,
    reserve,
    waivers,
)
from lineshaft.apps.funding.models.agreements import (
    AGREEMENT_STATE_LABELS,
    Agreement,
    AgreementSponsor,
)
from lineshaft.apps.funding.models.amendments import (
    AMENDMENT_KIND_LABELS,
    AMENDMENT_STATE_LABELS,
    Amendment,
)
from lineshaft.apps.funding.models.budgets import BudgetLine, BudgetPeriod
from lineshaft.apps.funding.models.claims import ClaimLine, CostShareClaim
from lineshaft.apps.funding.models.closeout import CloseoutStep
from lineshaft.apps.funding.models.closings import CLOSING_KIND_LABELS, BooksClosing
from lineshaft.apps.funding.models.commitments import COMMITMENT_STANDING_LABELS, Commitment
from lineshaft.apps.funding.models.contributions import (
    CONTRIBUTION_STATE_LABELS,
    Contribution,
    ContributionEvidence,
)
from lineshaft.apps.funding.models.costs import Cost, CostEvidence, CostMovement
from lineshaft.apps.funding.models.day_sums import (
    ContributionSum,
    ContributorSum,
    CostSum,
    DaySum,
)
from lineshaft.apps.funding.models.duplicates import DUPLICATE_SIGN_LABELS, ContributionDuplicate
from lineshaft.apps.funding.models.financial_reports import (
    LINE_LABELS,
    RATE_TYPE_LABELS,
    FinancialReport,
    FinancialReportDocument,
    FinancialReportSum,
    IndirectRate,
)
from lineshaft.apps.funding.models.income import (
    ACTIVITY_LABELS,
    BASIS_LABELS,
    Income,
    IncomeUse,
    ReportingTerms,
)
from lineshaft.apps.funding.models.ledger import (
    ACCOUNT_KIND_LABELS,
    TRANSFER_CODE_LABELS,
    TRANSFER_KIND_LABELS,
    Account,
    Hold,
    Transfer,
)
from lineshaft.apps.funding.models.own_income import OwnIncome
from lineshaft.apps.funding.models.proposals import PROPOSAL_STATE_LABELS, TransferProposal
from lineshaft.apps.funding.models.reconciliation import (
    LINE_SOURCE_LABELS,
    LINE_STATE_LABELS,
    MATCH_RULE_LABELS,
    LineMatch,
    MatchPart,
    StatementLine,
)
from lineshaft.apps.funding.models.renewals import RENEWAL_STATE_LABELS, Renewal
from lineshaft.apps.funding.models.reserve import RATING_LABELS, ReserveDecision
from lineshaft.apps.funding.models.waivers import WAIVER_STATE_LABELS, Waiver

TRIGGERS = (
    *duplicates.TRIGGERS,
    *claims.TRIGGERS,
    *commitments.TRIGGERS,
    *ledger.TRIGGERS,
    *day_sums.TRIGGERS,
    *contributions.TRIGGERS,
    *amendments.TRIGGERS,
    *waivers.TRIGGERS,
    *reserve.TRIGGERS,
    *renewals.TRIGGERS,
    *closeout.TRIGGERS,
    *costs.TRIGGERS,
    *income.TRIGGERS,
    *financial_reports.TRIGGERS,
    *own_income.TRIGGERS,
    *reconciliation.TRIGGERS,
    *proposals.TRIGGERS,
    *closings.TRIGGERS,
)


__all__ = [
    "ACCOUNT_KIND_LABELS",
    "ACTIVITY_LABELS",
    "AGREEMENT_STATE_LABELS",
    "AMENDMENT_KIND_LABELS",
    "AMENDMENT_STATE_LABELS",
    "BASIS_LABELS",
    "CLOSING_KIND_LABELS",
    "COMMITMENT_STANDING_LABELS",
    "CONTRIBUTION_STATE_LABELS",
    "DUPLICATE_SIGN_LABELS",
    "LINE_LABELS",
    "LINE_SOURCE_LABELS",
    "LINE_STATE_LABELS",
    "MATCH_RULE_LABELS",
    "PROPOSAL_STATE_LABELS",
    "RATE_TYPE_LABELS",
    "RATING_LABELS",
    "RENEWAL_STATE_LABELS",
    "TRANSFER_CODE_LABELS",
    "TRANSFER_KIND_LABELS",
    "TRIGGERS",
    "WAIVER_STATE_LABELS",
    "Account",
    "Agreement",
    "AgreementSponsor",
    "Amendment",
    "BooksClosing",
    "BudgetLine",
    "BudgetPeriod",
    "ClaimLine",
    "CloseoutStep",
    "Commitment",
    "Contribution",
    "ContributionDuplicate",
    "ContributionEvidence",
    "ContributionSum",
    "ContributorSum",
    "Cost",
    "CostEvidence",
    "CostMovement",
    "CostShareClaim",
    "CostSum",
    "DaySum",
    "FinancialReport",
    "FinancialReportDocument",
    "FinancialReportSum",
    "Hold",
    "Income",
    "IncomeUse",
    "IndirectRate",
    "LineMatch",
    "MatchPart",
    "OwnIncome",
    "Renewal",
    "ReportingTerms",
    "ReserveDecision",
    "StatementLine",
    "Transfer",
    "TransferProposal",
    "Waiver",
]
