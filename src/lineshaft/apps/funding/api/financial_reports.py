"""The federal financial report over the API: computed for any day, and as certified.

A person certifies on the page; a program reads.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from lineshaft.apps.funding import queries, rules
from lineshaft.apps.funding.models import FinancialReport
from lineshaft.apps.funding.queries import ReportScope
from lineshaft.apps.funding.rules import ReportBasis, ReportLine
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import LIMIT_DEFAULT, PageOf, RowId, actor_of, paged

router = Router()


class ReportQuery(Schema):
    """Through which day, of which type and on which basis; by default today, on its own terms."""

    period_end: date | None = None
    basis: ReportBasis | None = None
    term: str | None = None


class LineQuery(ReportQuery):
    """Also which part of the list."""

    cursor: str | None = None
    limit: int = LIMIT_DEFAULT


class LinesOut(Schema):
    """Lines 10a to 10o, cumulative, in minor units."""

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int
    g: int
    h: int
    i: int
    j: int
    k: int
    l: int  # noqa: E741 -- the form's letter
    m: int
    n: int
    o: int


class IndirectOut(Schema):
    """One row of line 11; `charged_minor` is the base at the rate."""

    type: str
    rate_bp: int
    starts_on: date
    ends_on: date
    base_minor: int
    charged_minor: int
    federal_minor: int


class FinancialReportOut(Schema):
    """The report with its header; `income_method` says on which of lines m and n income stands."""

    form: str
    agency: str
    award: str
    recipient: str
    uei: str
    ein: str
    recipient_account: str
    report_type: str
    basis: ReportBasis
    starts_on: date
    ends_on: date
    period_end: date
    currency: str
    lines: LinesOut
    required_by: str
    income_method: str
    indirect: list[IndirectOut]


class CertifiedReportOut(Schema):
    """A report as it was certified; `superseded_by_id` names the one that replaced it."""

    id: int
    agreement_id: int
    edition: int
    due_on: date
    certified_at: datetime
    remarks: str
    reason: str
    digest: str
    superseded_by_id: int | None
    content: FinancialReportOut

    @staticmethod
    def resolve_superseded_by_id(report: FinancialReport) -> int | None:
        return report.superseded_by.pk if hasattr(report, "superseded_by") else None


class CountedOut(Schema):
    """A transfer that a line counts, and by how much; negative for what it takes away."""

    id: UUID
    code: str
    occurred_on: date
    amount_minor: int
    counted_minor: int


@router.get(
    "/agreements/{int:agreement_id}/financial-report",
    response=FinancialReportOut,
    operation_id="show_financial_report",
)
def show_financial_report(
    request: HttpRequest, agreement_id: RowId, asked: Query[ReportQuery]
) -> dict[str, Any]:
    """The report through a day as the ledger gives it now; by default through today."""
    scope = _scope(request, agreement_id, asked)
    return queries.computed_report(scope).as_content()


@router.get(
    "/agreements/{int:agreement_id}/financial-report/lines/{line}",
    response=PageOf[CountedOut],
    operation_id="show_report_line",
)
def show_report_line(
    request: HttpRequest,
    agreement_id: RowId,
    line: str,
    asked: Query[LineQuery],
) -> dict[str, Any]:
    """The transfers that a line counts, oldest first; their `counted_minor` sum to the line."""
    scope = _scope(request, agreement_id, asked)
    if line not in list(rules.COUNTED_LINES):
        raise NotFound(code="line", message=gettext_noop("No such line counts transfers."))
    counted = queries.counted_by_line(scope, ReportLine(line)).select_related(None)
    return paged(counted, cursor=asked.cursor, limit=asked.limit, order_by=("occurred_on", "pk"))


@router.get(
    "/financial-reports",
    response=PageOf[CertifiedReportOut],
    operation_id="list_financial_reports",
)
def list_financial_reports(
    request: HttpRequest,
    agreement_id: RowId | None = None,
    cursor: str | None = None,
    limit: int = LIMIT_DEFAULT,
) -> dict[str, Any]:
    """The certified reports that the reader oversees."""
    reports = queries.financial_reports_visible_to(actor_of(request))
    if agreement_id is not None:
        reports = reports.filter(agreement_id=agreement_id)
    return paged(reports, cursor=cursor, limit=limit)


@router.get(
    "/financial-reports/{int:report_id}",
    response=CertifiedReportOut,
    operation_id="show_certified_report",
)
def show_certified_report(request: HttpRequest, report_id: RowId) -> FinancialReport:
    """One certified report."""
    return queries.financial_report_by_id(actor_of(request), report_id)


def _scope(request: HttpRequest, agreement_id: RowId, asked: ReportQuery) -> ReportScope:
    agreement = queries.overseen_agreement_by_id(actor_of(request), agreement_id)
    terms = queries.reporting_terms_of(agreement)
    return ReportScope(
        agreement,
        queries.report_term_of(asked.term or terms.report_term).key,
        asked.basis or ReportBasis(terms.basis),
        asked.period_end or clock.today(),
    )
