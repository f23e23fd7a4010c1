"""What may be said of an institute's own income, and of the lines of statements beside it."""

from datetime import date, timedelta
from typing import Final

from lineshaft.apps.funding.rules.match import FIRST_FISCAL_YEAR
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, Day, gettext_noop

FIRST_DAY: Final = date(FIRST_FISCAL_YEAR, 1, 1)
APPLICATION_CLOSED: Final = "application_closed"
"""Why dues go back: the application for which they were paid was closed."""

REVERSAL_REASONS: Final = {
    APPLICATION_CLOSED: gettext_noop("Refund: the application for membership was closed"),
}
"""What the program itself enters as the reason of a reversal, and the sentence that is read."""

LARGEST_ENTRY_MINOR: Final = 10**13
"""Of these, nearly a million sum to what the database can keep; no account bounds their sum."""


def entry_day(on: date, today: date) -> Refusal | None:
    """Refuse a day on which nothing can have moved: of another age, or to come.

    Somewhere on earth it is tomorrow already, so one day ahead is taken.
    """
    refusal = not_before_records(on)
    if refusal is not None:
        return refusal
    if on > today + timedelta(days=1):
        return Refusal(
            "in_the_future",
            gettext_noop("%(day)s is still to come. Money is recorded once it has moved."),
            params={"day": Day(on)},
        )
    return None


def not_before_records(on: date) -> Refusal | None:
    """Refuse a day of another age: a mistyped year."""
    if on >= FIRST_DAY:
        return None
    return Refusal(
        "before_records",
        gettext_noop("%(day)s is before %(first)s, when records begin. Check the year."),
        params={"day": Day(on), "first": Day(FIRST_DAY)},
    )


def entry_amount(amount_minor: int, currency: str) -> Refusal | None:
    """Refuse an amount, in or out, that can only be a slip."""
    if abs(amount_minor) <= LARGEST_ENTRY_MINOR:
        return None
    return Refusal(
        "amount_too_large",
        gettext_noop("One entry moves %(largest)s at most. Check the amount."),
        params={"largest": Amount(Money(LARGEST_ENTRY_MINOR, currency))},
    )


def within_entry(left_minor: int, amount_minor: int, currency: str) -> Refusal | None:
    """Refuse to reverse more of an entry than earlier reversals left."""
    if amount_minor <= left_minor:
        return None
    return Refusal(
        "reversal_exceeded",
        gettext_noop("%(left)s of this entry is left to reverse; %(amount)s was asked for."),
        params={
            "left": Amount(Money(left_minor, currency)),
            "amount": Amount(Money(amount_minor, currency)),
        },
    )


def is_no_reversal(*, is_reversal: bool) -> Refusal | None:
    """Refuse to reverse a reversal: the right entry is made anew."""
    if not is_reversal:
        return None
    return Refusal(
        "reversal_of_reversal",
        gettext_noop("A reversal is not reversed: record the right entry anew."),
    )


def reversal_reason_given(reason: str) -> Refusal | None:
    """Refuse a reversal that does not say why."""
    if reason.strip():
        return None
    return Refusal("reason_missing", gettext_noop("Say why the entry is reversed."))


def in_own_currency(currency: str, own_currency: str) -> Refusal | None:
    """Refuse an amount in another currency than the nation's."""
    if currency == own_currency:
        return None
    return Refusal(
        "currency_differs",
        gettext_noop("Own income is kept in %(own_currency)s; the amount is in %(currency)s."),
        params={"currency": currency, "own_currency": own_currency},
    )
