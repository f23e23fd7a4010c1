"""Agreements, their ledger, and the contributions behind it: one module for each noun."""

from lineshaft.apps.funding.models import contributions, ledger
from lineshaft.apps.funding.models.agreements import (
    AGREEMENT_STATE_LABELS,
    Agreement,
    AgreementSponsor,
)
from lineshaft.apps.funding.models.contributions import (
    CONTRIBUTION_STATE_LABELS,
    Contribution,
    ContributionEvidence,
)
from lineshaft.apps.funding.models.ledger import (
    ACCOUNT_KIND_LABELS,
    TRANSFER_CODE_LABELS,
    TRANSFER_KIND_LABELS,
    Account,
    Hold,
    Transfer,
)

TRIGGERS = (*ledger.TRIGGERS, *contributions.TRIGGERS)

__all__ = [
    "ACCOUNT_KIND_LABELS",
    "AGREEMENT_STATE_LABELS",
    "CONTRIBUTION_STATE_LABELS",
    "TRANSFER_CODE_LABELS",
    "TRANSFER_KIND_LABELS",
    "TRIGGERS",
    "Account",
    "Agreement",
    "AgreementSponsor",
    "Contribution",
    "ContributionEvidence",
    "Hold",
    "Transfer",
]
