"""The verbs of programme income: how it is to be used, what was earned, what it was spent on."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from lineshaft.apps.funding import rules
from lineshaft.apps.funding.models import (
    Agreement,
    Income,
    IncomeUse,
    ReportingTerms,
    Transfer,
)
from lineshaft.apps.funding.rules import CODES, ReportBasis, TransferCode
from lineshaft.apps.funding.services.book import TransferRow, lock_accounts
from lineshaft.apps.funding.services.evidence import permit_on
from lineshaft.apps.funding.services.ledger import in_ledger_transaction, write_transfers
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.refusals import refuse_if
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event


@dataclass(frozen=True, slots=True)
class Earning:
    """Programme income that came in; the ledger takes it net of the costs of earning it."""

    id: UUID
    gross_minor: int
    currency: str
    occurred_on: date
    stream: str
    payer: str
    description: str = ""
    cost_of_earning_minor: int = 0
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What programme income was spent on; `category` is a cost category of the profile."""

    id: UUID
    amount_minor: int
    currency: str
    occurred_on: date
    category: str
    description: str
    reference: str = ""


def set_reporting_terms(
    actor: Actor,
    agreement: Agreement,
    *,
    report_term: str,
    basis: ReportBasis,
    income_method: str,
    now: datetime,
    recipient_account: str = "",
    activity: str = "",
    reason: str = "",
) -> ReportingTerms:
    """Say how often and on which basis the agreement is reported on, and how income is used.

    `activity` names the kind of project that the award is for, which decides the share asked for.

    Raises Refused where income was earned under another method, and NotFound for a term or method
    that the profile does not have.
    """
    permit_on(actor, "set_reporting_terms", agreement)
    profile = profile_in_use()
    profile.report_term(report_term)
    method = profile.income_method(income_method)
    with transaction.atomic():
        lock_accounts(agreement)
        before = ReportingTerms.objects.filter(agreement=agreement).first()
        stood = profile.income_method(before.income_method if before else "")
        is_changed = method.key != stood.key
        has_income = Income.objects.filter(agreement=agreement).exists()
        refuse_if(rules.method_open(is_changed=is_changed, has_income=has_income))
        if is_changed:
            refuse_if(rules.method_approved(wants_approval=method.wants_approval, reason=reason))
        said = {
            "report_term": report_term,
            "basis": basis.value,
            "income_method": method.key,
            "recipient_account": recipient_account,
            "activity": activity,
        }
        terms, _ = ReportingTerms.objects.update_or_create(agreement=agreement, defaults=said)
        record_event(
            actor,
            "set_reporting_terms",
            agreement,
            now=now,
            why=reason,
            institute=agreement.institute.key,
            agency=agreement.agency.key,
            changes={
                name: [getattr(before, name) if before else "", value]
                for name, value in said.items()
            },
        )
    return terms


def record_income(actor: Actor, agreement: Agreement, earning: Earning, *, now: datetime) -> Income:
    """Record programme income in its stream; it is spent by the agreement's method."""
    permit_on(actor, "record_income", agreement)
    streams = {stream.key: stream for stream in profile_in_use().income_streams}
    refuse_if(rules.stream_known(earning.stream, is_known=earning.stream in streams))
    is_earned_by_award = streams[earning.stream].is_programme_income
    refuse_if(rules.is_programme_income(is_earned_by_award=is_earned_by_award))
    refuse_if(rules.net_of_earning(earning.gross_minor, earning.cost_of_earning_minor))
    refuse_if(rules.income_in_term(earning.occurred_on, agreement.starts_on, agreement.ends_on))
    row = TransferRow(
        earning.id,
        agreement.pk,
        TransferCode.EARN_INCOME,
        earning.gross_minor - earning.cost_of_earning_minor,
        earning.currency,
        earning.occurred_on,
        reference=earning.reference,
    )
    content: dict[str, object] = {
        "stream": earning.stream,
        "payer": earning.payer,
        "description": earning.description,
        "gross_minor": earning.gross_minor,
        "cost_of_earning_minor": earning.cost_of_earning_minor,
    }
    return _moved(actor, agreement, row, Income, content, now=now)


def use_income(actor: Actor, agreement: Agreement, use: Use, *, now: datetime) -> IncomeUse:
    """Spend programme income, never more than is unspent."""
    permit_on(actor, "use_income", agreement)
    categories = {category.key for category in profile_in_use().cost_categories}
    refuse_if(rules.category_known(use.category, is_known=use.category in categories))
    row = TransferRow(
        use.id,
        agreement.pk,
        TransferCode.USE_INCOME,
        use.amount_minor,
        use.currency,
        use.occurred_on,
        reference=use.reference,
    )
    content: dict[str, object] = {"category": use.category, "description": use.description}
    return _moved(actor, agreement, row, IncomeUse, content, now=now)


def _moved[M: (Income, IncomeUse)](
    actor: Actor,
    agreement: Agreement,
    row: TransferRow,
    model: type[M],
    content: dict[str, object],
    *,
    now: datetime,
) -> M:
    """The record beside its transfer, both new, or both as they were sent before."""

    def work() -> M:
        written = write_transfers(actor, [row], now=now)
        if not written.recorded:
            stored = model.objects.get(pk=row.id)
            is_same = all(getattr(stored, name) == value for name, value in content.items())
            refuse_if(rules.same_content(is_same=is_same, transfer_id=str(row.id)))
            return stored
        record = model.objects.create(transfer_id=row.id, agreement=agreement, **content)
        record_event(
            actor,
            CODES[row.code].verb,
            Transfer(pk=row.id),
            now=now,
            institute=agreement.institute.key,
            agency=agreement.agency.key,
            changes={
                "agreement": agreement.number,
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "occurred_on": row.occurred_on.isoformat(),
                **content,
            },
        )
        return record

    return in_ledger_transaction([row.id], work)
