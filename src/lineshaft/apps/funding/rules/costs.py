"""What may be said of a cost under an agreement, and how far it is paid."""

from datetime import date
from typing import Final

from lineshaft.apps.funding.rules.states import TransferCode
from lineshaft.kernel.decisions import Citation, Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Day, gettext_noop
from lineshaft.kernel.workflow import term_of

COST_PRINCIPLES: Final = Citation(
    text="2 CFR 200.403(g) and (h)", url="https://www.ecfr.gov/current/title-2/section-200.403"
)
"""A cost is documented, and incurred within the award's budget period."""

OPENING_CODES: Final = frozenset({TransferCode.ENCUMBER, TransferCode.INCUR})
"""What begins a cost; the others move one that stands."""
INCURRING_CODES: Final = frozenset({TransferCode.INCUR, TransferCode.LIQUIDATE})
MOVING_CODES: Final = frozenset(
    {TransferCode.LIQUIDATE, TransferCode.RELEASE_ENCUMBRANCE, TransferCode.PAY}
)
LEDGER_COST_CODES: Final = OPENING_CODES | MOVING_CODES


def category_known(category: str, *, is_known: bool) -> Refusal | None:
    """Refuse a category of cost that the profile does not list."""
    if is_known:
        return None
    return Refusal(
        "category_unknown",
        gettext_noop("“%(category)s” is no category of cost in this jurisdiction."),
        params={"category": category},
    )


def payee_given(payee: str) -> Refusal | None:
    """Refuse a cost that does not say to whom it is owed."""
    if payee.strip():
        return None
    return Refusal(
        "payee_missing",
        gettext_noop("Say to whom the cost is owed: a supplier, or the group of staff paid."),
        citation=COST_PRINCIPLES,
    )


def cost_in_term(occurred_on: date, starts_on: date, ends_on: date) -> Refusal | None:
    """Refuse a cost begun outside the agreement's term `[starts_on, ends_on)`.

    What was begun within it may be liquidated and paid later. Source: 2 CFR 200.403(h).
    """
    if starts_on <= occurred_on < ends_on:
        return None
    return Refusal(
        "cost_outside_term",
        gettext_noop(
            "%(occurred_on)s lies outside the agreement, which runs from %(starts_on)s up to "
            "%(ends_on)s. A cost is incurred or ordered within the term."
        ),
        citation=COST_PRINCIPLES,
        params={
            "occurred_on": Day(occurred_on),
            "starts_on": Day(starts_on),
            "ends_on": Day(ends_on),
        },
    )


def within_incurred(to_pay_minor: int, amount_minor: int, currency: str) -> Refusal | None:
    """Refuse to pay more of a cost than was incurred and is not paid yet."""
    if amount_minor <= to_pay_minor:
        return None
    return Refusal(
        "incurred_exceeded",
        gettext_noop("%(left)s of this cost is incurred and not paid; %(amount)s was asked for."),
        params={
            "left": Amount(Money(to_pay_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def correction_leaves_paid(to_pay_minor: int, amount_minor: int, currency: str) -> Refusal | None:
    """Refuse to take back what of a cost is paid: its payment is corrected first."""
    if amount_minor <= to_pay_minor:
        return None
    return Refusal(
        "cost_paid",
        gettext_noop(
            "%(left)s of this cost is not paid yet; %(amount)s was asked for. Correct the payment "
            "first."
        ),
        params={
            "left": Amount(Money(to_pay_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def cost_code(code: TransferCode, *, is_known: bool) -> Refusal | None:
    """Refuse a batch of costs that holds other transfers, or moves a cost without naming it."""
    if is_known:
        return None
    return Refusal(
        "code_not_of_costs",
        gettext_noop(
            "“%(code)s” begins no cost; a liquidation, release or payment names its cost."
        ),
        params={"code": term_of(code)},
    )
