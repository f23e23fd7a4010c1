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
from lineshaft.apps.funding.services.book import TransferRow
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
from lineshaft.apps.funding.services.verification import verify_ledger

__all__ = [
    "Acceptance",
    "AgreementTerms",
    "Claim",
    "ContributionOutcome",
    "EvidenceFile",
    "PostOutcome",
    "RefusedRow",
    "SponsorPart",
    "TransferRow",
    "UnknownRow",
    "accept_contribution",
    "accept_contributions",
    "activate_agreement",
    "attach_evidence",
    "authorise_funds",
    "correct_transfer",
    "draw_funds",
    "end_agreement",
    "obligate_funds",
    "post_transfer",
    "post_transfers",
    "record_contribution",
    "record_contributions",
    "refuse_contribution",
    "release_obligation",
    "return_funds",
    "sign_agreement",
    "terminate_agreement",
    "verify_ledger",
    "withdraw_contribution",
]
