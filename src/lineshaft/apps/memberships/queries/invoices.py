"""Reads of invoices: who owes what, until when dues are billed, and which membership lapses when.

Every read begins at `standing_invoices`, which derives from the books what was paid: a payment
whose entry of own income was reversed there is not paid, and its invoice is open again.

An invoice is seen by the institute's staff and network staff, by the organisation's people, and by
whoever applied while the application is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from lineshaft.apps.funding.models import OwnIncome
from lineshaft.apps.funding.queries import left_of_entry
from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    AgreedTerms,
    Invoice,
    InvoiceLine,
    InvoicePayment,
    InvoiceWriteOff,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.memberships.queries.agreements import in_force_q
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import group_q
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.money import split_by_largest_remainder
from lineshaft.kernel.spans import Span
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.permit import may
from lineshaft.plumbing.roles import ScopeKind

_NO_PAYMENT: Final = gettext_noop("There is no such payment on this invoice.")
_NO_INVOICE: Final = gettext_noop("There is no such invoice, or none that you may see.")
_BILLS_DAYS: Final = (rules.LineKind.DUES, rules.LineKind.CHARGE)


@dataclass(frozen=True, slots=True)
class OwnMemberships:
    """What is the actor's as an applicant and as one of an organisation's people."""

    applications: QuerySet[MembershipApplication]
    agreements: QuerySet[MemberAgreement]
    invoices: QuerySet[Invoice]


@dataclass(frozen=True, slots=True)
class Fall:
    """What falls with an invoice that is cancelled: the invoice, and those that credit what it, or
    another of them, bills. `kept_by` is the number of one that keeps them: it was paid, or took a
    credit of theirs; empty where they can fall.
    """

    invoices: tuple[Invoice, ...]
    kept_by: str = ""


def standing_invoices() -> QuerySet[Invoice]:
    """Every invoice, with what the books say of it.

    `paid_minor` is what its payments brought and no reversal took back, `written_off_minor` what
    was given up and not paid after all, `state` where it stands by that, and `taken_back_at` when a
    reversal was last recorded.
    """
    entries = OwnIncome.objects.filter(invoice_payment__invoice=OuterRef("pk")).order_by()
    left = entries.annotate(left_minor=left_of_entry()).values("invoice_payment__invoice")
    paid = Subquery(left.annotate(sum=Sum("left_minor")).values("sum"))
    reversals = OwnIncome.objects.filter(reverses__invoice_payment__invoice=OuterRef("pk"))
    given_up = InvoiceWriteOff.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    payments = InvoicePayment.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    written_off = Subquery(given_up.annotate(sum=Sum("amount_minor")).values("sum"))
    after_all = Subquery(payments.annotate(sum=Sum("after_all_minor")).values("sum"))
    derived = {
        "paid_minor": Coalesce(paid, 0, output_field=BigIntegerField()),
        "written_off_minor": Coalesce(written_off, 0, output_field=BigIntegerField())
        - Coalesce(after_all, 0, output_field=BigIntegerField()),
        "taken_back_at": Subquery(reversals.order_by("-recorded_at").values("recorded_at")[:1]),
    }
    rows = Invoice.objects.annotate(**derived)
    return rows.annotate(state=_state())  # type: ignore[no-redef] # declared there


def _state() -> Case:
    return Case(
        When(
            closing=rules.Closing.REFUND_DUE,
            paid_minor=0,
            then=Value(rules.InvoiceState.REFUNDED.value),
        ),
        When(~Q(closing=rules.Closing.NOT_CLOSED), then=F("closing")),
        When(paid_minor__gte=F("total_minor"), then=Value(rules.InvoiceState.PAID.value)),
        When(
            paid_minor__gte=F("total_minor") - F("written_off_minor"),
            then=Value(rules.InvoiceState.WRITTEN_OFF.value),
        ),
        default=Value(rules.InvoiceState.ISSUED.value),
    )


def in_state(*states: rules.InvoiceState) -> Q:
    """The condition that one of `standing_invoices` stands so."""
    return Q(state__in=states)


def payments_of(invoice: Invoice) -> QuerySet[InvoicePayment]:
    """What was paid on the invoice, in the order of recording, each with what is left of it."""
    entries = OwnIncome.objects.filter(pk=OuterRef("income_id"))
    left = Subquery(entries.annotate(left_minor=left_of_entry()).values("left_minor"))
    rows = invoice.payments.annotate(left_minor=left)  # type: ignore[no-redef] # declared there
    return rows.select_related("income").order_by("recorded_at", "pk")


def reversals_of(invoice: Invoice) -> QuerySet[OwnIncome]:
    """What was taken back or refunded of its payments, in the order of recording."""
    rows = OwnIncome.objects.filter(reverses__invoice_payment__invoice=invoice)
    return rows.order_by("recorded_at", "pk")


def payment_by_id(invoice: Invoice, pk: UUID) -> InvoicePayment:
    """The payment on the invoice; raises NotFound."""
    found = payments_of(invoice).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_PAYMENT, code="no_payment")
    return found


def own_memberships_of(actor: Actor, *, on: date) -> OwnMemberships:
    """The actor's applications and invoices, and the memberships in force on that day.

    Own are those of the actor's organisations and what the actor applied for, whatever else the
    actor may read.
    """
    ids = sorted(actor.organisation_ids)
    applied = Q(contact_id=actor.own_id) | Q(organisation_id__in=ids)
    billed = Q(organisation_id__in=ids) | Q(
        application__contact_id=actor.own_id, agreement__isnull=True
    )
    agreements = MemberAgreement.objects.filter(in_force_q(on), organisation_id__in=ids)
    return OwnMemberships(
        MembershipApplication.objects.filter(applied).select_related("institute", "organisation"),
        agreements.select_related("institute", "organisation"),
        standing_invoices().filter(billed).select_related("institute", "organisation"),
    )


def invoices_visible_to(actor: Actor) -> QuerySet[Invoice]:
    """The invoices that the actor may read, with institute and organisation."""
    rows = standing_invoices().select_related("institute", "organisation")
    if actor.is_network_staff:
        return rows
    condition = Q(application__contact_id=actor.own_id, agreement__isnull=True)
    if actor.staff_institute_keys:
        condition |= Q(institute__key__in=sorted(actor.staff_institute_keys))
    if actor.organisation_ids:
        condition |= Q(organisation_id__in=sorted(actor.organisation_ids))
    return rows.filter(condition)


def invoice_by_id(actor: Actor, pk: int) -> Invoice:
    """The invoice of that id; raises NotFound, also where it may not be seen."""
    found = invoices_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_INVOICE, code="no_invoice")
    return found


def open_invoice_of(of: MembershipApplication | MemberAgreement) -> Invoice | None:
    """The latest invoice for it that is not paid, or None."""
    rows = invoices_of(of).filter(in_state(rules.InvoiceState.ISSUED))
    return rows.order_by("-sequence").first()


def invoices_of(of: MembershipApplication | MemberAgreement) -> QuerySet[Invoice]:
    """The invoices of an application or an agreement."""
    is_agreement = isinstance(of, MemberAgreement)
    return standing_invoices().filter(Q(agreement=of) if is_agreement else Q(application=of))


def open_invoices_of(agreements: Sequence[MemberAgreement]) -> QuerySet[Invoice]:
    """The invoices of these memberships on which something is owed, the first due first; also those
    of the terms and tiers before and after. Each has its agreement.
    """
    of = sorted({one.membership_id for one in agreements})
    rows = standing_invoices().filter(in_state(rules.InvoiceState.ISSUED))
    rows = rows.filter(Q(agreement__in=of) | Q(agreement__began_with__in=of))
    return rows.select_related("agreement").order_by("due_on", "pk")


def is_settled(application: MembershipApplication) -> bool:
    """Whether nothing is owed before the admission: no dues, or the first invoice is paid."""
    if not application.dues_minor:
        return True
    settled = in_state(rules.InvoiceState.PAID, rules.InvoiceState.CREDITED)
    return invoices_of(application).filter(settled).exists()


def credit_taker_of(invoice: Invoice) -> str:
    """The number of the invoice that took the credit which this one left over, or empty."""
    lines = invoice.carried_by.exclude(invoice__closing__in=rules.VOID)
    return lines.values_list("invoice__number", flat=True).first() or ""


def falls_with(invoice: Invoice) -> Fall:
    """What has to fall with the invoice where it is cancelled, in the order of issue.

    A change of tier credits what was billed for the tier before. Where that was never paid, the
    credit is worth nothing, nor is one that was left over of it. What was paid after all of the
    tier before is credited beside the invoice of the change, and falls with it.
    """
    found = [invoice]
    for one in found:  # grows as it goes: what credits a credited one falls too
        beside = (*_crediting(one), *_credits_beside(one))
        found += [credit for credit in beside if credit not in found]
    paid = next((one.number for one in found[1:] if one.paid_minor), "")
    takers = InvoiceLine.objects.filter(carries__in=found).exclude(invoice__in=found)
    taken = takers.exclude(invoice__closing__in=rules.VOID).values_list(
        "invoice__number", flat=True
    )
    return Fall(tuple(found), paid or taken.order_by("pk").first() or "")


def credit_left_of(invoice: Invoice) -> Invoice | None:
    """The open credit that is left of what the invoice bills, itself or through those that took it
    on; None where there is none.
    """
    found = _crediting(invoice)
    for one in found:  # grows as it goes
        lines = one.carried_by.exclude(invoice__closing__in=rules.VOID)
        takers = standing_invoices().filter(pk__in=lines.values("invoice_id"))
        if one.closing == rules.Closing.CREDITED and not takers:
            return one
        found += [other for other in (*_crediting(one), *takers) if other not in found]
    return None


def write_offs_of(invoice: Invoice) -> QuerySet[InvoiceWriteOff]:
    """What was given up of the invoice, in the order of recording."""
    return invoice.write_offs.order_by("written_off_at", "pk")


def agreed_terms_of(agreement: MemberAgreement) -> AgreedTerms | None:
    """What was agreed for it; None for one that was entered by hand or from a list."""
    return AgreedTerms.objects.filter(pk=agreement.pk).first()


def next_agreement_of(agreement: MemberAgreement) -> MemberAgreement | None:
    """The agreement of the next term or tier, where one is agreed."""
    return MemberAgreement.objects.filter(agreed__follows=agreement).first()


def billed_until(agreement: MemberAgreement) -> date:
    """The first day of the membership for which no dues are billed."""
    lines = _standing_lines(agreement).filter(kind__in=_BILLS_DAYS)
    return lines.aggregate(last=Max("ends_on"))["last"] or agreement.starts_on


def billed_lines_from(agreement: MemberAgreement, day: date) -> tuple[InvoiceLine, ...]:
    """The lines that bill the day or days after it, in their order; one query."""
    lines = _standing_lines(agreement).filter(kind__in=_BILLS_DAYS, ends_on__gt=day)
    return tuple(lines.order_by("starts_on", "pk"))


def spans_behind(
    agreement: MemberAgreement, lines: Sequence[InvoiceLine]
) -> dict[int, tuple[Span, ...]]:
    """For each of these lines of the agreement, by its id, the spans of which it bills the rest: of
    the dues, and of each change of tier since; one query.
    """
    of = agreement.membership_id
    rows = InvoiceLine.objects.filter(
        Q(invoice__agreement=of) | Q(invoice__agreement__began_with=of),
        kind__in=_BILLS_DAYS,
        ends_on__in={line.ends_on for line in lines},
    ).exclude(invoice__closing__in=rules.VOID)
    billed = tuple(rows.order_by("pk"))
    return {
        line.pk: tuple(
            Span(one.starts_on, one.ends_on)
            for one in billed
            if one.ends_on == line.ends_on and one.pk < line.pk
        )
        for line in lines
    }


def billing_after(day: date) -> QuerySet[InvoiceLine, int]:
    """The ids of the invoices that bill days from that one on."""
    lines = InvoiceLine.objects.filter(kind__in=_BILLS_DAYS, ends_on__gt=day)
    return lines.values_list("invoice_id", flat=True)


def given_up_of(lines: Sequence[InvoiceLine]) -> dict[int, int]:
    """What was written off of each of these lines of dues and charges, in minor units, by its id.

    What was written off of an invoice and not paid after all is that of all it bills, in
    proportion.
    """
    rows = standing_invoices().filter(pk__in={line.invoice_id for line in lines})
    given_up: dict[int, int] = {}
    for invoice in rows.filter(in_state(rules.InvoiceState.WRITTEN_OFF)).prefetch_related("lines"):
        billed = [line for line in invoice.lines.all() if line.kind in _BILLS_DAYS]
        parts = split_by_largest_remainder(
            invoice.total_minor - invoice.paid_minor, [line.amount_minor for line in billed]
        )
        given_up.update((line.pk, part) for line, part in zip(billed, parts, strict=True))
    return given_up


def uncredited_of(invoice: Invoice) -> tuple[rules.BilledLine, ...]:
    """What a later tier has to credit still, as more is paid of the invoice than when the tier
    changed: a line for each that it bills, empty where the invoice of the change stands no more.
    """
    crediting = _crediting(invoice)
    charged = InvoiceLine.objects.filter(invoice__in=crediting, kind=rules.LineKind.CHARGE)
    if not charged.exists():
        return ()
    on = crediting[0].agreement.starts_on  # type: ignore[union-attr] # found by its agreement
    lines = InvoiceLine.objects.filter(invoice__in=crediting, kind=rules.LineKind.CREDIT)
    sums = lines.order_by().values("ends_on").annotate(sum=Sum("amount_minor"))
    credited = {row["ends_on"]: row["sum"] for row in sums}
    billed = invoice.lines.filter(kind__in=_BILLS_DAYS, ends_on__in=credited)
    given_up = given_up_of(tuple(billed))
    found = []
    for one in billed.order_by("starts_on", "pk"):
        due = rules.credit_of_change(
            paid=Span(one.starts_on, one.ends_on),
            paid_minor=one.amount_minor - given_up.get(one.pk, 0),
            on=on,
            tier=one.tier,
        )
        left_minor = due.amount_minor - credited[one.ends_on]
        found.append(replace(due, amount_minor=left_minor))
    return tuple(line for line in found if line.amount_minor < 0)


def credits_after_all_of(invoice: Invoice) -> tuple[Invoice, ...]:
    """The open credits of what was paid after all of the invoice, the latest first; one of them may
    have taken the one before.
    """
    found = [one.pk for one in _crediting(invoice)]
    rows = standing_invoices().filter(pk__in=found, closing=rules.Closing.CREDITED)
    rows = rows.exclude(lines__kind__in=_BILLS_DAYS).order_by("-pk")
    lines = InvoiceLine.objects.filter(carries__in=found).exclude(invoice__closing__in=rules.VOID)
    takers = dict(lines.values_list("carries_id", "invoice_id"))
    free: dict[int, Invoice] = {}
    for one in rows:
        if one.pk not in takers or takers[one.pk] in free:
            free[one.pk] = one
    return tuple(free.values())


def credit_of(payment: InvoicePayment) -> Invoice | None:
    """The open credit that came of the payment, as what it paid had been written off; else None."""
    if not payment.after_all_minor:
        return None
    found = credits_after_all_of(payment.invoice)
    return next((one for one in found if one.issued_at == payment.recorded_at), None)


def open_credits(institute: Institute, organisation_id: int) -> tuple[Invoice, ...]:
    """Credits of the organisation there that no standing invoice has taken, the oldest first.

    Also those of records that were merged into it.
    """
    taken = InvoiceLine.objects.filter(carries__isnull=False).exclude(
        invoice__closing__in=rules.VOID
    )
    rows = Invoice.objects.filter(
        group_q(organisation_id), institute=institute, closing=rules.Closing.CREDITED
    )
    return tuple(rows.exclude(pk__in=taken.values("carries_id")).order_by("sequence"))


def lapsing_invoices(*, institute: str = "", on: date) -> QuerySet[Invoice]:
    """Open invoices of memberships in force on that day, by when they are due.

    Also those of an earlier term or tier, of which a payment was taken back: the membership went on
    from it. `lapsing_id` is the agreement in force, which ends where the invoice stays unpaid.
    """
    first = OuterRef("membership_id")
    in_force = MemberAgreement.objects.filter(
        in_force_q(on), Q(pk=first) | Q(began_with=first)
    ).order_by("pk")
    rows = standing_invoices().filter(
        in_state(rules.InvoiceState.ISSUED), agreement__starts_on__lte=on
    )
    if institute:
        rows = rows.filter(institute__key=institute)
    rows = rows.annotate(
        membership_id=Coalesce("agreement__began_with_id", "agreement_id")
    ).annotate(lapsing_id=Subquery(in_force.values("pk")[:1]))  # type: ignore[no-redef] # declared
    return (
        rows.filter(lapsing_id__isnull=False)
        .select_related("institute", "organisation", "agreement")
        .order_by("due_on", "pk")
    )


def lapses_on(invoice: Invoice, *, grace_days: int) -> date:
    """The day from which the membership is over if the open invoice stays so."""
    taken_back = invoice.taken_back_at
    return rules.lapses_on(
        invoice.due_on,
        taken_back_on=taken_back.date() if taken_back else None,
        grace_days=grace_days,
    )


def refunds_waiting_for(actor: Actor) -> QuerySet[Invoice]:
    """The invoices whose payments the actor has to refund, the oldest first."""
    permission = rules.PERMISSIONS["refund_payment"]
    held = {one.scope_id for one in actor.grants if one.scope_kind is ScopeKind.INSTITUTE}
    keys = [key for key in sorted(held) if may(actor, permission, institute=key)]
    rows = standing_invoices().filter(closing=rules.Closing.REFUND_DUE, institute__key__in=keys)
    due = rows.filter(in_state(rules.InvoiceState.REFUND_DUE))
    return due.select_related("institute", "organisation").order_by("closed_at", "pk")


def ending_agreements(institute: Institute, *, on: date, days: int) -> QuerySet[MemberAgreement]:
    """Agreements in force whose term ends within so many days and has no next one."""
    return (
        MemberAgreement.objects.filter(
            in_force_q(on),
            institute=institute,
            ended_reason=rules.EndReason.NOT_ENDED,
            ends_on__lte=on + timedelta(days=days),
            followed_by__isnull=True,
        )
        .select_related("organisation", "institute")
        .order_by("ends_on", "pk")
    )


def owed_minor(rows: QuerySet[Invoice]) -> int:
    """What is still owed on those of the invoices that are open, in minor units."""
    sums = rows.filter(in_state(rules.InvoiceState.ISSUED)).aggregate(
        total=Sum("total_minor"), paid=Sum("paid_minor"), given_up=Sum("written_off_minor")
    )
    return (sums["total"] or 0) - (sums["paid"] or 0) - (sums["given_up"] or 0)


def _crediting(invoice: Invoice) -> list[Invoice]:
    """The standing invoices of a change of tier that credit days which this one bills.

    A change follows the agreement and credits each of its lines to that line's last day.
    """
    if invoice.agreement_id is None:
        return []
    billed = invoice.lines.filter(kind__in=_BILLS_DAYS).values("ends_on")
    lines = InvoiceLine.objects.filter(
        kind=rules.LineKind.CREDIT,
        ends_on__in=billed,
        invoice__agreement__agreed__follows=invoice.agreement_id,
    )
    rows = standing_invoices().filter(pk__in=lines.values("invoice_id"))
    return list(rows.exclude(closing__in=rules.VOID).order_by("pk"))


def _credits_beside(invoice: Invoice) -> list[Invoice]:
    """The standing credits of what was paid after all, beside the invoice of a change of tier: of
    the same agreement, to the same days, and billing none.
    """
    credited = invoice.lines.filter(kind=rules.LineKind.CREDIT).values("ends_on")
    lines = InvoiceLine.objects.filter(
        kind=rules.LineKind.CREDIT,
        ends_on__in=credited,
        invoice__agreement=invoice.agreement_id,
        invoice__closing=rules.Closing.CREDITED,
    )
    rows = standing_invoices().filter(pk__in=lines.values("invoice_id"))
    return list(rows.exclude(lines__kind__in=_BILLS_DAYS).order_by("pk"))


def _standing_lines(agreement: MemberAgreement) -> QuerySet[InvoiceLine]:
    lines = InvoiceLine.objects.filter(invoice__agreement=agreement)
    return lines.exclude(invoice__closing__in=rules.VOID)
