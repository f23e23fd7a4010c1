"""Who may do what in memberships, and when."""

from dataclasses import replace
from typing import Final

from lineshaft.apps.memberships.rules.applications import APPLICATION
from lineshaft.apps.memberships.rules.invoices import INVOICE
from lineshaft.apps.memberships.rules.needs import NEED_WORKFLOW
from lineshaft.apps.memberships.rules.participation import (
    APPROVED,
    CLOSED,
    CONDITIONAL,
    DENIED,
    REOPENED,
    REQUESTED,
)
from lineshaft.kernel.text import gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

_UNDECIDED: Final = frozenset({REQUESTED, REOPENED})
_IN_FORCE: Final = frozenset({APPROVED, CONDITIONAL})

TRANSITIONS: Final[dict[str, Workflow]] = {
    "MembershipApplication": APPLICATION,
    "Invoice": INVOICE,
    "need": NEED_WORKFLOW,
    "ParticipationReview": Workflow(
        "ParticipationReview",
        REQUESTED,
        (
            Transition("approve_participation", _UNDECIDED | _IN_FORCE, APPROVED),
            Transition(
                "approve_participation_with_conditions", _UNDECIDED | _IN_FORCE, CONDITIONAL
            ),
            Transition("deny_participation", _UNDECIDED | _IN_FORCE, DENIED),
            Transition("close_participation_review", _UNDECIDED, CLOSED),
            Transition("recheck_participation", frozenset({APPROVED}), APPROVED),
            Transition("recheck_participation", frozenset({CONDITIONAL}), CONDITIONAL),
            Transition(
                "report_ownership_change",
                frozenset({APPROVED, CONDITIONAL, DENIED, CLOSED}),
                REOPENED,
            ),
        ),
    ),
}
"""An agreement has no states: whether it is in force follows from its span and the day."""

_SCREENERS: Final = frozenset(
    {
        Role.PROGRAMME_OFFICER,
        Role.ADMINISTRATOR,
        Role.AGENCY_SPONSOR,
        Role.INSTITUTE_MANAGER,
        Role.MEMBER,
    }
)
_SCREENERS_SENTENCE: Final = gettext_noop(
    "The institute's manager, its sponsor, the programme office or the organisation itself answers"
    " the screening."
)
_DECIDERS: Final = frozenset({Role.AGENCY_SPONSOR, Role.PROGRAMME_OFFICER})
_DECIDERS_SENTENCE: Final = gettext_noop(
    "The institute's sponsoring agency decides on participation; where it has none, the programme"
    " office."
)
DECIDING_VERBS: Final = (
    "approve_participation",
    "approve_participation_with_conditions",
    "deny_participation",
    "close_participation_review",
    "recheck_participation",
)
_ADMITTERS: Final = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR, Role.INSTITUTE_MANAGER})
_BILLERS: Final = _ADMITTERS | {Role.INSTITUTE_FINANCE}
_OWN: Final = frozenset({Role.MEMBER})
_DECIDES: Final = gettext_noop(
    "Only the institute's manager or the programme office may decide on applications."
)
_BILLS: Final = gettext_noop(
    "Only the institute's manager or finance officer, or the programme office, may do this."
)
_CHANGES: Final = gettext_noop(
    "Only the institute's manager or the programme office may change a membership."
)
_FOR_ITS_OWN: Final = gettext_noop(
    "Only somebody who acts for the organisation, or the programme office, may do this."
)
_SIGNED_IN: Final = gettext_noop("Sign in first.")

_OF_THE_ORGANISATION: Final = frozenset(
    {Role.MEMBER, Role.RESEARCHER, Role.SMALL_MANUFACTURER, Role.PROGRAMME_OFFICER}
)

PERMISSIONS: Final[dict[str, Permission]] = permissions(
    Permission(
        "admit_member",
        gettext_noop("Only the institute's manager or the programme office may admit a member."),
        roles=_ADMITTERS,
    ),
    Permission(
        "end_membership",
        gettext_noop("Only the institute's manager or the programme office may end a membership."),
        roles=_ADMITTERS,
    ),
    Permission(
        "set_tier_terms",
        gettext_noop("Only the institute's manager or the programme office may set its terms."),
        roles=_ADMITTERS,
    ),
    Permission("apply_for_membership", _SIGNED_IN, is_for_signed_in=True),
    Permission("approve_application", _DECIDES, roles=_ADMITTERS),
    Permission("decline_application", _DECIDES, roles=_ADMITTERS),
    Permission("revise_agreement", _DECIDES, roles=_ADMITTERS),
    Permission("admit_applicant", _DECIDES, roles=_ADMITTERS),
    Permission(
        "withdraw_application",
        gettext_noop("Only whoever applied, or acts for the organisation, may withdraw."),
        roles=_OWN,
    ),
    Permission(
        "sign_agreement",
        gettext_noop(
            "Whoever applied, or acts for the organisation, signs for it; the institute's manager "
            "signs for the institute."
        ),
        roles=_OWN,
    ),
    Permission("countersign_agreement", _DECIDES, roles=_ADMITTERS),
    Permission("issue_invoice", _BILLS, roles=_BILLERS),
    Permission(
        "record_payment",
        gettext_noop("Only the institute's finance officer may record a payment."),
        roles=frozenset({Role.INSTITUTE_FINANCE}),
    ),
    Permission(
        "refund_payment",
        gettext_noop("Only the institute's finance officer may refund a payment."),
        roles=frozenset({Role.INSTITUTE_FINANCE}),
    ),
    Permission("bill_next_year", _BILLS, roles=_BILLERS),
    Permission("cancel_invoice", _BILLS, roles=_BILLERS),
    Permission("write_off_invoice", _BILLS, roles=_BILLERS),
    Permission("invite_person", _FOR_ITS_OWN, roles=_OWN | _ADMITTERS - {Role.INSTITUTE_MANAGER}),
    Permission("accept_invitation", _SIGNED_IN, is_for_signed_in=True),
    Permission("verify_domain", _FOR_ITS_OWN, roles=_OWN),
    Permission("confirm_domain", _FOR_ITS_OWN, roles=_OWN),
    Permission("join_organisation", _SIGNED_IN, is_for_signed_in=True),
    Permission("remove_person", _FOR_ITS_OWN, roles=_OWN | _ADMITTERS - {Role.INSTITUTE_MANAGER}),
    Permission("renew_membership", _CHANGES, roles=_ADMITTERS),
    Permission("change_tier", _CHANGES, roles=_ADMITTERS),
    Permission("lapse_memberships", _CHANGES, roles=_ADMITTERS),
    Permission("expel_member", _CHANGES, roles=_ADMITTERS),
    Permission(
        "leave_membership",
        gettext_noop("Only somebody who acts for the organisation may leave for it."),
        roles=_OWN,
    ),
    *(
        Permission(
            verb,
            gettext_noop("Only somebody of the member organisation itself may do this."),
            roles=_OF_THE_ORGANISATION,
        )
        for verb in (
            "list_in_directory",
            "leave_directory",
            "post_need",
            "answer_need",
            "close_need",
        )
    ),
    Permission(
        "share_document",
        gettext_noop("Only the institute's manager or the programme office may share for it."),
        roles=_ADMITTERS,
    ),
    Permission(
        "withdraw_document",
        gettext_noop("Only the institute's manager or the programme office may take it back."),
        roles=_ADMITTERS,
    ),
    *(
        Permission(verb, _SCREENERS_SENTENCE, roles=_SCREENERS)
        for verb in ("screen_organisation", "report_ownership_change")
    ),
    *(Permission(verb, _DECIDERS_SENTENCE, roles=_DECIDERS) for verb in DECIDING_VERBS),
    Permission(
        "fulfil_commitment",
        gettext_noop("The institute's manager or its sponsor enters that a commitment is met."),
        roles=_ADMITTERS | {Role.AGENCY_SPONSOR},
    ),
    Permission(
        "make_decision_letters",
        gettext_noop("The institute's manager or its sponsor has the letters of a decision made."),
        roles=_ADMITTERS | {Role.AGENCY_SPONSOR},
    ),
)


def permission_to_decide(verb: str, *, has_sponsor: bool) -> Permission:
    """Who decides at an institute: its sponsoring agency, and the programme office without one."""
    role = Role.AGENCY_SPONSOR if has_sponsor else Role.PROGRAMME_OFFICER
    return replace(PERMISSIONS[verb], roles=frozenset({role}))
