"""What may be said of an institute's own income."""

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.money import Money
from lineshaft.kernel.text import Amount, gettext_noop


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
