"""Funding's pages: an institute's money, its agreements and transfers, its contributions."""

from lineshaft.apps.funding.views.agreements import (
    activate_agreement,
    end_agreement,
    show_agreement,
    sign_agreement,
    terminate_agreement,
)
from lineshaft.apps.funding.views.contributions import (
    accept_contribution,
    attach_evidence,
    export_contributions,
    list_contributions,
    record_contribution,
    refuse_contribution,
    show_contribution,
    withdraw_contribution,
)
from lineshaft.apps.funding.views.institute import show_funding
from lineshaft.apps.funding.views.transfers import (
    authorise_funds,
    correct_transfer,
    draw_funds,
    obligate_funds,
    release_obligation,
    return_funds,
    show_transfer,
)

__all__ = [
    "accept_contribution",
    "activate_agreement",
    "attach_evidence",
    "authorise_funds",
    "correct_transfer",
    "draw_funds",
    "end_agreement",
    "export_contributions",
    "list_contributions",
    "obligate_funds",
    "record_contribution",
    "refuse_contribution",
    "release_obligation",
    "return_funds",
    "show_agreement",
    "show_contribution",
    "show_funding",
    "show_transfer",
    "sign_agreement",
    "terminate_agreement",
    "withdraw_contribution",
]
