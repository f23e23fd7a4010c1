"""Reads of invoices: who owes what, until when dues are billed, and which membership lapses when.

An invoice is seen by the institute's staff and network staff, by the organisation's people, and by
whoever applied while the application is open.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Max, Q, QuerySet, Sum

from lineshaft.apps.memberships import rules
from lineshaft.apps.memberships.models import (
    AgreedTerms,
    Invoice,
    InvoiceLine,
    MemberAgreement,
    MembershipApplication,
)
from lineshaft.apps.memberships.queries.agreements import in_force_q
from lineshaft.apps.network.models import Institute
from lineshaft.apps.network.queries import group_q
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

_NO_INVOICE: Final = gettext_noop("There is no such invoice, or none that you may see.")
_BILLS_DAYS: Final = (rules.LineKind.DUES, rules.LineKind.CHARGE)


@dataclass(frozen=True, slots=True)
class Lapse:
    """An invoice that is open, and the day from which its membership is over if it stays so."""

    invoice: Invoice
    on: date


@dataclass(frozen=True, slots=True)
class OwnMemberships:
    """What is the actor's as an applicant and as one of an organisation's people."""

    applications: QuerySet[MembershipApplication]
    agreements: QuerySet[MemberAgreement]
    invoices: QuerySet[Invoice]


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
        Invoice.objects.filter(billed).select_related("institute", "organisation"),
    )


def invoices_visible_to(actor: Actor) -> QuerySet[Invoice]:
    """The invoices that the actor may read, with institute and organisation."""
    rows = Invoice.objects.select_related("institute", "organisation")
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
    rows = of.invoices.filter(state=rules.InvoiceState.ISSUED)
    return rows.order_by("-sequence").first()


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


def open_credits(institute: Institute, organisation_id: int) -> tuple[Invoice, ...]:
    """Credits of the organisation there that no standing invoice has taken, the oldest first.

    Also those of records that were merged into it.
    """
    taken = InvoiceLine.objects.filter(carries__isnull=False).exclude(
        invoice__state=rules.InvoiceState.CANCELLED
    )
    rows = Invoice.objects.filter(
        group_q(organisation_id),
        institute=institute,
        state=rules.InvoiceState.CREDITED,
    )
    return tuple(rows.exclude(pk__in=taken.values("carries_id")).order_by("sequence"))


def lapsing_invoices(*, institute: str = "", on: date) -> QuerySet[Invoice]:
    """Open invoices of memberships in force on that day, by when they are due."""
    in_force = MemberAgreement.objects.filter(in_force_q(on))
    rows = Invoice.objects.filter(
        state=rules.InvoiceState.ISSUED, agreement__in=in_force
    ).select_related("institute", "organisation", "agreement")
    if institute:
        rows = rows.filter(institute__key=institute)
    return rows.order_by("due_on", "pk")


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
    sums = rows.filter(state=rules.InvoiceState.ISSUED).aggregate(
        total=Sum("total_minor"), paid=Sum("paid_minor")
    )
    return (sums["total"] or 0) - (sums["paid"] or 0)


def _standing_lines(agreement: MemberAgreement) -> QuerySet[InvoiceLine]:
    lines = InvoiceLine.objects.filter(invoice__agreement=agreement)
    return lines.exclude(invoice__state=rules.InvoiceState.CANCELLED)
