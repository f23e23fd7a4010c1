"""Reads of funding: what the actor may see, and what the figures count."""

from lineshaft.apps.funding.queries.agreements import (
    agencies_to_sign_for,
    agency_by_key,
    agreements_of,
    contributions_of,
    contributions_to_decide,
    count_all_contributions,
    left_to_correct_minor,
    open_obligations,
)
from lineshaft.apps.funding.queries.counted import (
    contributions_counted,
    count_contributions,
    count_drawdowns,
    count_obligations,
    drawdowns_counted,
    drawn_minor,
    obligated_minor,
    obligations_counted,
)
from lineshaft.apps.funding.queries.match import (
    MatchPosition,
    match_position,
    match_positions_by_year,
)
from lineshaft.apps.funding.queries.visible import (
    AGREEMENT_PATHS,
    accounts_visible_to,
    agreement_by_id,
    agreements_visible_to,
    contribution_by_id,
    contributions_visible_to,
    may_read_contributors,
    transfer_by_id,
    transfers_visible_to,
)

__all__ = [
    "AGREEMENT_PATHS",
    "MatchPosition",
    "accounts_visible_to",
    "agencies_to_sign_for",
    "agency_by_key",
    "agreement_by_id",
    "agreements_of",
    "agreements_visible_to",
    "contribution_by_id",
    "contributions_counted",
    "contributions_of",
    "contributions_to_decide",
    "contributions_visible_to",
    "count_all_contributions",
    "count_contributions",
    "count_drawdowns",
    "count_obligations",
    "drawdowns_counted",
    "drawn_minor",
    "left_to_correct_minor",
    "match_position",
    "match_positions_by_year",
    "may_read_contributors",
    "obligated_minor",
    "obligations_counted",
    "open_obligations",
    "transfer_by_id",
    "transfers_visible_to",
]
