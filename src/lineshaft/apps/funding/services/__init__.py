"""The writes of funding: agreements, the ledger's transfers, contributions, and their verification.

Split by noun: `agreements`, `posting` (the verbs that move federal money), `contributions`,
`ledger` (the core that all of them write through), `book` (what it locks) and `verification`.
"""

from lineshaft.apps.funding.services.agreements import (
    AgreementTerms,
    SponsorPart,
    activate_agreement,
    end_agreement,
    sign_agreement,
    terminate_agreement,
)
from lineshaft.apps.funding.services.amendments import (
    AmendmentTerms,
    execute_amendment,
    propose_amendment,
    withdraw_amendment,
)
from lineshaft.apps.funding.services.book import TransferRow
from lineshaft.apps.funding.services.budgets import (
    BudgetPlan,
    PlannedLine,
    plan_budget_period,
    revise_budget_period,
)
from lineshaft.apps.funding.services.claims import (
    ClaimHeader,
    LineDecision,
    decide_claim,
    open_claim,
)
from lineshaft.apps.funding.services.closeout import (
    complete_closeout_item,
    pending_minor,
    reopen_closeout_item,
    undecided_minor,
)
from lineshaft.apps.funding.services.closings import (
    close_books,
    close_network_books,
    reopen_books,
    reopen_network_books,
)
from lineshaft.apps.funding.services.commitments import (
    Promise,
    record_commitment,
    record_commitments,
    release_commitment,
)
from lineshaft.apps.funding.services.contributions import (
    accept_contribution,
    accept_contributions,
    record_contribution,
    record_contributions,
    refuse_contribution,
    value_contribution,
    withdraw_contribution,
)
from lineshaft.apps.funding.services.costs import (
    CostEntry,
    CostRow,
    liquidate_encumbrance,
    pay_cost,
    post_costs,
    record_cost,
    record_encumbrance,
    release_encumbrance,
)
from lineshaft.apps.funding.services.deciding import Acceptance
from lineshaft.apps.funding.services.evidence import EvidenceFile, attach_evidence
from lineshaft.apps.funding.services.financial_documents import certification_text, formula_text
from lineshaft.apps.funding.services.financial_reports import (
    RateTerms,
    certify_report,
    record_indirect_rate,
)
from lineshaft.apps.funding.services.income import (
    Earning,
    Use,
    record_income,
    set_reporting_terms,
    use_income,
)
from lineshaft.apps.funding.services.ledger import RefusedRow, UnknownRow
from lineshaft.apps.funding.services.own_income import (
    OwnIncomeRow,
    record_own_income,
    record_own_incomes,
    reverse_own_income,
)
from lineshaft.apps.funding.services.posting import (
    Moved,
    PostOutcome,
    authorise_funds,
    correct_transfer,
    draw_funds,
    obligate_funds,
    post_transfer,
    post_transfers,
    release_obligation,
    return_funds,
)
from lineshaft.apps.funding.services.proposals import (
    approve_transfer,
    reject_transfer,
    withdraw_transfer,
)
from lineshaft.apps.funding.services.reconciliation import (
    Joined,
    MatchOutcome,
    explain_lines,
    match_by_hand,
    match_lines,
    undo_matches,
)
from lineshaft.apps.funding.services.recording import VALUATION_FIELDS, Claim, ContributionOutcome
from lineshaft.apps.funding.services.renewals import (
    find_ineligible,
    grant_renewal,
    notify_deficiencies,
    open_renewal_review,
)
from lineshaft.apps.funding.services.reserve import Assessment, release_reserve, withhold_reserve
from lineshaft.apps.funding.services.statements import (
    MATCH_LINES_JOB,
    BankLine,
    PaymentLine,
    record_payments,
    record_statements,
)
from lineshaft.apps.funding.services.verification import verify_ledger
from lineshaft.apps.funding.services.waivers import (
    WaiverTerms,
    deny_waiver,
    grant_waiver,
    request_waiver,
    revoke_waiver,
)

__all__ = [
    "MATCH_LINES_JOB",
    "VALUATION_FIELDS",
    "Acceptance",
    "AgreementTerms",
    "AmendmentTerms",
    "Assessment",
    "BankLine",
    "BudgetPlan",
    "Claim",
    "ClaimHeader",
    "ContributionOutcome",
    "CostEntry",
    "CostRow",
    "Earning",
    "EvidenceFile",
    "Joined",
    "LineDecision",
    "MatchOutcome",
    "Moved",
    "OwnIncomeRow",
    "PaymentLine",
    "PlannedLine",
    "PostOutcome",
    "Promise",
    "RateTerms",
    "RefusedRow",
    "SponsorPart",
    "TransferRow",
    "UnknownRow",
    "Use",
    "WaiverTerms",
    "accept_contribution",
    "accept_contributions",
    "activate_agreement",
    "approve_transfer",
    "attach_evidence",
    "authorise_funds",
    "certification_text",
    "certify_report",
    "close_books",
    "close_network_books",
    "complete_closeout_item",
    "correct_transfer",
    "decide_claim",
    "deny_waiver",
    "draw_funds",
    "end_agreement",
    "execute_amendment",
    "explain_lines",
    "find_ineligible",
    "formula_text",
    "grant_renewal",
    "grant_waiver",
    "liquidate_encumbrance",
    "match_by_hand",
    "match_lines",
    "notify_deficiencies",
    "obligate_funds",
    "open_claim",
    "open_renewal_review",
    "pay_cost",
    "pending_minor",
    "plan_budget_period",
    "post_costs",
    "post_transfer",
    "post_transfers",
    "propose_amendment",
    "record_commitment",
    "record_commitments",
    "record_contribution",
    "record_contributions",
    "record_cost",
    "record_encumbrance",
    "record_income",
    "record_indirect_rate",
    "record_own_income",
    "record_own_incomes",
    "record_payments",
    "record_statements",
    "refuse_contribution",
    "reject_transfer",
    "release_commitment",
    "release_encumbrance",
    "release_obligation",
    "release_reserve",
    "reopen_books",
    "reopen_closeout_item",
    "reopen_network_books",
    "request_waiver",
    "return_funds",
    "reverse_own_income",
    "revise_budget_period",
    "revoke_waiver",
    "set_reporting_terms",
    "sign_agreement",
    "terminate_agreement",
    "undecided_minor",
    "undo_matches",
    "use_income",
    "value_contribution",
    "verify_ledger",
    "withdraw_amendment",
    "withdraw_contribution",
    "withdraw_transfer",
    "withhold_reserve",
]
