"""Who may perform which verb of funding."""

from typing import Final

from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

_SPONSOR: Final = frozenset({Role.AGENCY_SPONSOR})
_FINANCE: Final = frozenset({Role.INSTITUTE_FINANCE})
_SECOND_LINE: Final = frozenset({Role.AGENCY_SPONSOR, Role.INSTITUTE_MANAGER})
_ONLY_SPONSOR: Final = gettext_noop("Only the sponsoring agency's officer may do this.")
_ONLY_FINANCE: Final = gettext_noop("Only the institute's finance officer may do this.")
_SPONSOR_OR_MANAGER: Final = gettext_noop(
    "The sponsoring agency's officer or the institute's manager may do this."
)
_OFFICE: Final = frozenset({Role.PROGRAMME_OFFICER})
_ONLY_OFFICE: Final = gettext_noop("Only the programme office may do this.")
_MOVERS: Final = gettext_noop(
    "A second person decides who may move this money: the sponsoring agency's officer or the "
    "institute's finance officer."
)
_CLOSES: Final = gettext_noop(
    "The institute's finance officer or manager, or the sponsoring agency's officer, may do this."
)
_RECONCILES: Final = gettext_noop(
    "The institute's finance officer may do this, and of an agency's payment file the agency's "
    "officer."
)
SPONSOR_VERBS: Final = frozenset(
    {
        "authorise_funds",
        "obligate_funds",
        "release_obligation",
        "approve_transfer",
        "reject_transfer",
        "withdraw_transfer",
        "withhold_reserve",
        "release_reserve",
    }
)
"""The verbs that each sponsor of an agreement performs on its own part; the lead on every part."""
PERMISSIONS: Final = permissions(
    Permission("sign_agreement", _ONLY_SPONSOR, _SPONSOR),
    Permission("activate_agreement", _ONLY_SPONSOR, _SPONSOR),
    Permission("end_agreement", _ONLY_SPONSOR, _SPONSOR),
    Permission("terminate_agreement", _ONLY_SPONSOR, _SPONSOR),
    Permission("plan_budget_period", _ONLY_SPONSOR, _SPONSOR),
    Permission("revise_budget_period", _ONLY_SPONSOR, _SPONSOR),
    Permission("propose_amendment", _SPONSOR_OR_MANAGER, _SECOND_LINE),
    Permission("execute_amendment", _ONLY_SPONSOR, _SPONSOR),
    Permission("withdraw_amendment", _SPONSOR_OR_MANAGER, _SECOND_LINE),
    Permission("request_waiver", _SPONSOR_OR_MANAGER, _SECOND_LINE),
    Permission("grant_waiver", _ONLY_SPONSOR, _SPONSOR),
    Permission("deny_waiver", _ONLY_SPONSOR, _SPONSOR),
    Permission("revoke_waiver", _ONLY_SPONSOR, _SPONSOR),
    Permission("open_renewal_review", _ONLY_SPONSOR, _SPONSOR),
    Permission("notify_deficiencies", _ONLY_SPONSOR, _SPONSOR),
    Permission("grant_renewal", _ONLY_SPONSOR, _SPONSOR),
    Permission("find_ineligible", _ONLY_SPONSOR, _SPONSOR),
    Permission("complete_closeout_item", _CLOSES, _SECOND_LINE | _FINANCE),
    Permission("reopen_closeout_item", _ONLY_SPONSOR, _SPONSOR),
    Permission("authorise_funds", _ONLY_SPONSOR, _SPONSOR),
    Permission("obligate_funds", _ONLY_SPONSOR, _SPONSOR),
    Permission("release_obligation", _ONLY_SPONSOR, _SPONSOR),
    Permission("draw_funds", _ONLY_FINANCE, _FINANCE),
    Permission("return_funds", _ONLY_FINANCE, _FINANCE),
    Permission("withhold_reserve", _ONLY_SPONSOR, _SPONSOR),
    Permission("release_reserve", _ONLY_SPONSOR, _SPONSOR),
    Permission("record_encumbrance", _ONLY_FINANCE, _FINANCE),
    Permission("liquidate_encumbrance", _ONLY_FINANCE, _FINANCE),
    Permission("release_encumbrance", _ONLY_FINANCE, _FINANCE),
    Permission("record_cost", _ONLY_FINANCE, _FINANCE),
    Permission("pay_cost", _ONLY_FINANCE, _FINANCE),
    Permission("post_costs", _ONLY_FINANCE, _FINANCE),
    Permission("set_reporting_terms", _ONLY_SPONSOR, _SPONSOR),
    Permission("record_income", _ONLY_FINANCE, _FINANCE),
    Permission("use_income", _ONLY_FINANCE, _FINANCE),
    Permission("record_indirect_rate", _ONLY_FINANCE, _FINANCE),
    Permission("certify_report", _ONLY_FINANCE, _FINANCE),
    Permission("record_own_income", _ONLY_FINANCE, _FINANCE),
    Permission("reverse_own_income", _ONLY_FINANCE, _FINANCE),
    Permission("record_payments", _RECONCILES, _SPONSOR | _FINANCE),
    Permission("record_statements", _ONLY_FINANCE, _FINANCE),
    Permission("match_lines", _RECONCILES, _SPONSOR | _FINANCE),
    Permission("match_by_hand", _RECONCILES, _SPONSOR | _FINANCE),
    Permission("undo_matches", _RECONCILES, _SPONSOR | _FINANCE),
    Permission("explain_lines", _RECONCILES, _SPONSOR | _FINANCE),
    Permission("record_contribution", _ONLY_FINANCE, _FINANCE),
    Permission("record_commitment", _ONLY_FINANCE, _FINANCE),
    Permission("release_commitment", _ONLY_FINANCE, _FINANCE),
    Permission("open_claim", _ONLY_FINANCE, _FINANCE),
    Permission(
        "decide_claim",
        gettext_noop(
            "The institute's finance officer or manager, or the sponsoring agency's officer, "
            "may accept or refuse a contribution."
        ),
        _SECOND_LINE | _FINANCE,
    ),
    Permission("value_contribution", _ONLY_FINANCE, _FINANCE),
    Permission("attach_evidence", _ONLY_FINANCE, _FINANCE),
    Permission("withdraw_contribution", _ONLY_FINANCE, _FINANCE),
    Permission(
        "accept_contribution",
        gettext_noop(
            "The institute's finance officer or manager, or the sponsoring agency's officer, "
            "may accept or refuse a contribution."
        ),
        _SECOND_LINE | _FINANCE,
        is_delegable=True,
    ),
    Permission(
        "refuse_contribution",
        gettext_noop(
            "The institute's finance officer or manager, or the sponsoring agency's officer, "
            "may accept or refuse a contribution."
        ),
        _SECOND_LINE | _FINANCE,
    ),
    Permission(
        "accept_large_contribution",
        gettext_noop(
            "Above the threshold, the institute's manager or the sponsoring agency's officer "
            "accepts."
        ),
        _SECOND_LINE,
        is_delegable=True,
    ),
    Permission(
        "post_transfers",
        gettext_noop(
            "The sponsoring agency's officer and the institute's finance officer post transfers, "
            "each with the codes that are theirs."
        ),
        _SPONSOR | _FINANCE,
    ),
    Permission("approve_transfer", _MOVERS, _SPONSOR | _FINANCE),
    Permission("reject_transfer", _MOVERS, _SPONSOR | _FINANCE),
    Permission("withdraw_transfer", _MOVERS, _SPONSOR | _FINANCE),
    Permission("close_books", _ONLY_FINANCE, _FINANCE),
    Permission(
        "reopen_books",
        gettext_noop(
            "Another finance officer of the institute than who closed the books, or the programme "
            "office, may do this."
        ),
        _FINANCE | _OFFICE,
    ),
    Permission("close_network_books", _ONLY_OFFICE, _OFFICE),
    Permission("reopen_network_books", _ONLY_OFFICE, _OFFICE),
    Permission(
        "correct_transfer",
        gettext_noop("Whoever may post a transfer may correct it."),
        _SPONSOR | _FINANCE | _SECOND_LINE,
    ),
)
