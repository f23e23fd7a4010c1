"""Pages of the federal financial report: any period end, every line down to its transfers."""

from collections.abc import Iterable
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lineshaft.apps.funding import queries, rules, services
from lineshaft.apps.funding.forms import (
    CertifyForm,
    IndirectRateForm,
    ReportScopeForm,
    chosen,
    posted,
)
from lineshaft.apps.funding.models import (
    BASIS_LABELS,
    LINE_LABELS,
    RATE_TYPE_LABELS,
    TRANSFER_CODE_LABELS,
    Agreement,
    FinancialReport,
    FinancialReportDocument,
    Transfer,
)
from lineshaft.apps.funding.queries import ReportScope
from lineshaft.apps.funding.rules import (
    FINANCIAL_REPORT,
    RateType,
    ReportBasis,
    ReportDue,
    ReportLine,
    TransferCode,
)
from lineshaft.apps.funding.views.costs import under_agreement
from lineshaft.apps.funding.views.transfers import account_label, may_under, permit_under
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.queries import events_of
from lineshaft.plumbing.listing import paginate_days
from lineshaft.web.formats import date_local, local_name, money, percent_bp, user_name
from lineshaft.web.forms import errors_into_form, status_of
from lineshaft.web.pages import Action, Crumb, Item, Tag, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_PARTS: dict[ReportLine, tuple[ReportLine, ...]] = {
    ReportLine.C: (ReportLine.A, ReportLine.B),
    ReportLine.G: (ReportLine.E, ReportLine.F),
    ReportLine.H: (ReportLine.D, ReportLine.G),
    ReportLine.K: (ReportLine.I, ReportLine.J),
    ReportLine.O: (ReportLine.L, ReportLine.M, ReportLine.N),
}


@require_GET
def show_financial_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report through a day, computed from the ledger, and what is certified and due."""
    actor = actor_of(request)
    agreement = queries.overseen_agreement_by_id(actor, pk)
    scope = _scope(request, agreement)
    today = clock.today()
    report = queries.computed_report(scope)
    content = report.as_content()
    dues = queries.dues_of(agreement, today=today)
    certified = list(queries.financial_reports_visible_to(actor).filter(agreement=agreement))
    context = {
        "title": _("Through %(period_end)s, %(left)s of %(authorised)s is unobligated")
        % {
            "period_end": date_local(scope.period_end),
            "left": money(report.lines.h, agreement.currency),
            "authorised": money(report.lines.d, agreement.currency),
        },
        "lede": _(
            "Federal financial report (SF-425) of %(number)s, from the ledger, cumulative. Line d "
            "counts the money of all sponsors and no performance reserve that is not released."
        )
        % {"number": agreement.number},
        "crumbs": under_agreement(agreement),
        "actions": _actions(actor, scope, today),
        "filter_form": ReportScopeForm(initial=_parameters(scope)),
        "lines_table": _lines_table(content, scope),
        "required": _required_text(content),
        "indirect_table": _indirect_table(content),
        "dues_table": _dues_table(dues, certified, scope, today),
        "certified_table": _certified_table(certified),
        "citation": FINANCIAL_REPORT,
    }
    return render_page(request, "funding/show_financial_report.html", context)


@require_GET
def show_report_line(request: HttpRequest, pk: int, line: str) -> HttpResponse:
    """The transfers that one line counts; they sum to it."""
    actor = actor_of(request)
    agreement = queries.overseen_agreement_by_id(actor, pk)
    if line not in list(rules.COUNTED_LINES):
        raise Http404
    letter = ReportLine(line)
    scope = _scope(request, agreement)
    report = queries.computed_report(scope)
    page = paginate_days(
        request,
        queries.counted_by_line(scope, letter),
        queries.days_counted_by_line(scope, letter),
    )
    context = {
        "title": _("Line 10%(letter)s: %(amount)s")
        % {"letter": letter, "amount": money(report.lines.amount(letter), agreement.currency)},
        "lede": _("%(label)s under %(number)s through %(period_end)s: the transfers it counts.")
        % {
            "label": LINE_LABELS[letter],
            "number": agreement.number,
            "period_end": date_local(scope.period_end),
        },
        "crumbs": (
            *under_agreement(agreement),
            Crumb(_("Financial report"), _address("show_financial_report", scope)),
        ),
        "actions": (),
        "table": _transfers_table(page, agreement),
    }
    return render_page(request, "funding/show_report_line.html", context)


@require_http_methods(["GET", "POST"])
def certify_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The form by which a person stands behind the report that it shows."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    permit_under(actor, "certify_report", agreement)
    scope = _scope(request, agreement)
    today = clock.today()
    report = queries.computed_report(scope)
    before = queries.certified_before(scope)
    form = CertifyForm(
        posted(request), has_before=before is not None, initial={"seen_digest": report.digest}
    )
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data.get(name, "") for name in ("remarks", "reason")}
        with errors_into_form(form) as outcome:
            certified = services.certify_report(
                actor,
                scope,
                seen_digest=form.cleaned_data["seen_digest"],
                today=today,
                now=clock.now(),
                **said,
            )
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("The report is certified and kept with its documents."))
            return redirect(certified.get_absolute_url())
        status, refusal = outcome.status, outcome.refusal
    content = report.as_content()
    context = {
        "title": _("Certify the report through %(period_end)s")
        % {"period_end": date_local(scope.period_end)},
        "lede": services.certification_text(),
        "crumbs": under_agreement(agreement),
        "items": _scope_items(scope),
        "lines_table": _lines_table(content, scope),
        "required": _required_text(content),
        "form": form,
        "submit_label": _("Certify"),
        "cancel_url": _address("show_financial_report", scope),
        "refusal": refusal,
    }
    return render_page(request, "funding/certify_report.html", context, status=status)


@require_GET
def show_certified_report(request: HttpRequest, pk: int) -> HttpResponse:
    """A report as it was certified, with its documents."""
    actor = actor_of(request)
    report = queries.financial_report_by_id(actor, pk)
    scope = _scope_of(report)
    content = report.content
    context = {
        "title": _("Certified through %(period_end)s: %(left)s unobligated")
        % {
            "period_end": date_local(report.period_end),
            "left": money(content["lines"]["h"], content["currency"]),
        },
        "tag": _report_tag(report),
        "lede": report.remarks,
        "crumbs": (
            *under_agreement(report.agreement),
            Crumb(_("Financial report"), _address("show_financial_report", scope)),
        ),
        "actions": _certified_actions(actor, report),
        "items": _certified_items(report),
        "lines_table": _lines_table(content, scope),
        "required": _required_text(content),
        "indirect_table": _indirect_table(content),
        "documents_table": _documents_table(queries.documents_of(report)),
        "events": events_of(actor, report)[:20],
    }
    return render_page(request, "funding/show_certified_report.html", context)


@require_http_methods(["GET", "POST"])
def record_indirect_rate(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an indirect cost rate."""
    actor = actor_of(request)
    agreement = queries.agreement_by_id(actor, pk)
    permit_under(actor, "record_indirect_rate", agreement)
    form = IndirectRateForm(posted(request))
    back = reverse("funding:show_financial_report", args=[pk])
    status, refusal = status_of(form), None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"rate_type": RateType(form.cleaned_data["rate_type"])}
        with errors_into_form(form) as outcome:
            services.record_indirect_rate(
                actor, agreement, services.RateTerms(**data), now=clock.now()
            )
        if outcome.status == HTTPStatus.OK:
            messages.success(request, _("The rate is recorded."))
            return redirect(back)
        status, refusal = outcome.status, outcome.refusal
    context = {
        "title": _("Record an indirect rate"),
        "lede": _("Line 11 of the financial report charges it on the base of the profile."),
        "crumbs": under_agreement(agreement),
        "form": form,
        "submit_label": _("Record"),
        "cancel_url": back,
        "refusal": refusal,
    }
    return render_page(request, "funding/record_indirect_rate.html", context, status=status)


def _scope(request: HttpRequest, agreement: Agreement) -> ReportScope:
    """What the address asks for; else the last period that is over, on the agreement's terms."""
    asked = chosen(ReportScopeForm(request.GET))
    terms = queries.reporting_terms_of(agreement)
    period_end: date | None = asked.get("period_end")
    term = asked.get("term", terms.report_term)
    if period_end is None:
        dues = queries.dues_of(agreement, today=clock.today())
        period_end = dues[-1].period_end if dues else clock.today()
        term = asked.get("term", dues[-1].term if dues else term)
    basis = ReportBasis(asked.get("basis", terms.basis))
    return ReportScope(agreement, term, basis, period_end)


def _scope_of(report: FinancialReport) -> ReportScope:
    basis = ReportBasis(report.basis)
    return ReportScope(report.agreement, report.term, basis, report.period_end)


def _parameters(scope: ReportScope) -> dict[str, str]:
    return {
        "period_end": scope.period_end.isoformat(),
        "term": scope.term,
        "basis": scope.basis.value,
    }


def _address(name: str, scope: ReportScope, *more: str) -> str:
    url = reverse(f"funding:{name}", args=[scope.agreement.pk, *more])
    return f"{url}?{urlencode(_parameters(scope))}"


def _actions(actor: Actor, scope: ReportScope, today: date) -> tuple[Action, ...]:
    agreement = scope.agreement
    actions = []
    span, term = queries.award_span(agreement), queries.report_term_of(scope.term)
    is_certifiable = (
        rules.period_over(scope.period_end, today) is None
        and rules.period_ends(scope.period_end, term, span) is None
    )
    if is_certifiable and may_under(actor, "certify_report", agreement):
        actions.append(Action(_("Certify"), _address("certify_report", scope), is_primary=True))
    if may_under(actor, "record_indirect_rate", agreement):
        url = reverse("funding:record_indirect_rate", args=[agreement.pk])
        actions.append(Action(_("Record an indirect rate"), url))
    if may_under(actor, "set_reporting_terms", agreement):
        url = reverse("funding:set_reporting_terms", args=[agreement.pk])
        actions.append(Action(_("Set the terms of reporting"), url))
    return tuple(actions)


def _certified_actions(actor: Actor, report: FinancialReport) -> tuple[Action, ...]:
    scope = _scope_of(report)
    actions = [Action(_("The same period now"), _address("show_financial_report", scope))]
    is_standing = not hasattr(report, "superseded_by")
    if is_standing and may_under(actor, "certify_report", report.agreement):
        actions.append(Action(_("Replace it"), _address("certify_report", scope)))
    return tuple(actions)


def _scope_items(scope: ReportScope) -> tuple[Item, ...]:
    return (
        Item(_("Report type"), local_name(queries.report_term_of(scope.term))),
        Item(_("Basis of accounting"), str(BASIS_LABELS[scope.basis])),
        Item(_("Period end"), date_local(scope.period_end)),
    )


def _certified_items(report: FinancialReport) -> tuple[Item, ...]:
    items = [
        *_scope_items(_scope_of(report)),
        Item(_("Edition"), str(report.edition)),
        Item(
            _("Certified by"),
            _("%(who)s, %(when)s")
            % {
                "who": user_name(report.certified_by),
                "when": date_local(report.certified_at),
            },
        ),
        Item(_("Due on"), date_local(report.due_on)),
        Item(_("Digest"), report.digest[:16]),
    ]
    if report.reason:
        items.append(Item(_("Replaces the edition before because"), report.reason))
    if hasattr(report, "superseded_by"):
        after = report.superseded_by
        text = _("edition %(number)s") % {"number": after.edition}
        items.append(Item(_("Replaced by"), text, url=after.get_absolute_url()))
    return tuple(items)


def _report_tag(report: FinancialReport) -> Tag:
    if hasattr(report, "superseded_by"):
        return Tag(_("replaced"), "quiet")
    return Tag(_("on time"), "ok") if report.is_on_time else Tag(_("late"), "bad")


def _lines_table(content: dict[str, Any], scope: ReportScope) -> Table:
    currency = content["currency"]
    rows = []
    for line in ReportLine:
        formula = services.formula_text(line, content["income_method"])
        is_counted = line in rules.COUNTED_LINES
        url = _address("show_report_line", scope, line.value) if is_counted else None
        amount_minor = content["lines"][line.value]
        rows.append(
            Row(
                (
                    Cell(f"10{line}", note=formula),
                    Cell(str(LINE_LABELS[line]), url=url),
                    Cell(money(amount_minor, currency), tag="bad" if amount_minor < 0 else None),
                )
            )
        )
    return Table(
        caption=_("Cumulative through %(period_end)s, %(basis)s basis, %(currency)s")
        % {
            "period_end": date_local(scope.period_end),
            "basis": BASIS_LABELS[scope.basis],
            "currency": currency,
        },
        columns=(
            Column("line", _("Line"), is_short=True),
            Column("what", _("What")),
            Column("amount", _("Amount"), is_number=True),
        ),
        rows=tuple(rows),
        is_stacked=True,
    )


def _required_text(content: dict[str, Any]) -> str:
    if not content["required_by"]:
        return _("Line i: nothing asks for a recipient share.")
    if content["required_by"] == content["award"]:
        return _("Line i: the share that the agreement itself names.")
    return _("Line i: what %(source)s asks for beside line d.") % {"source": content["required_by"]}


def _indirect_table(content: dict[str, Any]) -> Table:
    currency = content["currency"]
    return Table(
        caption=_("Line 11: indirect expense"),
        columns=(
            Column("type", _("Type")),
            Column("rate", _("Rate"), is_number=True),
            Column("from", _("From"), is_short=True),
            Column("to", _("Before"), is_short=True),
            Column("base", _("Base"), is_number=True),
            Column("charged", _("Charged"), is_number=True),
            Column("federal", _("Federal share"), is_number=True),
        ),
        rows=tuple(_indirect_row(one, currency) for one in content["indirect"]),
        empty=_("No indirect rate is recorded for this award."),
        is_stacked=True,
    )


def _indirect_row(one: dict[str, Any], currency: str) -> Row:
    is_exceeded = one["federal_minor"] > one["charged_minor"]
    return Row(
        (
            Cell(str(RATE_TYPE_LABELS[RateType(one["type"])])),
            Cell(percent_bp(one["rate_bp"], 2)),
            Cell(date_local(date.fromisoformat(one["starts_on"]))),
            Cell(date_local(date.fromisoformat(one["ends_on"]))),
            Cell(money(one["base_minor"], currency)),
            Cell(money(one["charged_minor"], currency)),
            Cell(
                money(one["federal_minor"], currency),
                note=_("more than the rate allows") if is_exceeded else "",
            ),
        )
    )


def _dues_table(
    dues: list[ReportDue], certified: Iterable[FinancialReport], scope: ReportScope, today: date
) -> Table:
    """The latest dozen of reports that are due, newest first."""
    stand = {(one.term, one.period_end): one for one in reversed(list(certified))}
    return Table(
        caption=_("Reports due, newest first"),
        columns=(
            Column("period_end", _("Period end"), is_short=True),
            Column("term", _("Report type")),
            Column("due_on", _("Due on"), is_short=True),
            Column("state", _("State")),
        ),
        rows=tuple(
            _due_row(due, stand.get((due.term, due.period_end)), scope, today)
            for due in reversed(dues[-12:])
        ),
        empty=_("No period of this agreement is over yet."),
        is_stacked=True,
    )


def _due_row(
    due: ReportDue, report: FinancialReport | None, scope: ReportScope, today: date
) -> Row:
    of_period = ReportScope(scope.agreement, due.term, scope.basis, due.period_end)
    if report is not None:
        state = Cell(_("certified"), url=report.get_absolute_url())
    elif due.due_on < today:
        state = Cell(_("late"), tag="bad")
    else:
        state = Cell(_("due"), tag="due")
    return Row(
        (
            Cell(date_local(due.period_end), url=_address("show_financial_report", of_period)),
            Cell(local_name(queries.report_term_of(due.term))),
            Cell(date_local(due.due_on)),
            state,
        )
    )


def _certified_table(certified: list[FinancialReport]) -> Table:
    terms = {one.key: local_name(one) for one in profile_in_use().report_terms}
    rows = []
    for report in certified[:50]:
        tag = _report_tag(report)
        rows.append(
            Row(
                (
                    Cell(date_local(report.period_end), url=report.get_absolute_url()),
                    Cell(terms.get(report.term, report.term)),
                    Cell(str(report.edition)),
                    Cell(user_name(report.certified_by)),
                    Cell(date_local(report.certified_at)),
                    Cell(tag.text, tag=tag.tone),
                )
            )
        )
    return Table(
        caption=_("Certified reports"),
        columns=(
            Column("period_end", _("Period end"), is_short=True),
            Column("term", _("Report type")),
            Column("edition", _("Edition"), is_number=True),
            Column("by", _("Certified by")),
            Column("at", _("Certified on"), is_short=True),
            Column("state", _("State")),
        ),
        rows=tuple(rows),
        empty=_("No report is certified yet."),
        is_stacked=True,
    )


def _language(code: str) -> str:
    return str(get_language_info(code)["name_local"]) if code else "–"


def _documents_table(documents: Iterable[FinancialReportDocument]) -> Table:
    return Table(
        caption=_("Documents, made once"),
        columns=(Column("name", _("File")), Column("language", _("Language"))),
        rows=tuple(
            Row(
                (
                    Cell(one.file.name, url=one.file.get_absolute_url()),
                    Cell(_language(one.language)),
                )
            )
            for one in documents
        ),
    )


def _transfers_table(page: Any, agreement: Agreement) -> Table:
    return Table(
        caption=_("Transfers that the line counts, newest first"),
        columns=(
            Column("date", _("Date"), is_short=True),
            Column("what", _("What")),
            Column("counted", _("Counted"), is_number=True),
            Column("from", _("From")),
            Column("to", _("To")),
            Column("record", _("Record and evidence")),
        ),
        rows=tuple(_counted_row(transfer, agreement.currency) for transfer in page),
        page=page,
        empty=_("The line counts no transfer."),
        is_stacked=True,
    )


def _counted_row(transfer: Transfer, currency: str) -> Row:
    counted_minor: int = getattr(transfer, "counted_minor", 0)
    return Row(
        (
            Cell(date_local(transfer.occurred_on), url=transfer.get_absolute_url()),
            Cell(str(TRANSFER_CODE_LABELS[TransferCode(transfer.code)])),
            Cell(money(counted_minor, currency)),
            Cell(account_label(transfer.debit_account)),
            Cell(account_label(transfer.credit_account)),
            _record_cell(transfer),
        )
    )


def _record_cell(transfer: Transfer) -> Cell:
    """The record behind a transfer, where its evidence is."""
    if hasattr(transfer, "cost_movement"):
        cost = transfer.cost_movement.cost
        return Cell(cost.payee, url=cost.get_absolute_url())
    if transfer.pending is not None and hasattr(transfer.pending, "contribution"):
        contribution = transfer.pending.contribution
        return Cell(local_name(contribution.organisation), url=contribution.get_absolute_url())
    if hasattr(transfer, "income"):
        return Cell(transfer.income.payer)
    return Cell(transfer.reference)
