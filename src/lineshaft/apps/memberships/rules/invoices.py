"""Invoices of members: their states, their lines, and how a term is billed and split by days.

Dues are billed a membership year at a time, so that a long term is not paid in advance. Amounts
are whole minor units; parts of a year sum to the year. Invariants: no payment beyond what is owed;
a credit that is left over is carried to the next invoice, never lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from lineshaft.apps.memberships.rules.changes import RENEWAL_DAYS_AHEAD
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.money import Money, split_by_largest_remainder
from lineshaft.kernel.spans import Span, years_on
from lineshaft.kernel.text import Amount, Day, gettext_noop
from lineshaft.kernel.workflow import Transition, Workflow

DUES_STREAM: Final = "dues"
"""The profile's income stream under which dues post."""

MONTHS_A_YEAR: Final = 12


class InvoiceState(StrEnum):
    """Where an invoice stands; `credited` is one over less than nothing, kept for the next.

    Issued and paid follow from what the books hold for it, as do `refund_due`, on an invoice of an
    application that was closed, and `refunded`. One is `written_off` of which the institute has
    given up all that was not paid.
    """

    ISSUED = "issued"
    PAID = "paid"
    CREDITED = "credited"
    CANCELLED = "cancelled"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    WRITTEN_OFF = "written_off"


class Closing(StrEnum):
    """How an invoice was closed otherwise than by being paid; what is kept of its state."""

    NOT_CLOSED = ""
    CREDITED = "credited"
    CANCELLED = "cancelled"
    REFUND_DUE = "refund_due"


VOID: Final = (Closing.CANCELLED, Closing.REFUND_DUE)
"""Closed so that it bills nothing, and the credits that it took are free."""


class LineKind(StrEnum):
    """What a line of an invoice is for."""

    DUES = "dues"
    CREDIT = "credit"
    CHARGE = "charge"
    CARRIED = "carried"


INVOICE: Final = Workflow(
    name="invoice",
    initial=InvoiceState.ISSUED,
    transitions=(
        Transition(
            "record_payment",
            frozenset({InvoiceState.ISSUED, InvoiceState.WRITTEN_OFF}),
            InvoiceState.PAID,
        ),
        Transition("write_off_invoice", frozenset({InvoiceState.ISSUED}), InvoiceState.WRITTEN_OFF),
        Transition("give_credit", frozenset({InvoiceState.ISSUED}), InvoiceState.CREDITED),
        Transition("cancel_invoice", frozenset({InvoiceState.ISSUED}), InvoiceState.CANCELLED),
        Transition(
            "reverse_own_income",
            frozenset({InvoiceState.PAID, InvoiceState.WRITTEN_OFF}),
            InvoiceState.ISSUED,
        ),
        Transition(
            "free_credits",
            frozenset({InvoiceState.PAID, InvoiceState.CREDITED, InvoiceState.WRITTEN_OFF}),
            InvoiceState.CANCELLED,
        ),
        Transition(
            "owe_refund",
            frozenset({InvoiceState.ISSUED, InvoiceState.PAID}),
            InvoiceState.REFUND_DUE,
        ),
        Transition("refund_payment", frozenset({InvoiceState.REFUND_DUE}), InvoiceState.REFUNDED),
    ),
    final=frozenset({InvoiceState.CANCELLED, InvoiceState.REFUNDED}),
)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line to be billed; negative amounts are credits, in minor units."""

    kind: LineKind
    tier: str
    span: Span
    amount_minor: int
    carries_id: int | None = None


_UNPAID: Final = gettext_noop(
    "The first invoice is not paid. Issue it, and record the payment: that admits the member."
)
_NOTHING_OWED: Final = gettext_noop("Nothing is owed for this: there is no invoice to issue.")
_OPEN_ALREADY: Final = gettext_noop("Invoice %(number)s for this is open. Cancel that one first.")
_TOO_MUCH: Final = gettext_noop(
    "%(left)s is owed on this invoice; %(amount)s was entered. Enter what belongs to it, and what "
    "is over to the invoice that it pays."
)
_NOT_POSITIVE: Final = gettext_noop("A payment is more than nothing.")
_PARTLY_PAID: Final = gettext_noop(
    "%(paid)s was paid on this invoice, so it can't be cancelled. Have the rest paid, or write it "
    "off."
)
_HOLDS_CREDIT: Final = gettext_noop(
    "This invoice credits what was paid for the tier before; cancelled, that credit would be lost. "
    "Have it paid. To take the change back, change the tier again: that credits the days left."
)
_CREDITED_ON: Final = gettext_noop(
    "Invoice %(number)s goes on from this one: what this one bills was credited to the member, and "
    "is paid or used there. So this one can't be cancelled. Have it paid, or write it off."
)
_NOT_ADMITTED: Final = gettext_noop(
    "Nobody is admitted on dues that are written off. Have this invoice paid, or cancel it."
)
_LEAVES_CREDIT: Final = gettext_noop(
    "Of what this invoice bills, invoice %(number)s left the member a credit of %(credit)s, and "
    "%(paid)s was paid. Cancel this one where nothing was paid: that takes the credit back. Else "
    "have as much paid first."
)
_OTHER_PAYMENT: Final = gettext_noop(
    "A payment is recorded under this id with other content. Send a new one under a new id."
)
_OTHER_REFUND: Final = gettext_noop(
    "Another entry is recorded under this id. Send the refund under a new one."
)
_REFUNDED: Final = gettext_noop("This payment is refunded already, or was taken back in the books.")
_OPEN_INVOICE: Final = gettext_noop(
    "Invoice %(number)s is open. Have it paid, cancel it or write off the rest before the tier "
    "changes."
)
_BILLED_TO_END: Final = gettext_noop("The dues are billed until the membership ends, %(day)s.")
_BILLED_EARLY: Final = gettext_noop(
    "The dues are billed until %(day)s. The next year can be billed from %(first)s on."
)
_NO_END: Final = gettext_noop("This agreement has no end, so it is neither billed nor renewed.")


def month_after(day: date, months: int) -> date:
    """The same day so many months later, or the first of the month after where there is none."""
    count = day.year * MONTHS_A_YEAR + day.month - 1 + months
    first = date(count // MONTHS_A_YEAR, count % MONTHS_A_YEAR + 1, 1)
    found = first + timedelta(days=day.day - 1)
    return found if found.month == first.month else found.replace(day=1)


def billed_year(starts_on: date, ends_on: date) -> Span:
    """The membership year that begins then, cut at the end of the term."""
    return Span(starts_on, min(years_on(starts_on, 1), ends_on))


def dues_for(year_dues_minor: int, span: Span) -> int:
    """The dues billed for a span of at most a year: the whole, or the part of its days.

    The last year of a term that ends on February 29, as it began, is whole from March 1 on.
    """
    year = Span(span.starts_on, years_on(span.starts_on, 1))
    assert span.ends_on is not None  # noqa: S101 -- what is billed has an end
    if year.ends_on == span.ends_on + timedelta(days=1) and _is_leap_day(span.ends_on):
        return year_dues_minor
    assert year.days is not None and span.days is not None  # noqa: S101, PT018 -- both have ends
    return split_by_largest_remainder(year_dues_minor, [span.days, year.days - span.days])[0]


def lines_of_change(
    *,
    paid: Span,
    paid_minor: int,
    on: date,
    old_tier: str,
    new_tier: str,
    new_dues_minor: int,
    behind: Sequence[Span] = (),
) -> tuple[BilledLine, ...]:
    """What a change of tier on a day credits and charges for the rest of the span that is paid.

    The credit is the part of what was paid that the days from then on bear, all of it where the
    span begins later; the charge the same part of what the new tier's dues had come to. `behind`
    are the spans of which this one is the rest by earlier changes, that of the dues first: the
    charge is cut from its year as often. Equal dues come to nothing exactly.
    """
    spans = (*behind, paid)
    new_minor = dues_for(new_dues_minor, spans[0])
    for span, rest in pairwise(spans):
        new_minor = _part_from(span, new_minor, rest.starts_on)
    credit = credit_of_change(paid=paid, paid_minor=paid_minor, on=on, tier=old_tier)
    charged_minor = _part_from(paid, new_minor, credit.span.starts_on)
    return (credit, BilledLine(LineKind.CHARGE, new_tier, credit.span, charged_minor))


def credit_of_change(*, paid: Span, paid_minor: int, on: date, tier: str) -> BilledLine:
    """What a change of tier on a day credits of the span: of what was paid, the part that the days
    from then on bear, all of it where the span begins later.
    """
    rest = Span(max(on, paid.starts_on), paid.ends_on)
    return BilledLine(LineKind.CREDIT, tier, rest, -_part_from(paid, paid_minor, rest.starts_on))


def invoice_number(institute: str, year: int, sequence: int) -> str:
    """The number that an invoice bears, unique in the network: `NEXTFLEX-2026-0007`."""
    return f"{institute.upper()}-{year}-{sequence:04d}"


def due_on(issued_on: date, starts_on: date, *, days: int) -> date:
    """When an invoice is due: so many days after it was issued, and after what it is for began."""
    return max(issued_on, starts_on) + timedelta(days=days)


def lapses_on(due: date, *, taken_back_on: date | None, grace_days: int) -> date:
    """The day from which a membership is over whose dues are unpaid by then.

    Where a payment was taken back in the books, the days of grace begin anew on that day: nobody
    is out on the day on which a transfer bounced.
    """
    return max(due, taken_back_on or due) + timedelta(days=grace_days)


def closing_verb(paid_minor: int, *, is_settled: bool) -> str:
    """What becomes of the invoice of an application that closes: a refund of what was paid on it
    is due, or it is cancelled, and the credits that settled it are free again.
    """
    if paid_minor:
        return "owe_refund"
    return "free_credits" if is_settled else "cancel_invoice"


def refuse_unpaid(*, is_settled: bool) -> Refusal | None:
    """Refuse to admit whoever owes the first dues."""
    return None if is_settled else Refusal("unpaid", _UNPAID)


def refuse_nothing_owed(amount_minor: int) -> Refusal | None:
    """Refuse an invoice over nothing."""
    return None if amount_minor > 0 else Refusal("nothing_owed", _NOTHING_OWED)


def refuse_second_invoice(number: str) -> Refusal | None:
    """Refuse an invoice for what an open one bills already; `number` is that one's, or empty."""
    if not number:
        return None
    return Refusal("invoice_open", _OPEN_ALREADY, params={"number": number})


def refuse_payment(amount_minor: int, left: Money) -> Refusal | None:
    """Refuse a payment over nothing, or beyond what was not paid yet."""
    if amount_minor <= 0:
        return Refusal("not_positive", _NOT_POSITIVE)
    if amount_minor <= left.amount_minor:
        return None
    amount = Money(amount_minor, left.currency)
    return Refusal("overpaid", _TOO_MUCH, params={"left": Amount(left), "amount": Amount(amount)})


def refuse_other_payment(*, is_same: bool) -> Refusal | None:
    """Refuse another payment under an id that is taken."""
    return None if is_same else Refusal("other_payment", _OTHER_PAYMENT)


def refuse_other_refund(*, is_same: bool) -> Refusal | None:
    """Refuse another refund under an id that is taken."""
    return None if is_same else Refusal("other_refund", _OTHER_REFUND)


def refuse_refund(left_minor: int) -> Refusal | None:
    """Refuse to refund a payment of which nothing is left."""
    return None if left_minor > 0 else Refusal("refunded", _REFUNDED)


def refuse_cancel(paid: Money, *, has_credit: bool, kept_by: str = "") -> Refusal | None:
    """Refuse to cancel what was paid in part, what credits the dues of the tier before, and what a
    later invoice has credited for good.

    `kept_by` is the number of an invoice that was paid, or took the credit, or empty.
    """
    if paid:
        return Refusal("partly_paid", _PARTLY_PAID, params={"paid": Amount(paid)})
    if has_credit:
        return Refusal("holds_credit", _HOLDS_CREDIT)
    return Refusal("credited_on", _CREDITED_ON, params={"number": kept_by}) if kept_by else None


def refuse_write_off(
    paid: Money, *, is_of_member: bool, credit: Money, number: str
) -> Refusal | None:
    """Refuse to give up the dues of who is not admitted, and those that left an open credit which
    nothing that was paid bears.

    `credit` is what invoice `number` left over of what this one bills, nothing where it is used.
    """
    if not is_of_member:
        return Refusal("not_admitted", _NOT_ADMITTED)
    if credit <= paid:
        return None
    params = {"number": number, "credit": Amount(credit), "paid": Amount(paid)}
    return Refusal("leaves_credit", _LEAVES_CREDIT, params=params)


def refuse_open_invoice(number: str) -> Refusal | None:
    """Refuse to change a tier while an invoice is open; `number` is its, or empty."""
    if not number:
        return None
    return Refusal("invoice_open", _OPEN_INVOICE, params={"number": number})


def refuse_billed(billed_until: date, ends_on: date | None, *, today: date) -> Refusal | None:
    """Refuse to bill beyond the end of a membership, one without an end, and a year far ahead.

    A year is billed as early as a next term is agreed, at most `RENEWAL_DAYS_AHEAD` before it.
    """
    if ends_on is None:
        return Refusal("no_end", _NO_END)
    if billed_until >= ends_on:
        return Refusal("billed_to_end", _BILLED_TO_END, params={"day": Day(ends_on)})
    first = billed_until - timedelta(days=RENEWAL_DAYS_AHEAD)
    if today < first:
        params = {"day": Day(billed_until), "first": Day(first)}
        return Refusal("billed_early", _BILLED_EARLY, params=params)
    return None


def _part_from(span: Span, amount_minor: int, day: date) -> int:
    """The part of the span's amount that its days from that one on bear."""
    assert span.days is not None  # noqa: S101 -- what is billed has an end
    used = (day - span.starts_on).days
    return split_by_largest_remainder(amount_minor, [used, span.days - used])[1]


def _is_leap_day(day: date) -> bool:
    return (day.month, day.day) == (2, 29)
