"""Funding's pages: an institute's money, its agreements and transfers, contributions and costs."""

from lineshaft.apps.funding.views.agreements import (
    activate_agreement,
    end_agreement,
    show_agreement,
    sign_agreement,
    terminate_agreement,
)
from lineshaft.apps.funding.views.amendments import (
    execute_amendment,
    list_amendments,
    propose_amendment,
    withdraw_amendment,
)
from lineshaft.apps.funding.views.budgets import (
    plan_budget_period,
    revise_budget_period,
    show_budget,
)
from lineshaft.apps.funding.views.claims import decide_claim, list_claims, open_claim, show_claim
from lineshaft.apps.funding.views.closeout import (
    complete_closeout_item,
    reopen_closeout_item,
    show_closeout,
)
from lineshaft.apps.funding.views.closings import (
    close_books,
    close_network_books,
    reopen_books,
    reopen_network_books,
    show_books,
    show_network_books,
)
from lineshaft.apps.funding.views.commitments import (
    list_commitments,
    record_commitment,
    release_commitment,
)
from lineshaft.apps.funding.views.contributions import (
    accept_contribution,
    attach_evidence,
    export_contributions,
    list_contributions,
    record_contribution,
    refuse_contribution,
    show_contribution,
    value_contribution,
    withdraw_contribution,
)
from lineshaft.apps.funding.views.costs import (
    export_costs,
    liquidate_encumbrance,
    list_costs,
    pay_cost,
    record_cost,
    record_encumbrance,
    release_encumbrance,
    show_cost,
)
from lineshaft.apps.funding.views.counted import list_funding_records
from lineshaft.apps.funding.views.duplicates import list_duplicates
from lineshaft.apps.funding.views.financial_reports import (
    certify_report,
    record_indirect_rate,
    show_certified_report,
    show_financial_report,
    show_report_line,
)
from lineshaft.apps.funding.views.income import (
    list_income,
    record_income,
    set_reporting_terms,
    use_income,
)
from lineshaft.apps.funding.views.institute import show_funding
from lineshaft.apps.funding.views.lines import (
    match_by_hand,
    show_line,
    show_match,
)
from lineshaft.apps.funding.views.many_lines import explain_lines, undo_matches
from lineshaft.apps.funding.views.match_tests import (
    export_match_tests,
    list_match_records,
    list_match_tests,
    show_match_tests,
)
from lineshaft.apps.funding.views.own_income import (
    export_own_income,
    list_own_income,
    record_own_income,
    reverse_own_income,
    show_own_income,
)
from lineshaft.apps.funding.views.proposals import (
    approve_transfer,
    list_proposals,
    reject_transfer,
    show_proposal,
    withdraw_transfer,
)
from lineshaft.apps.funding.views.reconciliation import (
    match_lines,
    show_agency_payments,
    show_reconciliation,
)
from lineshaft.apps.funding.views.renewals import (
    find_ineligible,
    grant_renewal,
    notify_deficiencies,
    open_renewal_review,
    show_renewal,
)
from lineshaft.apps.funding.views.reserve import release_reserve, show_reserve, withhold_reserve
from lineshaft.apps.funding.views.rules import imagine_rule, show_rules
from lineshaft.apps.funding.views.statement_lists import (
    export_entries,
    export_lines,
    list_entries,
    list_lines,
)
from lineshaft.apps.funding.views.transfers import (
    authorise_funds,
    correct_transfer,
    draw_funds,
    obligate_funds,
    release_obligation,
    return_funds,
    show_transfer,
)
from lineshaft.apps.funding.views.waivers import (
    deny_waiver,
    grant_waiver,
    list_waivers,
    request_waiver,
    revoke_waiver,
)

__all__ = [
    "accept_contribution",
    "activate_agreement",
    "approve_transfer",
    "attach_evidence",
    "authorise_funds",
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
    "export_contributions",
    "export_costs",
    "export_entries",
    "export_lines",
    "export_match_tests",
    "export_own_income",
    "find_ineligible",
    "grant_renewal",
    "grant_waiver",
    "imagine_rule",
    "liquidate_encumbrance",
    "list_amendments",
    "list_claims",
    "list_commitments",
    "list_contributions",
    "list_costs",
    "list_duplicates",
    "list_entries",
    "list_funding_records",
    "list_income",
    "list_lines",
    "list_match_records",
    "list_match_tests",
    "list_own_income",
    "list_proposals",
    "list_waivers",
    "match_by_hand",
    "match_lines",
    "notify_deficiencies",
    "obligate_funds",
    "open_claim",
    "open_renewal_review",
    "pay_cost",
    "plan_budget_period",
    "propose_amendment",
    "record_commitment",
    "record_contribution",
    "record_cost",
    "record_encumbrance",
    "record_income",
    "record_indirect_rate",
    "record_own_income",
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
    "show_agency_payments",
    "show_agreement",
    "show_books",
    "show_budget",
    "show_certified_report",
    "show_claim",
    "show_closeout",
    "show_contribution",
    "show_cost",
    "show_financial_report",
    "show_funding",
    "show_line",
    "show_match",
    "show_match_tests",
    "show_network_books",
    "show_own_income",
    "show_proposal",
    "show_reconciliation",
    "show_renewal",
    "show_report_line",
    "show_reserve",
    "show_rules",
    "show_transfer",
    "sign_agreement",
    "terminate_agreement",
    "undo_matches",
    "use_income",
    "value_contribution",
    "withdraw_amendment",
    "withdraw_contribution",
    "withdraw_transfer",
    "withhold_reserve",
]
