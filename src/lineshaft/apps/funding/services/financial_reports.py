"""The verbs of financial reports: agree an indirect rate, certify a report.

What is certified is what was read: the certifier sends the digest of the report that was shown. The
lines are found in both ways under the accounts' lock, and the sums of days behind them are kept
with the report, so that it can be proved when others have been added. A certified report is never
changed; a new edition replaces it with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import (
    Agreement,
    FinancialReport,
    FinancialReportDocument,
    FinancialReportSum,
    IndirectRate,
)
from lineshaft.apps.funding.queries import ComputedReport, ReportScope
from lineshaft.apps.funding.rules import RateType
from lineshaft.apps.funding.services.book import lock_accounts
from lineshaft.apps.funding.services.evidence import permit_on
from lineshaft.apps.funding.services.financial_documents import (
    Certification,
    ReportFile,
    render_report,
)
from lineshaft.kernel.jurisdiction import ReportTerm
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel


@dataclass(frozen=True, slots=True)
class RateTerms:
    """An indirect rate in basis points over `[starts_on, ends_on)`, and the paper behind it."""

    rate_type: RateType
    rate_bp: int
    starts_on: date
    ends_on: date
    reference: str


def record_indirect_rate(
    actor: Actor, agreement: Agreement, terms: RateTerms, *, now: datetime
) -> IndirectRate:
    """Record the rate at which indirect costs are charged under the agreement."""
    permit_on(actor, "record_indirect_rate", agreement)
    with transaction.atomic():
        lock_accounts(agreement)
        has_same = IndirectRate.objects.filter(
            agreement=agreement,
            rate_type=terms.rate_type,
            starts_on__lt=terms.ends_on,
            ends_on__gt=terms.starts_on,
        ).exists()
        refuse_if(
            rules.rate_possible(terms.rate_bp, terms.starts_on, terms.ends_on, has_same=has_same)
        )
        rate = IndirectRate.objects.create(
            agreement=agreement,
            rate_type=terms.rate_type.value,
            rate_bp=terms.rate_bp,
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            reference=terms.reference,
        )
        record_event(
            actor,
            "record_indirect_rate",
            rate,
            now=now,
            institute=agreement.institute.key,
            agency=agreement.agency.key,
            changes={
                "agreement": agreement.number,
                "rate_type": terms.rate_type.value,
                "rate_bp": terms.rate_bp,
                "starts_on": terms.starts_on.isoformat(),
                "ends_on": terms.ends_on.isoformat(),
            },
        )
    return rate


def certify_report(
    actor: Actor,
    scope: ReportScope,
    *,
    seen_digest: str,
    today: date,
    now: datetime,
    remarks: str = "",
    reason: str = "",
) -> FinancialReport:
    """Certify the report that was shown, as a person, and keep it with its documents.

    Raises Refused for a program, a period that still runs or ends on another day, figures that have
    changed since they were read, and a second report without the reason for it.
    """
    term = _refuse_to_certify(actor, scope, today=today)
    shown = queries.computed_report(scope)
    refuse_if(rules.report_is_current(seen_digest, shown.digest))
    before = queries.certified_before(scope)
    _refuse_replacing(before, shown, reason)
    said = Certification(
        edition=before.edition + 1 if before else 1,
        certified_by=actor.label,
        certified_at=now,
        remarks=remarks,
        reason=reason if before else "",
        digest=shown.digest,
        is_demonstration=settings.IS_DEMONSTRATION,
    )
    documents = render_report(shown.as_content(), said)
    with transaction.atomic():
        lock_accounts(scope.agreement)
        _refuse_moved(scope, shown)
        stands = queries.certified_before(scope)
        refuse_if(rules.report_is_current(_key(before), _key(stands)))
        report = FinancialReport.objects.create(
            agreement=scope.agreement,
            term=scope.term,
            basis=scope.basis.value,
            period_end=scope.period_end,
            due_on=scope.period_end + timedelta(days=term.due_days),
            edition=said.edition,
            supersedes=before,
            reason=said.reason,
            content=shown.as_content(),
            digest=shown.digest,
            remarks=remarks,
            certified_by_id=actor.own_id,
            certified_at=now,
        )
        _keep_sums(report)
        _keep_documents(actor, report, documents, now=now)
        _audit(actor, report, now=now)
    return report


def _refuse_to_certify(actor: Actor, scope: ReportScope, *, today: date) -> ReportTerm:
    """The report's term, where this person may certify this period now."""
    permit_on(actor, "certify_report", scope.agreement)
    is_person = actor.user_id is not None and actor.token_scopes is None
    refuse_if(rules.certified_by_a_person(is_person=is_person))
    term = queries.report_term_of(scope.term)
    refuse_if(rules.period_over(scope.period_end, today))
    refuse_if(rules.period_ends(scope.period_end, term, queries.award_span(scope.agreement)))
    return term


def _audit(actor: Actor, report: FinancialReport, *, now: datetime) -> None:
    agreement = report.agreement
    record_event(
        actor,
        "certify_report",
        report,
        now=now,
        why=report.reason,
        institute=agreement.institute.key,
        agency=agreement.agency.key,
        changes={
            "agreement": agreement.number,
            "term": report.term,
            "basis": report.basis,
            "period_end": report.period_end.isoformat(),
            "edition": report.edition,
            "digest": report.digest,
            "lines": report.content["lines"],
        },
    )


def _refuse_replacing(before: FinancialReport | None, shown: ComputedReport, reason: str) -> None:
    is_same = before is not None and before.digest == shown.digest
    refuse_if(rules.changes_something(has_before=before is not None, is_same=is_same))
    refuse_if(rules.supersedes_with_reason(has_before=before is not None, reason=reason))


def _refuse_moved(scope: ReportScope, shown: ComputedReport) -> None:
    """Under the lock: both ways of summing agree, and with what was shown."""
    of = (scope.agreement, scope.period_end)
    by_days = queries.report_from(scope, queries.sums_by_days(*of))
    by_accounts = queries.report_from(scope, queries.sums_by_accounts(*of))
    refuse_if(rules.lines_agree(are_same=by_days.lines == by_accounts.lines))
    refuse_if(rules.report_is_current(shown.digest, by_days.digest))


def _key(report: FinancialReport | None) -> str:
    return str(report.pk) if report else ""


def _keep_sums(report: FinancialReport) -> None:
    FinancialReportSum.objects.bulk_create(
        FinancialReportSum(
            report=report,
            code=one.code,
            corrects_code=one.corrects_code,
            debit_kind=one.debit_kind,
            credit_kind=one.credit_kind,
            transfers=one.transfers,
            amount_minor=one.amount_minor,
        )
        for one in queries.ways_through(report.agreement, report.period_end)
    )


def _keep_documents(
    actor: Actor, report: FinancialReport, documents: Sequence[ReportFile], *, now: datetime
) -> None:
    for document in documents:
        stored = store_file(
            actor,
            document.content,
            name=document.name,
            now=now,
            level=SharingLevel.RESTRICTED,
            purpose="financial_report",
            institute=report.agreement.institute.key,
        )
        FinancialReportDocument.objects.create(
            report=report, kind=document.kind, language=document.language, file=stored
        )
