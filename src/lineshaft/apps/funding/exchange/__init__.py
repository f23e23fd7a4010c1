"""Spreadsheets in: an institute's contributions, claims, costs and income, an agency's payments.

Each row carries the sender's own number; the id of its transfer is derived from that number and the
agreement, so the same file sent twice changes nothing, and a changed row under an old number is
refused. The rows go through the same bulk verbs as everything else, all or none.
"""

from typing import Final

from lineshaft.apps.funding.exchange.claims import CLAIMS_IMPORT
from lineshaft.apps.funding.exchange.commitments import COMMITMENTS_IMPORT
from lineshaft.apps.funding.exchange.contributions import (
    CONTRIBUTIONS_IMPORT,
    contribution_id,
    contribution_records,
    export_columns,
    import_contributions,
)
from lineshaft.apps.funding.exchange.costs import COSTS_IMPORT
from lineshaft.apps.funding.exchange.own_income import OWN_INCOME_IMPORT
from lineshaft.apps.funding.exchange.rows import payment_id
from lineshaft.apps.funding.exchange.statements import PAYMENTS_IMPORT, STATEMENTS_IMPORT
from lineshaft.apps.funding.exchange.transfers import TRANSFERS_IMPORT, import_transfers
from lineshaft.plumbing.exchange.spec import ImportSpec

IMPORTS: Final[dict[str, ImportSpec]] = {
    "costs": COSTS_IMPORT,
    "own_income": OWN_INCOME_IMPORT,
    "commitments": COMMITMENTS_IMPORT,
    "contributions": CONTRIBUTIONS_IMPORT,
    "claims": CLAIMS_IMPORT,
    "transfers": TRANSFERS_IMPORT,
    "payments": PAYMENTS_IMPORT,
    "statements": STATEMENTS_IMPORT,
}

__all__ = [
    "IMPORTS",
    "contribution_id",
    "contribution_records",
    "export_columns",
    "import_contributions",
    "import_transfers",
    "payment_id",
]
