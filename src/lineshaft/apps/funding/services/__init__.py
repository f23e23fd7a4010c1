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
from lineshaft.apps.funding.services.closeout import (
    complete_closeout_item,
    pending_minor,
    reopen_closeout_item,
    undecided_minor,
)
from lineshaft.apps.funding.services.contributions import (
    Acceptance,
    Claim,
    ContributionOutcome,
    accept_contribution,
    accept_contributions,
    record_contribution,
    record_contributions,
    refuse_contribution,
    withdraw_contribution,
)
from lineshaft.apps.funding.services.evidence import EvidenceFile, attach_evidence
from lineshaft.apps.funding.services.ledger import RefusedRow, UnknownRow
from lineshaft.apps.funding.services.posting import (
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
from lineshaft.apps.funding.services.renewals import (
    find_ineligible,
    grant_renewal,
    notify_deficiencies,
    open_renewal_review,
)
from lineshaft.apps.funding.services.reserve import (
    Assessment,
    release_reserve,
    withhold_reserve,
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
    "Acceptance",
    "AgreementTerms",
    "AmendmentTerms",
    "Assessment",
    "BudgetPlan",
    "Claim",
    "ContributionOutcome",
    "EvidenceFile",
    "PlannedLine",
    "PostOutcome",
    "RefusedRow",
    "SponsorPart",
    "TransferRow",
    "UnknownRow",
    "WaiverTerms",
    "accept_contribution",
    "accept_contributions",
    "activate_agreement",
    "attach_evidence",
    "authorise_funds",
    "complete_closeout_item",
    "correct_transfer",
    "deny_waiver",
    "draw_funds",
    "end_agreement",
    "execute_amendment",
    "find_ineligible",
    "grant_renewal",
    "grant_waiver",
    "notify_deficiencies",
    "obligate_funds",
    "open_renewal_review",
    "pending_minor",
    "plan_budget_period",
    "post_transfer",
    "post_transfers",
    "propose_amendment",
    "record_contribution",
    "record_contributions",
    "refuse_contribution",
    "release_obligation",
    "release_reserve",
    "reopen_closeout_item",
    "request_waiver",
    "return_funds",
    "revise_budget_period",
    "revoke_waiver",
    "sign_agreement",
    "terminate_agreement",
    "undecided_minor",
    "verify_ledger",
    "withdraw_amendment",
    "withdraw_contribution",
    "withhold_reserve",
]
