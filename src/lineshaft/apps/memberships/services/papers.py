"""The papers of a membership: the agreement that both sides sign, and the invoice.

Pure rendering: what is agreed gives the text, and a fixed moment the time stamp, so that the same
terms give the same bytes. What was made is stored and never made again; its hash is what is signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from lineshaft.apps.memberships.models import (
    LINE_KIND_LABELS,
    RATE_CLASS_LABELS,
    Invoice,
    InvoiceLine,
    MembershipApplication,
)
from lineshaft.apps.memberships.queries import TierOffer
from lineshaft.apps.memberships.rules import LineKind, RateClass
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.kernel.money import Money
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.files.models import StoredFile
from lineshaft.plumbing.files.services import store_file
from lineshaft.plumbing.sharing import SharingLevel
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "memberships" / "document.typ"


@dataclass(frozen=True, slots=True)
class Paper:
    """What the template prints, as text in the reader's language."""

    kicker: str
    title: str
    header: Sequence[tuple[str, str]]
    footer: str
    tables: Sequence[dict[str, Any]] = ()
    clauses: Sequence[tuple[str, str]] = ()
    closing: str = ""
    marks: Sequence[str] = field(default_factory=tuple)


def keep_agreement_document(
    actor: Actor,
    application: MembershipApplication,
    offer: TierOffer,
    *,
    ends_on: date,
    now: datetime,
) -> StoredFile:
    """The agreement document of these terms, made and stored; in the applicant's language."""
    with translation.override(application.language):
        paper = _agreement(application, offer, ends_on=ends_on, now=now)
        content = pdf_of(paper, now)
    return store_file(
        actor,
        content,
        name=f"membership-{application.institute.key}-{application.pk}.pdf",
        now=now,
        level=SharingLevel.RESTRICTED,
        purpose="membership_agreement",
        institute=application.institute.key,
    )


def keep_invoice_document(
    actor: Actor, invoice: Invoice, lines: Sequence[InvoiceLine], *, language: str, now: datetime
) -> StoredFile:
    """The invoice as a document, made and stored."""
    with translation.override(language):
        content = pdf_of(_invoice(invoice, lines), now)
    return store_file(
        actor,
        content,
        name=f"{invoice.number}.pdf",
        now=now,
        level=SharingLevel.RESTRICTED,
        purpose="invoice",
        institute=invoice.institute.key,
    )


def _agreement(
    application: MembershipApplication, offer: TierOffer, *, ends_on: date, now: datetime
) -> Paper:
    institute = formats.local_name(application.institute)
    organisation = formats.local_name(application.organisation)
    assert application.starts_on is not None  # noqa: S101 -- set with the approval
    span = {
        "from": formats.date_local(application.starts_on),
        "until": formats.date_local(ends_on),
    }
    return Paper(
        kicker=_("Membership agreement no. %(number)s, as of %(when)s UTC")
        % {"number": application.pk, "when": formats.date_local(now)},
        title=_("Membership of %(organisation)s in %(institute)s")
        % {"organisation": organisation, "institute": institute},
        header=(
            (_("Institute"), institute),
            (_("Organisation"), organisation),
            (_("Membership tier"), formats.local_name(offer.tier)),
            (_("Term"), _("from %(from)s up to, not including, %(until)s") % span),
        ),
        tables=(
            {
                "title": _("What the tier asks and gives"),
                "head": [_("What"), _("Each year")],
                "rows": _terms_rows(application, offer),
            },
        ),
        clauses=_clauses(application),
        closing=_(
            "Signed electronically by both sides, with name, title and day, under the SHA-256 of "
            "this document."
        ),
        footer=_("%(institute)s, membership agreement no. %(number)s")
        % {"institute": institute, "number": application.pk},
        marks=demonstration_marks(is_demonstration=application.is_demonstration),
    )


def _clauses(application: MembershipApplication) -> tuple[tuple[str, str], ...]:
    """What both sides agree beside the figures."""
    profile = profile_in_use()
    terms = {
        "dues": formats.money(application.dues_minor, profile.currency),
        "in_kind": formats.money(application.in_kind_minor, profile.currency),
        "days": profile.dues_due_days,
        "grace": profile.dues_grace_days,
    }
    return (
        (
            _("Dues"),
            _(
                "The organisation pays dues of %(dues)s a year, billed a year ahead and due "
                "%(days)s days after the invoice, and contributes %(in_kind)s a year in kind. "
                "A membership whose dues are unpaid %(grace)s days after they were due lapses."
            )
            % terms,
        ),
        (
            _("Beginning and end"),
            _(
                "The membership begins once both sides have signed and the first invoice is "
                "paid, and counts from the first day of its term. It ends with the term unless "
                "it is renewed under the terms then in force. The organisation may leave "
                "earlier; the institute may end it for breach, with its reasons in writing."
            ),
        ),
        (
            _("Rules of the network"),
            _(
                "The network's common policies bind both sides in the version in force. "
                "Participation of foreign-owned organisations is subject to the rules of law."
            ),
        ),
    )


def _terms_rows(application: MembershipApplication, offer: TierOffer) -> list[list[str]]:
    currency = profile_in_use().currency
    rows = [
        [_("Dues"), formats.money(application.dues_minor, currency)],
        [_("In kind"), formats.money(application.in_kind_minor, currency)],
        [_("Seats on the board"), formats.number(offer.board_seats)],
    ]
    terms = offer.terms
    if terms is None:
        return rows
    return [
        *rows,
        [_("Votes"), formats.number(terms.votes)],
        [_("Rate of bookings"), str(RATE_CLASS_LABELS[RateClass(terms.rate_class)])],
        [_("Training seats"), formats.number(terms.training_seats)],
        [_("Days to ask for a licence"), formats.number(terms.licence_option_days)],
        [_("May lead in project calls"), _("Yes") if terms.may_lead_projects else _("No")],
    ]


def _invoice(invoice: Invoice, lines: Sequence[InvoiceLine]) -> Paper:
    names = {tier.key: formats.local_name(tier) for tier in profile_in_use().tiers}
    institute = formats.local_name(invoice.institute)
    total = formats.money(Money(invoice.total_minor, invoice.currency))
    rows = [
        [
            f"{LINE_KIND_LABELS[LineKind(line.kind)]}, {names.get(line.tier, line.tier)}",
            f"{formats.date_local(line.starts_on)} – {formats.date_local(line.ends_on)}",
            formats.money(Money(line.amount_minor, invoice.currency)),
        ]
        for line in lines
    ]
    return Paper(
        kicker=_("Invoice %(number)s") % {"number": invoice.number},
        title=_("%(total)s due on %(day)s")
        % {"total": total, "day": formats.date_local(invoice.due_on)},
        header=(
            (_("From"), institute),
            (_("To"), formats.local_name(invoice.organisation)),
            (_("Issued on"), formats.date_local(invoice.issued_on)),
            (_("Due on"), formats.date_local(invoice.due_on)),
        ),
        tables=(
            {
                "title": _("For"),
                "head": [_("Dues"), _("From – until, not included"), _("Amount")],
                "rows": [*rows, [_("Total"), "", total]],
            },
        ),
        closing=_("Name %(number)s with the payment.") % {"number": invoice.number},
        footer=_("%(institute)s, invoice %(number)s")
        % {"institute": institute, "number": invoice.number},
        marks=demonstration_marks(is_demonstration=invoice.is_demonstration),
    )


def demonstration_marks(*, is_demonstration: bool) -> tuple[str, ...]:
    """What a paper of a demonstration says of itself."""
    return (_("Demonstration: the records are generated."),) if is_demonstration else ()


def pdf_of(paper: Paper, now: datetime) -> bytes:
    """The paper as PDF in the language that is chosen, with `now` as its time stamp."""
    is_chinese = formats.is_chinese()
    content = {
        "language": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "kicker": paper.kicker,
        "title": paper.title,
        "header": paper.header,
        "tables": paper.tables,
        "clauses": paper.clauses,
        "closing": paper.closing,
        "footer": paper.footer,
        "marks": paper.marks,
    }
    return print_document(TEMPLATE, "paper", content, dated=now)
