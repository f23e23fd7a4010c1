"""Invoices of members: issuing, paying, refunding, cancelling, writing off.

Dues are billed a membership year at a time. A payment posts to the institute's own income under
the stream of dues, by the caller's id, so that a retry is harmless. A paid first invoice admits the
member; where a rule of admission holds it, the payment stands and the application waits.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.funding.rules.own_income import APPLICATION_CLOSED
from lineshaft.apps.funding.services import OwnIncomeRow, record_own_income, reverse_own_income
from lineshaft.apps.memberships import queries, rules
from lineshaft.apps.memberships.models import (
    Invoice,
    InvoiceLine,
    InvoicePayment,
    InvoiceWriteOff,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.memberships.queries import Fall
from lineshaft.apps.memberships.rules import BilledLine, InvoiceState, LineKind
from lineshaft.apps.memberships.services.agreements import lock_institute, locked_agreement
from lineshaft.apps.memberships.services.applications import (
    cancel_and_tell,
    locked_application,
)
from lineshaft.apps.memberships.services.letters import (
    tell_invoice,
    tell_refunded,
    tell_written_off,
)
from lineshaft.apps.memberships.services.papers import keep_invoice_document
from lineshaft.apps.memberships.services.signing import (
    admission_refusal,
    admit_if_settled,
)
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import refuse_if
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.services import record_event
from lineshaft.plumbing.permit import permit

_NO_INVOICE: Final = gettext_noop("There is no such invoice.")
_DUES_OF: Final = "Membership dues, invoice %s"


def issue_invoice(actor: Actor, application: MembershipApplication, *, now: datetime) -> Invoice:
    """Issue the first invoice of a signed application: the dues of its first year.

    Open credits of the organisation there are taken into it. Raises Refused before both have
    signed, beside an open invoice, where nothing is owed, and with the rule that would hold the
    admission: nobody is billed who can't be let in.
    """
    with transaction.atomic():
        row = locked_application(application.pk)
        permit(actor, rules.PERMISSIONS["issue_invoice"], institute=row.institute.key)
        workflow = rules.TRANSITIONS["MembershipApplication"]
        refuse_if(workflow.check(row.state, "admit_applicant"))
        held = queries.open_invoice_of(row)
        refuse_if(rules.refuse_second_invoice(held.number if held else ""))
        dues_minor = 0 if queries.is_settled(row) else row.dues_minor or 0
        refuse_if(rules.refuse_nothing_owed(dues_minor))
        refuse_if(admission_refusal(row, now=now))
        assert row.starts_on is not None and row.term_months is not None  # noqa: S101, PT018
        ends_on = rules.month_after(row.starts_on, row.term_months)
        line = year_line(row.tier, row.starts_on, ends_on, dues_minor)
        invoice = write_invoice(
            actor, row.institute, [line], application=row, to=row.contact, now=now
        )
        admit_if_settled(row, now=now)
    return invoice


def bill_next_year(actor: Actor, agreement: MemberAgreement, *, now: datetime) -> Invoice:
    """Issue the invoice of the next year of a running term.

    Raises Refused for a membership without agreed terms, one that is billed to its end, long before
    the year begins, and beside an open invoice.
    """
    with transaction.atomic():
        lock_institute(agreement.institute_id)
        row = locked_agreement(agreement.pk)
        permit(actor, rules.PERMISSIONS["bill_next_year"], institute=row.institute.key)
        held = queries.open_invoice_of(row)
        refuse_if(rules.refuse_second_invoice(held.number if held else ""))
        billed_until = queries.billed_until(row)
        refuse_if(rules.refuse_billed(billed_until, row.ends_on, today=now.date()))
        agreed = queries.agreed_terms_of(row)
        refuse_if(rules.refuse_nothing_owed(agreed.dues_minor if agreed else 0))
        assert row.ends_on is not None and agreed is not None  # noqa: S101, PT018 -- asked
        line = year_line(row.tier, billed_until, row.ends_on, agreed.dues_minor)
        return write_invoice(
            actor, row.institute, [line], agreement=row, to=somebody_of(row, now=now), now=now
        )


def record_payment(
    actor: Actor,
    invoice: Invoice,
    *,
    id: UUID,  # noqa: A002 -- the caller's key, as in the ledger
    amount_minor: int,
    received_on: date,
    now: datetime,
    reference: str = "",
) -> InvoicePayment:
    """Record a payment on the invoice, in part or in full; the stored one if it stands already.

    It becomes an entry of the institute's own income under the stream of dues. Paid in full, the
    first invoice admits the member. What was written off is taken all the same, where it is paid
    after all beyond what is owed: it is given up no more, and what a later tier would have credited
    of it is a credit then. Raises Refused for more than was not paid yet.
    """
    with transaction.atomic():
        row = _locked(invoice.pk)
        permit(actor, rules.PERMISSIONS["record_payment"], institute=row.institute.key)
        stored = InvoicePayment.objects.filter(pk=id).first()
        if stored is not None:
            is_same = (stored.invoice_id, stored.amount_minor, stored.received_on) == (
                row.pk,
                amount_minor,
                received_on,
            )
            refuse_if(rules.refuse_other_payment(is_same=is_same))
            return stored
        refuse_if(rules.TRANSITIONS["Invoice"].check(row.state, "record_payment"))
        refuse_if(rules.refuse_payment(amount_minor, row.unpaid))
        payment = _pay(
            actor, row, id=id, amount=(amount_minor, received_on, reference.strip()), now=now
        )
        if row.application_id is not None:
            admit_if_settled(locked_application(row.application_id), now=now)
        if payment.after_all_minor:
            _credit_paid_after_all(actor, queries.standing_invoices().get(pk=row.pk), now=now)
    return payment


def refund_payment(
    actor: Actor,
    payment: InvoicePayment,
    *,
    id: UUID,  # noqa: A002 -- the caller's key, as in the ledger
    refunded_on: date,
    now: datetime,
) -> OwnIncome:
    """Refund what is left of a payment for an application that was closed, and tell who applied.

    A new entry under the stream of dues names the entry of the payment and takes it back; the one
    that stands under this id, if it does. Raises Refused where no refund is due.
    """
    with transaction.atomic():
        row = _locked(payment.invoice_id)
        permit(actor, rules.PERMISSIONS["refund_payment"], institute=row.institute.key)
        paid = queries.payment_by_id(row, payment.pk)
        stored = OwnIncome.objects.filter(pk=id).first()
        if stored is not None:
            is_same = (stored.reverses_id, stored.received_on) == (paid.pk, refunded_on)
            refuse_if(rules.refuse_other_refund(is_same=is_same))
            return stored
        refuse_if(rules.TRANSITIONS["Invoice"].check(row.state, "refund_payment"))
        refuse_if(rules.refuse_refund(paid.left_minor))
        refund = reverse_own_income(
            actor,
            paid.income,
            id=id,
            amount_minor=paid.left_minor,
            received_on=refunded_on,
            reason=APPLICATION_CLOSED,
            now=now,
        )
        changes = {
            "payment": str(paid.pk),
            "amount_minor": refund.amount_minor,
            "income": str(refund.pk),
        }
        _audit(actor, "refund_payment", row, now=now, changes=changes)
        assert row.application is not None  # noqa: S101 -- a refund is due for no other invoice
        tell_refunded(row, row.application.contact, refund.amount, now=now)
    return refund


def cancel_invoice(actor: Actor, invoice: Invoice, *, reason: str, now: datetime) -> Invoice:
    """Cancel an invoice on which nothing was paid; the credits that it took are free again.

    An invoice of a later tier that credits what this one bills is cancelled with it: nothing was
    paid that it could credit. Raises Refused where that one was paid or its credit taken, and for
    an invoice that credits the dues of the tier before.
    """
    with transaction.atomic():
        row = _locked(invoice.pk)
        permit(actor, rules.PERMISSIONS["cancel_invoice"], institute=row.institute.key)
        refuse_if(rules.refuse_reason(reason))
        refuse_if(rules.TRANSITIONS["Invoice"].check(row.state, "cancel_invoice"))
        fall = queries.falls_with(row)
        has_credit = row.lines.filter(kind=LineKind.CREDIT).exists()
        refuse_if(rules.refuse_cancel(row.paid, has_credit=has_credit, kept_by=fall.kept_by))
        _cancel(actor, fall, institute=row.institute.key, now=now, reason=reason)
    return fall.invoices[0]


def write_off_invoice(actor: Actor, invoice: Invoice, *, reason: str, now: datetime) -> Invoice:
    """Give up what is still owed on a member's invoice, and tell the member by mail.

    The days stay billed and the books as they are; a payment that is taken back later opens the
    invoice again, for that much. Open credits of what was paid after all and taken back fall with
    it, and what stays paid is credited anew. Raises Refused for the dues of who is not admitted,
    and where a credit is left of what was billed that no payment bears.
    """
    with transaction.atomic():
        row = _locked(invoice.pk)
        permit(actor, rules.PERMISSIONS["write_off_invoice"], institute=row.institute.key)
        refuse_if(rules.refuse_reason(reason))
        refuse_if(rules.TRANSITIONS["Invoice"].check(row.state, "write_off_invoice"))
        fall = Fall(queries.credits_after_all_of(row))
        _cancel(actor, fall, institute=row.institute.key, now=now, reason=reason)
        credit = queries.credit_left_of(row)
        refuse_if(
            rules.refuse_write_off(
                row.paid,
                is_of_member=row.agreement is not None,
                credit=Money(-credit.total_minor if credit else 0, row.currency),
                number=credit.number if credit else "",
            )
        )
        given_up = InvoiceWriteOff.objects.create(
            invoice=row,
            amount_minor=row.left.amount_minor,
            reason=reason.strip(),
            written_off_by_id=actor.user_id,
            written_off_at=now,
        )
        changes = {"amount_minor": given_up.amount_minor, "currency": row.currency}
        _audit(actor, "write_off_invoice", row, now=now, why=given_up.reason, changes=changes)
        assert row.agreement is not None  # noqa: S101 -- refused above
        to = somebody_of(row.agreement, now=now)
        if to is not None:
            tell_written_off(given_up, to, now=now)
        done = queries.standing_invoices().get(pk=row.pk)
        if fall.invoices:
            _credit_paid_after_all(actor, done, now=now)
    return done


# --------------------------------------------------------------- shared with the verbs beside it


def year_line(tier: str, starts_on: date, ends_on: date, dues_minor: int) -> BilledLine:
    """The line of the membership year that begins then, cut at the end of the term."""
    span = rules.billed_year(starts_on, ends_on)
    return BilledLine(LineKind.DUES, tier, span, rules.dues_for(dues_minor, span))


def write_invoice(
    actor: Actor,
    institute: Institute,
    lines: Sequence[BilledLine],
    *,
    now: datetime,
    to: User | None,
    application: MembershipApplication | None = None,
    agreement: MemberAgreement | None = None,
) -> Invoice:
    """Write an invoice over the lines and the open credits, with its document, in the caller's
    transaction; one over nothing is paid at once, one below is a credit for the next.
    """
    of = agreement or application
    assert of is not None  # noqa: S101 -- for one of the two
    locked = Institute.objects.select_for_update(of=("self",), no_key=True).get(pk=institute.pk)
    organisation = of.organisation.standing
    billed = [*lines, *_carried(locked, organisation.pk, lines[0])]
    total_minor = sum(line.amount_minor for line in billed)
    today, profile = now.date(), profile_in_use()
    last = Invoice.objects.filter(institute=locked).aggregate(last=Max("sequence"))["last"] or 0
    starts_on = min(line.span.starts_on for line in lines)
    invoice = Invoice.objects.create(
        institute=locked,
        organisation=organisation,
        application=application,
        agreement=agreement,
        sequence=last + 1,
        number=rules.invoice_number(locked.key, today.year, last + 1),
        currency=profile.currency,
        closing=rules.Closing.CREDITED if total_minor < 0 else rules.Closing.NOT_CLOSED,
        closed_at=now if total_minor < 0 else None,
        total_minor=total_minor,
        issued_on=today,
        due_on=rules.due_on(today, starts_on, days=profile.dues_due_days),
        issued_at=now,
        is_demonstration=of.is_demonstration,
    )
    written = InvoiceLine.objects.bulk_create(_line(invoice, *one) for one in enumerate(billed, 1))
    invoice.document = keep_invoice_document(
        actor, invoice, written, language=to.language if to else actor.language, now=now
    )
    invoice.save(update_fields=["document"])
    changes = {"number": invoice.number, "total_minor": total_minor, "currency": invoice.currency}
    _audit(actor, "issue_invoice", invoice, now=now, changes=changes)
    if total_minor > 0 and to is not None:
        tell_invoice(invoice, to, now=now)
    return queries.standing_invoices().get(pk=invoice.pk)


def somebody_of(agreement: MemberAgreement, *, now: datetime) -> User | None:
    """Whom of the organisation to write to: whoever applied, else the first who belongs to it."""
    application = MembershipApplication.objects.filter(agreement=agreement).first()
    if application is not None:
        return application.contact
    return queries.people_of(agreement.organisation.standing, on=now.date()).first()


def cancel_unpaid(actor: Actor, agreement: MemberAgreement, *, now: datetime, reason: str) -> None:
    """Cancel the open invoices of a membership that is over which bill days after its end, but for
    those paid in part, and those whose credit was paid or used in a later tier.

    Also those of its earlier tiers, and one that credits the tier before, with what was paid after
    all of that: the rest of a year is not paid back to who is out. What bills only days that were
    used stays owed. Where the next term is agreed already all stand, and end that one too.
    """
    if queries.next_agreement_of(agreement) is not None:
        return
    assert agreement.ends_on is not None  # noqa: S101 -- it is over
    rows = queries.open_invoices_of([agreement]).select_for_update(of=("self",))
    rows = rows.filter(pk__in=queries.billing_after(agreement.ends_on))
    cancelled: set[int] = set()
    for invoice in rows.order_by("-pk"):  # the latest first: the credits that it took are free then
        fall = queries.falls_with(invoice)
        if invoice.paid_minor or fall.kept_by or invoice.pk in cancelled:
            continue
        _cancel(actor, fall, institute=agreement.institute.key, now=now, reason=reason)
        cancelled |= {one.pk for one in fall.invoices}


# -------------------------------------------------------------------------------------- leaves


def _locked(pk: int) -> Invoice:
    """The invoice, locked after its institute; raises NotFound."""
    found = Invoice.objects.filter(pk=pk).values_list("institute_id", flat=True).first()
    if found is None:
        raise NotFound(_NO_INVOICE, code="no_invoice")
    lock_institute(found)
    rows = queries.standing_invoices().select_for_update(of=("self",))
    return rows.select_related(
        "institute", "organisation", "application__contact", "agreement__organisation"
    ).get(pk=pk)


def _cancel(actor: Actor, fall: Fall, *, institute: str, now: datetime, reason: str) -> None:
    """Cancel the invoices that fall together, each with an event of its own."""
    for one in fall.invoices:
        is_open = one.state == InvoiceState.ISSUED
        verb = "cancel_invoice" if is_open else "free_credits"
        cancel_and_tell(actor, one, verb, institute=institute, now=now, reason=reason)


def _pay(
    actor: Actor,
    row: Invoice,
    *,
    id: UUID,  # noqa: A002 -- as above
    amount: tuple[int, date, str],
    now: datetime,
) -> InvoicePayment:
    amount_minor, received_on, reference = amount
    income = OwnIncomeRow(
        id=id,
        institute_id=row.institute_id,
        stream=rules.DUES_STREAM,
        amount_minor=amount_minor,
        currency=row.currency,
        received_on=received_on,
        payer=row.organisation.name[:200],
        description=_DUES_OF % row.number,
        external_id=reference,
    )
    entry = record_own_income(actor, income, now=now)
    payment = InvoicePayment.objects.create(
        income=entry,
        invoice=row,
        amount_minor=amount_minor,
        after_all_minor=max(0, amount_minor - row.left.amount_minor),
        received_on=received_on,
        reference=reference,
        recorded_by_id=actor.user_id,
        recorded_at=now,
    )
    paid_minor = row.paid_minor + amount_minor
    changes = {"amount_minor": amount_minor, "income": str(entry.pk), "paid_minor": paid_minor}
    _audit(actor, "record_payment", row, now=now, changes=changes)
    return payment


def _credit_paid_after_all(actor: Actor, row: Invoice, *, now: datetime) -> None:
    """Credit what the tier that follows would have, had this been paid before the change."""
    assert row.agreement is not None  # noqa: S101 -- it was written off
    lines, following = queries.uncredited_of(row), queries.next_agreement_of(row.agreement)
    if lines and following is not None:
        to = somebody_of(row.agreement, now=now)
        write_invoice(actor, row.institute, lines, agreement=following, to=to, now=now)


def _carried(institute: Institute, organisation_id: int, like: BilledLine) -> list[BilledLine]:
    """A line for each open credit of the organisation there."""
    return [
        BilledLine(
            LineKind.CARRIED,
            like.tier,
            Span(like.span.starts_on, like.span.ends_on),
            credit.total_minor,
            credit.pk,
        )
        for credit in queries.open_credits(institute, organisation_id)
    ]


def _line(invoice: Invoice, position: int, line: BilledLine) -> InvoiceLine:
    assert line.span.ends_on is not None  # noqa: S101 -- what is billed has an end
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=line.kind,
        tier=line.tier,
        starts_on=line.span.starts_on,
        ends_on=line.span.ends_on,
        amount_minor=line.amount_minor,
        carries_id=line.carries_id,
    )


def _audit(
    actor: Actor,
    verb: str,
    row: Invoice,
    *,
    now: datetime,
    why: str = "",
    changes: dict[str, object] | None = None,
) -> None:
    record_event(actor, verb, row, now=now, why=why, institute=row.institute.key, changes=changes)
