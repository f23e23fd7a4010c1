"""Services that begin with an actor and are no verb of their own, each with the reason."""

from typing import Final

NOT_VERBS: Final = {
    "competitions.tell_of_new": "writes a message for each search, each in its own transaction",
    "governance.has_power_to_delegate": "asks",
    "governance.may_delegate": "asks",
    "memberships.permit_decision": "asks",
    "memberships.permit_screening": "asks",
    "network.may_anywhere": "asks",
    "network.may_register_outside_awards": "asks",
    "network.permit_anywhere": "asks",
    "network.levels_to_register": "asks",
    "network.may_decide_overlap": "asks",
    "network.permit_overlap": "asks",
    "network.overlaps_with": "reads",
    "network.find_overlaps": "is several verbs, record_overlaps for each part of what it finds",
    "memberships.may_as_applicant": "asks",
    "memberships.may_screen": "asks",
    "memberships.check_admission": "asks",
    "network.lookalikes_of": "asks",
    "insight.may_take_snapshot": "asks",
    "insight.report_document": "reads",
    "audit.record_event": "is part of a verb, in its transaction",
    "exchange.run_import": "is two verbs, store_import and run_batch",
    "insight.record_shipped_denominators": "records by record_denominators",
    "network.load_reference_network": "has nothing left to load; the scenarios begin with it",
}
