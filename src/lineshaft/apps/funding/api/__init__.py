"""Funding over the API: agreements, transfers, contributions, costs, income, and their verbs.

Amounts are integer minor units with a currency. The `id` of a write is the caller's: sending the
same content again is harmless, other content under it is refused with `transfer_id_reused`.
"""

from ninja import Router

from lineshaft.apps.funding.api import (
    agreements,
    amendments,
    budgets,
    claims,
    closeout,
    closings,
    commitments,
    contributions,
    costs,
    financial_reports,
    income,
    match,
    match_tests,
    own_income,
    proposals,
    reconciliation,
    rules,
    transfers,
)

router = Router(tags=["funding"])
for noun in (
    agreements,
    budgets,
    amendments,
    closeout,
    rules,
    transfers,
    proposals,
    closings,
    contributions,
    claims,
    commitments,
    match,
    match_tests,
    costs,
    income,
    financial_reports,
    own_income,
    reconciliation,
):
    router.add_router("", noun.router)
