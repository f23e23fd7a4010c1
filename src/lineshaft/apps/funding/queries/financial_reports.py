"""The financial report of an agreement, computed from its ledger, and the reports certified.

The sums of an agreement's accounts through a day are found in two ways that have to agree: from the
sums kept of each day up to it, and from the accounts as they stand less the sums of the days after
it. Pages take the first; a certification takes both, and freezes the sums that it took. That both
are what the transfers come to is re-derived by `verify_ledger`. Neither the number of queries nor
the time that they take depends on the number of transfers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    Q,
    QuerySet,
    Sum,
    When,
)

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Account,
    Agreement,
    AgreementSponsor,
    CostSum,
    DaySum,
    FinancialReport,
    FinancialReportDocument,
    IndirectRate,
    Transfer,
    Waiver,
)
from lineshaft.apps.funding.queries.day_sums import days_of, moved_in, ways_q
from lineshaft.apps.funding.queries.income import reporting_terms_of
from lineshaft.apps.funding.queries.standing import subject_of
from lineshaft.apps.funding.queries.visible import overseen_q
from lineshaft.apps.funding.rules import (
    AccountKind,
    AccountSum,
    IndirectLine,
    LineAccounts,
    ReportBasis,
    ReportDue,
    ReportHeader,
    ReportLine,
    ReportLines,
    TransferCode,
    TransferKind,
)
from lineshaft.apps.network.models import OrganisationIdentifier
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.jurisdiction import ReportTerm
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import DayCount

FINAL_TERM = "final"


@dataclass(frozen=True, slots=True)
class ReportScope:
    """Of which agreement a report is, through which day, of which term and on which basis."""

    agreement: Agreement
    term: str
    basis: ReportBasis
    period_end: date


@dataclass(frozen=True, slots=True)
class ComputedReport:
    """Everything that the form says, before anybody certifies it."""

    header: ReportHeader
    lines: ReportLines
    indirect: tuple[IndirectLine, ...]
    income_method: str

    def as_content(self) -> dict[str, Any]:
        """The report as data: keys and integers, dates as ISO texts."""
        header = self.header
        return {
            "form": "SF-425",
            "agency": header.agency,
            "award": header.award,
            "recipient": header.recipient,
            "uei": header.uei,
            "ein": header.ein,
            "recipient_account": header.recipient_account,
            "report_type": header.term,
            "basis": header.basis.value,
            "starts_on": header.starts_on.isoformat(),
            "ends_on": header.ends_on.isoformat(),
            "period_end": header.period_end.isoformat(),
            "currency": header.currency,
            "lines": self.lines.as_dict(),
            "required_by": header.required_by,
            "income_method": self.income_method,
            "indirect": [
                {
                    "type": one.rate_type,
                    "rate_bp": one.rate_bp,
                    "starts_on": one.starts_on.isoformat(),
                    "ends_on": one.ends_on.isoformat(),
                    "base_minor": one.base_minor,
                    "charged_minor": one.charged_minor,
                    "federal_minor": one.recorded_minor,
                }
                for one in self.indirect
            ],
        }

    @property
    def digest(self) -> str:
        """The same for two reports that say the same, and for no others."""
        text = json.dumps(self.as_content(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def computed_report(scope: ReportScope) -> ComputedReport:
    """The report as the ledger gives it now."""
    return report_from(scope, sums_by_days(scope.agreement, scope.period_end))


def report_from(scope: ReportScope, sums: Mapping[AccountKind, AccountSum]) -> ComputedReport:
    """The report that the sums of an agreement's accounts give."""
    agreement = scope.agreement
    terms = reporting_terms_of(agreement)
    method = profile_in_use().income_method(terms.income_method).key
    authorised_minor = sum(
        sums.get(kind, AccountSum()).posted_minor
        for kind in rules.accounts_of_line(ReportLine.D, scope.basis, method).posted
    )
    required_minor, required_by = _required(scope, authorised_minor)
    lines = rules.lines_from(sums, basis=scope.basis, method=method, required_minor=required_minor)
    identifiers = _identifiers(agreement)
    header = ReportHeader(
        agency=agreement.agency.name,
        award=agreement.number,
        recipient=agreement.institute.name,
        uei=identifiers.get("uei", ""),
        ein=identifiers.get("ein", ""),
        recipient_account=terms.recipient_account,
        term=scope.term,
        basis=scope.basis,
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
        period_end=scope.period_end,
        required_by=required_by,
        currency=agreement.currency,
    )
    return ComputedReport(header, lines, _indirect(scope), method)


def sums_by_days(agreement: Agreement, through: date) -> dict[AccountKind, AccountSum]:
    """What stands in the agreement's accounts at the end of that day, from the sums of days."""
    sums = DaySum.objects.filter(agreement=agreement, occurred_on__lte=through)
    return rules.account_sums(moved_in(sums))


def sums_by_accounts(agreement: Agreement, through: date) -> dict[AccountKind, AccountSum]:
    """The same from the accounts as they stand, less the sums of the days after."""
    stored: dict[AccountKind, AccountSum] = {}
    for account in _accounts(agreement):
        kind = AccountKind(account.kind)
        found = stored.get(kind, AccountSum())
        stored[kind] = AccountSum(
            found.posted_minor + account.balance_minor,
            found.pending_minor + account.credits_pending,
        )
    later = DaySum.objects.filter(agreement=agreement, occurred_on__gt=through)
    return rules.less(stored, rules.account_sums(moved_in(later)))


def ways_through(agreement: Agreement, through: date) -> list[DaySum]:
    """What moved up to the end of that day, one unsaved sum for each way; one query."""
    columns = ("code", "corrects_code", "debit_kind", "credit_kind")
    found = (
        DaySum.objects.filter(agreement=agreement, occurred_on__lte=through)
        .order_by(*columns)
        .values(*columns)
        .annotate(counted=Sum("transfers"), moved=Sum("amount_minor"))
    )
    return [
        DaySum(transfers=row.pop("counted"), amount_minor=row.pop("moved"), **row) for row in found
    ]


def counted_by_line(scope: ReportScope, line: ReportLine) -> QuerySet[Transfer]:
    """The transfers that a line counts, each with its `counted_minor`; they sum to the line.

    For a reader who oversees the agreement. A line that follows from others counts none.
    """
    over = _accounts_over(scope, line)
    kinds = dict(_accounts(scope.agreement).values_list("pk", "kind"))
    posted_ids = sorted(pk for pk, kind in kinds.items() if kind in over.posted)
    pending_ids = sorted(pk for pk, kind in kinds.items() if kind in over.pending)
    into, out = Q(credit_account__in=posted_ids), Q(debit_account__in=posted_ids)
    is_posted = Q(kind__in=[TransferKind.DIRECT, TransferKind.POST])
    is_pending_into = Q(credit_account__in=pending_ids)
    posted = _case((is_posted & into & ~out, 1), (is_posted & out & ~into, -1))
    pending = _case(
        (Q(kind=TransferKind.PENDING) & is_pending_into, 1),
        (Q(kind__in=[TransferKind.POST, TransferKind.VOID]) & is_pending_into, -1),
    )
    return (
        Transfer.objects.filter(
            agreement=scope.agreement,
            occurred_on__lte=scope.period_end,
            code__in=sorted({way.code.value for way in rules.ways_counted(over)}),
        )
        .filter(into | out | is_pending_into)
        .annotate(counted_minor=posted + pending)
        .exclude(counted_minor=0)
        .select_related(
            "debit_account",
            "credit_account",
            "cost_movement__cost",
            "income",
            "pending__contribution__organisation",
        )
        .order_by("-occurred_on", "-pk")
    )


def days_counted_by_line(scope: ReportScope, line: ReportLine) -> list[DayCount]:
    """How many transfers the line counts on each day, newest first."""
    ways = rules.ways_counted(_accounts_over(scope, line))
    return days_of(
        DaySum.objects.filter(
            ways_q(ways), agreement=scope.agreement, occurred_on__lte=scope.period_end
        )
    )


def financial_reports_visible_to(actor: Actor) -> QuerySet[FinancialReport]:
    """The certified reports of the agreements that the actor oversees."""
    reports = FinancialReport.objects.select_related(
        "agreement__institute", "agreement__agency", "certified_by", "superseded_by"
    )
    return reports if actor.is_network_staff else reports.filter(overseen_q(actor, "agreement"))


def financial_report_by_id(actor: Actor, pk: int) -> FinancialReport:
    """The certified report of that id; NotFound where there is none that the actor may see."""
    found = financial_reports_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(code="report", message=gettext_noop("There is no such report."))
    return found


def documents_of(report: FinancialReport) -> Sequence[FinancialReportDocument]:
    """The report's files."""
    return list(report.documents.select_related("file").order_by("pk"))


def certified_before(scope: ReportScope) -> FinancialReport | None:
    """The report that stands for the period, of which a new one would be the next edition."""
    return (
        FinancialReport.objects.filter(
            agreement=scope.agreement, term=scope.term, period_end=scope.period_end
        )
        .order_by("-edition")
        .first()
    )


def report_term_of(key: str) -> ReportTerm:
    """The report term of that key; NotFound where the profile has none."""
    return profile_in_use().report_term(key)


def award_span(agreement: Agreement) -> rules.AwardSpan:
    """The days that reports of the agreement cover; one that was closed early ends there."""
    ends_on = agreement.ends_on
    if agreement.closed_on is not None and agreement.closed_on < ends_on:
        ends_on = max(agreement.closed_on, agreement.starts_on) + timedelta(days=1)
    return rules.AwardSpan(agreement.starts_on, ends_on, profile_in_use().fiscal_year_rule)


def dues_of(agreement: Agreement, *, today: date) -> list[ReportDue]:
    """Every report of the agreement whose period has ended before today, oldest first."""
    profile = profile_in_use()
    return rules.reports_due(
        award_span(agreement),
        profile.report_term(reporting_terms_of(agreement).report_term),
        profile.report_term(FINAL_TERM),
        until=today - timedelta(days=1),
    )


def _accounts(agreement: Agreement) -> QuerySet[Account]:
    return Account.objects.filter(agreement=agreement, organisation__isnull=True).order_by()


def _accounts_over(scope: ReportScope, line: ReportLine) -> LineAccounts:
    """Over which accounts the line sums under the agreement's use of programme income."""
    terms = reporting_terms_of(scope.agreement)
    method = profile_in_use().income_method(terms.income_method).key
    return rules.accounts_of_line(line, scope.basis, method)


def _case(*branches: tuple[Q, int]) -> Case:
    return Case(
        *(
            When(condition, then=F("amount_minor") if sign > 0 else -F("amount_minor"))
            for condition, sign in branches
        ),
        default=0,
        output_field=BigIntegerField(),
    )


def _required(scope: ReportScope, authorised_minor: int) -> tuple[int, str]:
    """Line i, and what asks for it: the agreement's own figure, else the strictest rule on d.

    As the waivers in force on the period's last day leave the rule.
    """
    agreement = scope.agreement
    if agreement.cost_share_required_minor is not None:
        return agreement.cost_share_required_minor, agreement.number
    profile = profile_in_use()
    agencies = AgreementSponsor.objects.filter(agreement=agreement).order_by()
    rule = rules.strictest(
        rule
        for key in sorted(agencies.values_list("agency__key", flat=True))
        for rule in profile.matching_rules_in_force(
            scope.period_end, key, subject=subject_of(agreement.institute.kind)
        )
    )
    if rule is None:
        return 0, ""
    waivers = [
        (waived, profile.waiver_ground(waiver.ground).authority.citation.text)
        for waiver in Waiver.objects.filter(agreement=agreement, rule_id=rule.id).order_by("pk")
        if (lifted := waiver.lifted) is not None
        and (waived := rules.lasting(lifted, agreement.ends_on)).span.contains(scope.period_end)
    ]
    left = rules.lifted_rule(rule, [one for one, _text in waivers], scope.period_end)
    cited = dict.fromkeys([rule.citation.text, *(text for _one, text in waivers)])
    return left.nonfederal_needed(authorised_minor), "; ".join(cited)


def _identifiers(agreement: Agreement) -> dict[str, str]:
    lead_id = agreement.institute.lead_id
    if lead_id is None:
        return {}
    found = OrganisationIdentifier.objects.filter(
        organisation_id=lead_id, scheme__in=["uei", "ein"]
    )
    return dict(found.order_by("-pk").values_list("scheme", "value"))


def _indirect(scope: ReportScope) -> tuple[IndirectLine, ...]:
    """Line 11: for each rate its base and what is recorded, both in one query over sums of days."""
    rates = list(
        IndirectRate.objects.filter(
            agreement=scope.agreement, starts_on__lte=scope.period_end
        ).order_by("starts_on", "pk")
    )
    if not rates:
        return ()
    codes = [TransferCode.PAY] if scope.basis is ReportBasis.CASH else sorted(rules.INCURRING_CODES)
    categories = profile_in_use().cost_categories
    base = Q(category__in=[one.key for one in categories if one.is_in_indirect_base])
    charged = Q(category__in=[one.key for one in categories if one.is_indirect])
    amount = Case(
        When(code__in=codes, then=F("amount_minor")),
        When(corrects_code__in=codes, then=-F("amount_minor")),
        default=0,
        output_field=BigIntegerField(),
    )
    sums = CostSum.objects.filter(
        agreement=scope.agreement, occurred_on__lte=scope.period_end
    ).aggregate(
        **{
            f"{name}_{rate.pk}": Sum(
                amount,
                filter=over & Q(occurred_on__gte=rate.starts_on, occurred_on__lt=rate.ends_on),
            )
            for rate in rates
            for name, over in (("base", base), ("charged", charged))
        }
    )
    return tuple(
        IndirectLine(
            rate.rate_type,
            rate.rate_bp,
            rate.starts_on,
            min(rate.ends_on, scope.period_end + timedelta(days=1)),
            sums[f"base_{rate.pk}"] or 0,
            sums[f"charged_{rate.pk}"] or 0,
        )
        for rate in rates
    )
