"""What waits under agreements: reports to certify, amendments and waivers to decide on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Agreement,
    Amendment,
    FinancialReport,
    ReportingTerms,
    Waiver,
)
from lineshaft.apps.funding.queries.amendments import amendments_visible_to, waivers_visible_to
from lineshaft.apps.funding.queries.financial_reports import FINAL_TERM, award_span
from lineshaft.apps.funding.queries.visible import agreements_visible_to, may_q
from lineshaft.apps.funding.rules import (
    AgreementState,
    AmendmentState,
    ReportDue,
    WaiverState,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may


@dataclass(frozen=True, slots=True)
class ReportsWaiting:
    """The financial reports of one agreement that nobody has certified, oldest first."""

    agreement: Agreement
    dues: tuple[ReportDue, ...]
    overdue: int

    @property
    def oldest(self) -> ReportDue:
        """The one that was due first."""
        return self.dues[0]


def reports_to_certify(actor: Actor, *, today: date) -> tuple[ReportsWaiting, ...]:
    """The reports that the actor may certify: of periods that are over, the earliest due first.

    Three queries, whatever the number of agreements; none for who certifies nothing.
    """
    permission = rules.PERMISSIONS["certify_report"]
    keys = [
        key for key in sorted(actor.own_institute_keys) if may(actor, permission, institute=key)
    ]
    if not keys:
        return ()
    agreements = list(
        agreements_visible_to(actor)
        .filter(institute__key__in=keys)
        .exclude(state=AgreementState.DRAFT)
        .order_by("pk")
    )
    if not agreements:
        return ()
    waiting = [
        ReportsWaiting(agreement, dues, sum(one.due_on < today for one in dues))
        for agreement, dues in _uncertified(agreements, today)
        if dues
    ]
    return tuple(sorted(waiting, key=lambda one: (one.oldest.due_on, one.agreement.pk)))


def amendments_to_execute(actor: Actor) -> QuerySet[Amendment]:
    """The proposed amendments that the actor may execute, the first proposed first."""
    return (
        amendments_visible_to(actor)
        .filter(
            may_q(actor, "execute_amendment"),
            Q(proposed_by__isnull=True) | ~Q(proposed_by=actor.own_id),
            state=AmendmentState.PROPOSED,
        )
        .order_by("proposed_at", "pk")
    )


def waivers_to_decide(actor: Actor) -> QuerySet[Waiver]:
    """The requested waivers that the actor may grant or deny, the first requested first."""
    return (
        waivers_visible_to(actor)
        .filter(
            may_q(actor, "grant_waiver"),
            Q(requested_by__isnull=True) | ~Q(requested_by=actor.own_id),
            state=WaiverState.REQUESTED,
        )
        .order_by("requested_at", "pk")
    )


def _uncertified(
    agreements: Sequence[Agreement], today: date
) -> list[tuple[Agreement, tuple[ReportDue, ...]]]:
    profile = profile_in_use()
    ids = [one.pk for one in agreements]
    terms = dict(
        ReportingTerms.objects.filter(agreement__in=ids)
        .order_by()
        .values_list("agreement_id", "report_term")
    )
    certified = set(
        FinancialReport.objects.filter(agreement__in=ids)
        .order_by()
        .values_list("agreement_id", "term", "period_end")
    )
    final, default = profile.report_term(FINAL_TERM), profile.report_terms[0].key
    return [
        (
            agreement,
            tuple(
                due
                for due in rules.reports_due(
                    award_span(agreement),
                    profile.report_term(terms.get(agreement.pk, default)),
                    final,
                    until=today - timedelta(days=1),
                )
                if (agreement.pk, due.term, due.period_end) not in certified
            ),
        )
        for agreement in agreements
    ]
