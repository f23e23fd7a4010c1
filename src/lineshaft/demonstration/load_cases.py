"""Storing what is special in the demonstration: the waiver, the cure, the termination,
the proposal, the reports.

An agreement is closed on the day on which its term was over, not on the day of loading.
"""

from datetime import UTC, date, datetime, timedelta

from lineshaft.apps.funding import queries
from lineshaft.apps.funding import services as funding
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.rules import AmendmentKind, ReportBasis
from lineshaft.demonstration import cases
from lineshaft.demonstration.calibration import DEMONSTRATION_YEAR
from lineshaft.demonstration.loading import WHY, Loading, id_of
from lineshaft.demonstration.personas import FINANCE_OFFICERS, OWN_AGENCY, OWN_INSTITUTE
from lineshaft.demonstration.values import Plan
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import grant_role, register_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind

CERTIFIED_AFTER_DAYS = 60
"""A yearly report is due 90 days after its period; these came in time."""


def close_agreements(loading: Loading, plan: Plan) -> None:
    """End the agreements whose term was over before the demonstration year ended."""
    over_by = loading.profile.fiscal_year(DEMONSTRATION_YEAR).ends_on
    for one in plan.agreements:
        if one.ends_on <= over_by:
            funding.end_agreement(
                loading.actor,
                loading.agreement_ids[one.number],
                today=one.ends_on,
                now=loading.now,
            )


def enter_cases(loading: Loading) -> None:
    """What is special about those agreements that are loaded."""
    for number, enter in (
        (cases.WAIVED, _waive),
        (cases.CURED, _notify),
        (cases.TERMINATED, _terminate),
        (cases.PROPOSED, _propose),
    ):
        if number in loading.agreement_ids:
            enter(loading, Agreement.objects.get(pk=loading.agreement_ids[number]))


def certify_reports(loading: Loading) -> None:
    """Certify the financial reports, each by a person of that institute's finance."""
    for number, year in cases.REPORTED:
        if number not in loading.agreement_ids:
            continue
        period = loading.profile.fiscal_year(year)
        under = Agreement.objects.select_related("institute", "agency").get(
            pk=loading.agreement_ids[number]
        )
        scope = queries.ReportScope(under, "annual", ReportBasis.ACCRUAL, period.last_day)
        on = period.last_day + timedelta(days=CERTIFIED_AFTER_DAYS)
        funding.certify_report(
            _finance_of(loading, under.institute.key),
            scope,
            seen_digest=queries.computed_report(scope).digest,
            today=on,
            now=datetime(on.year, on.month, on.day, 15, tzinfo=UTC),
            remarks="Demonstration",
        )


def _waive(loading: Loading, under: Agreement) -> None:
    waiver = funding.request_waiver(
        loading.actor,
        under.pk,
        terms=funding.WaiverTerms(
            rule_id="L-040",
            ground=cases.WAIVER_GROUND,
            starts_on=under.starts_on,
            ends_on=under.ends_on,
            reason="Its work is training for firms that can't match it (demonstration).",
            share_bp=cases.WAIVER_SHARE_BP,
        ),
        now=loading.now,
    )
    funding.grant_waiver(
        loading.actor,
        waiver.pk,
        reason="The ground is named by the law (demonstration).",
        now=loading.now,
    )


def _notify(loading: Loading, under: Agreement) -> None:
    today = loading.now.date()
    renewal = funding.open_renewal_review(
        loading.actor, under.pk, on=cases.CURE_OPENED_ON, today=today, now=loading.now
    )
    funding.notify_deficiencies(
        loading.actor,
        renewal.pk,
        deficiencies="Own income covers too little of the cost (demonstration).",
        on=cases.CURE_NOTIFIED_ON,
        today=today,
        now=loading.now,
    )


def _terminate(loading: Loading, under: Agreement) -> None:
    on = cases.INVENTED.ended_on or under.ends_on
    amendment = funding.propose_amendment(
        loading.actor,
        under.pk,
        terms=funding.AmendmentTerms(
            kind=AmendmentKind.TERMINATION_FOR_CONVENIENCE,
            effective_on=on,
            reason="The agency ends the award; every target was met (demonstration).",
        ),
        now=loading.now,
    )
    funding.execute_amendment(
        loading.actor, amendment.pk, reason="Demonstration", today=on, now=loading.now
    )


def _propose(loading: Loading, under: Agreement) -> None:
    """An obligation that takes two persons: the agency's sponsor proposes, nobody has approved."""
    sponsor = loading.users["agency_sponsor"]
    funding.obligate_funds(
        Actor(
            user_id=sponsor.pk,
            label=sponsor.name,
            grants=frozenset({RoleGrant(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, OWN_AGENCY)}),
            overseen_institute_keys=frozenset({OWN_INSTITUTE}),
        ),
        under,
        id=id_of("proposal", under.number),
        amount_minor=loading.profile.approval_threshold_minor,
        currency=loading.profile.currency,
        occurred_on=cases.PROPOSED_ON,
        now=loading.now,
    )


def _finance_of(loading: Loading, institute: str) -> Actor:
    """A person of the institute's finance: the persona at the own one, else a user of its own."""
    own = RoleGrant(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, institute)
    user = loading.users.get("institute_finance") if institute == OWN_INSTITUTE else None
    if user is None:
        user = _register(loading, institute, own)
    return Actor(
        user_id=user.pk,
        label=user.name,
        grants=frozenset({own}),
        institute_keys=frozenset({institute}),
    )


def _register(loading: Loading, institute: str, own: RoleGrant) -> User:
    """Somebody who has no password, so that nobody signs in as them."""
    user = register_user(
        loading.actor,
        email=f"finance.{institute}@demo.example",
        name=FINANCE_OFFICERS[institute],
        password=None,
        now=loading.now,
    )
    grant_role(
        loading.actor,
        user,
        own,
        starts_on=date(loading.now.year - 1, 1, 1),
        now=loading.now,
        why=WHY,
    )
    return user
